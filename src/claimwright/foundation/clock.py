"""The only module that reads the clock. All other code gets the date as an argument."""

from __future__ import annotations

import datetime
import time


def today() -> datetime.date:
    """Today's date in the local time zone, because timely filing counts days of the submitter's office."""
    return datetime.datetime.now().astimezone().date()


def start_of(day: datetime.date) -> datetime.datetime:
    """The instant at which a day begins in the local time zone, whose offset may change from day to day."""
    return datetime.datetime.combine(day, datetime.time()).astimezone()


def local_day(quarter_hour: int) -> datetime.date:
    """The day, in the local time zone, of a quarter of an hour since 1970. Offsets are whole quarters."""
    at = datetime.datetime.fromtimestamp(quarter_hour * 900, datetime.UTC)
    return at.astimezone().date()


def now() -> datetime.datetime:
    """The current time, in UTC."""
    return datetime.datetime.now(datetime.UTC)


def seconds() -> float:
    """A monotonic counter in seconds, to measure durations. Only differences are meaningful."""
    return time.perf_counter()
