"""Several surgical procedures of one patient on one day: the multiple-surgery and endoscopy rules.

Source: 42 CFR 414.40(b); Medicare Claims Processing Manual, ch. 12, 40.6; multiple procedure indicators 2
and 3 of the relative value file.

The procedures of a claim and day are ranked by fee schedule amount, after the bilateral rule, whatever
their order and whether or not modifier 51 is there. The highest is paid in full and each other one at
half; from the sixth on CMS prices by report, and half is an assumption that `reduction` names. Each unit
is a procedure. Endoscopies with one base procedure are a family: the highest is paid in full, the others
for what they add to the base, the base itself nothing; the family then ranks as one procedure. Where every
line carries modifier 51, the procedure in full is on another claim, and all of these are paid at half.

A surgeon's procedures and an assistant's are ranked apart.
"""

from __future__ import annotations

from functools import cache

import polars as pl

from claimwright.reference.fee_schedules import FeeSchedules

from .adjustments import PERMILLE, side_tenths
from .fee_amounts import with_unit_amounts
from .modifiers import WHOLE

MILLI = 1_000
"""Units are thousandths, as X12 allows three decimals."""

# After the fifth procedure CMS publishes no share: "by report" (indicator 2).
_RANKED = 5

_GROUP = ["group"]


def surgical_reductions(lines: pl.DataFrame, schedules: FeeSchedules) -> pl.DataFrame:
    """`row`, `gross` (thousandths of millionths of millis) and `reduction` for every reduced line.

    `gross` is amount x units x share: millionths of a dollar x thousandths of a unit x thousandths.
    Takes `unit_micros`, `units_milli`, the schedule's columns and the payment rules of the day.
    """
    surgical = lines.filter(pl.col("multiple_procedure").is_in([2, 3])).with_columns(group=_group())
    several = (pl.len().over(_GROUP) > 1) | (pl.col("units_milli") > MILLI) | pl.col("further_procedure")
    surgical = surgical.filter(several).with_columns(side_tenths=side_tenths())
    if surgical.is_empty():
        return nothing_reduced()
    worth = _line_worth(_with_families(surgical, schedules))
    return _ranked(worth)


@cache
def _group() -> pl.Expr:
    """One number for claim, day and role: days since 1970 fit 18 bits until the year 2687, the role two."""
    day = pl.col("on").to_physical().cast(pl.Int64)
    return (pl.col("claim") * 2**18 + day) * 4 + pl.col("assistant_role")


def nothing_reduced() -> pl.DataFrame:
    """No row, with the columns of every reduction."""
    return pl.DataFrame(schema={"row": pl.UInt32, "gross": pl.Int128, "reduction": pl.String})


def _with_families(lines: pl.DataFrame, schedules: FeeSchedules) -> pl.DataFrame:
    """`lines` with `family`, null outside one, and `base_micros`, the fee of the family's base.

    Endoscopies that share a base, and the base itself beside one of them, are a family; one endoscopy
    alone is an ordinary procedure.
    """
    scopes = pl.col("multiple_procedure") == 3
    bases = lines.filter(scopes).select(*_GROUP, procedure="endoscopic_base").unique()
    lines = lines.join(
        bases.with_columns(is_base=pl.lit(True)), on=[*_GROUP, "procedure"], how="left"
    ).with_columns(pl.col("is_base").fill_null(value=False))
    family = pl.when(scopes).then("endoscopic_base").when("is_base").then("procedure").alias("family")
    lines = lines.with_columns(family)
    members = pl.col("units_milli").sum().over([*_GROUP, "family"])
    lines = lines.with_columns(pl.when(members > MILLI).then("family").alias("family"))
    asked = lines.filter(pl.col("family").is_not_null())
    if asked.is_empty():
        return lines.with_columns(base_micros=pl.lit(None, pl.Int64))
    keys = [
        "edition",
        "family",
        "kind",
        "adjusted",
        "facility",
        "factor",
        "work_gpci",
        "pe_gpci",
        "malpractice_gpci",
    ]
    values = schedules.relative_values.filter(pl.col("component") == WHOLE)
    fees = with_unit_amounts(
        asked.select(keys)
        .unique()
        .join(values, left_on=["edition", "family"], right_on=["edition", "procedure"], how="left")
    ).select(*keys, base_micros="unit_micros")
    return lines.join(fees, on=keys, how="left")


def _line_worth(lines: pl.DataFrame) -> pl.DataFrame:
    """`lines` with `worth`, its amount x units within its family, and `entity`, what it ranks as."""
    lines = (
        lines.with_columns(fee=pl.col("unit_micros") * pl.col("side_tenths"))
        .sort("is_base", "fee", "row", descending=[False, True, False])
        .with_columns(leads=pl.int_range(pl.len()).over([*_GROUP, "family"]) == 0)
    )
    added = pl.max_horizontal(pl.col("unit_micros") - pl.col("base_micros"), pl.lit(0)).fill_null(0)
    one = pl.min_horizontal("units_milli", pl.lit(MILLI))
    rest = pl.col("units_milli") - one
    in_family = (
        pl.when("is_base")
        .then(pl.lit(0))
        .when("leads")
        .then(pl.col("unit_micros") * one + added * rest)
        .otherwise(added * pl.col("units_milli"))
    )
    return lines.with_columns(
        worth=pl.when(pl.col("family").is_null()).then(pl.col("unit_micros") * one).otherwise(in_family),
        further=pl.when(pl.col("family").is_null()).then(pl.col("unit_micros") * rest).otherwise(0),
        entity=pl.coalesce("family", pl.lit("line ") + pl.col("row").cast(pl.String)),
    )


def _ranked(lines: pl.DataFrame) -> pl.DataFrame:
    """Rank the procedures and families of each group and apply the shares."""
    entities = (
        lines.group_by(*_GROUP, "entity")
        .agg(
            value=(pl.col("worth").cast(pl.Int128) * pl.col("side_tenths")).sum(),
            row=pl.col("row").min(),
            elsewhere=pl.col("further_procedure").all(),
        )
        .sort("value", "row", descending=[True, False])
        .with_columns(
            rank=pl.int_range(1, pl.len() + 1).over(_GROUP),
            elsewhere=pl.col("elsewhere").all().over(_GROUP),
        )
        .select(*_GROUP, "entity", "rank", "elsewhere")
    )
    lines = lines.join(entities, on=[*_GROUP, "entity"], how="left")
    in_full = (pl.col("rank") == 1) & ~pl.col("elsewhere")
    share = pl.when(in_full).then(PERMILLE).otherwise("rule_multiple_surgery_other")
    unreduced = (
        in_full
        & (pl.col("further") == 0)
        & (pl.col("family").is_null() | (pl.col("leads") & (pl.col("units_milli") <= MILLI)))
    )
    gross = pl.col("worth").cast(pl.Int128) * share + pl.col("further").cast(pl.Int128) * pl.col(
        "rule_multiple_surgery_other"
    )
    return lines.filter(~unreduced).select("row", gross=gross, reduction=_reason(in_full))


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
