"""Answers questions for figures: from the sums where they can, otherwise from the facts.

The sums have one dimension beside the facility, as it is known now. Two dimensions, and what was known at an
earlier time, are summed from the facts; both give the same figure.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from claimwright.engines.kpis.definition import Kpi
from claimwright.engines.kpis.evaluation import MEANING, NOTHING, Group, Value, suppress_small
from claimwright.engines.kpis.periods import Period
from claimwright.platform.database import Connection
from claimwright.store import analytics_facts
from claimwright.store import analytics_sums as sums

from .question import NoSuchFigureError, Question
from .reading import Reading

MOST_ROWS = 2_000


@dataclass(frozen=True)
class KpiRow:
    """A figure of one group and period.

    Attributes:
        group: value by dimension; empty for the whole.
        value: in the figure's unit: a share of 1, days, minutes, a count or whole cents.
        reason: why there is no value, as a word; `reason_text` in a sentence.
        items: how many claims or work items there are behind it.
        before: the value that it is compared to.
        before_reason: why there is none.
    """

    group: dict[str, str]
    begins: datetime.date
    ends: datetime.date
    value: float | int | None
    numerator: int | None
    denominator: int | None
    items: int
    reason: str | None
    reason_text: str | None
    before: float | int | None = None
    before_reason: str | None = None


@dataclass(frozen=True)
class KpiAnswer:
    """An answer: what the figure is, and its rows, by interval and group; `totals` has each interval as a
    whole.

    Attributes:
        known_at: as it was known then; None for as it is known now.
        refreshed_at: when the facts were brought up to date.
        left_off: how many groups are not in `rows`.
    """

    name: str
    title: str
    unit: str
    direction: str
    definition: str
    begins: datetime.date
    ends: datetime.date
    as_of: datetime.date
    known_at: datetime.datetime | None
    refreshed_at: datetime.datetime | None
    group_by: list[str]
    interval: str | None
    compare_to: str | None
    compared: Period | None
    totals: list[KpiRow]
    rows: list[KpiRow]
    left_off: int


def answer(connection: Connection, question: Question, *, hide_small: bool) -> KpiAnswer:
    """The figure. `hide_small`: without what fewer than 11 claims would show.

    Raises:
        NoSuchFigureError: a facility is none of the tenant's, or of the asker's.
        FigureError: there are too many groups or intervals.
    """
    _check_facilities(connection, question)
    periods = question.periods
    compared = _compared(question)
    reading = Reading(connection, question)
    # Groups first: what all claims have adds up to the whole, which needs no other sums then.
    rows = reading.values(periods, question.group_by) if question.group_by else {}
    totals = reading.values(periods, ())
    earlier, earlier_totals = {}, {}
    if compared:
        before = compared if len(compared) == len(periods) else compared[: len(periods)]
        if question.group_by:
            earlier = reading.values(before, question.group_by)
        earlier_totals = reading.values(before, ())
    if hide_small:
        totals, rows, earlier, earlier_totals = map(suppress_small, (totals, rows, earlier, earlier_totals))
    kpi, last = question.kpi, analytics_facts.last_refresh(connection)
    shown = [
        _row(kpi, question.group_by, key, value, periods, earlier.get(key), question.compare_to)
        for key, value in rows.items()
    ]
    shown.sort(
        key=lambda each: (
            each.begins,
            -(abs(each.denominator or each.numerator or 0)),
            list(each.group.values()),
        )
    )
    return KpiAnswer(
        kpi.name,
        kpi.title,
        kpi.unit,
        kpi.direction,
        kpi.definition,
        question.period.begins,
        question.period.ends,
        question.as_of,
        question.known_at,
        last[1] if last else None,
        list(question.group_by),
        question.interval,
        question.compare_to,
        Period(compared[0].begins, compared[-1].ends) if compared else None,
        [
            _row(
                kpi,
                (),
                (number, ()),
                totals.get((number, ())),
                periods,
                earlier_totals.get((number, ())),
                question.compare_to,
            )
            for number in range(len(periods))
        ],
        shown[:MOST_ROWS],
        max(0, len(shown) - MOST_ROWS),
    )


def _compared(question: Question) -> list[Period] | None:
    if question.compare_to in {None, "benchmark"}:
        return None
    other = question.period.before() if question.compare_to == "previous" else question.period.year_before()
    if question.interval is None:
        return [other]
    return other.cut(question.interval)


def _check_facilities(connection: Connection, question: Question) -> None:
    asked = [value for name, value in question.where if name == "facility"]
    if not asked:
        return
    known = sums.known_facilities(connection)
    own = known if question.facilities is None else known & set(question.facilities)
    if not set(asked) <= own:
        raise NoSuchFigureError("there is no such facility that you may see.")


def _row(
    kpi: Kpi,
    group_by: Sequence[str],
    key: tuple[int, Group],
    value: Value | None,
    periods: Sequence[Period],
    before: Value | None,
    compare_to: str | None,
) -> KpiRow:
    value = value or Value(None, None, None, 0, NOTHING)
    reason = value.reason
    if compare_to is None:
        earlier: tuple[float | int | None, str | None] = (None, None)
    elif compare_to == "benchmark":
        earlier = (kpi.benchmark.value, None)
    else:
        old = before or Value(None, None, None, 0, NOTHING)
        earlier = (old.value, old.reason)
    period = periods[key[0]]
    return KpiRow(
        dict(zip(group_by, key[1], strict=True)), period.begins, period.ends, value.value, value.numerator,
        value.denominator, value.items, reason, MEANING[reason] if reason else None, *earlier,
    )  # fmt: skip


def meanings() -> Mapping[str, str]:
    """Why a figure may have no value, in sentences, by the word that says it."""
    return MEANING
