"""Periods: the days that a figure is asked for, their intervals, and the period before.

A period is from its first to its last day, both included. Days are days of the office; an hour that a day has
more or less, when clocks change, does not matter to them.

PeriodError   the days can't be a period
"""

from __future__ import annotations

import calendar
import datetime
from dataclasses import dataclass
from typing import Literal, TypeAlias

from claimwright.foundation.errors import InputError

Interval: TypeAlias = Literal["day", "week", "month"]
INTERVALS: tuple[Interval, ...] = ("day", "week", "month")
Comparison: TypeAlias = Literal["previous", "year", "benchmark"]
# Ten years; a day each is as much as a chart can show anybody.
MOST_DAYS = 3_660
MOST_INTERVALS = 400


class PeriodError(InputError, ValueError):
    """The days can't be a period; the message says what to ask for."""


@dataclass(frozen=True)
class Period:
    """Days from `begins` to `ends`, both included."""

    begins: datetime.date
    ends: datetime.date

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.ends - self.begins).days + 1

    def before(self) -> Period:
        """The period before: whole months before whole months, otherwise as many days."""
        whole = (
            self.begins.day == 1 and self.ends.day == calendar.monthrange(self.ends.year, self.ends.month)[1]
        )
        last = self.begins - datetime.timedelta(days=1)
        if not whole:
            return Period(last - datetime.timedelta(days=self.days - 1), last)
        months = (self.ends.year - self.begins.year) * 12 + self.ends.month - self.begins.month + 1
        return Period(_months_back(self.begins, months), last)

    def year_before(self) -> Period:
        """The same days of the year before; February 29 becomes February 28."""
        return Period(_months_back(self.begins, 12), _months_back(self.ends, 12))

    def cut(self, interval: Interval) -> list[Period]:
        """The period in calendar days, weeks from Monday, or months; the first and the last may be shorter.

        Raises:
            PeriodError: there are too many.
        """
        found: list[Period] = []
        begins = self.begins
        while begins <= self.ends:
            ends = min(_end(begins, interval), self.ends)
            found.append(Period(begins, ends))
            if len(found) > MOST_INTERVALS:
                raise PeriodError(f"that is more than {MOST_INTERVALS} intervals. Ask for longer intervals.")
            begins = ends + datetime.timedelta(days=1)
        return found


def period_of(begins: datetime.date, ends: datetime.date, *, today: datetime.date) -> Period:
    """The period between two days.

    Raises:
        PeriodError: it ends before it begins, in the future, or is too long.
    """
    if ends < begins:
        raise PeriodError("the period ends before it begins. Exchange the two days.")
    if ends > today:
        raise PeriodError("the period ends in the future. Ask until today at most.")
    if (ends - begins).days >= MOST_DAYS:
        raise PeriodError("the period is longer than ten years. Ask for less.")
    if begins.year < 1990:
        raise PeriodError("the period begins before 1990. Correct the first day.")
    return Period(begins, ends)


def _end(day: datetime.date, interval: Interval) -> datetime.date:
    if interval == "day":
        return day
    if interval == "week":
        return day + datetime.timedelta(days=6 - day.weekday())
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def _months_back(day: datetime.date, months: int) -> datetime.date:
    number = day.year * 12 + day.month - 1 - months
    year, month = divmod(number, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return datetime.date(year, month + 1, min(day.day, last))
