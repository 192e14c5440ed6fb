"""Periods, ages and waits: days by hand."""

from __future__ import annotations

import datetime

import polars as pl
import pytest

from claimwright.engines.kpis.known import MEASURES
from claimwright.engines.kpis.periods import Period, PeriodError, period_of
from claimwright.engines.kpis.rollup import aged
from claimwright.engines.kpis.survival import median_wait

DAY = datetime.date.fromisoformat
TODAY = DAY("2026-04-15")


@pytest.mark.parametrize(
    ("begins", "ends"),
    [
        ("2026-02-02", "2026-02-01"),
        ("2026-04-01", "2026-04-16"),
        ("2015-01-01", "2026-04-01"),
        ("1980-01-01", "1980-02-01"),
    ],
)
def test_days_that_are_no_period_are_refused(begins: str, ends: str) -> None:
    with pytest.raises(PeriodError):
        period_of(DAY(begins), DAY(ends), today=TODAY)


def test_the_period_before_whole_months_is_whole_months() -> None:
    assert Period(DAY("2026-03-01"), DAY("2026-03-31")).before() == Period(
        DAY("2026-02-01"), DAY("2026-02-28")
    )
    assert Period(DAY("2026-01-01"), DAY("2026-03-31")).before() == Period(
        DAY("2025-10-01"), DAY("2025-12-31")
    )
    assert Period(DAY("2026-03-02"), DAY("2026-03-31")).before() == Period(
        DAY("2026-01-31"), DAY("2026-03-01")
    )
    assert Period(DAY("2024-02-29"), DAY("2024-02-29")).year_before() == Period(
        DAY("2023-02-28"), DAY("2023-02-28")
    )


def test_a_period_is_cut_at_the_ends_of_months_and_weeks() -> None:
    months = Period(DAY("2026-01-30"), DAY("2026-03-01")).cut("month")
    assert [(each.begins.isoformat(), each.days) for each in months] == [
        ("2026-01-30", 2), ("2026-02-01", 28), ("2026-03-01", 1)
    ]  # fmt: skip
    # March 8, 2026 is a Sunday on which clocks change: a day like others.
    weeks = Period(DAY("2026-03-02"), DAY("2026-03-15")).cut("week")
    assert [each.days for each in weeks] == [7, 7]
    with pytest.raises(PeriodError):
        Period(DAY("2024-01-01"), DAY("2026-01-01")).cut("day")


def test_the_median_heeds_those_that_wait() -> None:
    assert median_wait({10: 1, 20: 1, 30: 1}, {}) == 20
    # Four of ten are paid after ten days; the others wait: nobody knows when half will be paid.
    assert median_wait({10: 4}, {50: 6}) is None
    # One that is out of sight after 15 days is at risk on day 10, and not on day 20.
    assert median_wait({10: 1, 20: 1}, {15: 1}) == 20
    assert median_wait({}, {}) is None


def test_a_balance_is_in_the_bucket_of_its_age_on_every_day() -> None:
    """100.00 owed from day 20 after the service to day 70: 0-30 to day 30, 31-60 to day 60, 61-90 to day
    69.
    """
    service = DAY("2026-01-01")
    rows = [
        {
            "fact": "ar_insurance",
            "valid_on": service + datetime.timedelta(days),
            "anchor_on": service,
            "wait_days": None,
            "facility": "F",
            "value": "",
            **dict.fromkeys(MEASURES, 0),
            "items": sign,
            "cents": sign * 10_000,
        }
        for days, sign in ((20, 1), (70, -1))
    ]
    moved = aged(
        pl.DataFrame(rows, schema_overrides={"wait_days": pl.Int32, **dict.fromkeys(MEASURES, pl.Int64)})
    )
    for age in range(200):
        day = service + datetime.timedelta(age)
        owed = moved.filter(pl.col("valid_on") <= day).group_by("bucket").agg(pl.col("cents").sum())
        there = {bucket: cents for bucket, cents in owed.iter_rows() if cents}  # of buckets with something
        expected = {0 if age <= 30 else 1 if age <= 60 else 2: 10_000} if 20 <= age < 70 else {}
        assert there == expected, age
