"""Work items: read page by page, counted and locked."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from psycopg import sql
from psycopg.rows import class_row

from claimwright.domain.work_items import OPEN_STATES, ItemPriority
from claimwright.foundation import clock
from claimwright.platform.database import Connection

# Expected cents a day to which `work.open_counts` rounds down (migration 0540).
COUNTED_LIMITS = (1_000, 10_000)
# The column of each order, as a whole number, and whether the greatest comes first.
SORTS: Mapping[str, tuple[str, bool]] = {
    "priority": ("per_day_cents", True),
    "stake": ("stake_cents", True),
    "due": ("(due_on - date '2000-01-01')", False),
    "age": ("(extract(epoch from opened_at) * 1000000)::bigint", False),
}


# Not frozen: Python makes a frozen one eight times as slowly, and a page has a hundred.
@dataclass
class WorkItem:
    """A work item as it is stored. `subject_id` is a claim key, a denial or an answer, by `kind`.

    `repaired_by` is who repaired or corrected its source; it stays until the source is gone and comes back.
    """

    item_id: int
    kind: str
    subject_id: int
    claim_key: int | None
    facility: str | None
    payer_id: str | None
    category: str
    what: str
    stake_cents: int
    chance: float
    expected_cents: int
    per_day_cents: int
    due_on: datetime.date
    due_from: str
    state: str
    outcome: str | None
    has_source: bool
    needs_approval: bool
    proposed_act: str | None
    proposed_by: str | None
    approved_by: str | None
    repaired_by: list[str]
    assignee_id: int | None
    snoozed_until: datetime.date | None
    opened_at: datetime.datetime
    changed_at: datetime.datetime
    done_at: datetime.datetime | None
    version: int


@dataclass
class ListedItem(WorkItem):
    """A work item with the sign-in name of its assignee and the number of its notes."""

    assignee: str | None
    notes: int


@dataclass(frozen=True)
class ItemFilter:
    """Which items are listed; empty lists and None accept everything. Days are those of the local time zone.

    `own` are the caller's facilities, `me` the caller's account. `priorities` are limits of expected cents a
    day, from the first to before the second. `snoozed`: hide, only or all.
    """

    today: datetime.date
    own: Sequence[str] | None = None
    me: int | None = None
    item_id: int | None = None
    kinds: Sequence[str] = ()
    categories: Sequence[str] = ()
    facilities: Sequence[str] = ()
    priorities: Sequence[tuple[int | None, int | None]] = ()
    states: Sequence[str] = ()
    is_open: bool | None = None
    assignee_id: int | None = None
    is_assigned: bool | None = None
    due_before: datetime.date | None = None
    opened_from: datetime.date | None = None
    opened_to: datetime.date | None = None
    snoozed: str = "all"
    mentions: int | None = None
    claim_key: int | None = None


@dataclass(frozen=True)
class ItemTotals:
    """Number of items, with what is at stake."""

    items: int
    stake_cents: int


_COLUMNS = ", ".join(
    "chance::float8 as chance" if name == "chance" else name for name in WorkItem.__dataclass_fields__
)
_LISTED = (
    f"{_COLUMNS}, (select name from identity.accounts a "  # noqa: S608 - of this module
    "where a.account_id = i.assignee_id) as assignee, "
    "(select count(*) from work.notes n where n.item_id = i.item_id and n.withdrawn_at is null) as notes"
)


def list_items(
    connection: Connection,
    wanted: ItemFilter,
    *,
    sort: str = "priority",
    after: tuple[int, int] | None = None,
    limit: int = 100,
) -> list[ListedItem]:
    """The next items in an order (`SORTS`), after a value of that order and an item id."""
    cursor = connection.cursor(row_factory=class_row(ListedItem))
    query, values = _query(wanted, sort, after)
    return cursor.execute(query.format(sql.SQL(_LISTED)), {**values, "limit": limit}).fetchall()


def codes_of_items(connection: Connection, wanted: ItemFilter) -> list[tuple[str, str]]:
    """The kinds and codes of the items that match."""
    where, values = _conditions(wanted)
    rows = connection.execute(
        sql.SQL("select distinct kind, what from work.items i where {}").format(where), values
    ).fetchall()
    return [(row[0], row[1]) for row in rows]


def copy_items(
    connection: Connection,
    wanted: ItemFilter,
    *,
    sort: str,
    titles: Mapping[tuple[str, str], str],
    priorities: Mapping[ItemPriority, int],
    limit: int,
) -> Iterator[bytes]:
    """The items in an order as CSV with a heading, in pieces; amounts are dollars.

    A spreadsheet reads none of the texts as a formula: as `claimwright.foundation.spreadsheets` does it.
    """
    query, values = _query(wanted, sort, None)
    words = " ".join(
        f"when per_day_cents >= {int(least)} then '{word}'" for word, least in priorities.items()
    )
    columns = sql.SQL(_COPIED.replace("WORDS", words))
    values |= {
        "limit": limit, "titles": list(titles.values()), "title_kinds": [kind for kind, _ in titles],
        "title_codes": [code for _, code in titles],
    }  # fmt: skip
    statement = sql.SQL("copy ({}) to stdout (format csv, header)").format(query.format(columns))
    with connection.cursor().copy(statement, values) as copy:
        for piece in copy:
            yield bytes(piece)


def sort_value(item: WorkItem, sort: str) -> int:
    """The value of an item in an order, as the database computes it."""
    match sort:
        case "stake":
            return item.stake_cents
        case "due":
            return (item.due_on - datetime.date(2000, 1, 1)).days
        case "age":
            since = item.opened_at - datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
            return since // datetime.timedelta(microseconds=1)
    return item.per_day_cents


def total_items(connection: Connection, wanted: ItemFilter) -> ItemTotals:
    """Number and sum of all items that match."""
    text = "select count(*), coalesce(sum(stake_cents), 0)::bigint from work.items i where {}"
    if _is_counted(wanted):
        wanted = _of_counts(wanted)
        text = (
            "select coalesce(sum(items), 0)::bigint, coalesce(sum(stake_cents), 0)::bigint"
            " from work.open_counts i where {}"
        )
    where, values = _conditions(wanted)
    row = connection.execute(sql.SQL(text).format(where), values).fetchone()
    assert row is not None
    return ItemTotals(*row)


@dataclass(frozen=True)
class ItemCounts:
    """Items that are alike: how many, and their cents.

    `band` is 2 from the higher limit of expected cents a day, 1 from the lower one, 0 below. `due` is 0 for
    overdue, 1 for today, 2 for later.
    """

    kind: str
    category: str
    facility: str | None
    state: str
    assignee_id: int | None
    band: int
    due: int
    items: int
    stake_cents: int
    expected_cents: int


def count_alike(
    connection: Connection, wanted: ItemFilter, *, high_cents: int, normal_cents: int
) -> list[ItemCounts]:
    """The items that match, in one pass: some hundred rows, from which each count of the queue is made."""
    counted = _is_counted(wanted) and {high_cents, normal_cents} <= set(COUNTED_LIMITS)
    where, values = _conditions(_of_counts(wanted) if counted else wanted)
    # Few groups, which the planner takes for many: without memory for these it would sort all items.
    connection.execute("select set_config('work_mem', '32MB', true)")
    cursor = connection.cursor(row_factory=class_row(ItemCounts))
    return cursor.execute(
        sql.SQL(_ALIKE_COUNTED if counted else _ALIKE).format(where),
        {**values, "high": high_cents, "normal": normal_cents},
    ).fetchall()


def count_up_to(connection: Connection, wanted: ItemFilter, most: int) -> int:
    """How many items match, of at most so many that are looked at."""
    where, values = _conditions(wanted)
    row = connection.execute(
        sql.SQL("select count(*) from (select from work.items i where {} limit %(most)s) found").format(
            where
        ),
        {**values, "most": most},
    ).fetchone()
    assert row is not None
    return int(row[0])


def count_closed(connection: Connection, wanted: ItemFilter) -> int:
    """How many items that match were closed today, or went through. Today is that of the local time zone."""
    where, values = _conditions(wanted)
    of_day = "done_at >= %(start)s and done_at < %(end)s"
    row = connection.execute(
        sql.SQL(f"select count(*) from work.items i where {{}} and {of_day}").format(where),  # noqa: S608
        {
            **values, "start": clock.start_of(wanted.today),
            "end": clock.start_of(wanted.today + datetime.timedelta(days=1)),
        },
    ).fetchone()  # fmt: skip
    assert row is not None
    return int(row[0])


def count_days(
    connection: Connection, wanted: ItemFilter, first: datetime.date
) -> list[tuple[datetime.date, int, int]]:
    """For each day from the first to today: how many items were opened, and how many closed.

    Days are those of the local time zone.
    """
    where, values = _conditions(wanted)
    days = [first + datetime.timedelta(days=each) for each in range((wanted.today - first).days + 1)]
    starts = [clock.start_of(day) for day in days]
    end = clock.start_of(wanted.today + datetime.timedelta(days=1))
    rows = connection.execute(
        sql.SQL(_DAYS).format(where=where), {**values, "days": days, "starts": starts, "end": end}
    ).fetchall()
    return [(row[0], row[1], row[2]) for row in rows]


def _is_counted(wanted: ItemFilter) -> bool:
    """Whether a filter chooses rows of `work.open_counts`: open items, by nothing that it has not."""
    is_open = wanted.is_open is True or (bool(wanted.states) and set(wanted.states) <= set(OPEN_STATES))
    beside = (wanted.item_id, wanted.opened_from, wanted.opened_to, wanted.mentions, wanted.claim_key)
    limits = {limit for each in wanted.priorities for limit in each if limit is not None}
    return (
        is_open and wanted.is_open is not False and limits <= set(COUNTED_LIMITS)
        and all(each is None for each in beside)
    )  # fmt: skip


def _of_counts(wanted: ItemFilter) -> ItemFilter:
    """The same filter of `work.open_counts`, in which every item is open."""
    return replace(wanted, is_open=None)


def lock_items(connection: Connection, item_ids: Sequence[int], own: Sequence[str] | None) -> list[WorkItem]:
    """Those of the items that there are, locked until the transaction ends, in order of id."""
    cursor = connection.cursor(row_factory=class_row(WorkItem))
    return cursor.execute(
        f"select {_COLUMNS} from work.items where item_id = any(%(ids)s) "  # noqa: S608 - of this module
        "and (%(own)s::text[] is null or facility = any(%(own)s)) order by item_id for update".encode(),
        {"ids": list(item_ids), "own": None if own is None else list(own)},
    ).fetchall()


def _query(wanted: ItemFilter, sort: str, after: tuple[int, int] | None) -> tuple[sql.SQL, dict[str, Any]]:
    """The query of a list, in which `{}` stands for the columns."""
    where, values = _conditions(wanted)
    column, falls = SORTS[sort]
    order = "desc" if falls else "asc"
    beyond = ""
    if after is not None:
        beyond = f" and ({column}, item_id) {'<' if falls else '>'} (%(after_value)s, %(after_id)s)"
        values = {**values, "after_value": after[0], "after_id": after[1]}
    text = where.as_string(None)
    return (
        sql.SQL(
            f"select {{}} from work.items i where {text}{beyond} "  # noqa: S608
            f"order by {column} {order}, item_id {order} limit %(limit)s"
        ),
        values,
    )


def _conditions(wanted: ItemFilter) -> tuple[sql.SQL, dict[str, Any]]:
    values: dict[str, Any] = {**wanted.__dict__}
    for name in ("own", "kinds", "categories", "facilities", "states"):
        values[name] = None if values[name] is None else list(values[name])
    chosen = [text for holds, text in _known_conditions(wanted) if holds]
    if wanted.opened_from is not None:
        values["opened_from"] = clock.start_of(wanted.opened_from)
    if wanted.opened_to is not None:
        values["opened_to"] = clock.start_of(wanted.opened_to + datetime.timedelta(days=1))
    ranges = []
    for number, (low, high) in enumerate(wanted.priorities):
        parts = ["true"]
        if low is not None:
            parts.append(f"per_day_cents >= %(low{number})s")
        if high is not None:
            parts.append(f"per_day_cents < %(high{number})s")
        values |= {f"low{number}": low, f"high{number}": high}
        ranges.append(f"({' and '.join(parts)})")
    if ranges:
        chosen.append(f"({' or '.join(ranges)})")
    del values["priorities"]
    return sql.SQL(" and ".join(["true", *chosen])), values


def _known_conditions(wanted: ItemFilter) -> list[tuple[bool, str]]:
    """Every condition, and whether it is asked for."""
    return [
        (wanted.own is not None, "facility = any(%(own)s)"),
        (wanted.item_id is not None, "item_id = %(item_id)s"),
        (bool(wanted.kinds), "kind = any(%(kinds)s)"),
        (bool(wanted.categories), "category = any(%(categories)s)"),
        (bool(wanted.facilities), "facility = any(%(facilities)s)"),
        (bool(wanted.states), "state = any(%(states)s)"),
        (wanted.is_open is True, "done_at is null"),
        (wanted.is_open is False, "done_at is not null"),
        (wanted.assignee_id is not None, "assignee_id = %(assignee_id)s"),
        (wanted.is_assigned is False, "assignee_id is null"),
        (wanted.due_before is not None, "due_on <= %(due_before)s"),
        (wanted.opened_from is not None, "opened_at >= %(opened_from)s"),
        (wanted.opened_to is not None, "opened_at < %(opened_to)s"),
        (wanted.snoozed == "hide", "(snoozed_until is null or snoozed_until <= %(today)s)"),
        (wanted.snoozed == "only", "snoozed_until > %(today)s"),
        (
            wanted.mentions is not None,
            "exists (select from work.notes n where n.item_id = i.item_id and n.withdrawn_at is null "
            "and n.mentions @> array[%(mentions)s::bigint])",
        ),
        (wanted.claim_key is not None, "claim_key = %(claim_key)s"),
    ]


_COPIED = r"""
item_id, kind, claim_key, work.plain_text(facility) as facility, work.plain_text(payer_id) as payer_id,
category, work.plain_text(what) as what, work.plain_text((
  select t.title from unnest(%(title_kinds)s::text[], %(title_codes)s::text[], %(titles)s::text[])
    as t(kind, code, title) where t.kind = i.kind and t.code = i.what limit 1)) as title,
round(stake_cents / 100.0, 2) as stake, chance, round(expected_cents / 100.0, 2) as expected,
round(per_day_cents / 100.0, 2) as per_day, case WORDS else 'low' end as priority, due_on,
due_on - %(today)s::date as days_left, state, outcome,
work.plain_text((select name from identity.accounts a where a.account_id = i.assignee_id)) as assignee,
snoozed_until, needs_approval, opened_at, done_at
"""
_ALIKE = """
select kind, category, facility, state, assignee_id,
  (per_day_cents >= %(normal)s)::int + (per_day_cents >= %(high)s)::int as band,
  (due_on >= %(today)s)::int + (due_on > %(today)s)::int as due,
  count(*) as items, sum(stake_cents)::bigint as stake_cents, sum(expected_cents)::bigint as expected_cents
from work.items i where {} group by 1, 2, 3, 4, 5, 6, 7
"""
_ALIKE_COUNTED = """
select kind, category, facility, state, assignee_id,
  (per_day_cents >= %(normal)s)::int + (per_day_cents >= %(high)s)::int as band,
  (due_on >= %(today)s)::int + (due_on > %(today)s)::int as due,
  sum(items)::bigint as items, sum(stake_cents)::bigint as stake_cents,
  sum(expected_cents)::bigint as expected_cents
from work.open_counts i where {} group by 1, 2, 3, 4, 5, 6, 7 having sum(items) > 0
"""
_DAYS = """
with opened as (
  select width_bucket(opened_at, %(starts)s::timestamptz[]) as number, count(*) as items
  from work.items i where {where} and opened_at >= (%(starts)s::timestamptz[])[1] and opened_at < %(end)s
  group by 1
), closed as (
  select width_bucket(done_at, %(starts)s::timestamptz[]) as number, count(*) as items
  from work.items i where {where} and done_at >= (%(starts)s::timestamptz[])[1] and done_at < %(end)s
  group by 1
)
select d.day, coalesce(o.items, 0), coalesce(c.items, 0)
from unnest(%(days)s::date[]) with ordinality as d(day, number)
  left join opened o using (number) left join closed c using (number) order by d.day
"""


def is_assigned(connection: Connection, claim_key: int, account_id: int) -> bool:
    """Whether open work on a claim is assigned to an account."""
    row = connection.execute(
        "select 1 from work.items where claim_key = %s and assignee_id = %s and state <> 'closed' limit 1",
        [claim_key, account_id],
    ).fetchone()
    return row is not None
