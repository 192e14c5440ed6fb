"""An additive model as tables: every feature is divided into steps, and every step has a contribution.

A sum of functions of one feature and of two (Lou, Caruana, Gehrke 2012; Lou and others 2013) has this form:
scoring is lookup and addition, and the summands are the explanation. Contributions are stored as integers in
units of 1/2048 log odds: their sum is exact, and each reason of a claim takes two bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Real = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]
Parts = npt.NDArray[np.int16]

# The unit of contributions: 1/2048 log odds changes a probability by at most 0.00013.
STEP = 2048.0
_LARGEST = 2**15 - 1


def places_in(cuts: Real, column: Real) -> Places:
    """The position of each value in a table: 0 if it is missing, then 1 below the first cut, and so on."""
    found: Places = np.searchsorted(cuts, column, side="right") + 1
    missing = np.isnan(column)
    if missing.any():
        found[missing] = 0
    return found


@dataclass(frozen=True)
class Term:
    """The contribution of one feature, or of two together, by their positions."""

    features: tuple[int, ...]
    contributions: Parts


@dataclass(frozen=True)
class TermTables:
    """All terms, the `intercept` (the base score, in steps), the features' names, and where each is cut.

    `cuts` are by feature, ascending; a table has two positions more than its feature has cuts: for a missing
    value, and for values below the first cut.
    """

    names: tuple[str, ...]
    terms: tuple[Term, ...]
    intercept: int
    cuts: dict[int, Real]

    def contributions(self, columns: Real) -> Parts:
        """One row per claim, one column per term, in steps of 1/2048 log odds."""
        found = np.empty((len(self.terms), len(columns)), dtype=np.int16)
        places = {
            feature: places_in(cuts, np.ascontiguousarray(columns[:, feature]))
            for feature, cuts in self.cuts.items()
        }
        for number, term in enumerate(self.terms):
            found[number] = term.contributions[tuple(places[feature] for feature in term.features)]
        return found.T

    def score(self, parts: Parts) -> Real:
        """Log odds: the sum of the contributions and the intercept, exactly."""
        summed = parts.sum(axis=1, dtype=np.int64) + self.intercept
        odds: Real = summed / STEP
        return odds

    def scored(self, columns: Real) -> tuple[Parts, Real]:
        """Contributions and scores."""
        parts = self.contributions(columns)
        return parts, self.score(parts)

    def title(self, number: int) -> str:
        """The name of a term: its feature's, or both."""
        return " and ".join(self.names[feature] for feature in self.terms[number].features)


def in_steps(scores: Any) -> Parts:
    """Log odds rounded to integer steps."""
    whole = np.rint(np.asarray(scores, dtype=np.float64) * STEP)
    return np.clip(whole, -_LARGEST, _LARGEST).astype(np.int16)
