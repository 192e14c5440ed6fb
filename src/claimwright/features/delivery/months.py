"""Months for partitions."""

from __future__ import annotations

import datetime

import polars as pl

from .tables import PARTITIONED_BY


def months_of(frame: pl.DataFrame) -> list[datetime.date]:
    """The first day of every month in which a row of the frame arrived, in order."""
    days = frame[PARTITIONED_BY].dt.month_start().unique().sort()
    return list(days)


def month_after(first: datetime.date) -> datetime.date:
    """The first day of the next month."""
    return (first + datetime.timedelta(days=32)).replace(day=1)
