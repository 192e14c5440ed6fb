"""Exact sums, counts, extremes and lists over the rows that belong to one row of a level above.

Arrays, not a group-by: `rows` says where each value goes (see `Facts.rows`), and one pass puts it there.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from claimwright.foundation.columns import gathered, numbers, present, series_of

Rows = npt.NDArray[np.int64]


def count(rows: Rows, height: int) -> pl.Series:
    """How many rows belong to each of the rows above."""
    return pl.Series(np.bincount(rows[rows >= 0], minlength=height).astype(np.int32))


def total(amounts: pl.Series, rows: Rows, height: int) -> pl.Series:
    """The sum of the amounts that belong to each of the rows above; zero where none does.

    Exact: whole units of the column's scale in 64 bits, which nine of the largest amounts that
    X12 can write would overflow, and nothing that anybody has billed.
    """
    dtype = amounts.dtype
    assert isinstance(dtype, pl.Decimal)
    sums = np.zeros(height, dtype=np.int64)
    if amounts.null_count() < len(amounts):
        units, present = numbers(amounts)
        chosen = rows >= 0 if present is None else (rows >= 0) & present
        np.add.at(sums, rows[chosen], units[chosen])
    return decimals(sums, dtype.scale)


def decimals(units: npt.NDArray[np.int64], scale: int) -> pl.Series:
    """Whole units of a decimal scale as a decimal column of 18 digits."""
    words = np.empty((len(units), 2), dtype=np.int64)
    words[:, 0] = units
    words[:, 1] = units >> 63
    array = pa.Array.from_buffers(pa.decimal128(18, scale), len(units), [None, pa.py_buffer(words)])
    return series_of(array)


def earliest(dates: pl.Series, rows: Rows, height: int) -> pl.Series:
    """The first of the dates that belong to each of the rows above; null where none does."""
    return _extreme(dates, rows, height, np.minimum, np.iinfo(np.int32).max)


def latest(dates: pl.Series, rows: Rows, height: int) -> pl.Series:
    """The last of the dates that belong to each of the rows above; null where none does."""
    return _extreme(dates, rows, height, np.maximum, np.iinfo(np.int32).min)


def _extreme(dates: pl.Series, rows: Rows, height: int, choose: np.ufunc, neutral: int) -> pl.Series:
    days = np.full(height, neutral, dtype=np.int32)
    if dates.null_count() < len(dates):
        held, present = numbers(dates)
        chosen = rows >= 0 if present is None else (rows >= 0) & present
        choose.at(days, rows[chosen], held[chosen].astype(np.int32))
    found = pl.Series(days)
    return found.set(found == neutral, None).cast(pl.Date)


def lists(values: pl.Series, rows: Rows, height: int) -> pl.Series:
    """The values that belong to each of the rows above, in their order, as a list that is never null."""
    chosen = (rows >= 0) & present(values)
    if not bool(chosen.all()):
        values, rows = values.filter(pl.Series(chosen)), rows[chosen]
    if bool((rows[1:] < rows[:-1]).any()):
        order = np.argsort(rows, kind="stable")
        values, rows = gathered(values, order), rows[order]
    offsets = np.zeros(height + 1, dtype=np.int64)
    np.cumsum(np.bincount(rows, minlength=height), out=offsets[1:])
    # `pa.array` would do, and import all of pandas first where that is installed.
    ends = pa.Array.from_buffers(pa.int64(), len(offsets), [None, pa.py_buffer(offsets)])
    array = pa.LargeListArray.from_arrays(
        ends, values.rechunk().to_arrow(compat_level=pl.CompatLevel.newest())
    )
    return series_of(array)


def ordinal_among_equals(keys: npt.NDArray[np.uint64]) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """For each key, its 1-based position among equal keys, and how many equal keys there are."""
    ordinal = np.ones(len(keys), dtype=np.int32)
    number = np.ones(len(keys), dtype=np.int32)
    ordered = np.sort(keys)
    repeated = ordered[1:][ordered[1:] == ordered[:-1]]
    if len(repeated):
        among = np.flatnonzero(np.isin(keys, repeated))
        order = among[np.argsort(keys[among], kind="stable")]
        few = keys[order]
        first = np.searchsorted(few, few, side="left")
        ordinal[order] = np.arange(len(order)) - first + 1
        number[order] = np.searchsorted(few, few, side="right") - first
    return ordinal, number
