"""How the rate of a key with few decisions is estimated, from a wider rate and from what keys have in common.

Either rates of keys vary around that of the wider key (a beta distribution), or there are two kinds of keys:
those of which the payer demands something, with a high rate, and the others, with a low one. Then one denial
in one decision tells of a demand, while no denial in three says little. Which of the two fits, and its
parameters, is decided by the likelihood of the counts (empirical Bayes).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Real = npt.NDArray[np.float64]

# Observations that the wider key's rate counts as, where nothing was estimated.
SHRINKAGE = 8.0
_STRENGTHS = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
# Where the two kinds are looked for: the low rate in relation to the overall rate, and the high rate.
_LOWS, _LOW_STRENGTHS = (0.1, 0.4, 0.8), (8.0, 128.0)
_HIGHS, _HIGH_STRENGTHS = (0.1, 0.2, 0.35, 0.7), (2.0, 4.0, 16.0)
_LEAST_BASE, _LEAST_RATIO = 1e-4, 1.5
_LEAST_SHARE, _EDGE = 1e-4, 1e-6
# Wider rates are grouped for the search, in quarters of log odds.
_PER_LOG_ODDS = 4


@dataclass(frozen=True)
class Prior:
    """The distribution of the rates of keys, given the rate of their wider key.

    Attributes:
        strength: decisions that the wider rate counts as; with two kinds, that the low rate counts as.
        low, high: rates of the two kinds; both 0 if there is only one.
        high_strength: decisions that the high rate counts as.
    """

    strength: float = SHRINKAGE
    low: float = 0.0
    high: float = 0.0
    high_strength: float = 0.0

    @property
    def has_two_kinds(self) -> bool:
        """Whether keys are of two kinds."""
        return self.high > 0

    def rate(self, total: Real, denied: Real, towards: Real | float) -> Real:
        """The expected rate of keys with these decisions and denials, under wider keys with these rates.

        Without decisions it is the wider rate.
        """
        if not self.has_two_kinds:
            return (denied + self.strength * towards) / (total + self.strength)
        wider = np.broadcast_to(np.asarray(towards, dtype=np.float64), np.shape(total))
        mean = np.clip(wider, _EDGE, 1 - _EDGE)
        low, high = np.minimum(self.low, mean), np.maximum(self.high, mean)
        log_low, log_high = self._likely(total, denied, mean, low, high)
        is_high = 1 / (1 + np.exp(np.clip(log_low - log_high, -50, 50)))
        found = is_high * (denied + self.high_strength * high) / (total + self.high_strength)
        found += (1 - is_high) * (denied + self.strength * low) / (total + self.strength)
        return np.where(total > 0, found, wider)

    def likelihood(self, total: Real, denied: Real, towards: Real) -> Real:
        """The logarithm of the likelihood of each key's denials."""
        if not self.has_two_kinds:
            return _log_likelihood(total, denied, towards, self.strength)
        low, high = np.minimum(self.low, towards), np.maximum(self.high, towards)
        found: Real = np.logaddexp(*self._likely(total, denied, towards, low, high))
        return found

    def _likely(self, total: Real, denied: Real, mean: Real, low: Real, high: Real) -> tuple[Real, Real]:
        """Log likelihoods of both kinds, each with the share of keys of that kind.

        The share is that with which the mean of both kinds is the wider rate.
        """
        share = np.clip((mean - low) / (high - low), _LEAST_SHARE, 1 - _LEAST_SHARE)
        return (
            np.log1p(-share) + _log_likelihood(total, denied, low, self.strength),
            np.log(share) + _log_likelihood(total, denied, high, self.high_strength),
        )

    @classmethod
    def likeliest(cls, total: Real, denied: Real, towards: Real, base: float) -> Prior:
        """The prior under which the counts of keys are likeliest; one kind in case of a tie.

        `towards` are the wider keys' rates, `base` the overall rate.
        """
        odds = np.log(towards / (1 - towards))
        rounded = np.round(odds * _PER_LOG_ODDS) / _PER_LOG_ODDS
        cells, count = np.unique(np.column_stack([total, denied, rounded]), axis=0, return_counts=True)
        total, denied, towards = cells[:, 0], cells[:, 1], 1 / (1 + np.exp(-cells[:, 2]))
        best, most = cls(), -np.inf
        for prior in [cls(strength) for strength in _STRENGTHS] + _of_two_kinds(max(base, _LEAST_BASE)):
            likely = float((count * prior.likelihood(total, denied, towards)).sum())
            if likely > most:
                best, most = prior, likely
        return best


def _of_two_kinds(base: float) -> list[Prior]:
    return [
        Prior(strength, low * base, high, high_strength)
        for low in _LOWS
        for strength in _LOW_STRENGTHS
        for high in _HIGHS
        if high > base * _LEAST_RATIO
        for high_strength in _HIGH_STRENGTHS
    ]


def _log_likelihood(total: Real, denied: Real, mean: Real, strength: float) -> Real:
    """Of denials among decisions, with a beta-distributed rate (without the binomial coefficient)."""
    alpha, beta = strength * mean, strength * (1 - mean)
    found: Real = (
        _log_gamma(alpha + denied) - _log_gamma(alpha)
        + _log_gamma(beta + total - denied) - _log_gamma(beta)
        - _log_gamma(strength + total) + _log_gamma(strength)
    )  # fmt: skip
    return found


def _log_gamma(value: Real | float) -> Real:
    """Logarithm of the gamma function of positive numbers: Stirling's series above 8, recurrence below."""
    start = np.asarray(value, dtype=np.float64)
    steps = np.ones_like(start)
    for step in range(8):
        steps *= start + step
    shifted = start + 8.0
    series = 1 / (12 * shifted) - 1 / (360 * shifted**3) + 1 / (1260 * shifted**5)
    found: Real = (
        (shifted - 0.5) * np.log(shifted) - shifted + 0.5 * np.log(2 * np.pi) + series - np.log(steps)
    )
    return found
