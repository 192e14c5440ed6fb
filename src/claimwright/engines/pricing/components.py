"""Several diagnostic or therapy services of one patient on one day: reductions of a component.

Source, by multiple procedure indicator of the relative value file:

    4  imaging          second and further technical components at 50 percent, professional at 95
    5  therapy          practice expense of every unit after the first at 50 percent
    6  cardiovascular   second and further technical components at 75 percent
    7  ophthalmology    second and further technical components at 80 percent

The percentages are dated data (`payment_rules`), with their authority. Technical and professional components
are each ranked by fee over the claim and day; every unit counts. The cap on the technical component of
imaging is compared with the reduced amount. Imaging that modifier 59 or XE puts in a session of its own is
left out.
"""

from __future__ import annotations

from functools import cache

import polars as pl

from claimwright.reference.fee_schedules import FeeSchedules

from .adjustments import PERMILLE
from .fee_amounts import component_amounts, geographic_sum, schedule_micros
from .modifiers import PROFESSIONAL, TECHNICAL, WHOLE
from .money import whole
from .surgery import MILLI, nothing_reduced

IMAGING, THERAPY, CARDIOVASCULAR, OPHTHALMOLOGY = 4, 5, 6, 7

# Professional/technical indicators of codes that are one component by themselves.
_PROFESSIONAL_ONLY, _TECHNICAL_ONLY = 2, 3

_GROUP = ["claim", "on", "multiple_procedure"]


def component_reductions(lines: pl.DataFrame, schedules: FeeSchedules) -> pl.DataFrame:
    """`row`, `gross` and `reduction` for every line of indicators 4, 6 and 7 that is reduced.

    `gross` is as in `surgical_reductions`.
    """
    imaging = pl.col("multiple_procedure") == IMAGING
    tests = lines.filter(
        imaging & ~pl.col("separate_session")
        | pl.col("multiple_procedure").is_in([CARDIOVASCULAR, OPHTHALMOLOGY])
    )
    tests = tests.filter(pl.col("units_milli").sum().over(_GROUP) > MILLI)
    if tests.is_empty():
        return nothing_reduced()
    parts = _parts(tests, schedules)
    for part in ("technical", "professional"):
        parts = parts.sort(f"{part}_micros", "row", descending=[True, False], nulls_last=True).with_columns(
            (pl.int_range(pl.len()).over(_GROUP) == 0).alias(f"{part}_first")
        )
    return _reduced(parts)


def _parts(tests: pl.DataFrame, schedules: FeeSchedules) -> pl.DataFrame:
    """`tests` with `technical_micros`, `technical_cap` and `professional_micros`, null where absent."""
    split = pl.col("component") == WHOLE
    parts = tests
    for component, prefix in ((TECHNICAL, "technical"), (PROFESSIONAL, "professional")):
        found = component_amounts(tests.filter(split), schedules, component)
        parts = parts.join(
            found.rename({"uncapped_micros": f"split_{prefix}", "cap_micros": f"split_{prefix}_cap"}),
            on="row",
            how="left",
        )
    alone = pl.col("professional_technical")
    technical = (pl.col("component") == TECHNICAL) | (split & (alone == _TECHNICAL_ONLY))
    professional = (pl.col("component") == PROFESSIONAL) | (split & (alone == _PROFESSIONAL_ONLY))
    return parts.with_columns(
        technical_micros=pl.when(technical).then("uncapped_micros").otherwise("split_technical"),
        technical_cap=pl.when(technical).then("cap_micros").otherwise("split_technical_cap"),
        professional_micros=pl.when(professional).then("unit_micros").otherwise("split_professional"),
    )


def _reduced(parts: pl.DataFrame) -> pl.DataFrame:
    technical_share = (
        pl.when(pl.col("multiple_procedure") == IMAGING)
        .then("rule_imaging_technical_other")
        .when(pl.col("multiple_procedure") == CARDIOVASCULAR)
        .then("rule_cardiovascular_technical_other")
        .otherwise("rule_ophthalmology_technical_other")
    )
    professional_share = (
        pl.when(pl.col("multiple_procedure") == IMAGING)
        .then("rule_imaging_professional_other")
        .otherwise(PERMILLE)
    )
    parts = parts.with_columns(technical_share=technical_share, professional_share=professional_share)
    one = pl.min_horizontal("units_milli", pl.lit(MILLI))

    def amount(part: str, share: pl.Expr) -> pl.Expr:
        """Millionths x thousandths of one unit, capped where the schedule caps it."""
        reduced = pl.col(f"{part}_micros").cast(pl.Int128) * share
        if part == "technical":
            reduced = pl.min_horizontal(reduced, pl.col("technical_cap").cast(pl.Int128) * PERMILLE)
        return reduced

    def total(part: str) -> pl.Expr:
        share = pl.col(f"{part}_share")
        in_full = pl.when(f"{part}_first").then(one).otherwise(0)
        full = pl.lit(PERMILLE, pl.Int64)
        return (
            amount(part, full) * in_full + amount(part, share) * (pl.col("units_milli") - in_full)
        ).fill_null(0)

    def touched(part: str) -> pl.Expr:
        further = ~pl.col(f"{part}_first") | (pl.col("units_milli") > MILLI)
        return pl.col(f"{part}_micros").is_not_null() & further & (pl.col(f"{part}_share") < PERMILLE)

    def name(part: str) -> pl.Expr:
        share = (pl.col(f"{part}_share") // 10).cast(pl.String)
        text = pl.concat_str(pl.lit(f"multiple tests, {part} component "), share, pl.lit("%"))
        return pl.when(touched(part)).then(text)

    return parts.filter(touched("technical") | touched("professional")).select(
        "row",
        gross=total("technical") + total("professional"),
        reduction=pl.concat_str(name("technical"), name("professional"), separator="; ", ignore_nulls=True),
    )


def therapy_reductions(lines: pl.DataFrame) -> pl.DataFrame:
    """`row`, `gross` and `reduction` for every line of indicator 5 that has a reduced unit.

    The unit with the highest practice expense payment is paid in full; work and malpractice always are.
    The reduced fee is rounded as CMS publishes it: all 51 that it published for Ohio in 2020 come out.
    """
    group = ["claim", "on"]
    therapy = lines.filter(pl.col("multiple_procedure") == THERAPY)
    therapy = therapy.filter(pl.col("units_milli").sum().over(group) > MILLI)
    if therapy.is_empty():
        return nothing_reduced()
    therapy = (
        therapy.with_columns(practice=whole("practice_expense") * whole("pe_gpci"))
        .sort("practice", "unit_micros", "row", descending=[True, True, False])
        .with_columns(
            first=pl.int_range(pl.len()).over(group) == 0,
            reduced_micros=_reduced_therapy_fee(),
        )
    )
    one = pl.when("first").then(pl.min_horizontal("units_milli", pl.lit(MILLI))).otherwise(0)
    rest = pl.col("units_milli") - one
    share = (pl.col("rule_therapy_practice_expense_other") // 10).cast(pl.String)
    return therapy.filter(rest > 0).select(
        "row",
        gross=(pl.col("unit_micros").cast(pl.Int128) * one + pl.col("reduced_micros").cast(pl.Int128) * rest)
        * PERMILLE,
        reduction=pl.concat_str(
            pl.lit("several therapy units, practice expense "),
            share,
            pl.lit("%"),
            pl.when("first").then(pl.lit(" after the first unit")).otherwise(pl.lit("")),
        ),
    )


@cache
def _reduced_therapy_fee() -> pl.Expr:
    """The fee with the practice expense at its share, rounded as any other amount of the schedule."""
    share = pl.col("rule_therapy_practice_expense_other")
    full = geographic_sum(whole("work"), whole("practice_expense"), whole("malpractice"))
    taken_off = whole("practice_expense") * whole("pe_gpci") * (PERMILLE - share)
    return schedule_micros(full * PERMILLE - taken_off, scale=PERMILLE)
