"""The median wait of claims, those that still wait included.

Kaplan and Meier's estimate of the share that still waits after so many days. A payer that leaves its worst
claims unpaid gets no better by it, as it would if paid claims alone were counted.

Source: E. L. Kaplan and P. Meier, Nonparametric estimation from incomplete observations, Journal of the
American Statistical Association 53 (1958), 457-481.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.int64]


def median_wait(paid: Mapping[int, int], waiting: Mapping[int, int]) -> int | None:
    """The first day by which half are paid; None if fewer than half ever are.

    `paid` has how many were paid after so many days; `waiting` how many have waited so many days and are not
    paid. A claim that waits as long as another one took counts among those at risk on that day.
    """
    return median_of_waits(_pairs(paid), _pairs(waiting))


def median_of_waits(paid: tuple[Numbers, Numbers], waiting: tuple[Numbers, Numbers]) -> int | None:
    """The same of arrays: different days, and how many each has."""
    if not len(paid[0]):
        return None
    order = np.argsort(paid[0])
    days, events = paid[0][order], paid[1][order]
    total = int(events.sum() + waiting[1].sum())
    waited = np.argsort(waiting[0])
    gone = np.concatenate([[0], np.cumsum(waiting[1][waited])])
    # Whoever was paid before the day, or has waited for fewer days, is not at risk any more.
    before = gone[np.searchsorted(waiting[0][waited], days)]
    at_risk = total - (np.cumsum(events) - events) - before
    counts = (events > 0) & (at_risk > 0)
    days, left = days[counts], np.cumprod(1 - events[counts] / at_risk[counts])
    # Half, but for what products of quotients lose in the last digit.
    reached = np.flatnonzero(left <= 0.5 + 1e-12)
    return int(days[reached[0]]) if len(reached) else None


def _pairs(counts: Mapping[int, int]) -> tuple[Numbers, Numbers]:
    return np.array(list(counts), dtype=np.int64), np.array(list(counts.values()), dtype=np.int64)
