"""Exact arithmetic over columns: whole numbers of a small unit, and the one function that rounds.

Every factor is a whole number of its own smallest unit (a relative value in hundredths, an index in
thousandths, a conversion factor in ten-thousandths), so products and sums are exact.
"""

from __future__ import annotations

import polars as pl

DOLLARS = pl.Decimal(18, 2)


def whole(column: str | pl.Expr) -> pl.Expr:
    """A decimal column as whole numbers of its smallest unit, 64 bits."""
    expression = pl.col(column) if isinstance(column, str) else column
    return expression.to_physical().cast(pl.Int64)


def half_up(amount: pl.Expr, unit: int) -> pl.Expr:
    """`amount` in units of `unit`, rounded half up; for amounts that are not negative.

    Half up, since that is how CMS comes to its published amounts: the sum of the unrounded products of
    relative value and index, times the conversion factor, is rounded to the cent once. All 17,988 amounts
    that CMS published for Ohio in 2020 come out so, and none of the other orders of rounding does it.
    What modifiers and reductions make of a published amount is rounded once more, to the nearest cent:
    Medicare Claims Processing Manual, ch. 12, 40.4.
    """
    half = pl.lit(unit // 2, pl.Int128)
    return (amount.cast(pl.Int128) + half) // pl.lit(unit, pl.Int128)


def to_decimal(amount: pl.Expr, places: int) -> pl.Expr:
    """Whole numbers of 10**-places dollars as a decimal of 18 digits; exact."""
    point = pl.lit(f"0.{'1'.zfill(places)}").cast(pl.Decimal(places + 1, places))
    return (amount.cast(pl.Decimal(18, places)) * point).cast(pl.Decimal(18, places))
