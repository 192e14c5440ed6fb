"""Exact arithmetic over columns: whole numbers of a small unit, and the one function that rounds.

Every factor is a whole number of its own smallest unit (a relative value in hundredths, an index in
thousandths, a conversion factor in ten-thousandths), so products and sums are exact.
"""

from __future__ import annotations

import numpy as np
import polars as pl
import pyarrow as pa

from claimwright.foundation.columns import series_of

DOLLARS = pl.Decimal(18, 2)


def whole(column: str | pl.Expr) -> pl.Expr:
    """A decimal column as whole numbers of its smallest unit, 64 bits."""
    expression = pl.col(column) if isinstance(column, str) else column
    return expression.to_physical().cast(pl.Int64)


def half_up(amount: pl.Expr, unit: int | pl.Expr) -> pl.Expr:
    """`amount` in units of `unit`, rounded half up; for amounts that are not negative.

    CMS rounds half up to obtain its published amounts: the sum of the unrounded products of relative value
    and index, times the conversion factor, is rounded to the cent once. All 17,988 amounts that CMS published
    for Ohio in 2020 agree with this, and with no other order of rounding. Amounts after modifiers and
    reductions are rounded once more, to the nearest cent:
    Medicare Claims Processing Manual, ch. 12, 40.4.
    """
    if isinstance(unit, int):
        unit = pl.lit(unit, pl.Int128)
    return (amount.cast(pl.Int128) + unit // 2) // unit


def decimals(amounts: pl.Series, places: int) -> pl.Series:
    """Whole numbers of 10**-places dollars, 64 bits, as a decimal of 18 digits; exact, null for null."""
    array = amounts.rechunk().to_arrow()
    there, data = array.buffers()
    low = np.frombuffer(data, dtype=np.int64)
    words = np.column_stack([low, low >> 63])  # an Arrow decimal has 128 bits, the low half first
    made = pa.Array.from_buffers(
        pa.decimal128(18, places), len(array), [there, pa.py_buffer(words)], offset=array.offset
    )
    return series_of(made)
