"""What is asked of a figure, checked before anything is read.

FigureError (InputError)              the question can't be answered as it is: days, breakdown, interval
NoSuchFigureError (NotFoundError)     there is no such figure, or no such facility of the tenant
"""

from __future__ import annotations

import datetime
import difflib
from collections.abc import Sequence
from dataclasses import dataclass, field

from claimwright.engines.kpis.definition import BREAKDOWNS, Kpi, load_kpis
from claimwright.engines.kpis.periods import (
    INTERVALS,
    Comparison,
    Interval,
    Period,
    PeriodError,
    period_of,
)
from claimwright.engines.kpis.rollup import AGES
from claimwright.foundation import clock
from claimwright.foundation.errors import InputError, NotFoundError

_USUAL_DAYS = 30
_MOST_DIMENSIONS = 2
COMPARISONS: tuple[Comparison, ...] = ("previous", "year", "benchmark")


class FigureError(InputError, ValueError):
    """The question can't be answered as it is; the message says what to ask instead."""


class NoSuchFigureError(NotFoundError, KeyError):
    """There is no such figure, or no such facility."""

    def __str__(self) -> str:
        return str(self.args[0])


@dataclass(frozen=True)
class Question:
    """A checked question.

    Attributes:
        known_at: as it was known then; None for as it is known now.
        facilities: of the asker; None for all.
        where: only of these values, such as one payer.
    """

    kpi: Kpi
    period: Period
    known_at: datetime.datetime | None
    as_of: datetime.date
    group_by: tuple[str, ...]
    compare_to: Comparison | None
    interval: Interval | None
    facilities: list[str] | None
    where: tuple[tuple[str, str], ...] = field(default=())

    @property
    def periods(self) -> list[Period]:
        """The period, or its intervals."""
        try:
            return self.period.cut(self.interval) if self.interval else [self.period]
        except PeriodError as error:
            raise FigureError(str(error)) from None


def ask(
    name: str,
    *,
    begins: datetime.date | None = None,
    ends: datetime.date | None = None,
    as_of: datetime.date | None = None,
    group_by: Sequence[str] = (),
    compare_to: str | None = None,
    interval: str | None = None,
    facilities: Sequence[str] | None = None,
    where: Sequence[tuple[str, str]] = (),
) -> Question:
    """The question for a figure; by default the last 30 days, as they are known now.

    `as_of` is the day as it was known at the end of.

    Raises:
        NoSuchFigureError: there is no such figure.
        FigureError: days, dimensions, interval or comparison can't be asked.
    """
    kpi = figure_named(name)
    today = clock.today()
    if as_of is not None and as_of > today:
        raise FigureError("as of a day in the future nothing is known. Ask until today at most.")
    known_on = as_of or today
    until = ends or known_on
    since = begins or until - datetime.timedelta(days=_USUAL_DAYS - 1)
    try:
        period = period_of(since, until, today=today)
    except PeriodError as error:
        raise FigureError(str(error)) from None
    if until > known_on:
        raise FigureError("the period ends after the day as of which it is asked. Ask until that day.")
    if interval is not None and interval not in INTERVALS:
        raise FigureError(f"there is no such interval. There are: {', '.join(INTERVALS)}.")
    if compare_to is not None and compare_to not in COMPARISONS:
        raise FigureError(f"there is no such comparison. There are: {', '.join(COMPARISONS)}.")
    if compare_to == "benchmark" and kpi.benchmark.value is None:
        raise FigureError(f"there is no benchmark: {kpi.benchmark.words}")
    groups = tuple(group_by)
    if len(groups) > _MOST_DIMENSIONS or len(set(groups)) < len(groups):
        raise FigureError("a figure is broken down by at most two different dimensions.")
    for dimension in (*groups, *(each for each, _ in where)):
        _check_dimension(kpi, dimension)
    for dimension, value in where:
        if dimension == "age" and value not in AGES:
            raise FigureError(f"there is no such age. There are: {', '.join(AGES)}.")
    after = None if as_of is None else clock.start_of(as_of + datetime.timedelta(days=1))
    return Question(
        kpi, period, after, known_on, groups, compare_to, interval,
        None if facilities is None else list(facilities), tuple(where),
    )  # fmt: skip


def figure_named(name: str) -> Kpi:
    """The figure with a name.

    Raises:
        NoSuchFigureError: there is none.
    """
    known = load_kpis().by_name
    if name not in known:
        close = difflib.get_close_matches(name[:80], list(known), 1)
        hint = f"Did you mean {close[0]}?" if close else "`claimwright kpi list` names all of them."
        raise NoSuchFigureError(f"there is no such figure. {hint}")
    return known[name]


def _check_dimension(kpi: Kpi, dimension: str) -> None:
    if dimension not in BREAKDOWNS:
        raise FigureError(f"there is no such dimension. There are: {', '.join(BREAKDOWNS)}.")
    if dimension not in kpi.dimensions:
        able = ", ".join(kpi.dimensions) or "nothing"
        raise FigureError(f"{kpi.name} can't be broken down by {dimension}. It can by: {able}.")
