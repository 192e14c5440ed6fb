"""Column operations that run so often that a Polars expression (about 0.1 ms each) is too slow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

Rows = npt.NDArray[np.integer[Any]]
Mask = npt.NDArray[np.bool_]
_NO_TEXT = pl.Series([None], dtype=pl.String)
# A column up to this length is numbered in Python: Arrow's encoding would first import all of
# `pyarrow.compute`, which takes a fifth of the time of the check of one claim.
_SHORT = 1_000
_NEWEST, _OLDEST = pl.CompatLevel.newest(), pl.CompatLevel.oldest()


def series_of(array: pa.Array) -> pl.Series:
    """An Arrow array as a column. `pl.from_arrow` would do, and import all of `pyarrow.compute` first."""
    return pl.DataFrame(pa.RecordBatch.from_arrays([array], [""])).to_series()


def nulls(height: int, dtype: pl.DataType) -> pl.Series:
    """A column of nulls."""
    return pl.Series([None], dtype=dtype).new_from_index(0, height)


def as_index(rows: Rows) -> pl.Series:
    """Row numbers as an index for a series; -1 gives null."""
    known = rows >= 0
    if bool(known.all()):
        return pl.Series(rows.astype(np.uint32))
    return column_of(np.maximum(rows, 0).astype(np.uint32), known)


_ARROW = {
    np.dtype(np.bool_): pa.bool_(),
    np.dtype(np.int32): pa.int32(),
    np.dtype(np.uint32): pa.uint32(),
    np.dtype(np.int64): pa.int64(),
}


def column_of(values: Rows | Mask, known: Mask) -> pl.Series:
    """Flags or integers as a column, null where `known` is false."""
    held = np.packbits(values, bitorder="little") if values.dtype == np.bool_ else values
    buffers = [pa.py_buffer(np.packbits(known, bitorder="little")), pa.py_buffer(held)]
    return series_of(pa.Array.from_buffers(_ARROW[values.dtype], len(values), buffers))


def gathered(column: pl.Series, rows: Rows | pl.Series) -> pl.Series:
    """The values of a column at these rows (numbers, or an index made of them); null at -1."""
    if column.null_count() == len(column):
        return nulls(len(rows), column.dtype)
    return column[rows if isinstance(rows, pl.Series) else as_index(rows)]


def taken(frame: pl.DataFrame, rows: Rows | pl.Series) -> pl.DataFrame:
    """The rows of a frame; null at -1.

    Columns are indexed one by one: indexing the frame would hand its columns to other threads and wait for a
    free processor.
    """
    index = rows if isinstance(rows, pl.Series) else as_index(rows)
    return pl.DataFrame([column[index] for column in frame.get_columns()])


def present(column: pl.Series) -> Mask:
    """Where a column is not null."""
    absent = column.null_count()
    if absent in {0, len(column)}:
        return np.full(len(column), not absent)
    array = _arrow(column)
    return _bits(array.buffers()[0], array)


def first_known(*columns: pl.Series) -> pl.Series:
    """The first non-null value of the columns, row by row."""
    found = columns[0]
    for other in columns[1:]:
        if not found.null_count():
            break
        found = chosen(pl.Series(present(found)), found, other)
    return found


def chosen(flags: pl.Series, true: pl.Series, false: pl.Series) -> pl.Series:
    """Values of the first column where the flags are true, else of the second. Flags are never null."""
    if flags.all():
        return true
    return true.zip_with(flags, false) if flags.any() else false


def distinct(column: pl.Series) -> tuple[npt.NDArray[np.int64], pl.Series]:
    """For each row, the position of its text among the distinct texts; and the distinct texts, the last of
    them null.
    """
    if len(column) <= _SHORT:
        return _distinct_of_short(column)
    array = (column if column.n_chunks() == 1 else column.rechunk()).to_arrow(compat_level=_OLDEST)
    encoded = array.dictionary_encode()
    values = series_of(encoded.dictionary)
    # Reads the buffer directly: creating an Arrow scalar would import all of pandas, if pandas is installed.
    held = np.frombuffer(encoded.indices.buffers()[1], dtype=np.int32)
    places = held[encoded.indices.offset :][: len(column)].astype(np.int64)
    if encoded.indices.null_count:
        places[~present(column)] = len(values)
    return places, pl.concat([values, _NO_TEXT], rechunk=True)


def _distinct_of_short(column: pl.Series) -> tuple[npt.NDArray[np.int64], pl.Series]:
    numbers_of: dict[str, int] = {}
    places = [
        -1 if text is None else numbers_of.setdefault(text, len(numbers_of)) for text in column.to_list()
    ]
    found = np.array(places, dtype=np.int64)
    found[found < 0] = len(numbers_of)
    return found, pl.Series([*numbers_of, None], dtype=pl.String)


def answered(answer: Callable[[str], str | None], column: pl.Series) -> pl.Series:
    """The result of a function for each text, called once per distinct text. Null for null."""
    if column.null_count() == len(column):
        return nulls(len(column), pl.String())
    places, texts = distinct(column)
    answers = [None if text is None else answer(text) for text in texts.to_list()]
    return gathered(pl.Series(answers, dtype=pl.String), places)


def listed(column: pl.Series) -> tuple[pl.Series, npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The items of all lists in one array; the start of each list; its length, 0 for a null list."""
    array = _arrow(column)
    offsets = np.frombuffer(array.buffers()[1], dtype=np.int64)[array.offset :][: len(array) + 1]
    return series_of(array.values), offsets[:-1], np.where(present(column), np.diff(offsets), 0)


def days_between(earlier: pl.Series, later: pl.Series) -> pl.Series:
    """Days from the first date to the second."""
    (first, has_first), (last, has_last) = numbers(earlier), numbers(later)
    return column_of((last - first).astype(np.int32), _both(has_first, has_last, len(first)))


def years_between(earlier: pl.Series, later: pl.Series) -> pl.Series:
    """Whole years from the first date to the second, counted like an age: plus one on each birthday."""
    (first, has_first), (last, has_last) = numbers(earlier), numbers(later)
    (begun, begun_on), (ended, ended_on) = _months(first), _months(last)
    months = ended - begun - (ended_on < begun_on)
    return column_of((months // 12).astype(np.int32), _both(has_first, has_last, len(first)))


def _months(days: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The month of each day, numbered continuously across years, and the number of days before it in the
    month.
    """
    months = days.view("datetime64[D]").astype("datetime64[M]")
    return months.astype(np.int64), days - months.astype("datetime64[D]").astype(np.int64)


def _both(one: Mask | None, other: Mask | None, height: int) -> Mask:
    if one is None or other is None:
        known = other if one is None else one
        return np.ones(height, dtype=np.bool_) if known is None else known
    return one & other


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
    """The raw integers of a column, and a mask of its non-null rows (None if the column has no nulls).

    The column holds integers, dates (as days since 1970) or decimals (in units of their scale, which must fit
    in 64 bits). The integer of a null row is undefined.
    """
    if column.null_count() == len(column):
        return np.zeros(len(column), dtype=np.int64), np.zeros(len(column), dtype=np.bool_)
    array = _arrow(column)
    if pa.types.is_decimal(array.type):
        # The lower 64 bits of each decimal; by contract they hold the whole value.
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
    """A copy of the frame with its own texts.

    Without the copy, a few rows keep all bytes of their block in memory.
    """
    return frame.with_columns(pl.col(pl.String) + "")
