"""What denials of many claims may cost together: the sum at risk, and an interval with a measured coverage.

The loss of one claim is nothing or about its stake. For a sum there are three sources of doubt: the
probability of like claims (the ends of its interval, which all claims share), chance (which claims are
denied), and how much of a denied claim's stake is lost. The factor that turns them into an interval is
learned from sums by payer and half of the calibration period, by split conformal prediction.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .rate_intervals import LEVEL

Real = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

_NORMAL, _LARGEST_FACTOR = 1.645, 5.0
FEWEST_OF_GROUP = 20
_FEWEST_GROUPS = 10


@dataclass(frozen=True)
class Dollars:
    """Doubt about sums. `spread`: standard deviation of a denied claim's loss, as a share of its stake."""

    spread: float
    factor: float
    groups: int

    def total(self, probability: Real, low: Real, high: Real, stake: Real) -> tuple[int, int, int]:
        """The sum at risk, and the lower and upper end of what is lost in 9 of 10 such sums; in cents."""
        at_risk = float((probability * stake).sum())
        down, up = (self.factor * each for each in self._doubts(probability, low, high, stake))
        return round(at_risk), round(max(at_risk - down, 0.0)), round(at_risk + up)

    def _doubts(self, probability: Real, low: Real, high: Real, stake: Real) -> tuple[float, float]:
        """Standard deviation of the sum downward and upward."""
        chance = float((stake**2 * (probability * (1 - probability) + probability * self.spread**2)).sum())
        shared = (float(((probability - low) * stake).sum()), float(((high - probability) * stake).sum()))
        down, up = (float(np.sqrt(chance + (each / _NORMAL) ** 2)) for each in shared)
        return down, up

    @classmethod
    def fit(
        cls, probability: Real, low: Real, high: Real, stake: Real, lost: Real, denied: Flags, group: Whole
    ) -> Dollars:
        """Learned from claims of the calibration period; `lost` in cents, `group` a number for each sum."""
        valued = denied & (stake > 0)
        shares = lost[valued] / stake[valued]
        spread = float(np.sqrt(np.mean((shares - 1) ** 2))) if valued.any() else 1.0
        plain = cls(spread, 1.0, 0)
        scatter = []
        for each in np.unique(group):
            own = group == each
            if own.sum() < FEWEST_OF_GROUP:
                continue
            parts = (probability[own], low[own], high[own], stake[own])
            off = float(lost[own].sum()) - float((parts[0] * parts[3]).sum())
            down, up = plain._doubts(*parts)
            scatter.append(abs(off) / max(up if off > 0 else down, 1.0))
        if len(scatter) < _FEWEST_GROUPS:
            return cls(spread, 2 * _NORMAL, len(scatter))
        rank = min(int(np.ceil((len(scatter) + 1) * LEVEL)), len(scatter))
        factor = float(np.clip(np.sort(scatter)[rank - 1], _NORMAL, _LARGEST_FACTOR))
        return cls(spread, factor, len(scatter))
