"""Sums for figures from the facts themselves: by two dimensions, and as they were known at a time.

What became known after a time about days before it is little, and an index has what did so more than
`LATE_DAYS` after its day (migration 0371): so sums of today are turned into those of an earlier time.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl
from psycopg import sql

from claimwright.engines.kpis.windows import Window
from claimwright.platform.database import Connection, copy_out

_MEASURES = ("items", "cents", "net_cents", "lines", "quantity")
# More sums than anybody reads, and few enough for the memory of a small machine.
MOST_SUMS = 500_000
_BEGINNING = datetime.date(1900, 1, 1)
# As the index facts_late has it; two days more are read by day, since days of instants differ by time zone.
LATE_DAYS = 35
_NEAR_DAYS = LATE_DAYS + 2
# For sums by many groups; without it, they are sorted on disk.
_GROUPING = "set local work_mem = '64MB'"
OF_CLAIM = ("payer", "plan", "form", "provider", "specialty", "procedure_group", "diagnosis_group")
OF_FACT = ("category", "cause", "department", "staff", "level")


@dataclass(frozen=True)
class Wanted:
    """What is summed: facts, over windows, of facilities (None for all), by dimensions."""

    facts: Sequence[str]
    windows: Sequence[Window]
    facilities: Sequence[str] | None
    group_by: Sequence[str]
    # Only of this value of a dimension, such as one payer.
    where: tuple[tuple[str, str], ...] = ()


def _schema(wanted: Wanted) -> dict[str, pl.DataType]:
    return {
        "window": pl.Int64(), **{name: pl.String() for name in wanted.group_by if name != "age"},
        "fact": pl.String(), "bucket": pl.Int64(), **{name: pl.Int64() for name in _MEASURES},
    }  # fmt: skip


def fact_sums(
    connection: Connection, wanted: Wanted, *, known_at: datetime.datetime | None, ages: Sequence[int]
) -> pl.DataFrame:
    """Sums of the facts themselves, by any dimensions, as they were known at a time; None for now.

    `ages` are the last days of the ages of a balance.
    """
    return _fact_sums(connection, wanted, ages, _known(known_at))


def late_sums(
    connection: Connection, wanted: Wanted, *, known_at: datetime.datetime, ages: Sequence[int]
) -> pl.DataFrame:
    """The same of what became known after a time only."""
    return pl.concat(_fact_sums(connection, wanted, ages, late) for late in _late(known_at))


def _fact_sums(
    connection: Connection, wanted: Wanted, ages: Sequence[int], known: sql.Composable
) -> pl.DataFrame:
    connection.execute(_GROUPING)
    keys = sql.SQL(", ").join(
        [
            sql.SQL("w.number"),
            *(_column(name) for name in wanted.group_by if name != "age"),
            sql.SQL("f.fact"),
            sql.SQL("bucket"),
        ]
    )
    query = sql.SQL(
        "select {keys}, {sums} from unnest({numbers}::bigint[], {begins}::date[], {ends}::date[]) "
        "as w(number, begins, ends) join analytics.facts f on f.fact = any({facts}) "
        "and f.valid_on between w.begins and w.ends {claims} cross join "
        "lateral (select {bucket} as bucket) b "
        "where {conditions} group by {keys} limit {most}"
    ).format(
        most=sql.Literal(MOST_SUMS),
        keys=keys, sums=_sums("f"), claims=_claims(wanted), bucket=_bucket(ages),
        numbers=sql.Literal([each.number for each in wanted.windows]),
        begins=sql.Literal([each.begins or _BEGINNING for each in wanted.windows]),
        ends=sql.Literal([each.ends for each in wanted.windows]), facts=sql.Literal(list(wanted.facts)),
        conditions=_conditions(wanted, known),
    )  # fmt: skip
    return copy_out(connection, query, _schema(wanted))


@dataclass(frozen=True)
class Part:
    """A part of a figure's sum: a measure of facts, of balances optionally in some ages, with its sign."""

    sign: int
    measure: str
    facts: Sequence[str]
    buckets: Sequence[int] = ()


def claims_behind(
    connection: Connection,
    wanted: Wanted,
    parts: Sequence[Part],
    *,
    known_at: datetime.datetime | None,
    ages: Sequence[int],
    after: int = 0,
    limit: int = 100,
) -> pl.DataFrame:
    """The accounts, or work items, behind a sum, by key: `amount` adds up to it, `items` to how many there
    are.

    In order of the key, after a key; those that come to nothing are left out.
    """
    (window,) = wanted.windows
    of_age = [("age", value) for name, value in wanted.where if name == "age"]
    assert not of_age, "ages are buckets of the parts"
    amount = sql.SQL(" + ").join(
        sql.SQL("sum(case when {} then {} * f.{} else 0 end)").format(
            _is_of(part), sql.Literal(part.sign), sql.Identifier(part.measure)
        )
        for part in parts
    )
    own = sql.SQL(" or ").join(map(_is_of, parts))
    query = sql.SQL(
        "select key, claim_key, item_id, facility, valid_on, amount, items from ("
        "select coalesce(f.account_key, f.item_id) as key, max(f.claim_key) as claim_key, "
        "max(f.item_id) as item_id, "
        "max(f.facility) as facility, max(f.valid_on) as valid_on, ({amount})::bigint as amount, "
        "sum(f.items)::bigint as items "
        "from (select {begins}::date as begins, {ends}::date as ends) w "
        "cross join analytics.facts f {claims}, "
        "lateral (select {bucket} as bucket) b "
        "where f.fact = any({facts}) and f.valid_on between w.begins and w.ends and {conditions} and ({own}) "
        "and coalesce(f.account_key, f.item_id) > {after} group by 1) behind "
        "where amount <> 0 or items <> 0 order by key limit {limit}"
    ).format(
        amount=amount,
        claims=_claims(wanted),
        bucket=_bucket(ages),
        own=own,
        begins=sql.Literal(window.begins or _BEGINNING),
        ends=sql.Literal(window.ends),
        facts=sql.Literal(list(wanted.facts)),
        conditions=_conditions(wanted, _known(known_at)),
        after=sql.Literal(after),
        limit=sql.Literal(limit),
    )
    schema = {
        "key": pl.Int64(),
        "claim_key": pl.Int64(),
        "item_id": pl.Int64(),
        "facility": pl.String(),
        "valid_on": pl.Date(),
        "amount": pl.Int64(),
        "items": pl.Int64(),
    }
    return copy_out(connection, query, schema)


def _is_of(part: Part) -> sql.Composed:
    return sql.SQL(
        "(f.fact = any({facts}) and ({buckets}::integer[] = '{{}}' or b.bucket = any({buckets})))"
    ).format(facts=sql.Literal(list(part.facts)), buckets=sql.Literal(list(part.buckets)))


def _bucket(ages: Sequence[int]) -> sql.Composed:
    return sql.SQL(
        "case when f.anchor_on is not null then {} else least(coalesce(f.wait_days, -1), 32000) end"
    ).format(_age(ages))


def known_facilities(connection: Connection) -> set[str]:
    """The facilities of the tenant: all that ever sent a file."""
    return {row[0] for row in connection.execute("select distinct facility from staging.files").fetchall()}


def costs_by_month(connection: Connection) -> dict[datetime.date, int]:
    """What collecting cost, in cents, by month: the last that was entered."""
    rows = connection.execute(
        "select distinct on (month) month, cents from analytics.costs order by month, entry_id desc"
    ).fetchall()
    return dict(rows)


def enter_cost(connection: Connection, month: datetime.date, cents: int) -> None:
    """Enter the cost of a month."""
    connection.execute("insert into analytics.costs (month, cents) values (%s, %s)", [month, cents])


def _sums(table: str) -> sql.Composed:
    return sql.SQL(", ").join(
        sql.SQL("sum({}.{})::bigint").format(sql.Identifier(table), sql.Identifier(name))
        for name in _MEASURES
    )


def _column(name: str) -> sql.Composable:
    if name in OF_CLAIM:
        return sql.SQL("coalesce(c.{}, 'unknown')").format(sql.Identifier(name))
    return sql.SQL("coalesce(f.{}, 'unknown')").format(sql.Identifier(name))


def _claims(wanted: Wanted) -> sql.Composable:
    names = {*wanted.group_by, *(name for name, _ in wanted.where)}
    if not names & set(OF_CLAIM):
        return sql.SQL("")
    return sql.SQL("left join analytics.claims c on c.claim_key = f.claim_key")


def _age(ages: Sequence[int]) -> sql.Composable:
    """Which of the ages a balance has at the end of the window."""
    return sql.SQL(" + ").join(
        sql.SQL("(w.ends - f.anchor_on > {})::integer").format(sql.Literal(end)) for end in ages
    )


def _known(known_at: datetime.datetime | None) -> sql.Composable:
    """What was known at a time; None for now."""
    return sql.SQL("true") if known_at is None else sql.SQL("f.known_at <= {}").format(sql.Literal(known_at))


def _late(known_at: datetime.datetime) -> list[sql.Composable]:
    """What became known after a time: of the days before it, by day; of earlier ones, by `facts_late`."""
    near = sql.Literal(known_at.date() - datetime.timedelta(days=_NEAR_DAYS))
    after = sql.SQL("f.known_at > {}").format(sql.Literal(known_at))
    lag = sql.SQL("(f.known_at at time zone 'UTC')::date - f.valid_on > {}").format(sql.Literal(LATE_DAYS))
    return [
        sql.SQL("{} and f.valid_on >= {}").format(after, near),
        sql.SQL("{} and f.valid_on < {} and {}").format(after, near, lag),
    ]


def _conditions(wanted: Wanted, known: sql.Composable) -> sql.Composable:
    own = _own(wanted.facilities)
    conditions = [
        sql.SQL("({}::text[] is null or coalesce(f.facility, 'unknown') = any({}))").format(own, own),
        known,
    ]
    # A fact that has no category is of none; only facts that have one are grouped by it.
    conditions += [
        sql.SQL("f.{} is not null").format(sql.Identifier(name))
        for name in sorted(set(wanted.group_by) & set(OF_FACT))
    ]
    for name, value in wanted.where:
        if name != "age":
            conditions.append(sql.SQL("{} = {}").format(_column(name), sql.Literal(value)))
    return sql.SQL(" and ").join(conditions)


def _own(facilities: Sequence[str] | None) -> sql.Literal:
    return sql.Literal(None if facilities is None else list(facilities))


def items_by_day(
    connection: Connection, wanted: Wanted, *, known_at: datetime.datetime | None
) -> pl.DataFrame:
    """How many items each fact has on each day of the windows, by the dimensions: also `on_day`."""
    return _items_by_day(connection, wanted, _known(known_at))


def late_items_by_day(connection: Connection, wanted: Wanted, *, known_at: datetime.datetime) -> pl.DataFrame:
    """The same of what became known after a time only."""
    return pl.concat(_items_by_day(connection, wanted, late) for late in _late(known_at))


def _items_by_day(connection: Connection, wanted: Wanted, known: sql.Composable) -> pl.DataFrame:
    names = [name for name in wanted.group_by if name != "age"]
    keys = sql.SQL(", ").join(
        [sql.SQL("w.number"), *map(_column, names), sql.SQL("f.fact"), sql.SQL("f.valid_on")]
    )
    query = sql.SQL(
        "select {keys}, sum(f.items)::bigint "
        "from unnest({numbers}::bigint[], {begins}::date[], {ends}::date[]) as w(number, begins, ends) "
        "join analytics.facts f on f.fact = any({facts}) and f.valid_on between w.begins and w.ends {claims} "
        "where {conditions} group by {keys}"
    ).format(
        keys=keys,
        numbers=sql.Literal([each.number for each in wanted.windows]),
        begins=sql.Literal([each.begins or _BEGINNING for each in wanted.windows]),
        ends=sql.Literal([each.ends for each in wanted.windows]),
        facts=sql.Literal(list(wanted.facts)),
        claims=_claims(wanted),
        conditions=_conditions(wanted, known),
    )
    schema = {
        "window": pl.Int64(), **{name: pl.String() for name in names}, "fact": pl.String(),
        "on_day": pl.Date(), "items": pl.Int64(),
    }  # fmt: skip
    return copy_out(connection, query, schema)
