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

from .packing import DAY_BITS, OPEN, Days, Keys, pack_days

Rows = npt.NDArray[np.int64]

NOWHERE = -1


@dataclass(frozen=True, slots=True)
class DatedIndex:
    """Rows of a table by code and day.

    Attributes:
        keys: code and last day of each row, ascending.
        first_days: the first day of each row.
        order: which row of the table each is.
    """

    keys: Keys
    first_days: npt.NDArray[np.uint16]
    order: Rows | None

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
        return cls(keys[order], first.astype(np.uint16)[order], order)

    def find(self, codes: Keys, days: Days) -> Rows:
        """The row of the table that holds for each code on its day; -1 where none does."""
        if not len(self.keys):
            return np.full(len(codes), NOWHERE, dtype=np.int64)
        wanted = (codes << np.uint64(DAY_BITS)) | days.astype(np.uint64)
        at = np.minimum(np.searchsorted(self.keys, wanted), len(self.keys) - 1)
        found = (self.keys[at] >> np.uint64(DAY_BITS) == codes) & (codes != 0)
        found &= (self.keys[at] >= wanted) & (self.first_days[at] <= days)
        rows = at if self.order is None else self.order[at]
        return np.where(found, rows, NOWHERE)

    def knows(self, codes: Keys) -> npt.NDArray[np.bool_]:
        """Whether each code is in the table on any day."""
        if not len(self.keys):
            return np.zeros(len(codes), dtype=np.bool_)
        wanted = codes << np.uint64(DAY_BITS)
        at = np.minimum(np.searchsorted(self.keys, wanted), len(self.keys) - 1)
        known: npt.NDArray[np.bool_] = (self.keys[at] >> np.uint64(DAY_BITS) == codes) & (codes != 0)
        return known

    @property
    def nbytes(self) -> int:
        """Bytes held in memory."""
        return self.keys.nbytes + self.first_days.nbytes + (0 if self.order is None else self.order.nbytes)


def gathered(column: pl.Series, rows: Rows) -> pl.Series:
    """The values of a column at these rows; null where a row is -1."""
    if not len(column):
        return pl.Series([None], dtype=column.dtype).new_from_index(0, len(rows))
    found = rows != NOWHERE
    values = column.gather(pl.Series(np.where(found, rows, 0)))
    return values if bool(found.all()) else pl.select(pl.when(pl.Series(found)).then(values)).to_series()
