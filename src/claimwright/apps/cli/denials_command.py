"""`claimwright denials`: what payers denied, what it is worth, why, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from claimwright.domain.denial_states import DENIAL_STATES

from . import denials_contracts, denials_proposing, denials_working
from .options import AsOf, Reason
from .session import Environment, Tenant, permitted_caller, sealer_of, settings_of, store_of
from .terminal import Exit, ValueTable, fail, out, wide

if TYPE_CHECKING:
    import datetime
    from collections.abc import Sequence

    from claimwright.features.denials import Clock, DenialSheet, WeighedDenial

app = typer.Typer(
    help="Denials by what they are worth: list, show one with its cause and clocks, set its state.",
    invoke_without_command=True,
)
DenialId = Annotated[int, typer.Argument(metavar="ID", help="The denial's number.")]


@app.callback()
def denials(
    context: typer.Context,
    state: Annotated[
        str, typer.Option("--state", help=f"{', '.join(DENIAL_STATES)}; all for every one.")
    ] = "open",
    category: Annotated[
        str | None, typer.Option("--category", help="Of this category only, such as authorization.")
    ] = None,
    cause: Annotated[str | None, typer.Option("--cause", help="Of this cause only.")] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="Maximum number of denials.")] = 20,
    as_of: AsOf = None,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """List denials in force, by cause and next step, then one by one: highest expected recovery first.

    Expected recovery is the amount, times the chance that it is paid, times what the clock leaves, less the
    cost of the work.

    Exit status: 0 there is none, 1 there are some, 2 the state is unknown.
    """
    if context.invoked_subcommand is not None:
        return
    from claimwright.features.denials import list_denials

    if state != "all" and state not in DENIAL_STATES:
        fail(f"--state: all, or one of {', '.join(DENIAL_STATES)}.")
    settings = settings_of(environment)
    caller, _ = permitted_caller(settings, tenant, "denials.list")
    with store_of(settings) as database:
        sealer = sealer_of(settings, database)
        with database.transaction(caller) as connection:
            found = list_denials(
                caller, connection, _day(as_of), sealer, state=None if state == "all" else state,
                category=category, root_cause=cause, limit=limit,
            )  # fmt: skip
    if not found.denials:
        out.print("No denials.")
        return
    wide().print(denials_working.groups_table(found.groups[:limit]))
    out.print()
    _print_denials(found.denials)
    if found.total > limit:
        out.print(f"{limit:,} of {found.total:,} are shown: --limit shows more.", markup=False)
    out.print(f"Next: claimwright denials show {found.denials[0].denial.denial_id}", markup=False)
    raise typer.Exit(Exit.FINDINGS)


@app.command("show")
def show(
    denial_id: DenialId, as_of: AsOf = None, environment: Environment = None, tenant: Tenant = None
) -> None:
    """Show a denial: its cause in words, its clocks with their law, what it is worth, and the next step.

    Exit status: 0, or 2 if there is no such denial.
    """
    from claimwright.features.denials import DenialNotFoundError, denial_sheet

    settings = settings_of(environment)
    caller, access = permitted_caller(settings, tenant, "denials.list")
    try:
        with store_of(settings) as database:
            sealer = sealer_of(settings, database)
            with database.transaction(caller) as connection:
                found = denial_sheet(caller, connection, denial_id, _day(as_of), sealer)
    except DenialNotFoundError as problem:
        fail(f"{problem} `claimwright denials` lists those there are.")
    _print_sheet(found, denials_working.visible_clocks(found.clocks, caller, access))


@app.command("set")
def set_state(
    denial_id: DenialId,
    state: Annotated[
        str,
        typer.Argument(metavar="STATE", help=f"One of {', '.join(DENIAL_STATES)}."),
    ],
    reason: Reason,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Set the state of a denial. It moves no money: post a write-off first, with `claimwright ledger`.

    What needs another person's approval is resubmitted in the queue: claimwright queue.

    Exit status: 0, or 2 if there is no such denial, it needs an approval, or state or reason is invalid.
    """
    from claimwright.assembly.reviews import gather
    from claimwright.features.claims import ApprovalNeededError
    from claimwright.features.denials import DenialNotFoundError, DenialStateError, decide_denial
    from claimwright.platform.audit import AuditError

    settings = settings_of(environment)
    caller, _ = permitted_caller(settings, tenant, "denials.decide")
    try:
        with store_of(settings) as database:
            gather(caller, settings, database)
            with database.transaction(caller) as connection:
                decide_denial(caller, connection, denial_id, state, reason=reason)
    except ApprovalNeededError as problem:
        fail(f"{problem}: claimwright queue do propose ITEM --propose resubmit.")
    except (DenialNotFoundError, DenialStateError) as problem:
        fail(str(problem))
    except AuditError as problem:
        fail(f"--reason: {problem}")
    out.print(f"denial {denial_id}: {state}.", markup=False)


def _day(as_of: datetime.datetime | None) -> datetime.date:
    from claimwright.foundation import clock

    return as_of.date() if as_of else clock.today()


def _step(step: str) -> str:
    return step.replace("_", " ")


def _print_denials(denials: Sequence[WeighedDenial]) -> None:
    from .remit_posting import cents_told

    table = ValueTable(
        "denial",
        "claim",
        "line",
        "payer",
        "codes",
        "cause",
        "amount",
        "expected recovery",
        "next step",
        "last day",
        "days left",
        "state",
    )
    for each in denials:
        one = each.denial
        table.add_row(
            str(one.denial_id), "" if one.claim_key is None else str(one.claim_key),
            "all" if one.position is None else str(one.line or f"? {one.position}"), one.payer_id,
            denials_working.codes_told(one.group_code, one.carc, one.rarcs), each.cause,
            cents_told(one.amount_cents), cents_told(each.expected_cents), _step(each.next_step),
            str(each.due_on or ""), "" if each.days_left is None else str(each.days_left), one.state,
        )  # fmt: skip
    wide().print(table)


def _print_sheet(sheet: DenialSheet, clocks: Sequence[Clock]) -> None:
    from .remit_posting import cents_told

    def say(text: str) -> None:
        out.print(text, markup=False, soft_wrap=True)

    weighed, one = sheet.weighed, sheet.weighed.denial
    claim = "not known yet" if one.claim_key is None else str(one.claim_key)
    line = "the whole claim" if one.position is None else f"line {one.line or f'? {one.position}'}"
    answer = "rejected before adjudication" if one.answer_id is None else f"answer {one.answer_id}"
    state = (
        one.state
        if one.in_force
        else f"{one.state}; it is over: the answer was reversed, superseded, or waits"
    )
    say(f"Denial {one.denial_id}: {weighed.cause}")
    say(f"State:      {_step(state)}")
    say(f"Claim:      {claim}, {line}; {answer}")
    say(f"Payer:      {one.payer_id}, notice of {one.denied_on}")
    codes = denials_working.codes_told(one.group_code, one.carc, one.rarcs) or "none"
    say(f"Codes:      {codes}; {_step(one.stage)}, {cents_told(one.amount_cents) or 'amount not known'}")
    say(f"What:       {sheet.what}")
    say(f"Why:        {sheet.why}")
    say(f"Fix:        {sheet.fix}")
    if sheet.rules:
        say(f"Our rules:  {'; '.join(_titles(sheet.rules))}")
    say(f"Begins in:  {_step(one.responsible)}")
    say(f"Authority:  {'; '.join(sheet.authority)}")
    say(f"Next step:  {_step(weighed.next_step)}. {weighed.step_reason}")
    worth = cents_told(weighed.expected_cents) or "not known"
    say(f"Worth:      {worth}, after the cost of the work, at a chance of {weighed.chance_percent} %")
    say(f"Chance:     from the {weighed.chance_from}: {weighed.chance_source}")
    if sheet.no_clock:
        say(f"Deadlines:  {sheet.no_clock}")
        return
    out.print()
    table = ValueTable("last day", "days left", "deadline", "runs from", "law", "counts as filed")
    for each in clocks:
        left = "over" if each.days_left < 0 else str(each.days_left)
        table.add_row(
            str(each.due_on),
            left,
            each.name,
            f"{each.start_on or 'withheld'}, {each.starts_with}",
            each.law,
            each.filed,
        )
    wide().print(table)


def _titles(codes: Sequence[str]) -> list[str]:
    from .options import rulebook_from

    book = rulebook_from(None)
    titles = {rule.code: rule.title for rule in book}
    return [f"{code} ({titles[code]})" if code in titles else code for code in codes]


denials_working.register(app)
denials_contracts.register(app)
denials_proposing.register(app)
