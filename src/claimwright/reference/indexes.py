"""Sorted arrays in which codes are found by the day: one binary search for a whole column.

The rows of an index are sorted by code and, within a code, by the last day of each row. Of the rows of a
code, the first whose last day is not before the day asked for is the only one that can hold on it, since
the days of one code's rows do not overlap.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from .coding import Coded
from .packing import DAY_BITS, OPEN, Days, Keys, pack_days

Rows = npt.NDArray[np.int64]

NOWHERE = -1

_DAY_BITS = np.uint64(DAY_BITS)
_LAST = np.uint64(OPEN)


@dataclass(frozen=True, slots=True)
class DatedIndex:
    """Rows of a table by code and day.

    Attributes:
        keys: code and last day of each row, ascending.
        first_days: the first day of each row.
        order: which row of the table each is; None where they stand in that order there.
        is_dated: whether any row has a first or a last day.
    """

    keys: Keys
    first_days: npt.NDArray[np.uint16]
    order: Rows | None
    is_dated: bool = True

    @classmethod
    def of(
        cls, codes: Keys, valid_from: pl.Series | None = None, valid_to: pl.Series | None = None
    ) -> DatedIndex:
        """An index over the rows of a table; rows whose code has no number are left out."""
        first = np.zeros(len(codes), dtype=np.uint16) if valid_from is None else pack_days(valid_from, 0)
        last = np.full(len(codes), OPEN) if valid_to is None else pack_days(valid_to, OPEN)
        keys = (codes << np.uint64(DAY_BITS)) | last.astype(np.uint64)
        order = np.argsort(keys, kind="stable")
        order = order[codes[order] != 0]
        is_dated = bool((first > 0).any()) or bool((last < OPEN).any())
        return cls(keys[order], first.astype(np.uint16)[order], order, is_dated)

    def find(self, codes: Coded, days: Days) -> Rows:
        """The row of the table that holds for each code on its day; -1 where none does."""
        if not len(self.keys):
            return np.full(len(codes), NOWHERE, dtype=np.int64)
        starts, counts = self._places(codes.keys)
        at, count = codes.spread(starts), codes.spread(counts)
        several = np.flatnonzero(count > 1)
        if len(several):
            wanted = (codes.keys[codes.ordinals[several]] << _DAY_BITS) | days[several].astype(np.uint64)
            at[several] = np.searchsorted(self.keys, wanted)
        at = np.minimum(at, len(self.keys) - 1)
        found = count > 0
        if len(several):
            found[several] = self.keys[at[several]] >> _DAY_BITS == codes.keys[codes.ordinals[several]]
        if self.is_dated:
            found &= (self.keys[at] & _LAST) >= days.astype(np.uint64)
            found &= self.first_days[at] <= days
        rows = at if self.order is None else self.order[at]
        return np.where(found, rows, NOWHERE)

    def _places(self, keys: Keys) -> tuple[Rows, Rows]:
        """Where the rows of each packed code begin, and how many there are."""
        starts = np.searchsorted(self.keys, keys << _DAY_BITS)
        ends = np.searchsorted(self.keys, (keys + np.uint64(1)) << _DAY_BITS)
        return starts, np.where(keys == 0, 0, ends - starts)

    def knows(self, codes: Coded) -> npt.NDArray[np.bool_]:
        """Whether each code is in the table on any day."""
        _, counts = self._places(codes.keys)
        known: npt.NDArray[np.bool_] = codes.spread(counts > 0)
        return known

    @property
    def nbytes(self) -> int:
        """Bytes held in memory."""
        return self.keys.nbytes + self.first_days.nbytes + (0 if self.order is None else self.order.nbytes)
