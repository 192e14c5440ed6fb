"""`claimwright rules new`, `coverage` and `diff`: commands for rule authors."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from .options import AsOf, RuleFolders
from .shapes import Shape, ShapeOption, print_json
from .terminal import Exit, err, fail, out, severity_text, wide

if TYPE_CHECKING:
    from claimwright.features.rule_workshop import Comparison, Coverage

_LONGEST_VALUE = 300
_LOST_NAMED = 10


def register(app: typer.Typer) -> None:
    """Add the commands to `claimwright rules`."""
    app.command("new")(new_rule)
    app.command("coverage")(show_coverage)
    app.command("diff")(diff_rules)


def new_rule(
    code: Annotated[
        str,
        typer.Argument(
            metavar="CODE", help="A code that was never used: letters and three digits, such as OWN001."
        ),
    ],
    level: Annotated[
        str,
        typer.Option(
            "--level", "-l", help="What one finding is about: claim, line, pair, diagnosis, other_payer, ..."
        ),
    ] = "claim",
    severity: Annotated[str, typer.Option("--severity", "-s", help="block, warn or note.")] = "warn",
    folder: Annotated[Path, typer.Option("--folder", "-d", help="Folder of your own rules.")] = Path("rules"),
) -> None:
    """Create a draft rule that loads, with one case that fires and one that does not, for you to complete."""
    from claimwright.features.rule_workshop import ScaffoldError, scaffold

    try:
        path = scaffold(code, level=level, severity=severity, folder=folder)
    except ScaffoldError as problem:
        fail(str(problem))
    except OSError as problem:
        fail(f"{folder}: can't be written: {problem.strerror}. Check the folder and its permissions.")
    steps = (
        (f"edit {path}", "replace each TODO; change the predicate and the cases"),
        (f"claimwright rules test {path}", "runs its cases"),
        (f"claimwright rules replay {path} CLAIMS.837", "which claims it would flag"),
        (f"claimwright check --rules {folder} CLAIMS.837", "once the file says `lifecycle: stable`"),
    )
    width = max(len(step) for step, _ in steps)
    out.print(
        f"{path}: a draft of {code.upper()}, which passes its two cases. Next:", markup=False, soft_wrap=True
    )
    for step, why in steps:
        out.print(f"  {step:<{width}}  {why}", markup=False, soft_wrap=True)


def show_coverage(
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=0, help="Maximum number of names or codes per family.")
    ] = 6,
    shape: ShapeOption = Shape.TABLE,
    as_of: AsOf = None,
    rules: RuleFolders = None,
) -> None:
    """Show what no rule covers: fields, derived names, denials (CARC) and SNIP types, by family.

    A field is covered if a predicate reads it, or reads a derived name that is computed from it.
    """
    from claimwright.features.rule_workshop import coverage
    from claimwright.foundation import clock

    from .options import rulebook_from

    found = coverage(rulebook_from(rules), as_of=as_of.date() if as_of else clock.today())
    if shape is Shape.JSON:
        print_json(_coverage_facts(found))
        return
    console = wide()
    console.print(_families_table(found))
    console.print(_fields_table(found, limit))
    console.print(_codes_table(found, limit * 5))
    console.print(_snip_table(found))


def _coverage_facts(found: Coverage) -> dict[str, object]:
    return {
        "rules": found.rules,
        "fields": dict(zip(("touched", "total"), found.of_fields(is_derived=False), strict=True)),
        "derived_names": dict(zip(("touched", "total"), found.of_fields(is_derived=True), strict=True)),
        "field_families": [
            {
                "frame": family.frame,
                "family": family.name,
                "is_derived": family.is_derived,
                "read": list(family.read),
                "through_derived_names": list(family.through),
                "untouched": list(family.untouched),
            }
            for family in found.fields
        ],
        "rule_families": [
            {
                "family": family.name,
                "rules": family.rules,
                "by_severity": dict(family.by_severity),
                "by_snip": dict(family.by_snip),
                "names": family.names,
                "carc": list(family.carcs),
            }
            for family in found.families
        ],
        **{
            codes.name: {
                "foreseen": list(codes.foreseen),
                "untouched": list(codes.untouched),
                "unknown": list(codes.unknown),
            }
            for codes in (found.carc, found.rarc)
        },
        "snip": {
            str(snip): {"rules": rules, "errors_of_format": faults}
            for snip, (rules, faults) in found.snip.items()
        },
    }


def _families_table(found: Coverage) -> Table:
    table = Table(title=f"{found.rules:,} rules by family", title_justify="left")
    table.add_column("Family")
    for name in ("Rules", "block", "warn", "note", "Names"):
        table.add_column(name, justify="right")
    table.add_column("SNIP types")
    table.add_column("Denials expected (CARC)", overflow="fold", ratio=1)
    for family in found.families:
        table.add_row(
            family.name,
            str(family.rules),
            *(str(family.by_severity[name] or "") for name in ("block", "warn", "note")),
            str(family.names),
            " ".join(str(snip) for snip, count in family.by_snip.items() if count),
            " ".join(family.carcs),
        )
    return table


def _fields_table(found: Coverage, limit: int) -> Table:
    touched, total = found.of_fields(is_derived=False)
    derived_touched, derived_total = found.of_fields(is_derived=True)
    table = Table(
        title=f"Covered: {touched:,} of {total:,} fields,"
        f" {derived_touched:,} of {derived_total:,} derived names",
        title_justify="left",
    )
    table.add_column("Frame")
    table.add_column("Family")
    for name in ("Read", "Through a derived name", "Untouched"):
        table.add_column(name, justify="right")
    table.add_column("Covered by no rule", overflow="fold", ratio=1)
    for family in found.fields:
        if family.untouched:
            table.add_row(
                family.frame,
                "derived names" if family.is_derived else family.name,
                str(len(family.read) or ""),
                str(len(family.through) or ""),
                str(len(family.untouched)),
                _some(family.untouched, limit),
            )
    return table


def _codes_table(found: Coverage, limit: int) -> Table:
    table = Table(title="Denials", title_justify="left")
    table.add_column("List")
    for name in ("Foreseen", "Untouched"):
        table.add_column(name, justify="right")
    table.add_column("Expected by no rule", overflow="fold", ratio=1)
    for codes in (found.carc, found.rarc):
        table.add_row(
            codes.name.upper(),
            str(len(codes.foreseen)),
            str(len(codes.untouched)),
            _some(codes.untouched, limit),
        )
    return table


def _snip_table(found: Coverage) -> Table:
    from claimwright.domain.findings import SNIP_TYPES

    table = Table(title="SNIP types", title_justify="left")
    table.add_column("Type")
    for name in ("Rules", "Errors of format"):
        table.add_column(name, justify="right")
    for snip, (rules, faults) in found.snip.items():
        none = "[yellow]none[/]" if not rules and not faults else ""
        table.add_row(f"{snip} {SNIP_TYPES[snip]}", str(rules or none), str(faults or ""))
    return table


def _some(names: tuple[str, ...], limit: int) -> str:
    rest = len(names) - limit
    return " ".join(names[:limit]) + (f" [dim]and {rest:,} more[/]" if rest > 0 else "")


def diff_rules(
    old: Annotated[
        Path,
        typer.Argument(metavar="OLD", help="A rule folder. Without NEW, it is compared with the rulebook."),
    ],
    new: Annotated[Path | None, typer.Argument(metavar="[NEW]", help="A rule folder.")] = None,
    shape: ShapeOption = Shape.TABLE,
) -> None:
    """Compare two rule folders, or the rulebook (old) with a folder (new).

    Exit status: 0 the same, 1 they differ, 2 unusable input.
    """
    from claimwright.features.rule_workshop import compare_folders

    try:
        found = compare_folders(old, new) if new is not None else compare_folders(None, old)
    except (OSError, ValueError) as problem:
        fail(str(problem))
    for refused in found.problems:
        err.print(str(refused), markup=False, soft_wrap=True)
    if shape is Shape.JSON:
        print_json(_diff_facts(found))
    else:
        _show_diff(found)
    if found.problems:
        raise typer.Exit(Exit.UNUSABLE)
    raise typer.Exit(Exit.CLEAN if found.is_same else Exit.FINDINGS)


def _diff_facts(found: Comparison) -> dict[str, object]:
    return {
        "added": [rule.code for rule in found.added],
        "removed": [rule.code for rule in found.removed],
        "changed": [
            {
                "code": change.code,
                "decides_otherwise": change.decides_otherwise,
                "keys": {key: {"old": old, "new": new} for key, (old, new) in change.keys.items()},
            }
            for change in found.changed
        ],
        "same": found.same,
        "problems": [str(problem) for problem in found.problems],
    }


def _show_diff(found: Comparison) -> None:
    if found.is_same:
        out.print(
            f"No differences in {found.same:,} rules." if found.same else "There are no rules to compare."
        )
        return
    console = wide()
    for title, rules in (("Added", found.added), ("Removed", found.removed)):
        if rules:
            table = Table(title=f"{title}: {len(rules):,}", title_justify="left")
            table.add_column("Code")
            table.add_column("Severity")
            table.add_column("Lifecycle")
            table.add_column("Finds", overflow="fold", ratio=1)
            for rule in rules:
                table.add_row(
                    rule.code, severity_text(rule.severity.value), rule.lifecycle.value, escape(rule.title)
                )
            console.print(table)
    if found.changed:
        table = Table(title=f"Changed: {len(found.changed):,}", title_justify="left")
        for name in ("Code", "Key"):
            table.add_column(name, no_wrap=True)
        table.add_column("Old", overflow="fold", ratio=1)
        table.add_column("New", overflow="fold", ratio=1)
        for change in found.changed:
            for number, (key, (old, new)) in enumerate(change.keys.items()):
                table.add_row("" if number else change.code, key, escape(_short(old)), escape(_short(new)))
        console.print(table)
    graver = sum(change.graver > 0 for change in found.changed)
    milder = sum(change.graver < 0 for change in found.changed)
    decide = sum(change.decides_otherwise for change in found.changed)
    out.print(
        f"{len(found.added):,} added, {len(found.removed):,} removed, {len(found.changed):,} changed"
        f" ({decide:,} may fire on other claims, {graver:,} more severe, {milder:,} less severe),"
        f" {found.same:,} unchanged.",
        soft_wrap=True,
    )
    if found.lost:
        rest = len(found.lost) - _LOST_NAMED
        codes = ", ".join(rule.code for rule in found.lost[:_LOST_NAMED])
        codes += f" and {rest:,} more" if rest > 0 else ""
        err.print(
            f"A code must never be reused: retire {codes} instead of deleting.", markup=False, soft_wrap=True
        )


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 4] + " ..."
