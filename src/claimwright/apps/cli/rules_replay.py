"""`claimwright rules replay`: run a rule over past claims before it is enabled."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from .options import AsOf, RuleFolders
from .shapes import Shape, ShapeOption, print_json
from .terminal import Exit, err, fail, out, severity_text

if TYPE_CHECKING:
    from claimwright.engines.rules import Rule, RuleBook
    from claimwright.features.rule_workshop import Agreement, Outcome, Replay, RuleReplay, Share

_MOST_BESIDE = 8


def register(app: typer.Typer) -> None:
    """Add the command to `claimwright rules`."""
    app.command("replay")(replay_rules)


def replay_rules(
    rule_file: Annotated[
        str,
        typer.Argument(metavar="RULE", help="Rule file or folder, of any lifecycle, or the code of a rule."),
    ],
    paths: Annotated[
        list[str],
        typer.Argument(metavar="FILE...", help="837 files or folders, or folders from `convert`."),
    ],
    outcomes: Annotated[
        Path | None,
        typer.Option("--outcomes", help="CSV of claim outcomes: claim_id, denied (yes/no), carc."),
    ] = None,
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=0, help="Maximum number of example claim numbers.")
    ] = 10,
    shape: ShapeOption = Shape.TABLE,
    as_of: AsOf = None,
    rules: RuleFolders = None,
) -> None:
    """Run a draft over past claims: which claims it flags, their charges, and whether they were denied.

    Exit status: 0 it flags no claim, 1 it flags some, 2 unusable input.
    """
    from claimwright.features.conversion import ConversionError
    from claimwright.features.intake import SourceError
    from claimwright.features.rule_workshop import OutcomeError, blocks, read_outcomes, replay
    from claimwright.foundation import clock
    from claimwright.reference import ReferenceDataError

    from .options import rulebook_from

    book = rulebook_from(rules)
    chosen = _rules_named(rule_file, book)
    known: dict[str, Outcome] | None = None
    if outcomes is not None:
        try:
            known = read_outcomes(outcomes)
        except OutcomeError as problem:
            fail(str(problem))
        except OSError as problem:
            fail(f"{outcomes}: can't be read: {problem.strerror}. Check the path and its permissions.")
    try:
        found = replay(
            chosen,
            blocks(paths),
            book,
            as_of=as_of.date() if as_of else clock.today(),
            outcomes=known,
            examples=limit,
        )
    except (SourceError, ConversionError, ReferenceDataError) as problem:
        fail(str(problem))
    if not found.claims:
        fail(f"{', '.join(paths)}: no claims were found. `claimwright check` says why.")
    if shape is Shape.JSON:
        print_json(_replay_facts(found))
    else:
        _show_replay(found)
    raise typer.Exit(Exit.CLEAN if found.is_quiet else Exit.FINDINGS)


def _rules_named(name: str, book: RuleBook) -> tuple[Rule, ...]:
    """The rules of a file or folder, or the rule with a code. Ends the command if one cannot be used."""
    from claimwright.features.rule_workshop import read_rules

    path = Path(name)
    if not path.exists():
        key = name if name in book else name.upper()
        if key not in book:
            fail(f"{name}: there is no such file and no such rule. `claimwright rules new` creates a rule.")
        return (book[key],)
    try:
        read = read_rules([path])
    except (OSError, ValueError) as problem:
        fail(str(problem))
    for refused in read.problems:
        err.print(str(refused), markup=False, soft_wrap=True)
    if read.problems or not read.rules:
        fail(f"{name}: " + ("correct the rule first." if read.problems else "there is no rule file (.yaml)."))
    return read.rules


def _replay_facts(found: Replay) -> dict[str, object]:
    return {
        "claims": found.claims,
        "lines": found.lines,
        "dollars": found.dollars,
        "claims_with_outcome": found.outcomes,
        "claims_without_number": found.without_number,
        "rules": [
            {
                "code": one.rule.code,
                "lifecycle": one.rule.lifecycle.value,
                "severity": one.rule.severity.value,
                "findings": one.findings,
                "claims": one.claims,
                "dollars": one.dollars,
                "blocked_otherwise": one.blocked_otherwise,
                "blocked_dollars": one.blocked_dollars,
                "found_otherwise": one.found_otherwise,
                "only_here": one.only_here,
                "beside": dict(sorted(one.beside.items(), key=lambda item: (-item[1], item[0]))),
                "examples": one.examples,
                "undecided": one.undecided,
                "denials": _agreement_facts(one.agreement),
                "denials_with_foreseen_carc": _agreement_facts(one.agreement_on_carc),
            }
            for one in found.rules
        ],
    }


def _agreement_facts(agreed: Agreement | None) -> dict[str, object] | None:
    if agreed is None:
        return None
    return {
        "touched_denied": agreed.touched_denied,
        "touched_paid": agreed.touched_paid,
        "untouched_denied": agreed.untouched_denied,
        "untouched_paid": agreed.untouched_paid,
        "touched_unknown": agreed.unknown,
        **{
            name: {"value": share.value, "interval_95": share.interval, "of": share.total}
            for name, share in (
                ("precision", agreed.precision), ("recall", agreed.recall), ("base_rate", agreed.base_rate),
            )
        },
    }  # fmt: skip


def _show_replay(found: Replay) -> None:
    out.print(f"{found.claims:,} claims, {found.lines:,} lines, ${found.dollars:,.2f} charged")
    for one in found.rules:
        out.print()
        out.print(
            f"[bold]{one.rule.code}[/] {one.rule.name}  {severity_text(one.rule.severity.value)}"
            f"  {one.rule.lifecycle.value}"
        )
        if one.undecided:
            err.print(
                f"{one.rule.code}: could not be evaluated on some claims: {one.undecided}", markup=False
            )
        if not one.claims:
            out.print("  flags none of the claims")
        else:
            _show_touched(one, found)
        if one.agreement is not None:
            _show_agreement(one, found)


def _show_touched(one: RuleReplay, found: Replay) -> None:
    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_column()
    table.add_column(justify="right")
    table.add_column(justify="right")
    touched = f"{one.claims:,}"
    table.add_row(
        "  would flag",
        f"{touched} claims",
        f"${one.dollars:,.2f}",
        f"{one.claims / found.claims:.2%} of all",
    )
    table.add_row("  already blocked", f"{one.blocked_otherwise:,} claims", f"${one.blocked_dollars:,.2f}")
    table.add_row("  no other finding", f"{one.only_here:,} claims", "")
    out.print(table)
    if one.beside:
        most = sorted(one.beside.items(), key=lambda item: (-item[1], item[0]))[:_MOST_BESIDE]
        beside = ", ".join(f"{code} on {claims:,}" for code, claims in most)
        rest = len(one.beside) - len(most)
        out.print(
            f"  other findings on these claims: {beside}" + (f", and {rest:,} more codes" if rest else ""),
            soft_wrap=True,
        )
    if one.examples:
        out.print(f"  examples, highest charge first: {escape(', '.join(one.examples))}", soft_wrap=True)


def _show_agreement(one: RuleReplay, found: Replay) -> None:
    agreed = one.agreement
    assert agreed is not None
    if not found.outcomes:
        out.print("  denials: the outcomes contain none of the claim numbers")
        return
    out.print(f"  denials, for {found.outcomes:,} claim numbers with a known outcome:")
    _show_rates(agreed, "denied")
    if agreed.unknown:
        out.print(f"    {agreed.unknown:,} flagged claim numbers without an outcome are left out")
    if one.agreement_on_carc is not None:
        out.print(f"  the same for denials with CARC {', '.join(one.rule.carc)}, which the rule expects:")
        _show_rates(one.agreement_on_carc, "denied with it")
    elif one.rule.carc:
        out.print("  the outcomes have no CARC, so denial reasons cannot be compared")


def _show_rates(agreed: Agreement, denied: str) -> None:
    out.print(
        f"    flagged: {agreed.touched_denied:,} {denied}, {agreed.touched_paid:,} not;"
        f" not flagged: {agreed.untouched_denied:,} {denied}, {agreed.untouched_paid:,} not",
        soft_wrap=True,
    )
    out.print(f"    precision {_rate(agreed.precision)} of the flagged were {denied}", soft_wrap=True)
    out.print(f"    recall    {_rate(agreed.recall)} of the {denied} were flagged", soft_wrap=True)
    out.print(f"    base rate {_rate(agreed.base_rate)} of all were {denied}", soft_wrap=True)


def _rate(share: Share) -> str:
    value, interval = share.value, share.interval
    if value is None or interval is None:
        return "-: 0 of 0"
    low, high = interval
    return f"{value:.1%} (95% interval {low:.1%} to {high:.1%}): {share.count:,} of {share.total:,}"
