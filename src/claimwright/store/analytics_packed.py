"""Packed sums of figures and the names that their numbers stand for, as they are stored."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from claimwright.platform.database import Connection, insert_frame

FACILITY, FACT = "facility", "fact"


@dataclass(frozen=True)
class StoredPack:
    """A pack as it is stored; `grain` is `recent` for what changed lately, which has all facts."""

    fact: str
    grain: str
    begins: datetime.date
    content: bytes


def numbers_of(connection: Connection, names: Mapping[str, Iterable[str]]) -> dict[str, dict[str, int]]:
    """The numbers of names, by dimension; new names get the next ones.

    To be called while figures are brought up to date one after another: numbers are counted.
    """
    found = {dimension: _numbers(connection, dimension) for dimension in names}
    new = [
        (dimension, name)
        for dimension, each in names.items()
        for name in sorted(set(each) - found[dimension].keys())
    ]
    if new:
        row = connection.execute("select coalesce(max(code), 0) from analytics.names").fetchone()
        assert row is not None
        codes = range(row[0] + 1, row[0] + 1 + len(new))
        rows = pl.DataFrame(
            {"dimension": [each[0] for each in new], "name": [each[1] for each in new], "code": codes},
            schema_overrides={"code": pl.Int32()},
        )
        insert_frame(connection, "analytics.names", rows)
        for (dimension, name), code in zip(new, codes, strict=True):
            found[dimension][name] = code
    return found


def _numbers(connection: Connection, dimension: str) -> dict[str, int]:
    query = "select name, code from analytics.names where dimension = %s"
    return dict(connection.execute(query, [dimension]).fetchall())


def names_of(connection: Connection, dimensions: Sequence[str]) -> dict[str, dict[int, str]]:
    """The names of dimensions by their numbers."""
    rows = connection.execute(
        "select dimension, code, name from analytics.names where dimension = any(%s)", [list(dimensions)]
    ).fetchall()
    found: dict[str, dict[int, str]] = {dimension: {} for dimension in dimensions}
    for dimension, code, name in rows:
        found[dimension][code] = name
    return found


def read_stretches(
    connection: Connection,
    dimension: str,
    facts: Sequence[str],
    *,
    months: Sequence[datetime.date],
    years: tuple[datetime.date, datetime.date] | None,
    waits: Sequence[str] = (),
) -> list[StoredPack]:
    """The packs of facts: by day of these months, by month from the first to the last of these years; waits
    by the day on which they began, of these months; and what changed lately.

    One statement: what is moved from one to the other meanwhile is in one of them.
    """
    begins, ends = years or (datetime.date.max, datetime.date.min)
    rows = connection.execute(
        "select fact, grain, begins, content from analytics.packed_sums "
        "where dimension = %(dimension)s and ("
        "grain = 'sent' and fact = any(%(waits)s) and begins = any(%(months)s) "
        "or fact = any(%(facts)s) and (grain = 'day' and begins = any(%(months)s) "
        "or grain = 'month' and begins between %(begins)s and %(ends)s)) "
        "union all select '', 'recent', date 'epoch', content from analytics.recent_sums "
        "where dimension = %(dimension)s",
        {
            "dimension": dimension, "facts": list(facts), "months": list(months), "waits": list(waits),
            "begins": begins, "ends": ends,
        },
        binary=True,
    ).fetchall()  # fmt: skip
    return [StoredPack(*row) for row in rows]


def recent_packs(connection: Connection) -> dict[str, bytes]:
    """What changed lately, by dimension."""
    return dict(
        connection.execute("select dimension, content from analytics.recent_sums", binary=True).fetchall()
    )


def write_recent(connection: Connection, contents: Mapping[str, bytes | None]) -> None:
    """Store what changed lately, of these dimensions; None for nothing."""
    gone = [dimension for dimension, content in contents.items() if content is None]
    there = [(dimension, content) for dimension, content in contents.items() if content is not None]
    if gone:
        connection.execute("delete from analytics.recent_sums where dimension = any(%s)", [gone])
    if there:
        connection.execute(
            "insert into analytics.recent_sums (dimension, content) "
            "select * from unnest(%s::text[], %s::bytea[]) "
            "on conflict (tenant, dimension) do update set content = excluded.content",
            [[each[0] for each in there], [each[1] for each in there]],
        )


def read_packs(
    connection: Connection, dimension: str, keys: Sequence[tuple[str, str, datetime.date]]
) -> list[StoredPack]:
    """The packs of a dimension with these keys: fact, grain and first day."""
    rows = connection.execute(
        "select p.fact, p.grain, p.begins, p.content from analytics.packed_sums p "
        "join unnest(%s::text[], %s::text[], %s::date[]) w(fact, grain, begins) using (fact, grain, begins) "
        "where p.dimension = %s",
        [[key[0] for key in keys], [key[1] for key in keys], [key[2] for key in keys], dimension],
        binary=True,
    ).fetchall()
    return [StoredPack(*row) for row in rows]


def write_packs(
    connection: Connection, dimension: str, packs: Iterable[tuple[str, str, datetime.date, bytes | None]]
) -> None:
    """Replace packs of a dimension by others; those without content go."""
    made = list(packs)
    if not made:
        return
    connection.execute(
        "delete from analytics.packed_sums p "
        "using unnest(%s::text[], %s::text[], %s::date[]) w(fact, grain, begins) "
        "where p.dimension = %s and p.fact = w.fact and p.grain = w.grain and p.begins = w.begins",
        [[each[0] for each in made], [each[1] for each in made], [each[2] for each in made], dimension],
    )
    kept = [each for each in made if each[3] is not None]
    insert_frame(
        connection,
        "analytics.packed_sums",
        pl.DataFrame(
            {
                "dimension": [dimension] * len(kept),
                "fact": [each[0] for each in kept],
                "grain": [each[1] for each in kept],
                "begins": [each[2] for each in kept],
                "content": [each[3] for each in kept],
            },
            schema={
                "dimension": pl.String(), "fact": pl.String(), "grain": pl.String(), "begins": pl.Date(),
                "content": pl.Binary(),
            },
        ),
    )  # fmt: skip


def forget_packs(connection: Connection) -> None:
    """Delete all sums of the tenant. Names keep their numbers."""
    connection.execute("delete from analytics.packed_sums")
    connection.execute("delete from analytics.recent_sums")
