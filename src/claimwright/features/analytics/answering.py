"""Answers questions for figures: from the sums where they can, otherwise from the facts.

The sums have one dimension beside the facility, as it is known now. Two dimensions, and what was known at an
earlier time, are summed from the facts; both give the same figure.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from claimwright.engines.kpis.definition import Kpi, Side
from claimwright.engines.kpis.evaluation import (
    MEANING,
    NOTHING,
    Group,
    Value,
    breakdown_of,
    evaluate,
    median_of,
    suppress_small,
    window_of,
)
from claimwright.engines.kpis.known import MEASURES
from claimwright.engines.kpis.periods import Period
from claimwright.engines.kpis.rollup import AGE_ENDS, AGES
from claimwright.engines.kpis.windows import Window
from claimwright.platform.database import Connection
from claimwright.store import analytics_facts
from claimwright.store import analytics_sums as sums
from claimwright.store.analytics_sums import Wanted

from .packed_sums import PackedSums
from .question import FigureError, NoSuchFigureError, Question

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
    reading = _Reading(connection, question, PackedSums(connection))
    totals = _values(reading, periods, ())
    rows = _values(reading, periods, question.group_by) if question.group_by else {}
    earlier, earlier_totals = {}, {}
    if compared:
        before = compared if len(compared) == len(periods) else compared[: len(periods)]
        earlier_totals = _values(reading, before, ())
        if question.group_by:
            earlier = _values(reading, before, question.group_by)
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


@dataclass(frozen=True)
class _Reading:
    """What is asked, and where it is read."""

    connection: Connection
    question: Question
    packs: PackedSums


def _values(
    reading: _Reading, periods: Sequence[Period], group_by: Sequence[str]
) -> dict[tuple[int, Group], Value]:
    kpi = reading.question.kpi
    above = _sums(reading, kpi.numerator, periods, group_by)
    if kpi.method == "median":
        own = breakdown_of(kpi.numerator.sql, group_by)
        return median_of(kpi, above, own, group_by, _unpaid(reading, periods, own))
    below = None if kpi.denominator is None else _sums(reading, kpi.denominator, periods, group_by)
    return evaluate(kpi, periods, group_by, above, below)


def _sums(reading: _Reading, side: Side, periods: Sequence[Period], group_by: Sequence[str]) -> pl.DataFrame:
    """What a side is summed from, with the columns of the dimensions that its facts have."""
    question = reading.question
    own = breakdown_of(side.sql, group_by)
    where = tuple((name, value) for name, value in question.where if name in breakdown_of(side.sql, [name]))
    if side.sql.facts == {"cost"}:
        return _costs(reading.connection, question, periods)
    wanted = Wanted(sorted(side.sql.facts), _windows(side, periods), question.facilities, own, where)
    if _from_packs(question, wanted):
        found = reading.packs.sums(wanted, {"items", *(term.measure for term in side.sql.terms)})
    else:
        found = sums.fact_sums(reading.connection, wanted, known_at=question.known_at, ages=AGE_ENDS)
    if found.height >= sums.MOST_SUMS:
        raise FigureError(
            "that would be more groups than anybody reads. Ask for fewer dimensions, or one value."
        )
    ages = [AGES.index(value) for name, value in where if name == "age"]
    if ages:
        found = found.filter(pl.col("bucket").is_in(ages))
    if "age" in own:
        names = pl.col("bucket").replace_strict(
            dict(enumerate(AGES)), default="unknown", return_dtype=pl.String
        )
        found = found.with_columns(age=names)
    return found


def _from_packs(question: Question, wanted: Wanted) -> bool:
    names = {*wanted.group_by, *(name for name, _ in wanted.where)} - {"facility", "age"}
    return question.known_at is None and len(names) <= 1


def _windows(side: Side, periods: Sequence[Period]) -> list[Window]:
    found = []
    for number, period in enumerate(periods):
        begins, ends = window_of(side, period)
        first = None if begins is None else datetime.date.fromordinal(begins)
        found.append(Window(number, first, datetime.date.fromordinal(ends)))
    return found


def _unpaid(reading: _Reading, periods: Sequence[Period], own: Sequence[str]) -> pl.DataFrame:
    """Claims sent in each period that are not paid, by the days that they have waited at the end of
    `as_of`.
    """
    question = reading.question
    if not question.kpi.heeds_waiting:
        schema = {
            "window": pl.Int64(),
            **dict.fromkeys(own, pl.String()),
            "waited": pl.Int64(),
            "items": pl.Int64(),
        }
        return pl.DataFrame(schema=schema)
    windows = _windows(question.kpi.numerator, periods)
    wanted = Wanted(["payment_wait", "submitted"], windows, question.facilities, own, question.where)
    if _from_packs(question, wanted):
        by_day = reading.packs.items_by_day(wanted)
    else:
        by_day = sums.items_by_day(reading.connection, wanted, known_at=question.known_at)
    sign = pl.when(pl.col("fact") == "submitted").then(1).otherwise(-1)
    waited = (pl.lit(question.as_of) - pl.col("on_day")).dt.total_days()
    return (
        by_day.with_columns(items=pl.col("items") * sign, waited=waited)
        .group_by("window", *own, "waited")
        .agg(pl.col("items").sum())
    )


def _costs(connection: Connection, question: Question, periods: Sequence[Period]) -> pl.DataFrame:
    """The costs of months that begin in each period; they are of the whole practice."""
    known = sums.costs_by_month(connection) if question.facilities is None else {}
    rows = [
        {"window": number, "fact": "cost", "bucket": -1, **dict.fromkeys(MEASURES, 0), "cents": cents}
        for number, period in enumerate(periods)
        for month, cents in known.items()
        if period.begins <= month <= period.ends
    ]
    schema = {
        "window": pl.Int64(),
        "fact": pl.String(),
        "bucket": pl.Int64(),
        **{name: pl.Int64() for name in MEASURES},
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


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
