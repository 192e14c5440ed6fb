"""What is usual for a day, robustly, and how far from it a day is.

What is usual on a weekday is the median of that weekday in the 13 weeks before. How much days scatter is the
median absolute deviation of all days from their weekday's median, so that breaks in the past, a payer's bad
week or a holiday, neither move what is usual nor widen it. Days are compared after their scatter is made
alike:

- a share scatters with its volume, as a binomial count does: by sqrt(p (1 - p) / n);
- a sum (claims, dollars) scatters with the root of its level;
- anything else (days, minutes) is taken as it is.

Source of the limits: measured on synthetic years, `tests/engines/alerting/test_year.py`; docs/alerts.md has
the rates. `1.4826 * MAD` estimates a normal standard deviation (Hampel 1974).
"""

from __future__ import annotations

import datetime
import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from .definition import UnusualDay

HISTORY_DAYS = 91
# Fewer days of the same weekday say nothing about it.
_LEAST_OF_WEEKDAY = 5
_LEAST_DAYS = 28
_NORMAL = 1.4826
# Robust standard deviations from what is usual.
LIMITS = {"low": 5.0, "normal": 4.0, "high": 3.0}
# The median of 13 days is itself off by sqrt(pi / 2 / 13) of a standard deviation.
_CENTER = math.pi / 2
# A share below one in a hundred scatters more than a binomial count of so few says.
_LEAST_SHARE = 0.01
Kind: TypeAlias = Literal["share", "sum", "level"]


@dataclass(frozen=True, slots=True)
class FigurePoint:
    """A figure on a day. `items` is how many claims it is of; `value` None where there is none."""

    day: datetime.date
    value: float | None
    items: int


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a day comes to. `distance` is in robust standard deviations; None where it was not judged.

    `lower` and `upper` are the limits beyond which it is unusual.
    """

    is_unusual: bool
    distance: float | None = None
    usual: float | None = None
    lower: float | None = None
    upper: float | None = None
    reason: str | None = None


def judge_unusual(
    points: Sequence[FigurePoint],
    day: datetime.date,
    condition: UnusualDay,
    *,
    kind: Kind,
    is_lower_better: bool,
    minimum_items: int,
) -> Judgement:
    """Whether the figure on a day is unusual, by the days before it.

    A day of fewer items than the minimum is neither judged nor part of what is usual. Of a sum, whose items
    are what is judged, the minimum is of its usual level instead: a day without any claims is unusual where
    there are always hundreds.
    """
    at = {each.day: each for each in points}
    point = at.get(day)
    if point is None or point.value is None:
        return Judgement(False, reason="there is no value")
    if kind != "sum" and point.items < minimum_items:
        return Judgement(False, reason="too few claims")
    past = [
        each
        for each in points
        if 0 < (day - each.day).days <= HISTORY_DAYS
        and each.value is not None
        and (kind == "sum" or each.items >= minimum_items)
    ]
    own = [each for each in past if each.day.weekday() == day.weekday()]
    if len(past) < _LEAST_DAYS or len(own) < _LEAST_OF_WEEKDAY:
        return Judgement(False, reason="not enough days before it")
    if kind == "sum" and statistics.median(each.items for each in own) < minimum_items:
        return Judgement(False, reason="too few claims")
    usual_of = {
        weekday: statistics.median(
            each.value for each in past if each.day.weekday() == weekday and each.value is not None
        )
        for weekday in {each.day.weekday() for each in past}
    }
    usual = usual_of[day.weekday()]
    scatter = [
        (each.value - usual_of[each.day.weekday()]) / _scale(kind, usual_of[each.day.weekday()], each.items)
        for each in past
        if each.value is not None
    ]
    spread = _NORMAL * statistics.median(abs(each) for each in scatter) * _unbiased(len(own))
    # Binomial counts scatter at least as much as they must; a spread of zero would make everything unusual.
    spread = max(spread, 1.0 if kind == "share" else _least(kind, usual))
    unit = spread * _scale(kind, usual, point.items) * math.sqrt(1 + _CENTER / len(own))
    limit = LIMITS[condition.sensitivity]
    distance = (point.value - usual) / unit
    side = condition.side
    if side == "worse":
        side = "up" if is_lower_better else "down"
    is_unusual = (side in {"up", "both"} and distance > limit) or (
        side in {"down", "both"} and distance < -limit
    )
    return Judgement(is_unusual, distance, usual, usual - limit * unit, usual + limit * unit)


def _scale(kind: Kind, usual: float, items: int) -> float:
    if kind == "share":
        share = min(max(usual, _LEAST_SHARE), 1 - _LEAST_SHARE)
        return math.sqrt(share * (1 - share) / max(items, 1))
    if kind == "sum":
        return math.sqrt(max(abs(usual), 1.0))
    return 1.0


def _least(kind: Kind, usual: float) -> float:
    """The least spread: a count scatters by its root, other values by one part in a hundred."""
    return 1.0 if kind == "sum" else max(abs(usual) * 0.01, 1e-9)


def _unbiased(weeks: int) -> float:
    """Days are nearer to a median of which they are part than to the true one."""
    return math.sqrt(weeks / max(weeks - 1, 1))
