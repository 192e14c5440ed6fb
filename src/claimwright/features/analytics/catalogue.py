"""Definitions of figures as they are shown: what each is, where it is from, and how it is computed."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from claimwright.engines.kpis.definition import Kpi, load_kpis


@dataclass(frozen=True)
class SideSheet:
    """The numerator or the denominator of a figure, in words and in SQL over `analytics.facts`."""

    words: str
    sql: str
    over: str
    days: int | None
    per_day: bool


@dataclass(frozen=True)
class BenchmarkSheet:
    """A published value; `value` is null where there is none, and `words` says why."""

    value: float | None
    words: str
    source: str
    published: str | None
    read_on: datetime.date | None


@dataclass(frozen=True)
class KpiSheet:
    """A figure's definition. `withheld` says why its value is not for the asker."""

    name: str
    title: str
    question: str
    definition: str
    unit: str
    direction: str
    method: str
    numerator: SideSheet
    denominator: SideSheet | None
    exclusions: list[str]
    source: list[str]
    benchmark: BenchmarkSheet
    grain: str
    dimensions: list[str]
    needs: str
    withheld: str | None = None


def sheet_of(kpi: Kpi, withheld: str | None = None) -> KpiSheet:
    """The definition of a figure."""
    sides = [
        None if side is None else SideSheet(side.words, side.sql.text, side.over, side.days, side.per_day)
        for side in (kpi.numerator, kpi.denominator)
    ]
    numerator, denominator = sides
    assert numerator is not None
    benchmark = kpi.benchmark
    return KpiSheet(
        kpi.name, kpi.title, kpi.question, kpi.definition, kpi.unit, kpi.direction, kpi.method, numerator,
        denominator, list(kpi.exclusions), list(kpi.source),
        BenchmarkSheet(
            benchmark.value, benchmark.words, benchmark.source, benchmark.published, benchmark.read_on
        ),
        kpi.grain, list(kpi.dimensions), kpi.needs, withheld,
    )  # fmt: skip


def all_figures() -> list[Kpi]:
    """All figures, in order of the question that they answer."""
    return list(load_kpis().kpis)
