"""The queue as people see it: lists, one item, counts and trends, a file for a spreadsheet."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from claimwright.domain.caller import Caller
from claimwright.domain.work_items import OPEN_STATES
from claimwright.platform.database import Connection
from claimwright.store import work_items as store
from claimwright.store.sealed_claims import Opens
from claimwright.store.work_items import ItemCounts, ItemFilter, ListedItem
from claimwright.store.work_notes import HistoryEntry, history_of

from .items import item_of
from .life import acts_for
from .notes import ItemNote, read_notes
from .policy import PRIORITIES, priority_of
from .wording import title_of

MOST_EXPORTED = 100_000
_TREND_DAYS = 30
# As `store.count_alike` numbers them.
_BANDS = {2: "high", 1: "normal", 0: "low"}
# Of the number beside a name, which says that there is work and not how much of it.
MOST_COUNTED = 1_000


# Not frozen: Python makes a frozen one eight times as slowly, and a page has a hundred.
@dataclass
class ShownItem:
    """A work item as it is shown. `what` is a code, `title` says it in words; amounts are cents.

    `priority` follows from `per_day_cents`: expected recovery by the day that is left until `due_on`.
    """

    item_id: int
    kind: str
    claim_key: int | None
    denial_id: int | None
    answer_id: int | None
    facility: str | None
    payer_id: str | None
    category: str
    what: str
    title: str
    stake_cents: int
    chance: float
    expected_cents: int
    per_day_cents: int
    priority: str
    due_on: datetime.date
    due_from: str
    days_left: int
    state: str
    outcome: str | None
    assignee_id: int | None
    assignee: str | None
    snoozed_until: datetime.date | None
    needs_approval: bool
    proposed_act: str | None
    proposed_by: str | None
    approved_by: str | None
    repaired_by: list[str]
    notes: int
    opened_at: datetime.datetime
    changed_at: datetime.datetime
    done_at: datetime.datetime | None
    version: int


@dataclass(frozen=True)
class ItemInFull:
    """An item with its notes, its history, and the acts that its state allows."""

    item: ShownItem
    can: list[str]
    notes: list[ItemNote]
    history: list[HistoryEntry]


@dataclass(frozen=True)
class ItemPage:
    """Some items of a list with the totals of the whole list; `last` is where the next page begins."""

    items: list[ShownItem]
    last: tuple[int, int] | None
    total: int
    stake_cents: int


@dataclass(frozen=True)
class ItemGroup:
    """Items that have something in common."""

    name: str
    items: int
    stake_cents: int


@dataclass(frozen=True)
class QueueDay:
    """How many items were opened and done on a day."""

    day: datetime.date
    opened: int
    closed: int


@dataclass(frozen=True)
class QueueSummary:
    """Counts of the open items that are not snoozed, and what happened on the last 30 days."""

    open: int
    stake_cents: int
    expected_cents: int
    overdue: int
    due_today: int
    unassigned: int
    mine: int
    awaiting_approval: int
    snoozed: int
    mentions: int
    closed_today: int
    kinds: list[ItemGroup]
    categories: list[ItemGroup]
    priorities: list[ItemGroup]
    facilities: list[ItemGroup]
    states: list[ItemGroup]
    assignees: list[ItemGroup]
    trend: list[QueueDay]


def list_work(
    connection: Connection,
    wanted: ItemFilter,
    *,
    sort: str = "priority",
    after: tuple[int, int] | None = None,
    limit: int = 100,
) -> ItemPage:
    """The next items of a list, in an order of `SORTS`, with the totals of the list."""
    found = store.list_items(connection, wanted, sort=sort, after=after, limit=limit)
    totals = store.total_items(connection, wanted)
    last = None
    if len(found) >= limit:
        last = (store.sort_value(found[-1], sort), found[-1].item_id)
    return ItemPage([shown(each, wanted.today) for each in found], last, totals.items, totals.stake_cents)


def item_in_full(
    caller: Caller,
    connection: Connection,
    item_id: int,
    opener: Opens | None,
    wanted: ItemFilter,
    *,
    only_own: bool = False,
) -> ItemInFull:
    """One item; without `opener`, without the texts of its notes, and with `only_own`, with those alone that
    the caller wrote. `wanted` names the caller's facilities.

    Raises:
        ItemNotFoundError: there is no such item, or it is of another facility.
    """
    found = item_of(connection, item_id, wanted.today, wanted.own)
    history = history_of(connection, item_id)
    notes = read_notes(caller, connection, opener, item_id, only_own=only_own)
    return ItemInFull(shown(found, wanted.today), acts_for(found), notes, history)


def summarize(connection: Connection, wanted: ItemFilter, *, with_trend: bool = True) -> QueueSummary:
    """Counts of the items that match; states and snoozing of the filter are not looked at.

    Without `with_trend`, the days are left out.
    """
    base = replace(wanted, states=(), is_open=None, snoozed="all")
    due = replace(base, is_open=True, snoozed="hide")
    hidden = replace(base, is_open=True, snoozed="only")
    alike = store.count_alike(
        connection, due, high_cents=PRIORITIES["high"], normal_cents=PRIORITIES["normal"]
    )
    mentioned = 0
    if wanted.me is not None:
        mentioned = store.total_items(connection, replace(due, mentions=wanted.me)).items
    trend = []
    if with_trend:
        first = wanted.today - datetime.timedelta(days=_TREND_DAYS - 1)
        trend = [QueueDay(*row) for row in store.count_days(connection, base, first)]
    bands = {name: [each for each in alike if each.band == band] for band, name in _BANDS.items()}
    return QueueSummary(
        open=_items(alike),
        stake_cents=sum(each.stake_cents for each in alike),
        expected_cents=sum(each.expected_cents for each in alike),
        overdue=_items(each for each in alike if each.due == 0),
        due_today=_items(each for each in alike if each.due == 1),
        unassigned=_items(each for each in alike if each.assignee_id is None),
        mine=_items(each for each in alike if wanted.me is not None and each.assignee_id == wanted.me),
        awaiting_approval=_items(each for each in alike if each.state == "awaiting_approval"),
        snoozed=store.total_items(connection, hidden).items,
        mentions=mentioned,
        closed_today=store.count_closed(connection, base),
        kinds=_groups(alike, "kind"),
        categories=_groups(alike, "category"),
        priorities=[
            ItemGroup(name, _items(of), sum(each.stake_cents for each in of)) for name, of in bands.items()
        ],
        facilities=_groups(alike, "facility"),
        states=_groups(alike, "state"),
        assignees=_groups(alike, "assignee_id"),
        trend=trend,
    )


def count_open(connection: Connection, wanted: ItemFilter) -> int:
    """How many open items match, as far as they are counted: up to `MOST_COUNTED`."""
    return store.count_up_to(connection, replace(wanted, is_open=True), MOST_COUNTED)


def _items(of: Iterable[ItemCounts]) -> int:
    return sum(each.items for each in of)


def _groups(alike: Sequence[ItemCounts], name: str) -> list[ItemGroup]:
    """Counts by a column, those of most items first."""
    found: dict[str, tuple[int, int]] = {}
    for each in alike:
        value = getattr(each, name)
        items, cents = found.get(key := "none" if value is None else str(value), (0, 0))
        found[key] = (items + each.items, cents + each.stake_cents)
    ordered = sorted(found.items(), key=lambda each: (-each[1][0], each[0]))
    return [ItemGroup(key, *counts) for key, counts in ordered]


def export_work(connection: Connection, wanted: ItemFilter, *, sort: str = "priority") -> Iterator[bytes]:
    """The list as CSV, in pieces; amounts are dollars. No text is read as a formula by a spreadsheet."""
    titles = {each: title_of(*each) for each in store.codes_of_items(connection, wanted)}
    yield from store.copy_items(
        connection, wanted, sort=sort, titles=titles, priorities=PRIORITIES, limit=MOST_EXPORTED
    )


def default_states(states: list[str]) -> dict[str, Any]:
    """The part of a filter that says which states: the open ones by default, all for `all`."""
    if not states or set(states) == set(OPEN_STATES):
        return {"is_open": True}
    return {} if "all" in states else {"states": states}


def shown(item: ListedItem, today: datetime.date) -> ShownItem:
    """An item as it is shown on a day."""
    own: dict[str, Any] = {name: getattr(item, name, None) for name in ShownItem.__dataclass_fields__}
    own |= {
        "denial_id": item.subject_id if item.kind in {"denial", "rejection"} else None,
        "answer_id": item.subject_id if item.kind == "unmatched_answer" else None,
        "title": title_of(item.kind, item.what),
        "priority": priority_of(item.per_day_cents),
        "days_left": (item.due_on - today).days,
    }
    return ShownItem(**own)
