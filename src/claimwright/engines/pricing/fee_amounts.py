"""The fee schedule amount of one unit: relative values x practice cost indices x conversion factor.

Source: 42 CFR 414.20-414.34; Medicare Claims Processing Manual, ch. 12, 20.1. Amounts are in millionths of
a dollar (`unit_micros`): in this unit a relative value times a conversion factor is exact, and a published
amount is a whole number of cents.
"""

from __future__ import annotations

from functools import cache

import polars as pl

from claimwright.foundation.columns import taken

from .contracts import ContractKind
from .memo_table import Numbers
from .money import half_up, whole
from .schedule_values import AMOUNT_VALUES, ScheduleValues

MICROS_PER_CENT = 10_000


def geographic_sum(work: pl.Expr, practice: pl.Expr, malpractice: pl.Expr) -> pl.Expr:
    """The three relative values, each times its index: hundredths x thousandths, unrounded."""
    return work * whole("work_gpci") + practice * whole("pe_gpci") + malpractice * whole("malpractice_gpci")


def schedule_micros(total: pl.Expr, *, scale: int = 1) -> pl.Expr:
    """Millionths of a dollar for a geographic sum that was multiplied by `scale`.

    Medicare's schedule publishes cents, so its amount is rounded here. An `rvu` contract has no published
    amount, so it is rounded only after multiplication by the units.
    """
    product = total.cast(pl.Int128) * whole("factor")  # 10**-9 dollars
    published = pl.col("kind") == ContractKind.MEDICARE_PFS.value
    # The other contracts have indices of 1.000, so millionths are exact.
    micros = pl.when(published).then(MICROS_PER_CENT).otherwise(1)
    return half_up(product, micros.cast(pl.Int128) * (1_000 * scale)).cast(pl.Int64) * micros


def with_unit_amounts(lines: pl.DataFrame) -> pl.DataFrame:
    """`lines` with `practice_expense`, `uncapped_micros`, `cap_micros` and `unit_micros`.

    `cap_micros` is the outpatient prospective payment amount that caps the technical component of imaging
    (Social Security Act 1848(b)(4)(A)), null if none applies; `unit_micros` is the lesser of the two.
    """
    return lines.with_columns(_practices()).with_columns(_amounts()).with_columns(_lesser())


@cache
def _practices() -> list[pl.Expr]:
    return [
        pl.when("facility").then("pe_facility").otherwise("pe_nonfacility").alias("practice_expense"),
        pl.when("facility").then("opps_pe_facility").otherwise("opps_pe_nonfacility").alias("opps_practice"),
    ]


@cache
def _amounts() -> list[pl.Expr]:
    medicare = (pl.col("kind") == ContractKind.MEDICARE_PFS.value) & pl.col("adjusted")
    capped = medicare & (whole("opps_practice") > 0)
    work = whole("work")
    full = schedule_micros(geographic_sum(work, whole("practice_expense"), whole("malpractice")))
    cap = schedule_micros(geographic_sum(work, whole("opps_practice"), whole("opps_malpractice")))
    return [full.alias("uncapped_micros"), pl.when(capped).then(cap).alias("cap_micros")]


@cache
def _lesser() -> pl.Expr:
    return pl.min_horizontal("uncapped_micros", "cap_micros").alias("unit_micros")


# The inputs of a line's amount, in addition to the values of its service.
AMOUNT_COLUMNS = ["kind", "adjusted", "facility", "factor", "work_gpci", "pe_gpci", "malpractice_gpci"]


def amounts_of(lines: pl.DataFrame, rows: Numbers, values: ScheduleValues) -> pl.DataFrame:
    """`uncapped_micros`, `cap_micros` and `unit_micros` of the lines, computed with the schedule's `rows`."""
    asked = lines[AMOUNT_COLUMNS].hstack(taken(values.table[AMOUNT_VALUES], rows))
    return with_unit_amounts(asked)[["uncapped_micros", "cap_micros", "unit_micros"]]


def component_amounts(lines: pl.DataFrame, values: ScheduleValues, component: int) -> pl.DataFrame:
    """`uncapped_micros` and `cap_micros` of another component of the lines' services; null if none."""
    editions, procedures = lines["edition"].to_numpy(), lines["procedure_code"].to_numpy()
    return amounts_of(lines, values.rows(editions, component, procedures), values)
