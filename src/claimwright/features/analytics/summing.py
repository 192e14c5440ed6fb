"""Sums are added to what is packed, and read from it.

What changes is kept beside the packs, in one pack a dimension, until it is large: so a claim that changes
rewrites some kilobytes, and a file of claims rewrites every pack that it touches once.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from claimwright.engines.kpis.packing import (
    FACT_NAMES,
    PLACES,
    by_pack,
    keys_of,
    merged,
    pack_recent,
    read_recent,
    summed,
)
from claimwright.engines.kpis.rollup import DIMENSIONS, OF_FACT, UNKNOWN, rolled_up
from claimwright.platform.database import Connection
from claimwright.store import analytics_packed as stored

# So many sums of a dimension are read beside its packs: about a millisecond.
MOST_RECENT = 10_000
# So many are kept in memory while all facts are made anew: some hundred megabytes.
_MOST_KEPT = 2_000_000


class Summing:
    """Adds what changed in the facts to the sums: `add` as often as there are facts, then `close`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._kept: dict[str, list[pl.DataFrame]] = {dimension: [] for dimension in DIMENSIONS}
        self._rows = 0

    def add(self, facts: pl.DataFrame) -> None:
        """Add facts, which have the columns of all dimensions."""
        if not facts.height:
            return
        for dimension, days in rolled_up(self._numbered(facts), PLACES).items():
            if days.height:
                self._kept[dimension].append(days)
                self._rows += days.height
        if self._rows > _MOST_KEPT:
            self._flush()

    def close(self) -> None:
        """Store everything that was added."""
        if self._rows:
            self._flush()

    def _flush(self) -> None:
        recent = stored.recent_packs(self._connection)
        known = stored.numbers_of(self._connection, {stored.FACT: FACT_NAMES})[stored.FACT]
        numbers = [known[name] for name in FACT_NAMES]
        lately: dict[str, bytes | None] = {}
        for dimension, parts in self._kept.items():
            if not parts:
                continue
            if dimension in recent:
                parts.append(read_recent(recent[dimension], numbers))
            days = summed(pl.concat(parts))
            parts.clear()
            if days.height > MOST_RECENT:
                self._pack(dimension, days)
                lately[dimension] = None
            else:
                lately[dimension] = pack_recent(days, numbers) if days.height else None
        stored.write_recent(self._connection, lately)
        self._rows = 0

    def _pack(self, dimension: str, days: pl.DataFrame) -> None:
        sums = by_pack(days)
        keys = keys_of(sums["pack"].unique().to_list())
        old = {
            (each.fact, each.grain, each.begins): each.content
            for each in stored.read_packs(self._connection, dimension, keys)
        }
        packs = [(each.fact, each.grain, each.begins, each.content) for each in merged(sums, old)]
        stored.write_packs(self._connection, dimension, packs)

    def _numbered(self, facts: pl.DataFrame) -> pl.DataFrame:
        """The facts with the numbers of their names in place of facility and the values of dimensions."""
        columns = (stored.FACILITY, *DIMENSIONS[1:])
        known = facts.with_columns(pl.col(name).fill_null(UNKNOWN) for name in columns if name not in OF_FACT)
        values = {name: known[name].drop_nulls().unique().to_list() for name in columns}
        numbers = stored.numbers_of(self._connection, values)
        return known.with_columns(_coded(name, numbers[name]) for name in columns)


def _coded(name: str, numbers: Mapping[str, int]) -> pl.Expr:
    if not numbers:
        return pl.lit(None, pl.Int32).alias(name)
    return pl.col(name).replace_strict(numbers, default=None, return_dtype=pl.Int32)
