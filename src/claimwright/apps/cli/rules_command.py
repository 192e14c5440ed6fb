"""`claimwright rules`: commands for the rulebook. More of them are in `rules_*`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table

from . import rules_profile, rules_replay, rules_value, rules_writing
from .fault_views import about_fault, fault_facts, fault_of, faults_beginning, faults_table, faults_with
from .options import RuleFolders
from .shapes import Shape, ShapeOption, print_json
from .signal_views import (
    about_signal,
    signal_facts,
    signals_beginning,
    signals_failed,
    signals_table,
    signals_with,
)
from .terminal import Exit, err, fail, out, severity_text, wide

if TYPE_CHECKING:
    from claimwright.engines.rules import Rule
    from claimwright.features.rule_workshop import TriedRules

T = TypeVar("T")

app = typer.Typer(
    help="List, search, show, write, test, compare, time and replay rules.", no_args_is_help=True
)

_WIDTH_FOR_NAMES = 120
_FORMS = {"P": "professional", "I": "institutional", "D": "dental"}


@app.command("list")
def list_rules(
    family: Annotated[
        str | None,
        typer.Argument(
            metavar="[FAMILY]", help="First letters of a code, such as NPI; SYN for structural faults."
        ),
    ] = None,
    shape: ShapeOption = Shape.TABLE,
    rules: RuleFolders = None,
) -> None:
    """List the rules with severity, SNIP type and title."""
    from .options import rulebook_from

    book = rulebook_from(rules)
    chosen = [rule for rule in book if rule.code.startswith((family or "").upper())]
    signals = signals_beginning(family)
    faults = faults_beginning(family) if family else []
    if not chosen and not signals and not faults:
        fail(f"no rule code begins with {family}. `claimwright rules list` shows all.")
    if shape is Shape.JSON:
        print_json(
            [_facts(rule) for rule in chosen]
            + [signal_facts(signal) for signal in signals]
            + [fault_facts(fault) for fault in faults]
        )
        return
    if chosen:
        wide().print(_rules_table(f"{len(chosen):,} rules", chosen))
    if signals:
        wide().print(signals_table(signals))
    if faults:
        wide().print(faults_table(faults))
    elif not family:
        err.print("Structural faults are listed by `claimwright rules list SYN`.")


@app.command("search")
def search_rules(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="WORDS...",
            help="Words from a code, name, text, field or authority; `carc 16` for a denial.",
        ),
    ],
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=1, help="Maximum number of rules, best match first.")
    ] = 20,
    shape: ShapeOption = Shape.TABLE,
    rules: RuleFolders = None,
) -> None:
    """Find rules by words, best match first. Exit status: 0 found, 1 not found, 2 unusable input."""
    from claimwright.features.rule_workshop import search

    from .options import rulebook_from

    found = search(rulebook_from(rules), " ".join(words))
    shown = found.hits[:limit]
    signals = signals_with(words)
    faults = faults_with(words)
    if shape is Shape.JSON:
        print_json(
            [
                {"score": hit.score, "found_in": list(hit.found_in), **_facts(hit.rule)}
                for hit in shown
            ]
            + [signal_facts(signal) for signal in signals]
            + [fault_facts(fault) for fault in faults]
        )  # fmt: skip
    elif not shown and not signals and not faults:
        hint = f" Did you mean {' or '.join(found.near)}?" if found.near else ""
        err.print(f"No rule has {' '.join(words)!r}.{hint} `claimwright rules list` shows all.", markup=False)
    elif shown and not ((signals or faults) and found.is_partial):
        some = "some of the words" if found.is_partial else "every word"
        rest = f", the best {len(shown):,} shown" if len(found.hits) > len(shown) else ""
        table = _rules_table(f"{len(found.hits):,} rules with {some}{rest}", [hit.rule for hit in shown])
        wide().print(table)
        if found.is_partial and found.near:
            err.print(f"Did you mean {' or '.join(found.near)}?", markup=False)
    if signals and shape is not Shape.JSON:
        wide().print(signals_table(signals))
    if faults and shape is not Shape.JSON:
        wide().print(faults_table(faults))
    raise typer.Exit(Exit.CLEAN if found.hits or signals or faults else Exit.FINDINGS)


def _rules_table(title: str, rules: list[Rule]) -> Table:
    table = Table(title=title, title_justify="left")
    # If there is no room for both, the title is more useful than the name.
    named = wide().width >= _WIDTH_FOR_NAMES
    for name in ("Code", "Severity", "SNIP", "Forms", *(["Name"] if named else [])):
        table.add_column(name, no_wrap=True)
    table.add_column("Finds", overflow="fold", ratio=1)
    for rule in rules:
        table.add_row(
            rule.code,
            severity_text(rule.severity.value),
            str(rule.snip),
            rule.forms,
            *([rule.name] if named else []),
            escape(rule.title),
        )
    return table


@app.command("show")
def show_rule(
    code: Annotated[
        str, typer.Argument(metavar="CODE", help="Code or name of a rule or a structural fault.")
    ],
    shape: ShapeOption = Shape.TABLE,
    rules: RuleFolders = None,
) -> None:
    """Show one rule: what it finds, its authority, how to correct the claim, its predicate and its cases."""
    from claimwright.features.checking import signal_of

    from .options import rulebook_from

    fault = fault_of(code)
    if fault is not None:
        _show(shape, fault, fault_facts, about_fault)
        return
    book = rulebook_from(rules)
    signal = signal_of(code) or signal_of(code.upper())
    if signal is not None:
        _show(shape, signal, signal_facts, about_signal)
        return
    try:
        rule = book[code if code in book else code.upper()]
    except KeyError:
        fail(f"there is no rule {code}. `claimwright rules search {code}` searches all texts.")
    _show(shape, rule, _facts, _about)


def _show(
    shape: Shape, one: T, facts: Callable[[T], dict[str, Any]], about: Callable[[T], list[str]]
) -> None:
    """Print one entry of the catalogue, as JSON or for a person."""
    if shape is Shape.JSON:
        print_json(facts(one))
    else:
        out.print(Panel("\n".join(about(one)), expand=False))


def _about(rule: Rule) -> list[str]:
    """A rule with all of its facts, as lines for a person."""
    from claimwright.engines.rules import explain_predicate, message_of

    explained = explain_predicate(rule)
    told = [
        f"[bold]{rule.code}[/] {rule.name}  {severity_text(rule.severity.value)}"
        f"  SNIP {rule.snip}  {rule.lifecycle.value}",
        f"[bold]{escape(rule.title)}[/]",
        "",
        escape(rule.what),
        f"[bold]Why[/]  {escape(rule.why)}",
        f"[bold]Fix[/]  {escape(rule.fix)}",
        f"[bold]Authority[/]  {escape('; '.join(rule.authority))}",
        f"[bold]Applies to[/]  {', '.join(_FORMS[form] for form in rule.forms)} claims,"
        f" each {rule.level.replace('_', ' ')}",
    ]
    if rule.redirect:
        told.insert(2, f"[bold]Replaced by[/]  {rule.redirect}")
    if rule.pair_on:
        told.append(f"[bold]Pairs[/]  lines that agree in {', '.join(rule.pair_on)}")
    if rule.claim_filing:
        told.append(f"[bold]Claim filing[/]  {', '.join(rule.claim_filing)}")
    if rule.payer_ids:
        told.append(f"[bold]Payers[/]  {', '.join(rule.payer_ids)}")
    if rule.effective_from or rule.effective_to:
        told.append(f"[bold]In force[/]  {rule.effective_from or '...'} to {rule.effective_to or '...'}")
    if rule.carc or rule.rarc:
        told.append(
            f"[bold]Likely denial[/]  CARC {', '.join(rule.carc) or '-'}, RARC {', '.join(rule.rarc) or '-'}"
        )
    if rule.fields:
        told.append(f"[bold]Look at[/]  {', '.join(rule.fields)}")
    if rule.message:
        told.append(f"[bold]Says[/]  {escape(message_of(rule))}")
    told += ["", "[bold]Fires when[/]", f"  {escape(' '.join(rule.when.split()))}", "", "[bold]Reads[/]"]
    told += [f"  {name.name}  [dim]{escape(name.meaning)}[/]" for name in explained.names]
    if explained.functions:
        told.append("[bold]Calls[/]")
        told += [f"  {name}()  [dim]{escape(doc)}[/]" for name, doc in explained.functions]
    if rule.repair is not None:
        told += ["", f"[bold]Repair[/]  {rule.repair.confidence} confidence: {escape(rule.repair.because)}"]
        told += [f"  {escape(each)}" for each in rule.repair.described()]
    told += ["", "[bold]Cases[/]"]
    told += [f"  {'fires' if case.fires else 'quiet'}  {escape(case.name)}" for case in rule.cases]
    return [*told, "", f"[dim]{escape(rule.file)}[/]"]


def _facts(rule: Rule) -> dict[str, Any]:
    """A rule with all of its facts, for a machine."""
    return {
        "code": rule.code,
        "name": rule.name,
        "title": rule.title,
        "severity": rule.severity.value,
        "snip": rule.snip,
        "lifecycle": rule.lifecycle.value,
        "redirect": rule.redirect or None,
        "level": rule.level,
        "forms": list(rule.forms),
        "claim_filing": list(rule.claim_filing),
        "payer_ids": list(rule.payer_ids),
        "effective_from": rule.effective_from,
        "effective_to": rule.effective_to,
        "pair_on": list(rule.pair_on),
        "field": list(rule.fields),
        "message": rule.message,
        "authority": list(rule.authority),
        "what": rule.what,
        "why": rule.why,
        "fix": rule.fix,
        "carc": list(rule.carc),
        "rarc": list(rule.rarc),
        "when": " ".join(rule.when.split()),
        "reads": sorted(rule.predicate.names),
        "repair": None
        if rule.repair is None
        else {
            "changes": rule.repair.described(),
            "because": rule.repair.because,
            "confidence": rule.repair.confidence,
        },
        "cases": [{"name": case.name, "fires": case.fires} for case in rule.cases],
        "file": rule.file,
    }


@app.command("test")
def check_cases(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[PATH...]", help="Your own rule files or folders. Default: the rulebook."),
    ] = None,
) -> None:
    """Run the cases of every rule. Exit status: 0 all pass, 1 some fail, 2 unusable input."""
    from claimwright.features.rule_workshop import try_files, unsaid

    try:
        tried = try_files(paths or [])
    except (OSError, ValueError) as problem:
        fail(str(problem))
    if not tried.rules and not tried.problems:
        named = ", ".join(map(str, paths or []))
        fail(f"{named}: there is no rule file (.yaml). `claimwright rules new` creates one.")
    _show_failures(tried)
    for rule in tried.rules:
        keys = unsaid(rule)
        if keys:
            err.print(
                f"{rule.file}: {rule.code}: still to write: {', '.join(keys)}", markup=False, soft_wrap=True
            )
    passed = len(tried.results) - len(tried.failed)
    rules = "1 rule" if len(tried.rules) == 1 else f"{len(tried.rules):,} rules"
    out.print(f"{passed:,} of {len(tried.results):,} cases of {rules} are as stated.")
    failed = [] if paths else signals_failed()
    if tried.problems:
        raise typer.Exit(Exit.UNUSABLE)
    raise typer.Exit(Exit.FINDINGS if tried.failed or failed else Exit.CLEAN)


def _show_failures(tried: TriedRules) -> None:
    for result in tried.failed:
        what = "does not fire, and should" if result.case.fires else "fires, and should not"
        err.print(
            f"{result.rule.file}:{result.case.line}: {result.rule.code}: on the case {result.case.name!r}"
            f" the rule {what}; correct the predicate or the case",
            markup=False,
            soft_wrap=True,
        )
    for problem in tried.problems:
        err.print(str(problem), markup=False, soft_wrap=True)


rules_writing.register(app)
rules_profile.register(app)
rules_replay.register(app)
rules_value.register(app)
