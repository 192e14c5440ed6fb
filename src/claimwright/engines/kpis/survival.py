"""The median wait of claims, those that still wait included.

Kaplan and Meier's estimate of the share that still waits after so many days. A payer that leaves its worst
claims unpaid gets no better by it, as it would if paid claims alone were counted.

Source: E. L. Kaplan and P. Meier, Nonparametric estimation from incomplete observations, Journal of the
American Statistical Association 53 (1958), 457-481.
"""

from __future__ import annotations

from collections.abc import Mapping


def median_wait(paid: Mapping[int, int], waiting: Mapping[int, int]) -> int | None:
    """The first day by which half are paid; None if fewer than half ever are.

    `paid` has how many were paid after so many days; `waiting` how many have waited so many days and are not
    paid. A claim that waits as long as another one took counts among those at risk on that day.
    """
    at_risk = sum(paid.values()) + sum(waiting.values())
    left = 1.0
    for day in sorted(set(paid) | set(waiting)):
        events = paid.get(day, 0)
        if at_risk > 0 and events:
            left *= 1 - events / at_risk
            # Half, but for what products of quotients lose in the last digit.
            if left <= 0.5 + 1e-12:
                return day
        at_risk -= events + waiting.get(day, 0)
    return None
