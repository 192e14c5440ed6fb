"""`claimwright queue`: what waits for a person, in one list; what people do with it."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .queue_working import gathered, register
from .remit_posting import cents_told
from .session import Environment, Tenant
from .terminal import Exit, ValueTable, fail, out, wide

if TYPE_CHECKING:
    from claimwright.features.review import ItemFilter, ShownItem

app = typer.Typer(
    help="Work items: what waits for a person, in one queue.",
    no_args_is_help=True,
)
ItemId = Annotated[int, typer.Argument(metavar="ITEM", help="Number of the work item.")]
Kind = Annotated[list[str] | None, typer.Option("--kind", help="Of this kind, such as denial; repeatable.")]
Category = Annotated[list[str] | None, typer.Option("--category", help="Of this category; repeatable.")]
Facility = Annotated[list[str] | None, typer.Option("--facility", help="Of this facility; repeatable.")]
Priority = Annotated[list[str] | None, typer.Option("--priority", help="high, normal or low; repeatable.")]
State = Annotated[
    list[str] | None,
    typer.Option("--state", help="In this state; all for every one. Default: the open ones."),
]
Assignee = Annotated[int | None, typer.Option("--assignee", help="Of this account; 0 for nobody.")]
Due = Annotated[
    datetime.datetime | None,
    typer.Option("--due-before", formats=["%Y-%m-%d"], help="Due on this day or before."),
]
Sort = Annotated[str, typer.Option("--sort", help="priority, stake, due or age.")]
register(app)


@app.command("list")
def list_items(
    kind: Kind = None,
    category: Category = None,
    facility: Facility = None,
    priority: Priority = None,
    state: State = None,
    assignee: Assignee = None,
    due_before: Due = None,
    sort: Sort = "priority",
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=10_000, help="Maximum rows.")] = 50,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """List what waits for a person: what is worth most per day that is left comes first.

    Exit status: 0 nothing waits, 1 something waits, 2 a filter is unknown.
    """
    from claimwright.features.review import list_work

    wanted = _filter(kind, category, facility, priority, state, assignee, due_before, sort)
    with (
        gathered(environment, tenant, "queue.list") as (caller, database, _, _),
        database.transaction(caller) as connection,
    ):
        found = list_work(connection, wanted, sort=sort, limit=limit)
    if not found.total:
        out.print("Nothing waits.")
        return
    table = ValueTable(
        "item", "priority", "what", "category", "kind", "claim", "facility", "at stake", "odds", "due",
        "state", "with",
    )  # fmt: skip
    for each in found.items:
        table.add_row(
            str(each.item_id), each.priority, each.what, each.category, each.kind, str(each.claim_key or ""),
            each.facility or "", cents_told(each.stake_cents), f"{each.chance:.0%}",
            f"{each.due_on} ({each.days_left} d)", each.state, each.assignee or "",
        )  # fmt: skip
    wide().print(table)
    out.print(f"{found.total:,} items, {cents_told(found.stake_cents)} dollars at stake.", markup=False)
    raise typer.Exit(Exit.FINDINGS)


@app.command("summary")
def summary(environment: Environment = None, tenant: Tenant = None) -> None:
    """Show how much waits, by kind and by category, and what is overdue.

    Exit status: 0.
    """
    from claimwright.features.review import ItemFilter, summarize
    from claimwright.foundation import clock

    with (
        gathered(environment, tenant, "queue.list") as (caller, database, _, _),
        database.transaction(caller) as connection,
    ):
        found = summarize(connection, ItemFilter(clock.today()))
    out.print(
        f"{found.open:,} open, {cents_told(found.stake_cents)} dollars at stake, {found.overdue:,} overdue, "
        f"{found.unassigned:,} with nobody, {found.awaiting_approval:,} awaiting approval, "
        f"{found.closed_today:,} closed today.",
        markup=False,
    )
    table = ValueTable("by", "name", "items", "at stake")
    for name, groups in (
        ("kind", found.kinds),
        ("category", found.categories),
        ("priority", found.priorities),
    ):
        for each in groups:
            table.add_row(name, each.name, f"{each.items:,}", cents_told(each.stake_cents))
    wide().print(table)


@app.command("show")
def show(item: ItemId, environment: Environment = None, tenant: Tenant = None) -> None:
    """Show an item with its notes, if they may be seen, and what was done with it.

    Exit status: 0, or 2 if there is no such item.
    """
    from claimwright.assembly.claims import terminal_decision
    from claimwright.features.claims import kinds_shown
    from claimwright.features.review import ItemFilter, ItemNotFoundError, claim_of_item, item_in_full
    from claimwright.foundation import clock

    from .session import sealer_of

    with gathered(environment, tenant, "queue.list") as (caller, database, access, settings):
        sealer = sealer_of(settings, database) if access.shown(caller, ())["narrative"].allowed else None
        try:
            with database.transaction(caller) as connection:
                claim_key, only_own = claim_of_item(connection, item), False
                if sealer is not None and claim_key is not None:
                    decide = terminal_decision(caller, access)
                    shown, _ = kinds_shown(caller, connection, sealer, claim_key, decide)
                    only_own = not shown["narrative"]
                found = item_in_full(
                    caller, connection, item, sealer, ItemFilter(clock.today()), only_own=only_own
                )
        except ItemNotFoundError as problem:
            fail(str(problem))
    _print_item(found.item)
    for note in found.notes:
        text = "not shown: no policy permits it" if note.text is None else note.text
        out.print(f"{note.at:%Y-%m-%d %H:%M} {note.by_name or note.by}: {text}", markup=False)
    for entry in found.history:
        out.print(
            f"{entry.at:%Y-%m-%d %H:%M} {entry.by_name or entry.by}: {entry.act}, "
            f"{entry.from_state} -> {entry.to_state}{f' ({entry.reason})' if entry.reason else ''}",
            markup=False,
        )
    out.print(f"Possible: {', '.join(found.can)}", markup=False)


@app.command("note")
def note(
    item: ItemId,
    text: Annotated[str, typer.Option("--text", help="The note. It is stored encrypted.")],
    mention: Annotated[
        list[int] | None, typer.Option("--mention", help="Account that should see it; repeatable.")
    ] = None,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Add a note to an item. Notes are never changed.

    Exit status: 0, or 2 if there is no such item or account, or the note is too long.
    """
    from claimwright.features.review import ItemNotFoundError, NoteError, add_note

    from .session import sealer_of

    with gathered(environment, tenant, "queue.work") as (caller, database, _, settings):
        try:
            with database.transaction(caller) as connection:
                add_note(caller, connection, sealer_of(settings, database), item, text, mention or [])
        except (ItemNotFoundError, NoteError) as problem:
            fail(str(problem))
    out.print(f"Noted at item {item}.", markup=False)


@app.command("people")
def people(environment: Environment = None, tenant: Tenant = None) -> None:
    """List who may work on items, on which categories, and how many open items each has.

    Exit status: 0.
    """
    from claimwright.assembly.reviews import workers_of

    with (
        gathered(environment, tenant, "queue.list") as (caller, database, access, _),
        database.transaction(caller) as connection,
    ):
        found = workers_of(access, connection)
    table = ValueTable("account", "name", "categories", "facilities", "open")
    for each in found:
        table.add_row(
            str(each.account_id), each.name, ", ".join(each.skills) or "all",
            "all" if each.facilities is None else ", ".join(each.facilities), f"{each.open:,}",
        )  # fmt: skip
    wide().print(table)


@app.command("skills")
def skills(
    account: Annotated[int, typer.Argument(metavar="ACCOUNT", help="Number of the account.")],
    categories: Annotated[
        list[str] | None, typer.Argument(metavar="[CATEGORY...]", help="None: every category.")
    ] = None,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Say on which categories an account works. Items are assigned by them.

    Exit status: 0, or 2 if the account or a category is unknown.
    """
    from claimwright.features.review import ItemNotFoundError, NoteError, choose_skills

    with gathered(environment, tenant, "queue.assign") as (caller, database, _, _):
        try:
            with database.transaction(caller) as connection:
                found = choose_skills(caller, connection, account, categories or [])
        except (ItemNotFoundError, NoteError) as problem:
            fail(str(problem))
    out.print(f"{found.name} works on: {', '.join(found.skills) or 'every category'}.", markup=False)


@app.command("export")
def export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV file to write.")],
    kind: Kind = None,
    category: Category = None,
    facility: Facility = None,
    priority: Priority = None,
    state: State = None,
    assignee: Assignee = None,
    due_before: Due = None,
    sort: Sort = "priority",
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Write the list as CSV for a spreadsheet, at most 100,000 rows. It has no patient data.

    Exit status: 0, or 2 if a filter is unknown or the file can't be written.
    """
    from claimwright.features.review import export_work

    wanted = _filter(kind, category, facility, priority, state, assignee, due_before, sort)
    with gathered(environment, tenant, "queue.list") as (caller, database, _, _):
        try:
            with (
                database.transaction(caller) as connection,
                file.open("wb") as target,
            ):
                for piece in export_work(connection, wanted, sort=sort):
                    target.write(piece)
        except OSError as problem:
            fail(f"{file}: {problem.strerror}")
    out.print(f"Written: {file}", markup=False)


def _filter(
    kinds: list[str] | None,
    categories: list[str] | None,
    facilities: list[str] | None,
    priorities: list[str] | None,
    states: list[str] | None,
    assignee: int | None,
    due_before: datetime.datetime | None,
    sort: str,
) -> ItemFilter:
    from claimwright.domain.work_items import ITEM_PRIORITIES, KINDS, STATES
    from claimwright.features.review import CATEGORIES, SORTS, ItemFilter, default_states, priority_range
    from claimwright.foundation import clock

    known = {
        "--kind": (kinds, KINDS), "--category": (categories, CATEGORIES),
        "--priority": (priorities, ITEM_PRIORITIES), "--state": (states, (*STATES, "all")),
        "--sort": ([sort], tuple(SORTS)),
    }  # fmt: skip
    for option, (given, there) in known.items():
        if set(given or ()) - set(there):
            fail(f"{option}: one of {', '.join(there)}.")
    return ItemFilter(
        clock.today(), kinds=kinds or (), categories=categories or (), facilities=facilities or (),
        priorities=[priority_range(each) for each in priorities or ()],
        assignee_id=assignee or None, is_assigned=False if assignee == 0 else None,
        due_before=due_before.date() if due_before else None, snoozed="hide",
        **default_states(list(states or [])),
    )  # fmt: skip


def _print_item(item: ShownItem) -> None:
    out.print(f"Item {item.item_id}: {item.title} ({item.what}, {item.category})", markup=False)
    out.print(
        f"{item.kind} of claim {item.claim_key or 'unknown'}, facility {item.facility or 'unknown'}; "
        f"{item.state}{f', {item.outcome}' if item.outcome else ''}; with {item.assignee or 'nobody'}",
        markup=False,
    )
    out.print(
        f"{cents_told(item.stake_cents)} dollars at stake x {item.chance:.0%} "
        f"= {cents_told(item.expected_cents)}; "
        f"due {item.due_on} ({item.days_left} days): {cents_told(item.per_day_cents)} a day, {item.priority}",
        markup=False,
    )
    if item.needs_approval:
        state = f"approved by {item.approved_by}" if item.approved_by else "needs another person's approval"
        out.print(f"{state}; proposed: {item.proposed_act or 'nothing yet'}", markup=False)
