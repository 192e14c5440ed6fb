"""Columns of codes looked up by their day in whichever version of a dataset applies to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import numpy.typing as npt
import polars as pl

from claimwright.foundation.columns import as_index, column_of, first_known, gathered, nulls

from .coding import Coded, coded, remembered
from .datasets import dataset
from .indexes import NOWHERE, DatedIndex, Rows
from .packing import OPEN, Days, Keys, pack_codes, pack_day
from .snapshot import Snapshot
from .tables import read_column
from .versions import Version

Mask = npt.NDArray[np.bool_]
Pack = Callable[[pl.Series], Keys]


@dataclass(frozen=True)
class Edition:
    """A version, with which rows of a column it applies to, and which of these come after its last day.

    `is_alone` says that it applies to every row.
    """

    version: Version
    chosen: Mask
    ended: Mask
    is_alone: bool


def editions(known: Snapshot, name: str, days: Days) -> Iterator[Edition]:
    """The versions that apply to some of these days. Days before the first version are in none of them."""
    if not len(days):
        return
    timeline = known.timeline(name)
    first, last = timeline.at(np.array([days.min(), days.max()]))
    places = None if first == last else timeline.at(days)
    for place in range(first, last + 1):
        version = timeline.versions[place]
        if version is None:
            continue
        chosen = np.ones(len(days), dtype=np.bool_) if places is None else places == place
        if places is None or chosen.any():
            ended = chosen & (days > pack_day(version.effective_to, OPEN))
            yield Edition(version, chosen, ended, is_alone=places is None)


@lru_cache(maxsize=64)
def index_of(version: Version, column: str, pack: Pack = pack_codes) -> DatedIndex:
    """The index of a table by a column of codes, and by the days of its rows where it has them."""
    codes = pack(read_column(version, column))
    if "valid_from" in dataset(version.dataset).schema:
        return DatedIndex.of(codes, read_column(version, "valid_from"), read_column(version, "valid_to"))
    return DatedIndex.of(codes)


@dataclass(frozen=True)
class Found:
    """Where codes were found.

    Attributes:
        rows: for each version that applied, the row of each code in its table, -1 where it has none.
        present: whether a code was found.
        judged: whether some version applied to the day.
        ended: whether the version that applied had ended by then.
    """

    rows: tuple[tuple[Version, Rows], ...]
    present: Mask
    judged: Mask
    ended: Mask

    def values(self, column: str, dtype: pl.DataType) -> pl.Series:
        """A column of the table for each code; null where it was not found."""
        parts = [
            gathered(_column(version, column, dtype), index)
            for (version, _), index in zip(self.rows, self._indices, strict=True)
        ]
        return first_known(*parts) if parts else nulls(len(self.present), dtype)

    @cached_property
    def _indices(self) -> list[pl.Series]:
        return [as_index(rows) for _, rows in self.rows]


@lru_cache(maxsize=128)
def _column(version: Version, name: str, dtype: pl.DataType) -> pl.Series:
    return read_column(version, name).cast(dtype)


def find(known: Snapshot, name: str, column: str, codes: Coded, days: Days, pack: Pack = pack_codes) -> Found:
    """Find codes in a dataset, each by its packed day."""
    present = np.zeros(len(codes), dtype=np.bool_)
    judged, ended = present.copy(), present.copy()
    rows: list[tuple[Version, Rows]] = []
    for edition in editions(known, name, days):
        at = index_of(edition.version, column, pack).find(codes, days)
        if not edition.is_alone:
            at = np.where(edition.chosen, at, NOWHERE)
        rows.append((edition.version, at))
        present |= at != NOWHERE
        judged |= edition.chosen
        ended |= edition.ended
    return Found(tuple(rows), present, judged, ended)


def found_in(
    known: Snapshot,
    name: str,
    column: str,
    codes: pl.Series,
    days: pl.Series | None,
    code: Callable[[pl.Series], Coded] = coded,
    pack: Pack = pack_codes,
) -> Found:
    """Find codes in a dataset, each by its day or that of the snapshot, once for all that is asked of them.

    What is remembered holds the days, whose identity is part of its name.
    """
    at = days_of(known, days, len(codes))
    what = known, name, column, None if days is None else id(at)
    _, found = remembered(codes, what, lambda asked: (at, find(known, name, column, code(asked), at, pack)))
    return found


def knows(known: Snapshot, name: str, column: str, codes: Coded, pack: Pack = pack_codes) -> Mask:
    """Whether any version has each code, on whatever day."""
    present = np.zeros(len(codes), dtype=np.bool_)
    for version in known.versions(name):
        present |= index_of(version, column, pack).knows(codes)
    return present


def answer(true: Mask, false: Mask) -> pl.Series:
    """True, false, and null where neither is known."""
    return column_of(true, true | false)


def days_of(known: Snapshot, days: pl.Series | None, height: int) -> Days:
    """Packed days: those given, and the day of the snapshot where there is none."""
    return np.full(height, known.as_of_day, dtype=np.int64) if days is None else known.days(days)
