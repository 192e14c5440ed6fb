"""Sums of facts by day and by month, for each dimension by itself.

Sums are signed and add up: what changed in the facts is added to the sums, and the result is what all facts
sum up to. A balance is in the bucket of its age: it moves to the next one on a known day, so that the sum
of a bucket up to any day is what was that old then.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from .known import MEASURES

# Dimensions that a claim has, and those that a fact has.
OF_CLAIM = ("payer", "plan", "form", "provider", "specialty", "procedure_group", "diagnosis_group")
OF_FACT = ("category", "cause", "department", "staff")
# `all` is no breakdown; every sum is by facility, so that it can be limited to some of them.
DIMENSIONS = ("all", *OF_CLAIM, *OF_FACT)
# Summed by month only: so many days and providers would be more sums than facts.
BY_MONTH = ("provider",)
UNKNOWN = "unknown"
# Last day of each age but the open one, as HFMA's aged A/R has them.
AGE_ENDS = (30, 60, 90, 120)
AGES = ("0-30", "31-60", "61-90", "91-120", "120+")
BALANCES = ("ar_insurance", "ar_patient", "unbilled")
WAITS = ("payment_wait",)
ROLLUP: dict[str, pl.DataType] = {
    "dimension": pl.String(), "fact": pl.String(), "grain": pl.String(), "on_day": pl.Date(),
    "facility": pl.String(), "value": pl.String(), "bucket": pl.Int16(),
    **{measure: pl.Int64() for measure in MEASURES},
}  # fmt: skip
_IS_WAIT = pl.col("fact").is_in(WAITS)


def rolled_up(facts: pl.DataFrame, dimensions: Sequence[str] = DIMENSIONS) -> pl.DataFrame:
    """The sums of facts that have the columns of all dimensions: the columns of `ROLLUP`."""
    parts = []
    for dimension in dimensions:
        value = pl.lit("") if dimension == "all" else pl.col(dimension).fill_null(UNKNOWN)
        summed = facts.group_by(
            "fact", "valid_on", "anchor_on", "wait_days", facility=pl.col("facility").fill_null(UNKNOWN),
            value=value,
        ).agg(pl.col(MEASURES).sum())  # fmt: skip
        # Only people have a share in what is done; a fact without staff has nothing to be broken down.
        if dimension in OF_FACT:
            summed = summed.filter(pl.col("value") != UNKNOWN)
        days = aged(summed).rename({"valid_on": "on_day"})
        # By day, waits are not told apart: so many payers, days and waits would be as many rows as claims.
        by_day = days.with_columns(bucket=pl.when(_IS_WAIT).then(-1).otherwise("bucket").cast(pl.Int16))
        grains = [("month", _by_month(days))]
        if dimension not in BY_MONTH:
            grains.append(("day", by_day))
        for grain, frame in grains:
            parts.append(frame.with_columns(dimension=pl.lit(dimension), grain=pl.lit(grain)))
    keys = [name for name in ROLLUP if name not in MEASURES]
    return (
        pl.concat(parts)
        .group_by(keys)
        .agg(pl.col(MEASURES).sum())
        .filter(pl.any_horizontal(pl.col(measure) != 0 for measure in MEASURES))
        .select(pl.col(name).cast(dtype) for name, dtype in ROLLUP.items())
    )


def _by_month(days: pl.DataFrame) -> pl.DataFrame:
    keys = ["fact", "on_day", "facility", "value", "bucket"]
    return (
        days.with_columns(pl.col("on_day").dt.truncate("1mo"))
        .group_by(keys)
        .agg(pl.col(MEASURES).sum())
        .select(days.columns)
    )


def aged(facts: pl.DataFrame) -> pl.DataFrame:
    """Facts with `bucket` instead of `anchor_on` and `wait_days`; balances move from age to age."""
    keep = [name for name in facts.columns if name not in {"anchor_on", "wait_days"}]
    wait = pl.col("wait_days").fill_null(-1).clip(-1, 32_000).cast(pl.Int16)
    is_balance = pl.col("fact").is_in(BALANCES) & pl.col("anchor_on").is_not_null()
    flows = facts.filter(~is_balance).select(*keep, bucket=wait)
    balances = facts.filter(is_balance)
    if not balances.height:
        return flows
    age = (pl.col("valid_on") - pl.col("anchor_on")).dt.total_days()
    bucket = pl.sum_horizontal((age > end).cast(pl.Int16) for end in AGE_ENDS).cast(pl.Int16)
    begun = balances.with_columns(bucket=bucket)
    parts = [flows, begun.select(*keep, "bucket")]
    for number, end in enumerate(AGE_ENDS):
        moving = begun.filter(pl.col("bucket") <= number).with_columns(
            valid_on=pl.col("anchor_on") + pl.duration(days=end + 1)
        )
        came = moving.with_columns(bucket=pl.lit(number + 1, pl.Int16))
        left = moving.with_columns(
            *(-pl.col(measure) for measure in MEASURES), bucket=pl.lit(number, pl.Int16)
        )
        parts += [came.select(*keep, "bucket"), left.select(*keep, "bucket")]
    moved = pl.concat(parts)
    keys = [name for name in moved.columns if name not in MEASURES]
    return moved.group_by(keys).agg(pl.col(MEASURES).sum()).select(*keep, "bucket")
