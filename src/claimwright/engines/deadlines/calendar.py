"""Days on which Federal offices work, and what is counted in them.

Source: 5 U.S.C. 6103(a) and (b), Executive Order 11582 (a holiday on a Sunday is kept on Monday, one on a
Saturday on the Friday before). Days that an executive order closes offices once, such as a day of mourning,
are not here: without them a deadline is shown at most a day too early.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

import polars as pl

FIRST_YEAR, LAST_YEAR = 2000, 2060
# Public Law 117-17: Juneteenth, signed on 17 June 2021 and kept on the 18th.
_JUNETEENTH_FROM = 2021
_SATURDAY, _SUNDAY = 5, 6


def federal_holidays(year: int) -> list[date]:
    """The days on which Federal offices keep a holiday, for the holidays of a year; sorted.

    The first may be 31 December of the year before, where New Year's Day is a Saturday.
    """
    fixed = [date(year, 1, 1), date(year, 7, 4), date(year, 11, 11), date(year, 12, 25)]
    if year >= _JUNETEENTH_FROM:
        fixed.append(date(year, 6, 19))
    moving = [
        _nth_monday(year, 1, 3), _nth_monday(year, 2, 3), _last_monday_of_may(year), _nth_monday(year, 9, 1),
        _nth_monday(year, 10, 2), _thanksgiving(year),
    ]  # fmt: skip
    return sorted([*map(_observed, fixed), *moving])


@cache
def holidays() -> tuple[date, ...]:
    """All holidays of the years that are known."""
    return tuple(day for year in range(FIRST_YEAR, LAST_YEAR + 1) for day in federal_holidays(year))


def next_business_day(days: pl.Expr) -> pl.Expr:
    """The day itself, or the first day after it that is no Saturday, Sunday or Federal holiday."""
    return days.dt.add_business_days(0, holidays=list(holidays()), roll="forward")


def add_business_days(days: pl.Expr, count: int, *, counts_first_day: bool = False) -> pl.Expr:
    """The last of `count` business days after a day; the day itself is the first where it counts."""
    if counts_first_day:
        return days.dt.add_business_days(count - 1, holidays=list(holidays()), roll="forward")
    return days.dt.add_business_days(count, holidays=list(holidays()), roll="backward")


def _observed(day: date) -> date:
    shift = {_SATURDAY: -1, _SUNDAY: 1}.get(day.weekday(), 0)
    return day + timedelta(days=shift)


def _nth_monday(year: int, month: int, nth: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(7 - first.weekday()) % 7 + 7 * (nth - 1))


def _last_monday_of_may(year: int) -> date:
    last = date(year, 5, 31)
    return last - timedelta(days=last.weekday())


def _thanksgiving(year: int) -> date:
    """The fourth Thursday of November."""
    first = date(year, 11, 1)
    return first + timedelta(days=(3 - first.weekday()) % 7 + 21)
