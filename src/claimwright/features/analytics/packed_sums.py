"""Sums of at most one dimension beside facility and age, read from packs."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Sequence

import numpy as np

from claimwright.engines.kpis.grouped_sums import GroupedSums
from claimwright.engines.kpis.known import MEASURES
from claimwright.engines.kpis.packing import FACT_NAMES, PLACES, Columns, pack_columns, recent_columns
from claimwright.engines.kpis.rollup import WAITS
from claimwright.engines.kpis.windows import months_of, stretches_of, summed_by, windowed
from claimwright.platform.database import Connection
from claimwright.store import analytics_packed as stored
from claimwright.store.analytics_packed import StoredPack
from claimwright.store.analytics_sums import Wanted

_NO_BREAKDOWN = {"facility", "age"}


class PackedSums:
    """Reads sums in one transaction; the names of each dimension once."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._known: dict[str, dict[int, str]] = {}

    def sums(self, wanted: Wanted, measures: Collection[str] = MEASURES) -> GroupedSums:
        """Sums by `window`, the wanted groups, `fact` and `bucket`; of other measures, nothing."""
        dimension = _dimension_of(wanted)
        self._learn(dimension)
        stretches = stretches_of(wanted.windows)
        packs = stored.read_stretches(
            self._connection, dimension, wanted.facts, months=stretches.months, years=stretches.years
        )
        kept = [name for name in MEASURES if name in measures]
        names = ["on_day", "facility", "value", "bucket", *kept]
        parts = [
            windowed(self._limited(days, wanted, dimension), windows)
            for days, windows in (
                (_of_grain(packs, "day", names), stretches.by_day),
                (_of_grain(packs, "month", names), stretches.by_month),
                (self._recent(packs, wanted.facts, names), wanted.windows),
            )
            if len(days["fact"]) and windows
        ]
        found = _summed(parts, ["window", *_columns(wanted), "fact", "bucket"], kept)
        return self._named(found, wanted, dimension)

    def items_by_day(self, wanted: Wanted) -> GroupedSums:
        """How many items each fact has on each day of the windows: also `on_day`, since 1970."""
        dimension = _dimension_of(wanted)
        self._learn(dimension)
        waits = [name for name in wanted.facts if name in WAITS]
        others = [name for name in wanted.facts if name not in WAITS]
        packs = stored.read_stretches(
            self._connection, dimension, others, months=months_of(wanted.windows), years=None, waits=waits
        )
        names = ["on_day", "facility", "value", "items"]
        parts = []
        for days in (
            _of_grain(packs, "day", names), _of_grain(packs, "sent", names),
            self._recent(packs, wanted.facts, names),
        ):  # fmt: skip
            if len(days["fact"]):
                limited = self._limited(days, wanted, dimension)
                parts.append(windowed({**limited, "day": limited["on_day"]}, wanted.windows))
        found = _summed(parts, ["window", *_columns(wanted), "fact", "day"], ["items"])
        return self._named({**found, "on_day": found["day"]}, wanted, dimension)

    def values(self, dimension: str, facilities: Sequence[str] | None) -> list[str]:
        """The values that a dimension has; of facilities, all that have facts."""
        of = "all" if dimension == "facility" else dimension
        self._learn(of)
        packs = stored.read_stretches(
            self._connection, of, FACT_NAMES, months=[], years=(datetime.date.min, datetime.date.max)
        )
        column = "facility" if dimension == "facility" else "value"
        wanted = Wanted(FACT_NAMES, (), facilities, ())
        codes: set[int] = set()
        for days in (
            _of_grain(packs, "month", ["facility", "value"]),
            self._recent(packs, FACT_NAMES, ["facility", "value"]),
        ):
            codes.update(np.unique(self._limited(days, wanted, of)[column]).tolist())
        return sorted(self._known[dimension][code] for code in codes)

    def _learn(self, dimension: str) -> None:
        missing = {dimension, stored.FACILITY, stored.FACT} - set(self._known)
        if missing:
            self._known |= stored.names_of(self._connection, sorted(missing))

    def _recent(self, packs: Iterable[StoredPack], facts: Sequence[str], names: Sequence[str]) -> Columns:
        known = {name: code for code, name in self._known[stored.FACT].items()}
        numbers = [known.get(name, 0) for name in FACT_NAMES]
        for each in packs:
            if each.grain == "recent":
                found = recent_columns(each.content, numbers, names)
                own = np.isin(found["fact"], [PLACES[name] for name in facts])
                return {name: column[own] for name, column in found.items()}
        return pack_columns((), names)

    def _limited(self, days: Columns, wanted: Wanted, dimension: str) -> Columns:
        """Only what is of the asker's facilities, and of the values that are asked for."""
        limits: list[tuple[str, str, Collection[str]]] = []
        if wanted.facilities is not None:
            limits.append(("facility", stored.FACILITY, set(wanted.facilities)))
        for name, value in wanted.where:
            if name == "facility":
                limits.append(("facility", stored.FACILITY, {value}))
            elif name != "age":
                limits.append(("value", dimension, {value}))
        for column, of, values in limits:
            codes = [code for code, name in self._known[of].items() if name in values]
            own = np.isin(days[column], codes)
            days = {name: numbers[own] for name, numbers in days.items()}
        return days

    def _named(self, found: Columns, wanted: Wanted, dimension: str) -> GroupedSums:
        """The sums with the names of their groups in place of `facility` and `value`."""
        columns = {name: column for name, column in found.items() if name not in {"facility", "value"}}
        names = {}
        for name, column in zip(_groups_of(wanted), _columns(wanted), strict=True):
            columns[name] = found[column]
            names[name] = self._known[stored.FACILITY if column == "facility" else dimension]
        return GroupedSums(columns, names)


def _dimension_of(wanted: Wanted) -> str:
    """The one dimension of what is wanted; `all` for none."""
    names = {*wanted.group_by, *(name for name, _ in wanted.where)} - _NO_BREAKDOWN
    (dimension,) = names or {"all"}
    return dimension


def _groups_of(wanted: Wanted) -> list[str]:
    return [name for name in wanted.group_by if name != "age"]


def _columns(wanted: Wanted) -> list[str]:
    """The columns of sums that the groups are: facility, and the value of the other dimension."""
    return ["facility" if name == "facility" else "value" for name in _groups_of(wanted)]


def _of_grain(packs: Iterable[StoredPack], grain: str, names: Sequence[str]) -> Columns:
    return pack_columns(((PLACES[each.fact], each.content) for each in packs if each.grain == grain), names)


def _summed(parts: Sequence[Columns], keys: Sequence[str], measures: Sequence[str]) -> Columns:
    columns = [*keys, *measures]
    if not parts:
        return {name: np.zeros(0, dtype=np.int64) for name in columns}
    joined = {name: np.concatenate([part[name] for part in parts]) for name in columns}
    return summed_by(joined, keys)
