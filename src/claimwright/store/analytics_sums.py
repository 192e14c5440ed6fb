"""Sums of facts for figures: from the stored sums, or from the facts as they were known at a time."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl
from psycopg import sql

from claimwright.platform.database import Connection, copy_out

_MEASURES = ("items", "cents", "net_cents", "lines", "quantity")
# More sums than anybody reads, and few enough for the memory of a small machine.
MOST_SUMS = 500_000
_BEGINNING = datetime.date(1900, 1, 1)
OF_CLAIM = ("payer", "plan", "form", "provider", "specialty", "procedure_group", "diagnosis_group")
OF_FACT = ("category", "cause", "department", "staff")


@dataclass(frozen=True)
class Window:
    """Days over which facts are summed, both included; `begins` is None for all days before."""

    number: int
    begins: datetime.date | None
    ends: datetime.date


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


def rollup_sums(connection: Connection, wanted: Wanted) -> pl.DataFrame:
    """Sums of at most one dimension beside facility and age, by months and the days at the ends."""
    parts = [part for window in wanted.windows for part in _parts(window)]
    dimensions = [
        name
        for name in (*wanted.group_by, *(name for name, _ in wanted.where))
        if name not in {"facility", "age"}
    ]
    (dimension,) = set(dimensions) or {"all"}
    columns = [
        sql.SQL("r.facility") if name == "facility" else sql.SQL("r.value")
        for name in wanted.group_by
        if name != "age"
    ]
    keys = sql.SQL(", ").join([sql.SQL("w.number"), *columns, sql.SQL("r.fact"), sql.SQL("r.bucket")])
    limits = [
        sql.SQL("{} = {}").format(
            sql.SQL("r.facility" if name == "facility" else "r.value"), sql.Literal(value)
        )
        for name, value in wanted.where
        if name != "age"
    ]
    query = sql.SQL(
        "select {keys}, {sums} "
        "from unnest({numbers}::bigint[], {grains}::text[], {begins}::date[], {ends}::date[]) "
        "as w(number, grain, begins, ends) join analytics.rollups r on r.dimension = {dimension} "
        "and r.fact = any({facts}) and r.grain = w.grain and r.on_day between w.begins and w.ends "
        "where ({own}::text[] is null or r.facility = any({own})) {limits} group by {keys} limit {most}"
    ).format(
        keys=keys,
        sums=_sums("r"),
        most=sql.Literal(MOST_SUMS),
        numbers=sql.Literal([each[0] for each in parts]),
        grains=sql.Literal([each[1] for each in parts]),
        begins=sql.Literal([each[2] for each in parts]),
        ends=sql.Literal([each[3] for each in parts]),
        dimension=sql.Literal(dimension),
        facts=sql.Literal(list(wanted.facts)),
        own=_own(wanted.facilities),
        limits=sql.SQL("").join(sql.SQL(" and ") + each for each in limits),
    )
    return copy_out(connection, query, _schema(wanted))


def fact_sums(
    connection: Connection, wanted: Wanted, *, known_at: datetime.datetime | None, ages: Sequence[int]
) -> pl.DataFrame:
    """Sums of the facts themselves, by any dimensions, as they were known at a time; None for now.

    `ages` are the last days of the ages of a balance.
    """
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
        conditions=_conditions(wanted, known_at),
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
        conditions=_conditions(wanted, known_at),
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


def distinct_values(connection: Connection, dimension: str, facilities: Sequence[str] | None) -> list[str]:
    """The values that a dimension has; of facilities, all that have facts."""
    column = "facility" if dimension == "facility" else "value"
    rows = connection.execute(
        sql.SQL(
            "select distinct {column} from analytics.rollups where dimension = %(dimension)s "
            "and grain = 'month' and (%(own)s::text[] is null or facility = any(%(own)s)) order by 1"
        ).format(column=sql.Identifier(column)),
        {
            "dimension": "all" if dimension == "facility" else dimension,
            "own": None if facilities is None else list(facilities),
        },
    ).fetchall()
    return [row[0] for row in rows]


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


def _parts(window: Window) -> list[tuple[int, str, datetime.date, datetime.date]]:
    """A window as whole months and the days before and after them."""
    begins = window.begins or _BEGINNING
    first = begins if begins.day == 1 else _next_month(begins)
    last = (window.ends + datetime.timedelta(days=1)).replace(day=1)  # of the first month that is not whole
    if last <= first:
        return [(window.number, "day", begins, window.ends)]
    parts = [(window.number, "month", first, last - datetime.timedelta(days=1))]
    if begins < first:
        parts.append((window.number, "day", begins, first - datetime.timedelta(days=1)))
    if last <= window.ends:
        parts.append((window.number, "day", last, window.ends))
    return parts


def day_parts(window: Window) -> list[Window]:
    """The days of a window before and after its whole months."""
    return [Window(number, begins, ends) for number, grain, begins, ends in _parts(window) if grain == "day"]


def _next_month(day: datetime.date) -> datetime.date:
    return (day.replace(day=1) + datetime.timedelta(days=32)).replace(day=1)


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


def _conditions(wanted: Wanted, known_at: datetime.datetime | None) -> sql.Composable:
    own = _own(wanted.facilities)
    conditions = [
        sql.SQL("({}::text[] is null or coalesce(f.facility, 'unknown') = any({}))").format(own, own),
        sql.SQL("({}::timestamptz is null or f.known_at <= {})").format(
            sql.Literal(known_at), sql.Literal(known_at)
        ),
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
    connection: Connection, wanted: Wanted, *, known_at: datetime.datetime | None, from_facts: bool
) -> pl.DataFrame:
    """How many items each fact has on each day of the windows, by the dimensions: also `on_day`."""
    names = [name for name in wanted.group_by if name != "age"]
    windows = sql.SQL("unnest({}::bigint[], {}::date[], {}::date[]) as w(number, begins, ends)").format(
        sql.Literal([each.number for each in wanted.windows]),
        sql.Literal([each.begins or _BEGINNING for each in wanted.windows]),
        sql.Literal([each.ends for each in wanted.windows]),
    )
    if from_facts:
        columns = [_column(name) for name in names]
        day, source = sql.SQL("f.valid_on"), sql.SQL("analytics.facts f")
        conditions = sql.SQL("f.fact = any({}) and f.valid_on between w.begins and w.ends and {}").format(
            sql.Literal(list(wanted.facts)), _conditions(wanted, known_at)
        )
        items, fact, claims = sql.SQL("sum(f.items)::bigint"), sql.SQL("f.fact"), _claims(wanted)
    else:
        columns = [sql.SQL("f.facility") if name == "facility" else sql.SQL("f.value") for name in names]
        day, source, claims = sql.SQL("f.on_day"), sql.SQL("analytics.rollups f"), sql.SQL("")
        dimensions = {*names, *(name for name, _ in wanted.where)} - {"facility"}
        (dimension,) = dimensions or {"all"}
        limits = [
            sql.SQL(" and {} = {}").format(
                sql.SQL("f.facility" if name == "facility" else "f.value"), sql.Literal(value)
            )
            for name, value in wanted.where
        ]
        conditions = sql.SQL(
            "f.dimension = {} and f.fact = any({}) and f.grain = 'day' "
            "and f.on_day between w.begins and w.ends "
            "and ({}::text[] is null or f.facility = any({})){}"
        ).format(
            sql.Literal(dimension),
            sql.Literal(list(wanted.facts)),
            _own(wanted.facilities),
            _own(wanted.facilities),
            sql.SQL("").join(limits),
        )
        items, fact = sql.SQL("sum(f.items)::bigint"), sql.SQL("f.fact")
    keys = sql.SQL(", ").join([sql.SQL("w.number"), *columns, fact, day])
    query = sql.SQL(
        "select {keys}, {items} from {windows} cross join {source} {claims} where {conditions} "
        "group by {keys}"
    )
    schema = {
        "window": pl.Int64(),
        **{name: pl.String() for name in names},
        "fact": pl.String(),
        "on_day": pl.Date(),
        "items": pl.Int64(),
    }
    return copy_out(
        connection,
        query.format(
            keys=keys, items=items, windows=windows, source=source, claims=claims, conditions=conditions
        ),
        schema,
    )
