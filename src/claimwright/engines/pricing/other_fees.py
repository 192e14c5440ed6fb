"""Prices by Medicare schedules other than the physician fee schedule: laboratory tests and drugs.

Prices lines that the physician fee schedule leaves out (status X, status E, codes that it does not list) and
that another schedule has. Both have one national rate, independent of setting and modifiers.

Source: Social Security Act 1833(h), 1834A (laboratory), 1842(o), 1847A (drugs); Medicare Claims Processing
Manual, ch. 16, 20 and ch. 17, 20.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl

from claimwright.foundation.columns import taken

from .basis import Basis, code
from .contracts import ContractKind
from .memo_table import spread_out
from .price_book import PriceBook

# Ten-thousandths of a dollar x thousandths of a unit, in millionths x thousandths x thousandths.
_TO_GROSS = 100 * 1_000

_LEFT_OUT = [
    Basis.STATUTORY_EXCLUSION.value,
    Basis.EXCLUDED_BY_REGULATION.value,
    Basis.UNKNOWN_CODE.value,
]


# Price columns that do not apply to other schedules.
_OF_PHYSICIANS = ("practitioner_permille", "factor", "work_gpci", "pe_gpci", "malpractice_gpci")


def price_by_other_schedules(lines: pl.DataFrame, book: PriceBook) -> pl.DataFrame:
    """`lines` with `basis`, `gross` and `unit_micros` of those with a price in another schedule."""
    rows = np.flatnonzero(lines.select(_left_out()).to_series())
    if not len(rows):
        return lines
    asked = taken(lines[["row", "procedure", "on", "units_milli"]], rows)
    found = _rates(asked, book).select(_priced())
    if found.is_empty():
        return lines
    spread = spread_out(found, lines.height)
    return lines.hstack(spread).with_columns(_with_other()).drop(spread.columns)


@cache
def _left_out() -> pl.Expr:
    of_medicare = (pl.col("kind") == ContractKind.MEDICARE_PFS.value) & pl.col("adjusted")
    covered = ~pl.col("not_covered_claimed").fill_null(value=False)
    return (of_medicare & covered & pl.col("basis").is_in(_LEFT_OUT)).fill_null(value=False)


def _rates(asked: pl.DataFrame, book: PriceBook) -> pl.DataFrame:
    """The rows of `asked` that a schedule has, with `other_basis` and `rate`, ten-thousandths of a dollar."""
    others = book.schedules.others
    plain = others.laboratory.filter(pl.col("modifier") == "").drop("modifier")
    parts = []
    for schedule, basis in ((plain, Basis.LABORATORY_SCHEDULE), (others.drugs, Basis.DRUG_PAYMENT_LIMIT)):
        in_force = asked.join(schedule, on="procedure").filter(
            pl.col("on").is_between(pl.col("effective_on"), pl.col("expires_on"))
        )
        parts.append(
            in_force.select(
                "row", "units_milli", "rank", code(basis).alias("other_basis"),
                rate=pl.col("amount").cast(pl.Decimal(18, 4)).to_physical().cast(pl.Int64),
            )
        )  # fmt: skip
    return pl.concat(parts).sort("rank").unique("row", keep="first", maintain_order=True)


@cache
def _priced() -> list[pl.Expr]:
    return [
        pl.col("row"),
        pl.col("other_basis"),
        (pl.col("rate").cast(pl.Int128) * pl.col("units_milli") * _TO_GROSS).alias("other_gross"),
        (pl.col("rate") * 100).alias("other_micros"),
    ]


@cache
def _with_other() -> list[pl.Expr]:
    return [
        pl.coalesce("other_basis", "basis").alias("basis"),
        pl.coalesce("other_gross", "gross").alias("gross"),
        pl.coalesce("other_micros", "unit_micros").alias("unit_micros"),
        *(pl.when(pl.col("other_basis").is_null()).then(name).alias(name) for name in _OF_PHYSICIANS),
    ]
