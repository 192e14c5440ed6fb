"""An additive model as tables: every feature is divided into steps, and every step has a contribution.

A trained explainable boosting machine (Lou, Caruana, Gehrke 2012; Nori and others 2019) has this form:
scoring is lookup and addition, and the summands are the explanation. Contributions are stored as integers in
units of 1/2048 log odds: their sum is exact, and each reason of a claim takes two bytes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

Real = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]
Parts = npt.NDArray[np.int16]

# The unit of contributions: 1/2048 log odds changes a probability by at most 0.00013.
STEP = 2048.0
_LARGEST = 2**15 - 1


@dataclass(frozen=True)
class Axis:
    """The steps of one feature: ascending `cuts`, or None if its values are already table positions."""

    feature: int
    cuts: Real | None

    def places(self, column: Real) -> Places:
        """The position of each value in a table: 0 if it is missing, then 1 for the first step, and so on."""
        if self.cuts is None:
            return column.astype(np.intp)
        found = np.searchsorted(self.cuts, column, side="right") + 1
        missing = np.isnan(column)
        if missing.any():
            found[missing] = 0
        return found


@dataclass(frozen=True)
class Term:
    """The contribution of one feature, or of two together, by position, and its deviation over bags."""

    axes: tuple[Axis, ...]
    contributions: Parts
    deviations: Real

    @cached_property
    def variances(self) -> Real:
        """Squares of the deviations."""
        squares: Real = self.deviations**2
        return squares

    @property
    def features(self) -> tuple[int, ...]:
        """The features that it uses."""
        return tuple(axis.feature for axis in self.axes)


@dataclass(frozen=True)
class TermTables:
    """All terms, the `intercept` (the base score, in steps), and the features' names."""

    names: tuple[str, ...]
    terms: tuple[Term, ...]
    intercept: int
    categories: dict[int, list[str]] = field(default_factory=dict)
    """For categorical features: the words, in order of their positions, from 1."""

    def contributions(self, columns: Real) -> Parts:
        """One row per claim, one column per term, in steps of 1/2048 log odds."""
        return self.with_spread(columns)[0]

    def with_spread(self, columns: Real) -> tuple[Parts, Real]:
        """Contributions, and the deviation of log odds over training bags, assuming independent terms."""
        found = np.empty((len(self.terms), len(columns)), dtype=np.int16)
        square = np.zeros(len(columns))
        places = self._places(columns)
        for number, term in enumerate(self.terms):
            place = tuple(places[key] for key in _axis_keys(term))
            found[number] = term.contributions[place]
            square += term.variances[place]
        return found.T, np.sqrt(square)

    def score(self, parts: Parts) -> Real:
        """Log odds: the sum of the contributions and the intercept, exactly."""
        summed = parts.sum(axis=1, dtype=np.int64) + self.intercept
        odds: Real = summed / STEP
        return odds

    def _places(self, columns: Real) -> dict[tuple[int, int], Places]:
        found: dict[tuple[int, int], Places] = {}
        for term in self.terms:
            for axis, key in zip(term.axes, _axis_keys(term), strict=True):
                if key not in found:
                    found[key] = axis.places(np.ascontiguousarray(columns[:, axis.feature]))
        return found

    def title(self, number: int) -> str:
        """The name of a term: its feature's, or both."""
        return " and ".join(self.names[feature] for feature in self.terms[number].features)

    @classmethod
    def of(
        cls, machine: Any, names: tuple[str, ...], categories: dict[int, list[str]] | None = None
    ) -> TermTables:
        """The tables of a trained `interpret` machine for two classes.

        Features in `categories` were passed to it as 1-based positions, as text.
        """
        words = categories or {}
        terms = []
        for features, scores, deviations in zip(
            machine.term_features_, machine.term_scores_, machine.standard_deviations_, strict=True
        ):
            axes = []
            for dimension, feature in enumerate(features):
                levels = machine.bins_[feature]
                cuts = levels[min(len(levels), len(features)) - 1]
                if feature in words:
                    scores = _in_order(scores, dimension, cuts, len(words[feature]))
                    deviations = _in_order(deviations, dimension, cuts, len(words[feature]))
                    axes.append(Axis(int(feature), None))
                else:
                    axes.append(Axis(int(feature), np.asarray(cuts, dtype=np.float64)))
            terms.append(Term(tuple(axes), in_steps(scores), np.asarray(deviations, dtype=np.float64)))
        intercept = int(np.rint(float(machine.intercept_[0]) * STEP))
        return cls(names, tuple(terms), intercept, words)


def _axis_keys(term: Term) -> list[tuple[int, int]]:
    """In a pair, a feature has fewer steps: its cuts depend on the number of steps."""
    return [(axis.feature, -1 if axis.cuts is None else len(axis.cuts)) for axis in term.axes]


def _in_order(table: Any, dimension: int, places: dict[str, int], count: int) -> Any:
    """A table indexed by our words: 0 is missing, then 1 to `count`, then unseen words."""
    order = [0, *(places.get(str(number), -1) for number in range(1, count + 1)), -1]
    last = table.shape[dimension] - 1
    return np.take(table, [last if place < 0 else place for place in order], axis=dimension)


def in_steps(scores: Any) -> Parts:
    """Log odds rounded to integer steps."""
    whole = np.rint(np.asarray(scores, dtype=np.float64) * STEP)
    return np.clip(whole, -_LARGEST, _LARGEST).astype(np.int16)
