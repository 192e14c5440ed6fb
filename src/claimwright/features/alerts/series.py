"""The figure of a definition, for each group: the days that are judged, and what they come to."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from claimwright.engines.alerting import (
    AlertDefinition,
    AlertThreshold,
    FigurePoint,
    Judgement,
    judge_threshold,
    judge_unusual,
)
from claimwright.engines.alerting.baseline import HISTORY_DAYS
from claimwright.features.analytics import KpiAnswer, KpiRow, answer, ask, figure_named
from claimwright.platform.database import Connection

# The largest groups are judged; a breakdown into more would be read by nobody.
MOST_GROUPS = 500
Group = tuple[str, ...]
Kind = Literal["share", "sum", "level"]


@dataclass(frozen=True)
class Judged:
    """A group and what its figure came to. `is_small`: its numbers are of fewer than 11 claims."""

    series: Group
    begins: datetime.date
    ends: datetime.date
    value: float | None
    items: int
    judgement: Judgement
    is_small: bool

    @property
    def seen(self) -> dict[str, object]:
        """What an incident stores of it."""
        return {
            "begins": self.begins, "ends": self.ends, "value": self.value, "items": self.items,
            "usual": self.judgement.usual, "lower_limit": self.judgement.lower,
            "upper_limit": self.judgement.upper, "is_small": self.is_small,
        }  # fmt: skip


def kind_of(definition: AlertDefinition) -> tuple[Kind, bool]:
    """How the figure scatters, and whether it is slow: then its change from day to day is judged.

    A balance and a trailing figure hold every day of the past; a break in them is a step.
    """
    kpi = figure_named(definition.kpi)
    if kpi.numerator.over != "period":
        return "level", True
    if kpi.unit == "share":
        return "share", False
    return ("sum" if kpi.method == "sum" else "level"), False


def judge_all(connection: Connection, definition: AlertDefinition, today: datetime.date) -> list[Judged]:
    """The judgement of every group, the largest first; figures have to be up to date."""
    if isinstance(definition.condition, AlertThreshold):
        return _judge_thresholds(connection, definition, definition.condition, today)
    return _judge_days(connection, definition, today)


def days_of(
    connection: Connection, definition: AlertDefinition, series: Group, today: datetime.date
) -> list[FigurePoint]:
    """The figure of one group day by day over the past that is looked at, for a chart."""
    begins = today - datetime.timedelta(days=HISTORY_DAYS)
    where = (*definition.where, *zip(definition.by, series, strict=True))
    found = answer(
        connection,
        ask(definition.kpi, begins=begins, ends=today, interval="day", where=where),
        hide_small=False,
    )
    return [FigurePoint(each.begins, each.value, each.items) for each in found.totals]


def _judge_thresholds(
    connection: Connection, definition: AlertDefinition, condition: AlertThreshold, today: datetime.date
) -> list[Judged]:
    begins = today - datetime.timedelta(days=condition.days - 1)
    question = ask(definition.kpi, begins=begins, ends=today, group_by=definition.by, where=definition.where)
    found = answer(connection, question, hide_small=False)
    small = _small(answer(connection, question, hide_small=True))
    kind, _ = kind_of(definition)
    rows = found.rows if definition.by else found.totals
    return [
        Judged(
            series, each.begins, each.ends, _number(each.value), each.items,
            judge_threshold(
                condition, each.value, each.items, minimum_items=definition.minimum_items,
                counts_items=kind == "sum" and not definition.by,
            ),
            (series, each.begins) in small,
        )
        for each in rows[:MOST_GROUPS]
        for series in [tuple(each.group.values())]
    ]  # fmt: skip


def _judge_days(connection: Connection, definition: AlertDefinition, today: datetime.date) -> list[Judged]:
    condition = definition.condition
    assert not isinstance(condition, AlertThreshold)
    kind, is_slow = kind_of(definition)
    day = today - datetime.timedelta(days=condition.delay_days)
    first = day - datetime.timedelta(days=HISTORY_DAYS + is_slow)
    points: dict[Group, list[FigurePoint]] = defaultdict(list)
    for row in _rows(connection, definition, first, day, hide_small=False):
        points[tuple(row.group.values())].append(FigurePoint(row.begins, _number(row.value), row.items))
    small = {
        (tuple(each.group.values()), each.begins)
        for each in _rows(connection, definition, day, day, hide_small=True)
        if each.reason == "small_count"
    }
    largest = sorted(points, key=lambda series: -sum(each.items for each in points[series]))[:MOST_GROUPS]
    judged = []
    for series in largest:
        own = points[series]
        if kind == "sum":
            own = _filled(own, first, day)
        shown = next((each for each in own if each.day == day), FigurePoint(day, None, 0))
        judgement = judge_unusual(
            _changes(own) if is_slow else own, day, condition, kind=kind,
            is_lower_better=figure_named(definition.kpi).direction == "lower",
            minimum_items=definition.minimum_items,
        )  # fmt: skip
        if is_slow:
            judgement = _from(judgement, own, day)
        judged.append(Judged(series, day, day, shown.value, shown.items, judgement, (series, day) in small))
    return judged


def _rows(
    connection: Connection,
    definition: AlertDefinition,
    begins: datetime.date,
    ends: datetime.date,
    *,
    hide_small: bool,
) -> Iterator[KpiRow]:
    """The rows of every day and group. Where one answer does not hold them, halves are asked for."""
    question = ask(
        definition.kpi, begins=begins, ends=ends, interval="day", group_by=definition.by,
        where=definition.where,
    )  # fmt: skip
    found = answer(connection, question, hide_small=hide_small)
    if not definition.by:
        yield from found.totals
    elif not found.left_off or begins == ends:
        yield from found.rows
    else:
        middle = begins + (ends - begins) / 2
        yield from _rows(connection, definition, begins, middle, hide_small=hide_small)
        after = middle + datetime.timedelta(days=1)
        yield from _rows(connection, definition, after, ends, hide_small=hide_small)


def _small(found: KpiAnswer) -> set[tuple[Group, datetime.date]]:
    rows = found.rows if found.group_by else found.totals
    return {(tuple(each.group.values()), each.begins) for each in rows if each.reason == "small_count"}


def _number(value: float | int | None) -> float | None:
    return None if value is None else float(value)


def _filled(points: Sequence[FigurePoint], first: datetime.date, last: datetime.date) -> list[FigurePoint]:
    """A day on which nothing was recorded has a sum of zero, from the first day with something on."""
    known = {each.day: each for each in points if each.value is not None}
    if not known:
        return list(points)
    begins = max(first, min(known))
    days = (begins + datetime.timedelta(days=each) for each in range((last - begins).days + 1))
    return [known.get(day, FigurePoint(day, 0.0, 0)) for day in days]


def _changes(points: Sequence[FigurePoint]) -> list[FigurePoint]:
    """The change of each day from the day before."""
    at = {each.day: each.value for each in points}
    found = []
    for each in points:
        before = at.get(each.day - datetime.timedelta(days=1))
        if each.value is not None and before is not None:
            found.append(replace(each, value=each.value - before))
    return found


def _from(judgement: Judgement, points: Sequence[FigurePoint], day: datetime.date) -> Judgement:
    """The judgement of a change, as limits of the value itself."""
    before = next((each.value for each in points if each.day == day - datetime.timedelta(days=1)), None)
    if before is None or judgement.usual is None:
        return judgement
    add: Callable[[float | None], float | None] = lambda part: None if part is None else part + before  # noqa: E731
    return replace(
        judgement, usual=add(judgement.usual), lower=add(judgement.lower), upper=add(judgement.upper)
    )
