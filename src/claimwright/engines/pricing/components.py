"""Multiple diagnostic or therapy services of a patient on one day: reductions of a component.

Source, by multiple procedure indicator of the relative value file:

    4  imaging          second and further technical components at 50 percent, professional at 95
    5  therapy          practice expense of every unit after the first at 50 percent
    6  cardiovascular   second and further technical components at 75 percent
    7  ophthalmology    second and further technical components at 80 percent

The percentages are dated data (`payment_rules`), with their authority. Technical and professional components
are ranked separately by fee within the claim and day; every unit counts. The cap on the technical component
of imaging is compared with the reduced amount. Imaging with modifier 59 or XE is a separate session and is
not reduced.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl

from claimwright.foundation.columns import numbers, taken

from .adjustments import PERMILLE
from .fee_amounts import component_amounts, geographic_sum, schedule_micros
from .modifiers import PROFESSIONAL, TECHNICAL, WHOLE
from .money import whole
from .schedule_values import ScheduleValues
from .surgery import DAY_BITS, MILLI, nothing_reduced

IMAGING, THERAPY, CARDIOVASCULAR, OPHTHALMOLOGY = 4, 5, 6, 7

# Professional/technical indicators of codes that are themselves a single component.
_PROFESSIONAL_ONLY, _TECHNICAL_ONLY = 2, 3

_GROUP = ["claim", "on", "multiple_procedure"]


def component_reductions(lines: pl.DataFrame, values: ScheduleValues) -> pl.DataFrame:
    """`row`, `gross` and `reduction` for every line of indicators 4, 6 and 7 that is reduced.

    `gross` has the unit of `gross` in `surgical_reductions`.
    """
    tests = lines.filter(_tests()).filter(pl.col("units_milli").sum().over(_GROUP) > MILLI)
    if tests.is_empty():
        return nothing_reduced()
    parts = _parts(tests, values)
    for part in _PARTS:
        parts = parts.sort(f"{part}_micros", "row", descending=[True, False], nulls_last=True).with_columns(
            (pl.int_range(pl.len()).over(_GROUP) == 0).alias(f"{part}_first")
        )
    return parts.with_columns(_shares()).filter(_touched(_PARTS[0]) | _touched(_PARTS[1])).select(_reduced())


_PARTS = ("technical", "professional")


@cache
def _tests() -> pl.Expr:
    """Tests of one session, of the kinds whose components are reduced."""
    imaging = pl.col("multiple_procedure") == IMAGING
    other = pl.col("multiple_procedure").is_in([CARDIOVASCULAR, OPHTHALMOLOGY])
    return imaging & ~pl.col("separate_session") | other


def _parts(tests: pl.DataFrame, values: ScheduleValues) -> pl.DataFrame:
    """`tests` with `technical_micros`, `technical_cap` and `professional_micros`, null where absent."""
    found = []
    for component, prefix in ((TECHNICAL, "technical"), (PROFESSIONAL, "professional")):
        amounts = component_amounts(tests, values, component)
        found += [
            amounts["uncapped_micros"].alias(f"split_{prefix}"),
            amounts["cap_micros"].alias(f"split_{prefix}_cap"),
        ]
    return tests.hstack(found).with_columns(_component_micros())


@cache
def _component_micros() -> list[pl.Expr]:
    split = pl.col("component") == WHOLE
    alone = pl.col("professional_technical")
    technical = (pl.col("component") == TECHNICAL) | (split & (alone == _TECHNICAL_ONLY))
    professional = (pl.col("component") == PROFESSIONAL) | (split & (alone == _PROFESSIONAL_ONLY))
    return [
        pl.when(technical)
        .then("uncapped_micros")
        .when(split)
        .then("split_technical")
        .alias("technical_micros"),
        pl.when(technical).then("cap_micros").when(split).then("split_technical_cap").alias("technical_cap"),
        pl.when(professional)
        .then("unit_micros")
        .when(split)
        .then("split_professional")
        .alias("professional_micros"),
    ]


@cache
def _shares() -> list[pl.Expr]:
    kind = pl.col("multiple_procedure")
    technical = (
        pl.when(kind == IMAGING)
        .then("rule_imaging_technical_other")
        .when(kind == CARDIOVASCULAR)
        .then("rule_cardiovascular_technical_other")
        .otherwise("rule_ophthalmology_technical_other")
    )
    professional = pl.when(kind == IMAGING).then("rule_imaging_professional_other").otherwise(PERMILLE)
    return [technical.alias("technical_share"), professional.alias("professional_share")]


@cache
def _touched(part: str) -> pl.Expr:
    further = ~pl.col(f"{part}_first") | (pl.col("units_milli") > MILLI)
    return pl.col(f"{part}_micros").is_not_null() & further & (pl.col(f"{part}_share") < PERMILLE)


@cache
def _reduced() -> list[pl.Expr]:
    one = pl.min_horizontal("units_milli", pl.lit(MILLI))

    def amount(part: str, share: pl.Expr) -> pl.Expr:
        """Millionths x thousandths of one unit, capped if the schedule caps it."""
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

    def name(part: str) -> pl.Expr:
        share = (pl.col(f"{part}_share") // 10).cast(pl.String)
        text = pl.concat_str(pl.lit(f"multiple tests, {part} component "), share, pl.lit("%"))
        return pl.when(_touched(part)).then(text)

    names = pl.concat_str(name("technical"), name("professional"), separator="; ", ignore_nulls=True)
    gross = total("technical") + total("professional")
    return [pl.col("row"), gross.alias("gross"), names.alias("reduction")]


def therapy_reductions(lines: pl.DataFrame) -> pl.DataFrame:
    """`row`, `gross` and `reduction` for every line of indicator 5 that has a reduced unit.

    The unit with the highest practice expense payment is paid in full; work and malpractice always are.
    The reduced fee is rounded as CMS publishes it: all 51 amounts that CMS published for Ohio in 2020 agree.
    """
    group = ["claim", "on"]
    rows = np.flatnonzero(lines["multiple_procedure"].to_numpy() == THERAPY)
    units, _ = numbers(lines["units_milli"])
    on, _ = numbers(lines["on"])
    _, day = np.unique(lines["claim"].to_numpy()[rows] * 2**DAY_BITS + on[rows], return_inverse=True)
    several = np.bincount(day, weights=units[rows])[day] > MILLI
    if not several.any():
        return nothing_reduced()
    therapy = taken(lines, rows[several])
    therapy = (
        therapy.with_columns(_therapy_fees())
        .sort("practice", "unit_micros", "row", descending=[True, True, False])
        .with_columns(first=pl.int_range(pl.len()).over(group) == 0)
    )
    return therapy.filter(_rest() > 0).select(_reduced_therapy())


@cache
def _therapy_fees() -> list[pl.Expr]:
    practice = whole("practice_expense") * whole("pe_gpci")
    return [practice.alias("practice"), _reduced_therapy_fee().alias("reduced_micros")]


def _in_full() -> pl.Expr:
    return pl.when("first").then(pl.min_horizontal("units_milli", pl.lit(MILLI))).otherwise(0)


@cache
def _rest() -> pl.Expr:
    return pl.col("units_milli") - _in_full()


@cache
def _reduced_therapy() -> list[pl.Expr]:
    full = pl.col("unit_micros").cast(pl.Int128) * _in_full()
    reduced = pl.col("reduced_micros").cast(pl.Int128) * _rest()
    text = pl.concat_str(
        pl.lit("several therapy units, practice expense "),
        (pl.col("rule_therapy_practice_expense_other") // 10).cast(pl.String),
        pl.lit("%"),
        pl.when("first").then(pl.lit(" after the first unit")).otherwise(pl.lit("")),
    )
    return [pl.col("row"), ((full + reduced) * PERMILLE).alias("gross"), text.alias("reduction")]


def _reduced_therapy_fee() -> pl.Expr:
    """The fee with the reduced practice expense, rounded like every amount of the schedule."""
    share = pl.col("rule_therapy_practice_expense_other")
    full = geographic_sum(whole("work"), whole("practice_expense"), whole("malpractice"))
    taken_off = whole("practice_expense") * whole("pe_gpci") * (PERMILLE - share)
    return schedule_micros(full * PERMILLE - taken_off, scale=PERMILLE)
