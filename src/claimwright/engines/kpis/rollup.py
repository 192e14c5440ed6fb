"""Sums of facts by day, for each dimension by itself.

Sums are signed and add up: what changed in the facts is added to the sums, and the result is what all facts
sum up to. A balance is in the bucket of its age: it moves to the next one on a known day, so that the sum
of a bucket up to any day is what was that old then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from .known import MEASURES

# Dimensions that a claim has, and those that a fact has.
OF_CLAIM = ("payer", "plan", "form", "provider", "specialty", "procedure_group", "diagnosis_group")
OF_FACT = ("category", "cause", "department", "staff", "level")
# `all` is no breakdown; every sum is by facility, so that it can be limited to some of them.
DIMENSIONS = ("all", *OF_CLAIM, *OF_FACT)
UNKNOWN = "unknown"
# Last day of each age but the open one, as HFMA's aged A/R has them.
AGE_ENDS = (30, 60, 90, 120)
AGES = ("0-30", "31-60", "61-90", "91-120", "120+")
BALANCES = ("ar_insurance", "ar_patient", "unbilled")
WAITS = ("payment_wait", "authorization_standard_wait", "authorization_expedited_wait")
# The longest wait that is told from longer ones, in days.
MOST_WAIT = 32_000
# Of one dimension. Facility and value are the numbers of their names, the fact is its place among `facts`.
DAYS: dict[str, pl.DataType] = {
    "fact": pl.Int16(), "on_day": pl.Date(), "facility": pl.Int32(), "value": pl.Int32(),
    "bucket": pl.Int16(), **{measure: pl.Int64() for measure in MEASURES},
}  # fmt: skip
_NO_VALUE = 0


def rolled_up(facts: pl.DataFrame, places: Mapping[str, int]) -> Mapping[str, pl.DataFrame]:
    """By dimension, the sums of facts by day: the columns of `DAYS`.

    `facts` has the columns of all dimensions, as numbers of their names; `places` has the place of each
    fact. A fact without a cause, say, is of no cause; only those that have one are summed by it.
    """
    balances = [places[name] for name in BALANCES]
    coded = facts.select(
        pl.col("fact").replace_strict(places, return_dtype=pl.Int16), "valid_on", "anchor_on", "wait_days",
        "facility", *DIMENSIONS[1:], *MEASURES,
    )  # fmt: skip
    found = {}
    for dimension in DIMENSIONS:
        of = coded.drop_nulls(dimension) if dimension in OF_FACT else coded
        value = pl.lit(_NO_VALUE, pl.Int32) if dimension == "all" else pl.col(dimension)
        summed = of.group_by(
            "fact", "valid_on", "anchor_on", "wait_days", "facility", value=value
        ).agg(pl.col(MEASURES).sum())  # fmt: skip
        days = aged(summed, balances).filter(pl.any_horizontal(pl.col(measure) != 0 for measure in MEASURES))
        found[dimension] = days.rename({"valid_on": "on_day"}).select(
            pl.col(name).cast(dtype) for name, dtype in DAYS.items()
        )
    return found


def aged(facts: pl.DataFrame, balances: Sequence[object] = BALANCES) -> pl.DataFrame:
    """Facts with `bucket` instead of `anchor_on` and `wait_days`; the `balances` among them move from age to
    age.
    """
    keep = [name for name in facts.columns if name not in {"anchor_on", "wait_days"}]
    wait = pl.col("wait_days").fill_null(-1).clip(-1, MOST_WAIT).cast(pl.Int16)
    is_balance = pl.col("fact").is_in(balances) & pl.col("anchor_on").is_not_null()
    flows = facts.filter(~is_balance).select(*keep, bucket=wait)
    owed = facts.filter(is_balance)
    if not owed.height:
        return flows
    age = (pl.col("valid_on") - pl.col("anchor_on")).dt.total_days()
    bucket = pl.sum_horizontal((age > end).cast(pl.Int16) for end in AGE_ENDS).cast(pl.Int16)
    begun = owed.with_columns(bucket=bucket)
    parts = [begun.select(*keep, "bucket")]
    # What begins as young as a bucket and is owed by equal services moves on the same day.
    by_service = [name for name in keep if name not in {*MEASURES, "valid_on"}]
    for number, end in enumerate(AGE_ENDS):
        moving = (
            begun.filter(pl.col("bucket") <= number)
            .group_by(*by_service, "anchor_on")
            .agg(pl.col(MEASURES).sum())
            .with_columns(valid_on=pl.col("anchor_on") + pl.duration(days=end + 1))
        )
        came = moving.with_columns(bucket=pl.lit(number + 1, pl.Int16))
        left = moving.with_columns(
            *(-pl.col(measure) for measure in MEASURES), bucket=pl.lit(number, pl.Int16)
        )
        parts += [came.select(*keep, "bucket"), left.select(*keep, "bucket")]
    moved = pl.concat(parts)
    keys = [name for name in moved.columns if name not in MEASURES]
    summed = moved.group_by(keys).agg(pl.col(MEASURES).sum()).select(*keep, "bucket")
    return pl.concat([flows, summed])
