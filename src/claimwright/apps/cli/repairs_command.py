"""`claimwright repairs`: what could be done about a claim's findings, and doing it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from .session import Environment, Most, Tenant, permitted_caller, settings_of, store_of
from .shapes import Shape, ShapeOption, print_json
from .terminal import Exit, ValueTable, fail, out, wide

if TYPE_CHECKING:
    from claimwright.features.repairs import Edit, ShownChange, Trial

app = typer.Typer(help="Repairs of claims: show, apply, history, acceptance.", no_args_is_help=True)
Key = Annotated[int, typer.Argument(metavar="CLAIM", min=1, help="Key of the claim.")]
Reason = Annotated[str, typer.Option("--reason", help="Reason, 8 to 200 characters; kept in the audit log.")]


@app.command("show")
def show(
    claim: Key,
    reason: Reason,
    shape: ShapeOption = Shape.TABLE,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Show the repairs of a claim, each with its changes, its reason and what the rules say after it.

    It opens the claim: the audit log keeps who and why. Values are shown as far as the policies allow.
    Exit status: 0 there is a repair, 1 there are findings and no repair, 2 the claim can't be opened.
    """
    from dataclasses import asdict

    from claimwright.assembly.repairs import make_repair_desk, terminal_opening

    settings = settings_of(environment)
    caller, access = permitted_caller(settings, tenant, "repairs.read")
    with store_of(settings) as database:
        desk = make_repair_desk(settings, database)
        with _told():
            found = desk.propose(caller, claim, terminal_opening(caller, access, reason))
    if shape is Shape.JSON:
        print_json(asdict(found))
    else:
        out.print(f"Claim {claim}, version {found.version}, {found.place}", markup=False)
        if found.why_not:
            out.print(f"It can't be corrected: {found.why_not}", markup=False)
        for repair in found.repairs:
            used = repair.acceptance
            often = f", accepted {used.accepted} of {used.decided} times" if used.decided else ""
            out.print(
                f"\n{repair.code} {repair.title} ({repair.severity}; {repair.confidence} confidence{often})",
                markup=False,
            )
            _tell_changes(repair.changes)
            out.print(f"  {repair.because}", markup=False)
            _tell_trial(repair.after)
        repaired = {repair.code for repair in found.repairs}
        for each in found.findings:
            if each.code not in repaired:
                line = f" (line {each.line})" if each.line else ""
                out.print(f"\n{each.code} {each.title}{line}: no repair", markup=False)
                for used_before in found.history:
                    if used_before.code == each.code:
                        out.print(
                            f"  {used_before.field} was changed {used_before.times} times", markup=False
                        )
    if found.findings and not found.repairs:
        raise typer.Exit(Exit.FINDINGS)


@app.command("suggest")
def suggest(
    claim: Key,
    reason: Reason,
    shape: ShapeOption = Shape.TABLE,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Ask a language model for repairs of a claim's findings (`language_models.propose_repairs`; it costs
    money). Each was tried with all rules. Apply one with `repairs apply --set`.

    Exit status: 0 something is proposed, 1 nothing is, 2 the claim can't be opened or no model may be asked.
    """
    from dataclasses import asdict

    from claimwright.assembly.repairs import make_repair_desk, make_repair_proposer, terminal_opening
    from claimwright.features.repairs import NO_MODEL

    settings = settings_of(environment)
    caller, access = permitted_caller(settings, tenant, "repairs.apply")
    with store_of(settings) as database, _told():
        proposer = make_repair_proposer(settings, make_repair_desk(settings, database))
        if proposer is None:
            fail(f"{NO_MODEL}.")
        found = proposer.propose(caller, claim, terminal_opening(caller, access, reason))
    if shape is Shape.JSON:
        print_json(asdict(found))
    else:
        out.print(found.why_not or f"{found.model}, {found.prompt}", markup=False, soft_wrap=True)
        for each in found.repairs:
            out.print(f"\n{', '.join(each.findings)}; rests on {', '.join(each.rests_on)}", markup=False)
            _tell_changes(each.changes)
            _tell_trial(each.after)
        for why, count in found.refused.items():
            out.print(f"\nNot offered: {count}, since {why}.", markup=False)
    raise typer.Exit(Exit.CLEAN if found.repairs else Exit.FINDINGS)


@app.command("apply")
def apply(
    claim: Key,
    reason: Reason,
    rules: Annotated[
        list[str] | None, typer.Option("--rule", metavar="CODE", help="Accept the repair of this rule.")
    ] = None,
    values: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="FIELD=VALUE", help="Set a field by hand; no value removes it."),
    ] = None,
    line: Annotated[int | None, typer.Option("--line", min=1, help="Line of the fields of --set.")] = None,
    position: Annotated[
        int | None, typer.Option("--position", min=1, help="Position, such as of a diagnosis, for --set.")
    ] = None,
    removed_lines: Annotated[
        list[int] | None,
        typer.Option("--remove-line", metavar="LINE", min=1, help="Remove this service line."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Run the rules only; store nothing.")] = False,
    force: Annotated[
        bool,
        typer.Option("--force", help="With --set or --remove-line: even if a finding that blocks is added."),
    ] = False,
    etag: Annotated[
        str | None,
        typer.Option("--version", help="Correct only this version, as `show --format json` has its etag."),
    ] = None,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Correct a claim: its next version is staged, and the next run processes it.

    The rules run first. A correction that adds a finding which blocks the claim is refused without --force.
    If the claim needs an approval, its next version goes to review, and another person approves it.
    Exit status: 0, or 2 if the claim can't be corrected this way.
    """
    from claimwright.assembly.repairs import make_repair_desk, terminal_opening
    from claimwright.features.repairs import AddsBlockError, Wanted
    from claimwright.foundation.errors import ClaimwrightError

    edits = [_edit(each, line, position) for each in values or ()]
    if not rules and not edits and not removed_lines:
        fail("name a repair with --rule, a value with --set, or a line with --remove-line.")
    settings = settings_of(environment)
    caller, access = permitted_caller(settings, tenant, "repairs.apply")
    opening = terminal_opening(caller, access, reason)
    wanted = Wanted(rules or (), edits, removed_lines or ())
    with store_of(settings) as database:
        desk = make_repair_desk(settings, database)
        with _told():
            tried = desk.trial(caller, claim, wanted, opening)
        _tell_changes(tried.changes)
        _tell_trial(tried.after)
        if dry_run:
            return
        try:
            done = desk.correct(caller, claim, wanted, opening, etag=etag or tried.etag, force=force)
        except AddsBlockError as problem:
            fail(f"{problem} Nothing was stored. With --set, --force does it all the same.")
        except ClaimwrightError as problem:
            fail(str(problem))
    out.print(
        f"Claim {claim} is corrected. Claim {done.corrected_key}, version {done.version}, waits for "
        "`claimwright run`." + (" Another person has to approve it then." if done.needs_approval else ""),
        markup=False,
    )


@app.command("history")
def history(
    claim: Annotated[
        int | None, typer.Option("--claim", min=1, help="Only this claim, before or after.")
    ] = None,
    before: Annotated[
        int | None, typer.Option("--before", min=1, metavar="NUMBER", help="Older than this correction.")
    ] = None,
    limit: Most = 100,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """List corrections, newest first: who changed which fields, and whether a run has verified it. No values.

    Exit status: 0.
    """
    from claimwright.features.repairs import corrections_before

    settings = settings_of(environment)
    caller, _ = permitted_caller(settings, tenant, "repairs.read")
    with store_of(settings) as database, database.transaction(caller) as connection:
        found = corrections_before(connection, before=before, claim_key=claim, limit=limit)
    if not found:
        out.print("No corrections.")
        return
    table = ValueTable("number", "claim", "became", "fields", "rules", "by", "at", "how", "verification")
    for each in found:
        left = f" ({', '.join(each.left)})" if each.left else ""
        table.add_row(
            str(each.correction_id), str(each.claim_key), str(each.corrected_key), ", ".join(each.fields),
            ", ".join(each.rules), each.corrected_by, f"{each.corrected_at:%Y-%m-%d %H:%M}",
            f"{each.how}, forced" if each.forced else each.how, each.verification + left,
        )  # fmt: skip
    wide().print(table)
    if len(found) == limit:
        out.print(f"Next page: --before {found[-1].correction_id}", markup=False)


@app.command("acceptance")
def acceptance(environment: Environment = None, tenant: Tenant = None) -> None:
    """Show how often the repair of each rule was offered and accepted.

    Exit status: 0.
    """
    from claimwright.features.repairs import acceptances

    settings = settings_of(environment)
    caller, _ = permitted_caller(settings, tenant, "repairs.read")
    with store_of(settings) as database, database.transaction(caller) as connection:
        found = acceptances(connection)
    if not found:
        out.print("No repair was offered yet.")
        return
    table = ValueTable("rule", "offered", "decided", "accepted", "rate")
    for each in found:
        rate = "" if each.rate is None else f"{each.rate:.0%}"
        table.add_row(each.code, str(each.offered), str(each.decided), str(each.accepted), rate)
    wide().print(table)


@contextmanager
def _told() -> Iterator[None]:
    """End the command in one line if the claim can't be opened, or changed in this way."""
    from claimwright.foundation.errors import ClaimwrightError

    try:
        yield
    except ClaimwrightError as problem:
        fail(str(problem))


def _edit(text: str, line: int | None, position: int | None) -> Edit:
    from claimwright.domain.claim_changes import ORDINAL, Change
    from claimwright.domain.dictionary import KEYS
    from claimwright.features.repairs import Edit

    name, equals, value = text.partition("=")
    if not equals:
        fail("--set: write FIELD=VALUE.")
    try:
        level = Change(1, name, None).entry.level
    except KeyError:
        fail("--set: there is no such field. See docs/reference/dictionary.md.")
    has_line, has_position = "line" in KEYS[level], ORDINAL.get(level) is not None
    return Edit(name, value or None, line if has_line else None, position if has_position else None)


def _tell_changes(changes: list[ShownChange]) -> None:
    for each in changes:
        place = "".join(
            f" {word} {number}"
            for word, number in (("line", each.line), ("position", each.position))
            if number
        )
        old, new = each.old or "(none)", each.new or "(none)"
        told = f"withheld: {each.withheld}" if each.withheld else f"{old} -> {new}"
        out.print(f"  {each.field}{place}: {told}", markup=False)


def _tell_trial(trial: Trial) -> None:
    for words, found in (("gone", trial.gone), ("new", trial.new)):
        if found:
            out.print(f"  {words}: {', '.join(dict.fromkeys(each.code for each in found))}", markup=False)
    left = ", ".join(dict.fromkeys(each.code for each in trial.left if each.severity != "note"))
    out.print(f"  then: {trial.route}" + (f" ({left} stays)" if left else ""), markup=False)
