"""Charges above which a payer demands records, learned from claims without an attachment.

For each payer: the chance that it has such a limit, where it is, and how often a claim above it is denied.
All limits between the observed charges are weighed by how well they fit (Bayesian model averaging), so that a
claim's chance rises with its charge and no limit is assumed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .encoding import Real, Whole

Flags = npt.NDArray[np.bool_]

# Fewer claims of a payer say nothing about a limit.
_FEWEST = 50
_STEPS = 120
# A limit is as likely as none, before any claim; and the prior of the rate above it counts little.
_PRIOR, _RATE = 0.5, (0.5, 1.0)
# What is left out: payers that have none.
_LEAST = 0.05


@dataclass(frozen=True)
class ChargeLimit:
    """The limits of one payer.

    Attributes:
        charges: possible limits in dollars, ascending.
        reached: chance that the payer has a limit at or below each of them.
        rate: the same, times the rate of denial above the limit.
        at: the likeliest limit.
        lacked, had: answered claims above it without and with an attachment; denied for the cause, of each.
    """

    charges: Real
    reached: Real
    rate: Real
    at: float
    lacked: tuple[int, int]
    had: tuple[int, int]

    def of(self, charge: Real) -> tuple[Real, Real]:
        """The chance that each charge is above a limit, and of a denial for it."""
        place = np.searchsorted(self.charges, charge, side="left")
        reached = np.concatenate([[0.0], self.reached])
        rate = np.concatenate([[0.0], self.rate])
        return reached[place], rate[place]


def find_limits(
    payer: Whole, charge: Real, attached: Flags, denied: Flags, weight: Real
) -> dict[int, ChargeLimit]:
    """The limits by payer, from one row a claim; `denied`: every line, for the cause.

    Leave out claims that were denied for another reason, and those whose services need records anyway.
    """
    found = {}
    for number in np.unique(payer[payer > 0]):
        own = payer == number
        lacking = own & ~attached
        if lacking.sum() < _FEWEST:
            continue
        limit = _limit(charge[lacking], denied[lacking], weight[lacking])
        if limit is None:
            continue
        charges, reached, rate, at = limit
        above = own & (charge > at)
        sides = [(int(side.sum()), int(denied[side].sum())) for side in (above & ~attached, above & attached)]
        found[int(number)] = ChargeLimit(charges, reached, rate, at, sides[0], sides[1])
    return found


def _limit(charge: Real, denied: Flags, weight: Real) -> tuple[Real, Real, Real, float] | None:
    order = np.argsort(charge, kind="stable")
    charge, weight = charge[order], weight[order]
    struck = weight * denied[order]
    charges = np.unique(np.quantile(charge, np.linspace(0.2, 0.995, _STEPS)))
    total = np.concatenate([[0.0], np.cumsum(weight)])
    denials = np.concatenate([[0.0], np.cumsum(struck)])
    place = np.searchsorted(charge, charges, side="right")
    above, struck_above = total[-1] - total[place], denials[-1] - denials[place]
    below, struck_below = total[place], denials[place]
    middle = len(charge) // 2
    usual = (denials[middle] + 0.5) / (total[middle] + 100.0)
    a, b = _RATE
    fits = (
        _log_beta(a + struck_above, b + above - struck_above)
        - _log_beta(np.array([a]), np.array([b]))
        + _log_binomial(struck_below, below, usual)
    )
    without = _log_binomial(denials[-1:], total[-1:], usual)[0]
    best = float(fits.max())
    weights = np.exp(fits - best)
    evidence = np.log(weights.mean()) + best
    has = 1 / (1 + np.exp(np.clip(without - evidence, -60, 60)) * (1 - _PRIOR) / _PRIOR)
    if has < _LEAST:
        return None
    share = weights / weights.sum()
    rate = (a + struck_above) / (a + b + above)
    return charges, has * np.cumsum(share), has * np.cumsum(share * rate), float(charges[share.argmax()])


def _log_binomial(denied: Real, total: Real, rate: float) -> Real:
    found: Real = denied * np.log(rate) + (total - denied) * np.log1p(-rate)
    return found


def _log_beta(a: Real, b: Real) -> Real:
    from math import lgamma

    log_gamma = np.vectorize(lgamma, otypes=[np.float64])
    found: Real = log_gamma(a) + log_gamma(b) - log_gamma(a + b)
    return found
