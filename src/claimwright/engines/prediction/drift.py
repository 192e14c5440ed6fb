"""Drift: how present claims differ from the training claims."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Real = npt.NDArray[np.float64]

# Rule of thumb in credit scoring (Siddiqi 2006): a value of 0.25 or more requires action.
PSI_ACT = 0.25
# An empty bin counts as half a claim, so that the logarithm stays finite.
_HALF = 0.5


@dataclass(frozen=True)
class Profile:
    """The distribution of each feature in training: shares by step of the feature's cuts."""

    cuts: tuple[tuple[float, ...], ...]
    counts: tuple[npt.NDArray[np.int64], ...]

    @classmethod
    def of(cls, columns: Real, cuts: tuple[tuple[float, ...], ...]) -> Profile:
        """Count the values of each column by step; the first position counts missing values."""
        counts = tuple(_counted(columns[:, number], each) for number, each in enumerate(cuts))
        return cls(cuts, counts)

    def stability(self, columns: Real) -> Real:
        """Population stability index of each feature: sum of (new - old) ln(new / old) over its steps."""
        return self.stability_of(self.counted(columns))

    def counted(self, columns: Real) -> npt.NDArray[np.int32]:
        """The number of claims in each step, feature after feature; stored for measuring drift."""
        parts = [_counted(columns[:, number], cuts) for number, cuts in enumerate(self.cuts)]
        return np.concatenate(parts).astype("<i4")

    def stability_of(self, counted: npt.NDArray[np.integer]) -> Real:
        """The same index, from counts returned by `counted`; counts of several batches can be added.

        Raises:
            ValueError: the counts belong to other features.
        """
        ends = np.cumsum([len(each) for each in self.counts])
        if len(counted) != ends[-1]:
            raise ValueError(f"{len(counted)} steps were counted, the model has {ends[-1]}")
        found = np.empty(len(self.cuts))
        for number, new in enumerate(np.split(counted, ends[:-1])):
            old = self.counts[number]
            used = (old > 0) | (new > 0)
            was, now = _shares(old[used]), _shares(new[used])
            found[number] = float(((now - was) * np.log(now / was)).sum())
        return found


def _counted(column: Real, cuts: tuple[float, ...]) -> npt.NDArray[np.int64]:
    places = np.where(np.isnan(column), 0, np.searchsorted(cuts, column, side="right") + 1)
    return np.bincount(places, minlength=len(cuts) + 2)


def _shares(counts: npt.NDArray[np.int64]) -> Real:
    kept = np.maximum(counts, _HALF)
    shares: Real = kept / kept.sum()
    return shares


def label_shift(rate_then: float, rate_now: float, claims_now: int) -> float:
    """By how many standard errors the share of denials moved."""
    error = np.sqrt(max(rate_then * (1 - rate_then), 1e-6) / max(claims_now, 1))
    return float((rate_now - rate_then) / error)
