"""The fee schedule amount of one unit: relative values x practice cost indices x conversion factor.

Source: 42 CFR 414.20-414.34; Medicare Claims Processing Manual, ch. 12, 20.1. Amounts are in millionths of
a dollar (`unit_micros`): a relative value times a conversion factor is exact there, and a published
amount is a whole number of cents.
"""

from __future__ import annotations

import polars as pl

from claimwright.reference.fee_schedules import FeeSchedules

from .basis import BASIS_TYPE, NOT_PAID
from .contracts import ContractKind
from .modifiers import DISCONTINUED, WHOLE
from .money import half_up, whole

MICROS_PER_CENT = 10_000

_NOT_PAID = {status: basis.value for status, basis in NOT_PAID.items()}

_VALUES = (
    "status", "work", "pe_nonfacility", "pe_facility", "malpractice", "facility_na", "nonfacility_na",
    "preoperative", "intraoperative", "postoperative", "professional_technical", "multiple_procedure",
    "bilateral", "assistant", "co_surgeon", "endoscopic_base",
    "opps_pe_nonfacility", "opps_pe_facility", "opps_malpractice",
)  # fmt: skip


def with_relative_values(lines: pl.DataFrame, schedules: FeeSchedules) -> pl.DataFrame:
    """`lines` with the schedule's row for `edition`, `procedure` and `component`; `status` null for none.

    `status_basis` is the `Basis` of a status that is not paid.

    Modifier 53 takes the row that the schedule has for a discontinued procedure, where it has one; the
    `component` is then 3.
    """
    editions = lines["edition"].unique().implode()
    values = schedules.relative_values.filter(pl.col("edition").is_in(editions))
    own_row = values.filter(pl.col("component") == DISCONTINUED).get_column("procedure").unique()
    lines = lines.with_columns(
        component=pl.when(
            pl.col("discontinued")
            & (pl.col("component") == WHOLE)
            & pl.col("procedure").is_in(own_row.implode())
        )
        .then(pl.lit(DISCONTINUED, pl.UInt8))
        .otherwise("component")
    )
    return lines.join(
        values.select(
            "edition",
            "procedure",
            "component",
            *_VALUES,
            status_basis=pl.col("status").replace_strict(_NOT_PAID, default=None, return_dtype=BASIS_TYPE),
        ),
        on=["edition", "procedure", "component"],
        how="left",
        maintain_order="left",
    )


def geographic_sum(work: pl.Expr, practice: pl.Expr, malpractice: pl.Expr) -> pl.Expr:
    """The three relative values, each times its index: hundredths x thousandths, unrounded."""
    return work * whole("work_gpci") + practice * whole("pe_gpci") + malpractice * whole("malpractice_gpci")


def schedule_micros(total: pl.Expr, *, scale: int = 1) -> pl.Expr:
    """Millionths of a dollar for a geographic sum that was multiplied by `scale`.

    Medicare's schedule publishes cents, so its amount is rounded here; an `rvu` contract has no published
    amount, and is rounded only when units are multiplied in.
    """
    product = total.cast(pl.Int128) * whole("factor")  # 10**-9 dollars
    published = half_up(product, 10**7 * scale).cast(pl.Int64) * MICROS_PER_CENT
    exact = half_up(product, 1_000 * scale).cast(pl.Int64)  # its indices are 1.000: nothing is lost
    return pl.when(pl.col("kind") == ContractKind.MEDICARE_PFS.value).then(published).otherwise(exact)


def with_unit_amounts(lines: pl.DataFrame) -> pl.DataFrame:
    """`lines` with `practice_expense`, `uncapped_micros`, `cap_micros` and `unit_micros`.

    `cap_micros` is the outpatient prospective payment amount that caps the technical component of imaging
    (Social Security Act 1848(b)(4)(A)), null where none applies; `unit_micros` is the lesser of the two.
    """
    medicare = (pl.col("kind") == ContractKind.MEDICARE_PFS.value) & pl.col("adjusted")
    lines = lines.with_columns(
        practice_expense=pl.when("facility").then("pe_facility").otherwise("pe_nonfacility"),
        opps_practice=pl.when("facility").then("opps_pe_facility").otherwise("opps_pe_nonfacility"),
    )
    capped = medicare & (whole("opps_practice") > 0)
    work = whole("work")
    return lines.with_columns(
        uncapped_micros=schedule_micros(
            geographic_sum(work, whole("practice_expense"), whole("malpractice"))
        ),
        cap_micros=pl.when(capped).then(
            schedule_micros(geographic_sum(work, whole("opps_practice"), whole("opps_malpractice")))
        ),
    ).with_columns(unit_micros=pl.min_horizontal("uncapped_micros", "cap_micros"))


def component_amounts(lines: pl.DataFrame, schedules: FeeSchedules, component: int) -> pl.DataFrame:
    """`row`, `uncapped_micros`, `cap_micros` of another component of the same service.

    Rows whose service has no such component are left out.
    """
    keys = (
        "row", "edition", "procedure", "kind", "adjusted", "facility", "factor",
        "work_gpci", "pe_gpci", "malpractice_gpci",
    )  # fmt: skip
    asked = lines.select(*keys).with_columns(component=pl.lit(component, pl.UInt8))
    values = schedules.relative_values.select("edition", "procedure", "component", *_VALUES)
    found = asked.join(values, on=["edition", "procedure", "component"], how="inner")
    return with_unit_amounts(found).select("row", "uncapped_micros", "cap_micros")
