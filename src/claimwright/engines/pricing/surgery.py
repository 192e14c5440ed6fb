"""Multiple surgical procedures of a patient on one day: the multiple-surgery and endoscopy rules.

Source: 42 CFR 414.40(b); Medicare Claims Processing Manual, ch. 12, 40.6; multiple procedure indicators 2
and 3 of the relative value file.

The procedures of a claim and day are ranked by fee schedule amount, after the bilateral rule, regardless of
their order and of modifier 51. The highest is paid in full, each other one at half. From the sixth on, CMS
prices by report; half is then an assumption, which `reduction` names. Each unit is a procedure.
Endoscopies with the same base procedure are a family: the highest is paid in full, the others the difference
to the base, and the base itself nothing; the family then ranks as one procedure. If every line has modifier
51, the procedure paid in full is on another claim, and all of these are paid at half.

A surgeon's procedures and an assistant's are ranked separately.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl

from .adjustments import PERMILLE, side_tenths
from .fee_amounts import amounts_of
from .modifiers import WHOLE
from .schedule_values import ScheduleValues

MILLI = 1_000
"""Units are in thousandths, since X12 allows three decimals."""

DAY_BITS = 18
"""Number of bits for days since 1970; enough until the year 2687."""

SURGICAL, SCOPES = 2, 3
"""The multiple procedure indicators of these rules: standard, and endoscopy."""

# After the fifth procedure CMS publishes no share: "by report" (indicator 2).
_RANKED = 5

_GROUP = ["group"]


def surgical_reductions(lines: pl.DataFrame, values: ScheduleValues) -> pl.DataFrame:
    """`row`, `gross` (thousandths of millionths of millis) and `reduction` for every reduced line.

    `gross` is amount x units x share: millionths of a dollar x thousandths of a unit x thousandths.
    Reads `unit_micros`, `units_milli`, the schedule's columns and the payment rules of the day.
    """
    surgical = lines.filter(pl.col("multiple_procedure").is_in([SURGICAL, SCOPES])).with_columns(_group())
    surgical = surgical.filter(_several())
    if surgical.is_empty():
        return nothing_reduced()
    return _ranked(_line_worth(_with_families(surgical.with_columns(_sides()), values)))


@cache
def _group() -> pl.Expr:
    """`group`: one number for claim, day and role; a role needs two bits."""
    day = pl.col("on").to_physical().cast(pl.Int64)
    group: pl.Expr = (pl.col("claim") * 2**DAY_BITS + day) * 4 + pl.col("assistant_role")
    return group.alias("group")


@cache
def _several() -> pl.Expr:
    return (pl.len().over(_GROUP) > 1) | (pl.col("units_milli") > MILLI) | pl.col("further_procedure")


@cache
def _sides() -> pl.Expr:
    return side_tenths().alias("side_tenths")


def nothing_reduced() -> pl.DataFrame:
    """An empty frame with the columns of every reduction."""
    return pl.DataFrame(schema={"row": pl.UInt32, "gross": pl.Int128, "reduction": pl.String})


def _with_families(lines: pl.DataFrame, values: ScheduleValues) -> pl.DataFrame:
    """`lines` with `family`, null without one, and `base_micros`, the fee of the family's base.

    Endoscopies with the same base, and the base itself if it is billed with one of them, are a family; a
    single endoscopy is an ordinary procedure.
    """
    if SCOPES not in lines["multiple_procedure"]:
        return lines.with_columns(_no_family())
    bases = lines.filter(_scopes()).select(*_GROUP, procedure="endoscopic_base").unique()
    lines = lines.join(
        bases.with_columns(is_base=pl.lit(True)), on=[*_GROUP, "procedure"], how="left"
    ).with_columns(pl.col("is_base").fill_null(value=False))
    lines = lines.with_columns(_family()).with_columns(_family_of_several())
    rows = values.rows(lines["edition"].to_numpy(), WHOLE, lines["family_code"].to_numpy())
    base = amounts_of(lines, np.where(lines["family"].is_not_null().to_numpy(), rows, 0), values)
    return lines.with_columns(base["unit_micros"].alias("base_micros"))


def _scopes() -> pl.Expr:
    return pl.col("multiple_procedure") == SCOPES


@cache
def _no_family() -> list[pl.Expr]:
    return [
        pl.lit(False).alias("is_base"),
        pl.lit(None, pl.String).alias("family"),
        pl.lit(None, pl.Int64).alias("base_micros"),
    ]


@cache
def _family() -> list[pl.Expr]:
    """`family`, and `family_code`, the number of its base."""
    family = pl.when(_scopes()).then("endoscopic_base").when("is_base").then("procedure")
    return [
        family.alias("family"),
        pl.when(_scopes()).then("base_code").otherwise("procedure_code").alias("family_code"),
    ]


@cache
def _family_of_several() -> pl.Expr:
    members = pl.col("units_milli").sum().over([*_GROUP, "family"])
    return pl.when(members > MILLI).then("family").alias("family")


def _line_worth(lines: pl.DataFrame) -> pl.DataFrame:
    """`lines` with `worth`, amount x units within its family, and `entity`, the unit of ranking."""
    lines = lines.with_columns(fee=pl.col("unit_micros") * pl.col("side_tenths"))
    return (
        lines.sort("is_base", "fee", "row", descending=[False, True, False])
        .with_columns(leads=pl.int_range(pl.len()).over([*_GROUP, "family"]) == 0)
        .with_columns(_worth())
    )


@cache
def _worth() -> list[pl.Expr]:
    """`worth`, `further`, the worth of further units outside a family, and `entity`."""
    fee, alone = pl.col("unit_micros"), pl.col("family").is_null()
    added = pl.max_horizontal(fee - pl.col("base_micros"), pl.lit(0)).fill_null(0)
    one = pl.min_horizontal("units_milli", pl.lit(MILLI))
    rest = pl.col("units_milli") - one
    in_family = (
        pl.when("is_base")
        .then(pl.lit(0))
        .when("leads")
        .then(fee * one + added * rest)
        .otherwise(added * pl.col("units_milli"))
    )
    return [
        pl.when(alone).then(fee * one).otherwise(in_family).alias("worth"),
        pl.when(alone).then(fee * rest).otherwise(0).alias("further"),
        pl.coalesce("family", pl.lit("line ") + pl.col("row").cast(pl.String)).alias("entity"),
    ]


def _ranked(lines: pl.DataFrame) -> pl.DataFrame:
    """Rank the procedures and families of each group and apply the shares."""
    entities = (
        lines.group_by(*_GROUP, "entity")
        .agg(_of_entity())
        .sort("value", "row", descending=[True, False])
        .with_columns(_ranks())
        .select(*_GROUP, "entity", "rank", "elsewhere")
    )
    lines = lines.join(entities, on=[*_GROUP, "entity"], how="left")
    return lines.filter(~_unreduced()).select(_reduced())


@cache
def _of_entity() -> list[pl.Expr]:
    value = (pl.col("worth").cast(pl.Int128) * pl.col("side_tenths")).sum()
    elsewhere = pl.col("further_procedure").all()
    return [value.alias("value"), pl.col("row").min(), elsewhere.alias("elsewhere")]


@cache
def _ranks() -> list[pl.Expr]:
    rank = pl.int_range(1, pl.len() + 1).over(_GROUP)
    return [rank.alias("rank"), pl.col("elsewhere").all().over(_GROUP)]


def _in_full() -> pl.Expr:
    return (pl.col("rank") == 1) & ~pl.col("elsewhere")


@cache
def _unreduced() -> pl.Expr:
    leader = pl.col("leads") & (pl.col("units_milli") <= MILLI)
    return _in_full() & (pl.col("further") == 0) & (pl.col("family").is_null() | leader)


@cache
def _reduced() -> list[pl.Expr]:
    other = pl.col("rule_multiple_surgery_other")
    share = pl.when(_in_full()).then(PERMILLE).otherwise(other)
    gross = pl.col("worth").cast(pl.Int128) * share + pl.col("further").cast(pl.Int128) * other
    return [pl.col("row"), gross.alias("gross"), _reason(_in_full()).alias("reduction")]


def _reason(in_full: pl.Expr) -> pl.Expr:
    half = pl.concat_str(
        pl.lit("multiple procedures "), pl.col("rule_multiple_surgery_other") // 10, pl.lit("%")
    )
    return pl.concat_str(
        pl.when("is_base")
        .then(pl.lit("endoscopy base included in its family"))
        .when(pl.col("family").is_not_null() & (~pl.col("leads") | (pl.col("units_milli") > MILLI)))
        .then(pl.lit("endoscopy family, less the base")),
        pl.when(in_full & (pl.col("further") > 0))
        .then(half + pl.lit(" after the first unit"))
        .when(~in_full & ~pl.col("is_base"))
        .then(half),
        pl.when(~in_full & (pl.col("rank") > _RANKED)).then(pl.lit("sixth or later, priced by report")),
        separator="; ",
        ignore_nulls=True,
    )
