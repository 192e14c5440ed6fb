"""What people do with work items: acts of `claimwright queue`, and the store that its commands open."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .options import OptionalReason
from .session import Environment, Tenant, permitted_caller, settings_of, store_of
from .terminal import Exit, fail, out

if TYPE_CHECKING:
    from claimwright.domain.caller import Caller
    from claimwright.features.review import ActResult, Assignment
    from claimwright.platform.access import Access
    from claimwright.platform.database import Database
    from claimwright.platform.settings import Settings

ItemIds = Annotated[list[int], typer.Argument(metavar="ITEM...", help="Numbers of work items.")]
# Acts with a command of their own.
_OWN_COMMANDS = {"assign", "snooze"}


def register(app: typer.Typer) -> None:
    """Add the acts to `claimwright queue`."""
    app.command("do")(do)
    app.command("assign")(assign)
    app.command("snooze")(snooze)


def do(
    act: Annotated[str, typer.Argument(metavar="ACT", help="start, repair, release, resolve, approve, ...")],
    items: ItemIds,
    reason: OptionalReason = None,
    propose: Annotated[
        str | None, typer.Option("--propose", help="With ACT propose: release, discard, resolve or resubmit.")
    ] = None,
    denial_state: Annotated[
        str | None, typer.Option("--denial-state", help="With ACT decide: resubmitted, appealed, lost, ...")
    ] = None,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Do something with items. Each is done or refused by itself.

    Where another person has to approve, the item waits for that: `claimwright queue do approve ITEM`.

    Exit status: 0 all done or proposed, 1 some refused, 2 the act is unknown or the reason is invalid.
    """
    from claimwright.features.review import ACTS

    if act not in ACTS or act in _OWN_COMMANDS:
        fail(f"ACT: one of {', '.join(name for name in ACTS if name not in _OWN_COMMANDS)}.")
    _act(environment, tenant, act, items, reason, proposal=propose, denial_state=denial_state)


def assign(
    items: ItemIds,
    to: Annotated[int | None, typer.Option("--to", min=1, help="Number of the account.")] = None,
    nobody: Annotated[bool, typer.Option("--nobody", help="Let go of the items.")] = False,
    how: Annotated[
        str | None, typer.Option("--how", help="balanced (skill, facility, load) or round_robin.")
    ] = None,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Assign items to an account, or to those who may work on them.

    Exit status: 0 all assigned, 1 some refused, 2 no account is named, or it may not work on items.
    """
    from claimwright.domain.work_items import ASSIGN_METHODS

    if [to is not None, nobody, how is not None].count(True) != 1:
        fail("Name one of --to, --nobody and --how.")
    method = next((each for each in ASSIGN_METHODS if each == how), None)
    if method != how:
        fail(f"--how: {' or '.join(ASSIGN_METHODS)}.")

    def assignment(access: Access, connection: Any) -> Assignment:
        from claimwright.assembly.reviews import workers_of
        from claimwright.features.review import Assignment

        people = workers_of(access, connection)
        if to is not None and to not in {each.account_id for each in people}:
            fail(f"--to: account {to} may not work on items. `claimwright queue people` shows who may.")
        return Assignment(people, to, method, may_assign=True)

    _act(environment, tenant, "assign", items, None, assignment=assignment, action="queue.assign")


def snooze(
    items: ItemIds,
    until: Annotated[
        datetime.datetime | None,
        typer.Option("--until", formats=["%Y-%m-%d"], help="The day on which they come back. Default: now."),
    ] = None,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Hide items from the queue until a day.

    Exit status: 0 all done, 1 some refused, 2 the day is not after today.
    """
    _act(environment, tenant, "snooze", items, None, until=until.date() if until else None)


@contextmanager
def gathered(
    environment: str | None, tenant: str | None, action: str
) -> Iterator[tuple[Caller, Database, Access, Settings]]:
    """The caller, the store with its items up to date, the policies, and the settings."""
    from claimwright.assembly.reviews import gather

    settings = settings_of(environment)
    caller, access = permitted_caller(settings, tenant, action)
    with store_of(settings) as database:
        gather(caller, settings, database)
        yield caller, database, access, settings


def _act(
    environment: str | None,
    tenant: str | None,
    act: str,
    items: list[int],
    reason: str | None,
    *,
    assignment: Any = None,
    action: str = "queue.work",
    **more: Any,
) -> None:
    from claimwright.features.review import ACTS, ActError, WantedAct, act_on
    from claimwright.platform.access import AccessDeniedError
    from claimwright.platform.audit import AuditError

    with gathered(environment, tenant, action) as (caller, database, access, _):
        try:
            needed = ACTS[act].action
            if needed is not None:
                access.demand(caller, needed)
            with database.transaction(caller) as connection:
                to = assignment(access, connection) if assignment else None
                wanted = WantedAct(act, dict.fromkeys(items), reason, assignment=to, **more)
                result = act_on(caller, connection, wanted, may=partial(access.may, caller))
        except AuditError as problem:
            fail(f"--reason: {problem}")
        except (ActError, AccessDeniedError) as problem:
            fail(str(problem))
    _print_result(result)


def _print_result(result: ActResult) -> None:
    if result.done:
        out.print(f"{len(result.done):,} done.", markup=False)
    if result.proposed:
        listed = ", ".join(map(str, result.proposed[:20]))
        out.print(f"{len(result.proposed):,} wait for another person's approval: {listed}", markup=False)
    for each in result.refused:
        out.print(f"Item {each.item_id} was left as it is: {each.why}", markup=False)
    if result.refused:
        raise typer.Exit(Exit.FINDINGS)
