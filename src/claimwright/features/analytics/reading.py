"""Reads what a figure is summed from, and evaluates it: each stretch of time and breakdown once."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence

import numpy as np
import polars as pl

from claimwright.engines.kpis.definition import Side
from claimwright.engines.kpis.evaluation import (
    Group,
    Value,
    breakdown_of,
    evaluate,
    median_of,
    window_of,
)
from claimwright.engines.kpis.fact_catalogue import FACTS
from claimwright.engines.kpis.grouped_sums import GroupedSums, less, no_sums, sums_of_frame
from claimwright.engines.kpis.packing import PLACES
from claimwright.engines.kpis.periods import Period
from claimwright.engines.kpis.rollup import AGE_ENDS, AGES, OF_CLAIM
from claimwright.engines.kpis.windows import Window
from claimwright.platform.database import Connection
from claimwright.store import analytics_sums as stored
from claimwright.store.analytics_sums import Wanted

from .packed_sums import PackedSums
from .question import FigureError, Question

# Every fact has a value of these, be it that it is unknown: their groups add up to the whole.
_COMPLETE = {*OF_CLAIM, "facility", "age"}
_EPOCH = datetime.date(1970, 1, 1)


class Reading:
    """What one question is answered from, in one transaction."""

    def __init__(self, connection: Connection, question: Question) -> None:
        self._connection = connection
        self._question = question
        self._packs = PackedSums(connection)
        self._read: list[tuple[Wanted, bool, GroupedSums]] = []

    def values(self, periods: Sequence[Period], group_by: Sequence[str]) -> dict[tuple[int, Group], Value]:
        """The figure of each period and group that has something in it."""
        kpi = self._question.kpi
        above = self._sums(kpi.numerator, periods, group_by)
        if kpi.method == "median":
            own = breakdown_of(kpi.numerator.sql, group_by)
            return median_of(kpi, above, own, group_by, self._unpaid(periods, own))
        below = None if kpi.denominator is None else self._sums(kpi.denominator, periods, group_by)
        return evaluate(kpi, periods, group_by, above, below)

    def _sums(self, side: Side, periods: Sequence[Period], group_by: Sequence[str]) -> GroupedSums:
        """What a side is summed from, with the dimensions that its facts have."""
        kpi = self._question.kpi
        if side.sql.facts == {"cost"}:
            return _costs(self._connection, self._question, periods)
        wanted = self._wanted(side, periods, group_by)
        # The other side is read with it, if it is of the same days and broken down alike.
        sides = [
            each
            for each in (kpi.numerator, kpi.denominator)
            if each is not None
            and each.sql.facts != {"cost"}
            and _like(self._wanted(each, periods, group_by), wanted)
        ]
        facts = sorted({name for each in sides for name in each.sql.facts})
        measures = {"items", *(term.measure for each in sides for term in each.sql.terms)}
        both = Wanted(facts, wanted.windows, wanted.facilities, wanted.group_by, wanted.where)
        found = self._once(
            both,
            False,
            lambda: self._packs.sums(both, measures),
            lambda: stored.fact_sums(self._connection, both, known_at=self._question.known_at, ages=AGE_ENDS),
            lambda then: stored.late_sums(self._connection, both, known_at=then, ages=AGE_ENDS),
        )
        ages = [AGES.index(value) for name, value in wanted.where if name == "age"]
        found = found.limited("bucket", ages) if ages else found
        return found.aged() if "age" in wanted.group_by else found

    def _wanted(self, side: Side, periods: Sequence[Period], group_by: Sequence[str]) -> Wanted:
        question = self._question
        own = breakdown_of(side.sql, group_by)
        where = tuple(each for each in question.where if each[0] in breakdown_of(side.sql, [each[0]]))
        return Wanted(sorted(side.sql.facts), windows_of(side, periods), question.facilities, own, where)

    def _once(
        self,
        wanted: Wanted,
        is_by_day: bool,
        from_packs: Callable[[], GroupedSums],
        from_facts: Callable[[], pl.DataFrame],
        known_later: Callable[[datetime.datetime], pl.DataFrame],
    ) -> GroupedSums:
        """What is wanted: as it was read before, also for more groups if these add up to it; or read now."""
        for before, by_day, sums in self._read:
            more = set(before.group_by) - set(wanted.group_by)
            if (
                by_day == is_by_day
                and _like(before, wanted, but_groups=True)
                and set(wanted.group_by) <= set(before.group_by)
                and more <= _COMPLETE
                and set(wanted.facts) <= set(before.facts)
                and ("age" not in more or all(FACTS[name].is_balance for name in wanted.facts))
            ):
                return sums
        dimensions, then = [name for name in wanted.group_by if name != "age"], self._question.known_at
        if not _is_packed(wanted):
            found = sums_of_frame(from_facts(), dimensions)
        elif then is None:
            found = from_packs()
        else:
            # What was known then is what is known now, less what became known later.
            found = less(from_packs(), sums_of_frame(known_later(then), dimensions), dimensions)
        if len(found) >= stored.MOST_SUMS:
            raise FigureError(
                "that would be more groups than anybody reads. Ask for fewer dimensions, or one value."
            )
        self._read.append((wanted, is_by_day, found))
        return found

    def _unpaid(self, periods: Sequence[Period], own: Sequence[str]) -> GroupedSums:
        """Claims sent in each period that are not paid, by the days that they have waited at the end of
        `as_of`.
        """
        question = self._question
        if not question.kpi.heeds_waiting:
            return no_sums("waited", own)
        windows = windows_of(question.kpi.numerator, periods)
        wanted = Wanted(["payment_wait", "submitted"], windows, question.facilities, own, question.where)
        by_day = self._once(
            wanted,
            True,
            lambda: self._packs.items_by_day(wanted),
            lambda: stored.items_by_day(self._connection, wanted, known_at=question.known_at),
            lambda then: stored.late_items_by_day(self._connection, wanted, known_at=then),
        )
        is_sent = by_day.columns["fact"] == PLACES["submitted"]
        waited = (question.as_of - _EPOCH).days - by_day.columns["on_day"]
        items = np.where(is_sent, 1, -1) * by_day.measure("items")
        summed, keys = by_day.by(own, own, {"waited": waited, "items": items}, also=["waited"])
        names = {name: sorted({group[at] for _, group in keys}) for at, name in enumerate(own)}
        codes = {name: {text: code for code, text in enumerate(texts)} for name, texts in names.items()}
        groups = {
            name: np.array([codes[name][group[at]] for _, group in keys], dtype=np.int64)
            for at, name in enumerate(own)
        }
        columns = {
            "window": summed["window"], "fact": np.zeros_like(summed["window"]), **groups,
            "waited": summed["waited"], "items": summed["items"],
        }  # fmt: skip
        return GroupedSums(columns, {name: dict(enumerate(texts)) for name, texts in names.items()})


def _is_packed(wanted: Wanted) -> bool:
    names = {*wanted.group_by, *(name for name, _ in wanted.where)} - {"facility", "age"}
    return len(names) <= 1


def windows_of(side: Side, periods: Sequence[Period]) -> list[Window]:
    """The days over which a side is summed for each period."""
    found = []
    for number, period in enumerate(periods):
        begins, ends = window_of(side, period)
        first = None if begins is None else datetime.date.fromordinal(begins)
        found.append(Window(number, first, datetime.date.fromordinal(ends)))
    return found


def _like(one: Wanted, other: Wanted, *, but_groups: bool = False) -> bool:
    """Whether they are of the same days, facilities and values, and broken down alike."""
    return (
        list(one.windows) == list(other.windows)
        and set(one.where) == set(other.where)
        and one.facilities == other.facilities
        and (but_groups or tuple(one.group_by) == tuple(other.group_by))
    )


def _costs(connection: Connection, question: Question, periods: Sequence[Period]) -> GroupedSums:
    """The costs of months that begin in each period; they are of the whole practice."""
    known = stored.costs_by_month(connection) if question.facilities is None else {}
    rows = [
        (number, PLACES["cost"], -1, cents)
        for number, period in enumerate(periods)
        for month, cents in known.items()
        if period.begins <= month <= period.ends
    ]
    columns = np.array(rows, dtype=np.int64).reshape(len(rows), 4)
    return GroupedSums(dict(zip(("window", "fact", "bucket", "cents"), columns.T, strict=True)), {})
