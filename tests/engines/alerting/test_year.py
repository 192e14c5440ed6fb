"""A year of daily values with planted breaks: which are found, and how often nothing is found to be unusual.

The world is drawn with fixed seeds: weekdays of their own level, a season, growth, more scatter than counting
alone makes, and ten holidays with a fifth of the volume. The rates are those that docs/alerts.md states.
"""

from __future__ import annotations

import datetime
import math
import random
from dataclasses import dataclass
from pathlib import Path

import pytest

from claimwright.engines.alerting import FigurePoint, UnusualDay, judge_unusual
from claimwright.engines.alerting.baseline import HISTORY_DAYS, LIMITS, Kind

FIRST = datetime.date(2025, 1, 1)
DAYS = HISTORY_DAYS + 365
WEEKDAYS = (1.1, 1.05, 1.0, 1.0, 0.95, 0.35, 0.25)
HOLIDAYS = frozenset({0, 19, 47, 145, 169, 184, 243, 285, 314, 330, 358})  # days of the year, from 0
# First day after the history, how many days, and by what the figure is multiplied.
BREAKS = ((120, 3, 2.0), (170, 5, 1.8), (215, 2, 3.0), (260, 7, 2.0), (305, 4, 1.8), (350, 3, 2.5))
SERIES: tuple[tuple[str, Kind, int], ...] = (
    ("denial rate of a small payer", "share", 60),
    ("denial rate of the practice", "share", 400),
    ("claims a day", "sum", 120),
    ("dollars a day", "sum", 120),
    ("days to payment", "level", 80),
)
# False alarms a month for one figure and group, judged on both sides: what the documentation promises.
PROMISED = {"low": 0.05, "normal": 0.2, "high": 0.6}


@dataclass(frozen=True)
class Outcome:
    """Of a year: how far each judged day is from usual, in robust standard deviations."""

    quiet: list[float]
    broken: list[list[float]]

    def false_alarms_a_month(self, limit: float) -> float:
        return sum(abs(each) > limit for each in self.quiet) / len(self.quiet) * 365.25 / 12

    def found(self, limit: float) -> int:
        """Breaks of which at least one day alarms."""
        return sum(any(abs(each) > limit for each in days) for days in self.broken)


def drawn(name: str, kind: Kind, volume: int, seed: int, breaks: bool) -> list[FigurePoint]:
    rng = random.Random(f"{name} {seed}")
    points = []
    for number in range(DAYS):
        day = FIRST + datetime.timedelta(days=number)
        factor = 1.0
        for begins, length, by in BREAKS if breaks else ():
            if begins <= number < begins + length:
                factor = by
        season = 1 + 0.1 * math.sin(2 * math.pi * number / 365) + 0.15 * number / DAYS
        level = volume * WEEKDAYS[day.weekday()] * season * (0.2 if number % 365 in HOLIDAYS else 1)
        claims = max(0, round(rng.gauss(level, 1.4 * math.sqrt(level))))
        if kind == "share":
            share = min(0.9, 0.08 * math.exp(rng.gauss(0, 0.06)) * factor)
            denied = sum(rng.random() < share for _ in range(claims))
            points.append(FigurePoint(day, denied / claims if claims else None, claims))
        elif name.startswith("dollars"):
            cents = sum(rng.lognormvariate(5, 0.8) for _ in range(claims)) * 100 * factor
            points.append(FigurePoint(day, cents, claims))
        elif kind == "sum":
            points.append(FigurePoint(day, float(round(claims * factor)), round(claims * factor)))
        else:
            points.append(FigurePoint(day, 30 * math.exp(rng.gauss(0, 0.09)) * factor, claims))
    return points


def year(name: str, kind: Kind, volume: int, seed: int, *, breaks: bool) -> Outcome:
    points = drawn(name, kind, volume, seed, breaks)
    broken_days = {begins + each for begins, length, _ in BREAKS for each in range(length)}
    distances: dict[int, float] = {}
    for number in range(HISTORY_DAYS, DAYS):
        window = points[number - HISTORY_DAYS : number + 1]
        judged = judge_unusual(
            window, points[number].day, UnusualDay(side="both"), kind=kind, is_lower_better=True,
            minimum_items=30,
        )  # fmt: skip
        # A holiday of a sum is unusual, and is meant to be: it is no false alarm of the arithmetic.
        if judged.distance is not None and not (kind == "sum" and number % 365 in HOLIDAYS):
            distances[number] = judged.distance
    return Outcome(
        [each for number, each in distances.items() if not (breaks and number in broken_days)],
        [
            [distances[number] for number in range(begins, begins + length) if number in distances]
            for begins, length, _ in BREAKS
        ]
        if breaks
        else [],
    )


@pytest.mark.parametrize(("name", "kind", "volume"), SERIES, ids=[each[0] for each in SERIES])
def test_breaks_of_a_year_are_found_and_false_alarms_are_as_rare_as_stated(
    name: str, kind: Kind, volume: int, repo_root: Path
) -> None:
    calm = year(name, kind, volume, 1, breaks=False)
    broken = year(name, kind, volume, 2, breaks=True)
    assert len(calm.quiet) > 200
    for sensitivity, limit in LIMITS.items():
        assert calm.false_alarms_a_month(limit) <= PROMISED[sensitivity]
        # A break in the past must not make the days after it unusual.
        assert broken.false_alarms_a_month(limit) <= PROMISED[sensitivity] + 0.1
    if volume == 60:
        # Five denials a day: twice as many on some days is what happens by chance as well.
        assert broken.found(LIMITS["high"]) >= 3
    else:
        assert broken.found(LIMITS["high"]) == 6
        assert broken.found(LIMITS["normal"]) >= 5
        assert broken.found(LIMITS["low"]) >= 4
    page = (repo_root / "docs" / "alerts.md").read_text()
    for sensitivity, rate in PROMISED.items():
        assert f"| `{sensitivity}` | {LIMITS[sensitivity]} | {rate} |" in page
