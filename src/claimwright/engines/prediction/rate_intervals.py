"""Intervals of a rate around a prediction, with a coverage that is measured: not of one case, but of groups.

A prediction of 20 percent is right for a group of cases (of one payer, rated alike) if one in five of them
happens. How far such groups deviate from their predictions is learned from groups of a period that the
prediction was not fitted on: by how much their true rates scatter beyond chance (the spread, a standard
deviation of log odds), and, by split conformal prediction (Vovk, Gammerman, Shafer 2005), how many spreads
are needed so that the stated share of groups is covered.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Real = npt.NDArray[np.float64]

# Share of groups whose rate is inside of the interval.
LEVEL = 0.9
# Below, the deviation of a group is mostly chance and says little about the spread.
FEWEST_OF_GROUP = 20
_SPREADS = np.concatenate([[0.0], np.geomspace(0.02, 2.0, 80)])
# With fewer groups, no deviation is common enough for a quantile; then the normal one, doubled.
_FEWEST_GROUPS = 6
NORMAL, _LARGEST_FACTOR = 1.645, 2.5
_NODES, _NODE_WEIGHTS = np.polynomial.hermite_e.hermegauss(21)


@dataclass(frozen=True)
class RateInterval:
    """How wide intervals are: `factor` times the `spread` to either side, in log odds; of how many groups."""

    spread: float
    factor: float
    groups: int

    def around(self, probability: Real, doubt: Real | float = 0.0) -> tuple[Real, Real]:
        """Lower and upper end of the interval of each probability.

        `doubt` is a known variance of its log odds beside the spread, such as that of a fitted shift.
        """
        odds = _log_odds(probability)
        reach = self.factor * np.sqrt(self.spread**2 + doubt)
        return _sigmoid(odds - reach), _sigmoid(odds + reach)

    @classmethod
    def of(
        cls,
        predicted: Real,
        happened: Real,
        cases: Real,
        doubt: Real | None = None,
        *,
        level: float = LEVEL,
    ) -> RateInterval:
        """Learned from groups: their mean prediction, how often it happened, and of how many cases.

        `doubt` as in `around`. Groups with fewer than `FEWEST_OF_GROUP` cases are left out. With few groups
        it is wide on purpose.
        """
        enough = cases >= FEWEST_OF_GROUP
        known = np.zeros(len(cases)) if doubt is None else doubt
        predicted, happened, cases, known = (each[enough] for each in (predicted, happened, cases, known))
        if len(cases) < _FEWEST_GROUPS:
            return cls(1.0, 2 * NORMAL, len(cases))
        odds = _log_odds(predicted)
        spread = _spread(odds, happened, cases, known)
        chance = 1 / np.maximum(cases * predicted * (1 - predicted), 0.5)
        observed = _log_odds((happened + predicted) / (cases + 1))
        scatter = np.abs(observed - odds) / np.sqrt(spread**2 + known + chance)
        # The rank of split conformal prediction, which counts the new group as well.
        rank = min(int(np.ceil((len(scatter) + 1) * level)), len(scatter))
        factor = float(np.clip(np.sort(scatter)[rank - 1], NORMAL, _LARGEST_FACTOR))
        return cls(max(spread, float(_SPREADS[1])), factor, len(cases))


def _spread(odds: Real, happened: Real, cases: Real, doubt: Real) -> float:
    """The standard deviation of true log odds around the predicted ones, by maximum likelihood.

    Deviations are normal; counts given them are binomial; integrated by Gauss-Hermite quadrature.
    """
    weights = np.log(_NODE_WEIGHTS / _NODE_WEIGHTS.sum())
    likelihood = []
    for spread in _SPREADS:
        deviation = np.sqrt(spread**2 + doubt)[:, None] * _NODES
        rate = np.clip(_sigmoid(odds[:, None] + deviation), 1e-9, 1 - 1e-9)
        each = happened[:, None] * np.log(rate) + (cases - happened)[:, None] * np.log1p(-rate) + weights
        most = each.max(axis=1, keepdims=True)
        likelihood.append(float((most[:, 0] + np.log(np.exp(each - most).sum(axis=1))).sum()))
    return float(_SPREADS[int(np.argmax(likelihood))])


def _log_odds(probability: Real) -> Real:
    kept = np.clip(probability, 1e-6, 1 - 1e-6)
    odds: Real = np.log(kept / (1 - kept))
    return odds


def _sigmoid(odds: Real) -> Real:
    found: Real = 1 / (1 + np.exp(-np.clip(odds, -40, 40)))
    return found
