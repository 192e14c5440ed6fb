"""What is done to whole columns so often that an expression, with its tenth of a millisecond, is too slow."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

Rows = npt.NDArray[np.integer[Any]]
Mask = npt.NDArray[np.bool_]
_NEWEST = pl.CompatLevel.newest()


def nulls(height: int, dtype: pl.DataType) -> pl.Series:
    """A column of nulls."""
    return pl.Series([None], dtype=dtype).new_from_index(0, height)


def as_index(rows: Rows) -> pl.Series:
    """Row numbers as what a series may be indexed by; -1 gives a null."""
    index = pl.Series(rows.astype(np.uint32))
    missing = rows < 0
    return index.set(pl.Series(missing), None) if bool(missing.any()) else index


def gathered(column: pl.Series, rows: Rows | pl.Series) -> pl.Series:
    """The values of a column at these rows (numbers, or an index made of them); null at -1."""
    if column.null_count() == len(column):
        return nulls(len(rows), column.dtype)
    return column[rows if isinstance(rows, pl.Series) else as_index(rows)]


def taken(frame: pl.DataFrame, rows: Rows | pl.Series) -> pl.DataFrame:
    """The rows of a frame; null at -1. A column after the other: a frame that is indexed hands its columns
    to other threads, and then waits until there is a processor for them.
    """
    index = rows if isinstance(rows, pl.Series) else as_index(rows)
    return pl.DataFrame([column[index] for column in frame.get_columns()])


def truths(column: pl.Series) -> Mask:
    """Where a column of flags is true; false where it is null."""
    if column.null_count() == len(column):
        return np.zeros(len(column), dtype=np.bool_)
    array = _arrow(column)
    true = _bits(array.buffers()[1], array)
    if array.null_count:
        true &= _bits(array.buffers()[0], array)
    return true


def numbers(column: pl.Series) -> tuple[npt.NDArray[np.int64], Mask | None]:
    """What stands behind a column of whole numbers, dates (days since 1970) or decimals (units of their
    scale, which have to fit 64 bits); and where it is not null, None where nothing is.

    What stands where the column is null is of no meaning.
    """
    if column.null_count() == len(column):
        return np.zeros(len(column), dtype=np.int64), np.zeros(len(column), dtype=np.bool_)
    array = _arrow(column)
    if pa.types.is_decimal(array.type):
        # The lower half of each number, which is all of it.
        held = np.frombuffer(array.buffers()[1], dtype=np.int64)[::2]
    else:
        held = np.frombuffer(array.buffers()[1], dtype=f"{_SIGN[array.type]}{array.type.bit_width // 8}")
    values = held[array.offset : array.offset + len(array)].astype(np.int64)
    return values, _bits(array.buffers()[0], array) if array.null_count else None


_SIGN = {
    **dict.fromkeys((pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.date32()), "i"),
    **dict.fromkeys((pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64()), "u"),
}


def _arrow(column: pl.Series) -> pa.Array:
    return (column if column.n_chunks() == 1 else column.rechunk()).to_arrow(compat_level=_NEWEST)


def _bits(buffer: pa.Buffer, array: pa.Array) -> Mask:
    end = array.offset + len(array)
    bits = np.unpackbits(np.frombuffer(buffer, dtype=np.uint8), count=end, bitorder="little")
    return bits[array.offset :].view(np.bool_)


def detached(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with texts of its own, to be kept: rows of a block keep all bytes of the block with them."""
    return frame.with_columns(pl.col(pl.String) + "")
