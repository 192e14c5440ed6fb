"""What is done to whole columns so often that an expression, with its tenth of a millisecond, is too slow."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

Rows = npt.NDArray[np.integer[Any]]


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


def detached(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with texts of its own, to be kept: rows of a block keep all bytes of the block with them."""
    return frame.with_columns(pl.col(pl.String) + "")
