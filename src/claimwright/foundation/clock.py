"""The one place that reads the clock. Everything else is told what day it is."""

from __future__ import annotations

import datetime
import time


def today() -> datetime.date:
    """Today's date where this runs: timely filing counts days as the submitter's office does."""
    return datetime.datetime.now().astimezone().date()


def now() -> datetime.datetime:
    """This instant, in UTC."""
    return datetime.datetime.now(datetime.UTC)


def seconds() -> float:
    """A counter for how long something took; meaningful only as a difference."""
    return time.perf_counter()
