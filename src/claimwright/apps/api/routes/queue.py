"""The queue: what waits for a person, in one list; what people do with it, one item or thousands."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import Depends, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from claimwright.apps.api.asking import Asker, Asking
from claimwright.apps.api.bodies import Body
from claimwright.apps.api.errors import ApiError, Detail
from claimwright.apps.api.few_at_once import exported
from claimwright.apps.api.pages import Page, Paging
from claimwright.apps.api.resources import Resource
from claimwright.apps.api.scope import BodyDay, Day
from claimwright.assembly.reviews import GATHER_SECONDS, gather, workers_of
from claimwright.domain.denial_states import DecidedState
from claimwright.domain.work_items import (
    AssignMethod,
    ItemAct,
    ItemKind,
    ItemOrder,
    ItemPriority,
    ItemState,
    Proposal,
)
from claimwright.features.claims import count_dead_letters
from claimwright.features.review import (
    ACTS,
    MOST_COUNTED,
    MOST_ITEMS,
    ActResult,
    Assignment,
    HistoryEntry,
    ItemFilter,
    ItemNote,
    QueueSummary,
    ShownItem,
    WantedAct,
    account_of_actor,
    act_on,
    add_note,
    choose_skills,
    count_open,
    default_states,
    export_work,
    item_in_full,
    list_work,
    priority_range,
    summarize,
    withdraw_own_note,
)
from claimwright.foundation import clock

from .attachments import withheld_of_item

if TYPE_CHECKING:
    from claimwright.platform.database import Connection

routes = Resource("queue", "Work items: one queue of what waits for a person")
Sort = Annotated[ItemOrder, Query(description="The order of the list.")]
# Days whose hours every machine can compute.
_Day = Annotated[datetime.date, Query(ge=datetime.date(2000, 1, 1), le=datetime.date(2100, 1, 1))]
_Word = Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,60}$")]
_Facility = Annotated[str, Field(pattern=r"^[\w.-]{1,64}$")]
_Id = Annotated[int, Field(ge=1, lt=2**63)]


class QueuePage(Page[ShownItem]):
    """Some items of the queue, and the totals of the whole list."""

    total: int
    stake_cents: int
    arriving: bool = Field(
        description="Further items are still brought in: the totals are of those that are there."
    )


class WaitingForMe(BaseModel):
    """How much waits for a person; null for who may not work on it."""

    items: int | None = Field(description=f"Open items of the queue; of more than {MOST_COUNTED:,}, so many.")
    dead_letters: int | None = Field(description="Claims that could not be processed.")


class Worker(BaseModel):
    """Somebody who may work on items. No `skills`: every category. `facilities` null: every one."""

    account_id: int
    name: str
    skills: list[str]
    facilities: list[str] | None
    open: int


class Skills(Body):
    """The categories that somebody works on; none for all of them."""

    skills: list[_Word] = Field(max_length=50)


class ItemShown(BaseModel):
    """An item with its notes and history, and the acts that its state allows."""

    item: ShownItem
    can: list[str]
    notes: list[ItemNote]
    history: list[HistoryEntry]
    withheld: dict[str, str] = Field(description="What may not be seen, and why.")


class NewNote(Body):
    """A note to be. It is sealed, and never changed."""

    text: str = Field(min_length=1, max_length=4_000)
    mentions: list[_Id] = Field(default=[], max_length=20, description="Accounts that should see it.")


class ItemRead(Body):
    """An item, and the version of it that was read; without one, it is changed whatever it is by now."""

    item_id: _Id
    version: int | None = Field(default=None, ge=1)


class ActWanted(Body):
    """What to do with items. Each is done or refused by itself."""

    act: ItemAct
    items: list[ItemRead] = Field(min_length=1, max_length=MOST_ITEMS)
    reason: str | None = Field(
        default=None, min_length=8, max_length=200, description="About the work, not about the patient."
    )
    propose: Proposal | None = Field(default=None, description="propose: what another person is to approve.")
    denial_state: DecidedState | None = Field(
        default=None, description="decide: the new state of the denials."
    )
    to: Literal["me"] | _Id | None = Field(default=None, description="assign: the account; null for nobody.")
    how: AssignMethod | None = Field(
        default=None, description="assign: by skill, facility and load, or one after another."
    )
    accounts: list[_Id] | None = Field(
        default=None, max_length=1_000, description="assign: those among whom; all who may work if left out."
    )
    until: BodyDay | None = Field(default=None, description="snooze: the day; null for at once.")


def wanted_items(
    asker: Asking,
    kind: Annotated[list[ItemKind], Query()] = [],  # noqa: B006 - as FastAPI reads defaults
    category: Annotated[list[_Word], Query()] = [],  # noqa: B006
    facility: Annotated[list[_Facility], Query()] = [],  # noqa: B006
    priority: Annotated[list[ItemPriority], Query()] = [],  # noqa: B006
    state: Annotated[list[Literal[ItemState, "all"]], Query(description="Default: the open ones.")] = [],  # noqa: B006
    assignee: Annotated[
        str | None, Query(pattern=r"^(me|nobody|[1-9][0-9]{0,17})$", description="me, nobody or an account.")
    ] = None,
    due_before: Annotated[Day | None, Query(description="Due on this day or before.")] = None,
    opened_from: _Day | None = None,
    opened_to: _Day | None = None,
    snoozed: Literal["hide", "only", "all"] = "hide",
    mentions: Annotated[Literal["me"] | None, Query(description="Items with a note for you.")] = None,
    claim_key: Annotated[int | None, Query(ge=1, lt=2**63)] = None,
) -> ItemFilter:
    """The items that a request is about."""
    me = account_of_actor(asker.caller.actor)
    account = None if assignee in {None, "nobody"} else me if assignee == "me" else int(assignee or 0)
    return ItemFilter(
        clock.today(), asker.facilities, me, kinds=kind, categories=category, facilities=facility,
        priorities=[priority_range(each) for each in priority],
        # A service has no items: 0 is no account.
        assignee_id=0 if assignee == "me" and me is None else account,
        is_assigned=False if assignee == "nobody" else None,
        due_before=due_before, opened_from=opened_from, opened_to=opened_to, snoozed=snoozed,
        mentions=None if mentions is None else me or 0, claim_key=claim_key,
        **default_states([str(each) for each in state]),
    )  # fmt: skip


Wanted = Annotated[ItemFilter, Depends(wanted_items)]


@routes.get("/queue", action="queue.list")
def waits(asker: Asking, page: Paging, wanted: Wanted, sort: Sort = "priority") -> QueuePage:
    """What waits for a person, worth most per day that is left first; amounts are cents."""
    is_whole = _gather(asker)
    with asker.services.database.transaction(asker.caller) as connection:
        found = list_work(connection, wanted, sort=sort, after=page.after_pair, limit=page.limit)
    return QueuePage(
        items=found.items, next=page.cursor(found.last), total=found.total, stake_cents=found.stake_cents,
        arriving=not is_whole,
    )  # fmt: skip


@routes.get("/queue/summary", action="queue.list")
def counts(
    asker: Asking,
    wanted: Wanted,
    trend: Annotated[bool, Query(description="With the last 30 days.")] = True,
) -> QueueSummary:
    """Counts of open items by what they are about and whose they are, and the last 30 days."""
    _gather(asker)
    with asker.services.database.transaction(asker.caller) as connection:
        return summarize(connection, wanted, with_trend=trend)


@routes.get("/own/waiting", action="own.read")
def waits_for_me(asker: Asking) -> WaitingForMe:
    """How much waits for somebody like the caller: what to show beside the name of a page."""
    works = asker.may("queue.list") and (asker.may("queue.work") or asker.may("queue.approve"))
    decides = asker.may("runs.list") and asker.may("dead_letters.decide")
    if works:
        _gather(asker)
    wanted = ItemFilter(clock.today(), asker.facilities, snoozed="hide")
    with asker.services.database.transaction(asker.caller) as connection:
        return WaitingForMe(
            items=count_open(connection, wanted) if works else None,
            dead_letters=count_dead_letters(connection, asker.facilities) if decides else None,
        )


@routes.get(
    "/queue/export", action="queue.list", response_class=Response, openapi_extra={"x-media-type": "text/csv"}
)
async def export(request: Request, asker: Asking, wanted: Wanted, sort: Sort = "priority") -> Response:
    """The same list as CSV for a spreadsheet, at most 100,000 rows; amounts are dollars."""

    def rows() -> Iterator[bytes]:
        _gather(asker)
        with asker.services.database.transaction(asker.caller) as connection:
            yield from export_work(connection, wanted, sort=sort)

    name = f"queue-{clock.today()}.csv"
    return StreamingResponse(
        await exported(request, asker, rows),
        media_type="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@routes.get("/queue/people", action="queue.list")
def people(asker: Asking) -> list[Worker]:
    """Who may work on items at facilities of yours, on which categories, and how many open items each has
    there.
    """
    with asker.services.database.transaction(asker.caller) as connection:
        return [
            Worker(**{name: getattr(each, name) for name in Worker.model_fields})
            for each in workers_of(asker.services.access, connection, facilities=asker.facilities)
        ]


@routes.post("/queue/people/{account_id}/skills", action="queue.assign", errors=("unusable_input",))
def skills(asker: Asking, account_id: int, wanted: Skills) -> Worker:
    """Say which categories somebody works on: items are assigned by them. An account of some facilities says
    so of people who are at no others.
    """
    with asker.services.database.transaction(asker.caller) as connection:
        found = choose_skills(
            asker.caller, connection, account_id, wanted.skills, facilities=asker.facilities
        )
    return Worker(**{name: getattr(found, name) for name in Worker.model_fields})


@routes.post("/queue/acts", action="queue.work", errors=("reason_needed", "unusable_input"))
def act(asker: Asking, wanted: ActWanted) -> ActResult:
    """Do something with up to 10,000 items. The answer lists what was done, what waits for another person's
    approval, and what was refused and why.
    """
    _demand(asker, wanted)
    _gather(asker, waits=True)
    with asker.services.database.transaction(asker.caller) as connection:
        return act_on(
            asker.caller,
            connection,
            WantedAct(
                wanted.act, {each.item_id: each.version for each in wanted.items}, wanted.reason,
                wanted.propose, wanted.denial_state,
                _assignment(asker, connection, wanted) if wanted.act == "assign" else None, wanted.until,
            ),
            may=asker.may,
            facilities=asker.facilities,
        )  # fmt: skip


@routes.get("/queue/{item_id}", action="queue.list")
def one(asker: Asking, item_id: int, response: Response) -> ItemShown:
    """One item with its notes and history. Texts of notes are null for those who may not see notes of its
    claim, by its labels; but everybody who may see notes sees their own.
    """
    never = asker.withheld_kind("narrative")
    opener = asker.services.sealer if never is None else None
    wanted = ItemFilter(clock.today(), asker.facilities)
    with asker.services.database.transaction(asker.caller) as connection:
        withheld = never or _notes_withheld(asker, connection, item_id)
        found = item_in_full(asker.caller, connection, item_id, opener, wanted, only_own=withheld is not None)
    response.headers["ETag"] = f'"{found.item.version}"'
    is_any_hidden = never or any(each.text is None and each.withdrawn_at is None for each in found.notes)
    return ItemShown(
        item=found.item, can=found.can, notes=found.notes, history=found.history,
        withheld={} if withheld is None or not is_any_hidden else {"notes": withheld},
    )  # fmt: skip


@routes.post("/queue/{item_id}/notes", action="queue.work", status=201, errors=("unusable_input",))
def note(asker: Asking, item_id: int, wanted: NewNote) -> ItemNote:
    """Add a note to an item; those who are mentioned find the item with `mentions=me`."""
    with asker.services.database.transaction(asker.caller) as connection:
        return add_note(
            asker.caller, connection, asker.services.sealer, item_id, wanted.text, wanted.mentions,
            facilities=asker.facilities,
        )  # fmt: skip


@routes.post(
    "/queue/{item_id}/notes/{note_id}/withdrawal", action="queue.work", status=204, errors=("unusable_input",)
)
def withdrawal(asker: Asking, item_id: int, note_id: int) -> None:
    """Withdraw a note of your own: its text is not shown any more, and that there was one is."""
    with asker.services.database.transaction(asker.caller) as connection:
        withdraw_own_note(asker.caller, connection, item_id, note_id, facilities=asker.facilities)


def _notes_withheld(asker: Asker, connection: Connection, item_id: int) -> str | None:
    """Why notes are withheld by the labels of the item's claim; None if they are not."""
    if not asker.may("claims.read"):
        return "whoever may not open claims does not learn what they are about"
    return withheld_of_item(asker, connection, item_id, ("narrative",))


def _gather(asker: Asker, *, waits: bool = False) -> bool:
    """Whether all items are there; the first requests after a million claims came in don't wait for them."""
    services = asker.services
    return gather(
        asker.caller, services.settings, services.database, within=GATHER_SECONDS, waits=waits
    ).is_whole


def _demand(asker: Asker, wanted: ActWanted) -> None:
    """What an act does with claims and denials is asked of the policies as if it were done there."""
    action = ACTS[wanted.act].action
    if action is not None:
        asker.demand(action)
    if wanted.act == "assign" and wanted.how is not None:
        asker.demand("queue.assign")
    if wanted.to == "me" and account_of_actor(asker.caller.actor) is None:
        place = Detail(field="body.to", message="a service has no items of its own.")
        raise ApiError("invalid_request", details=[place])


def _assignment(asker: Asker, connection: Connection, wanted: ActWanted) -> Assignment:
    workers = workers_of(asker.services.access, connection)
    if wanted.accounts is not None:
        workers = [each for each in workers if each.account_id in wanted.accounts]
    to = account_of_actor(asker.caller.actor) if wanted.to == "me" else wanted.to
    known = {each.account_id for each in workers}
    if wanted.how is None and to is not None and to not in known:
        place = Detail(field="body.to", message="the account may not work on items.")
        raise ApiError("invalid_request", details=[place])
    how = wanted.how
    return Assignment(workers, None if how else to, how, asker.may("queue.assign"))
