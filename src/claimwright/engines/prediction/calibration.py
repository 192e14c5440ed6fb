"""From a score to a probability that means what it says, learned on a period that training has not seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Real = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

_FOLDS = 4
# No probability of 0 or 1 is earned by a few hundred claims.
_EDGE = 0.001


@dataclass(frozen=True)
class Calibration:
    """An increasing curve from score to probability, straight in log odds between its corners.

    Beyond the first and last corner it goes on as steeply as the score itself, so that two claims of
    different scores never become equals. `method` is `platt` (Platt 1999: one line, `corners` and `values`
    being slope and intercept) or `isotonic` (Zadrozny and Elkan 2002, steps joined at their centres as in
    Oron and Flournoy 2017).
    """

    method: str
    corners: Real
    values: Real

    def apply(self, score: Real) -> Real:
        """The probability of each score."""
        if self.method == "platt":
            return sigmoid(self.corners[0] * score + self.values[0])
        first, last = self.corners[0], self.corners[-1]
        beyond = np.minimum(score - first, 0.0) + np.maximum(score - last, 0.0)
        return sigmoid(np.interp(score, self.corners, self.values) + beyond)


def sigmoid(score: Any) -> Real:
    """Log odds to probability."""
    found: Real = 1.0 / (1.0 + np.exp(-np.clip(score, -40, 40)))
    return found


def platt(score: Real, denied: Flags) -> Calibration:
    """A line in log odds, by maximum likelihood."""
    from sklearn.linear_model import LogisticRegression

    if denied.all() or not denied.any():
        return Calibration("platt", np.array([1.0]), np.array([0.0]))
    fitted = LogisticRegression(C=1e6).fit(score[:, None], denied)
    return Calibration(
        "platt", np.array([float(fitted.coef_[0, 0])]), np.array([float(fitted.intercept_[0])])
    )


def isotonic(score: Real, denied: Flags) -> Calibration:
    """Steps, by pooling adjacent violators, joined at the mean score of each."""
    from sklearn.isotonic import IsotonicRegression

    fitted = IsotonicRegression(y_min=_EDGE, y_max=1 - _EDGE).fit_transform(score, denied)
    steps, place = np.unique(fitted, return_inverse=True)
    centres = np.bincount(place, score) / np.bincount(place)
    return Calibration("isotonic", centres, np.log(steps / (1 - steps)))


def calibrate(score: Real, denied: Flags) -> Calibration:
    """The better of the two by log loss on folds that each was not fitted on; of equals, the line."""
    methods = {"platt": platt, "isotonic": isotonic}
    fold = np.arange(len(score)) % _FOLDS
    losses = dict.fromkeys(methods, 0.0)
    for number in range(_FOLDS):
        held = fold == number
        for name, method in methods.items():
            found = np.clip(method(score[~held], denied[~held]).apply(score[held]), 1e-6, 1 - 1e-6)
            losses[name] -= float(np.where(denied[held], np.log(found), np.log1p(-found)).sum())
    best = "platt" if losses["platt"] <= losses["isotonic"] else "isotonic"
    return methods[best](score, denied)


# How far payers usually differ from what a model says of them, as a standard deviation of log odds: a payer
# with few claims keeps nearly the model's word, one with a thousand nearly its own.
_SPREAD_OF_PAYERS = 0.5
_TURNS = 25


def payer_shifts(probability: Real, denied: Flags, payer: npt.NDArray[np.int64], payers: int) -> Real:
    """What to add to the log odds of each payer's claims, from a later period; 0 for payers not in it.

    The maximum of likelihood times a normal prior, by Newton's method; place 0 is the unseen payer.
    """
    odds = np.log(probability / (1 - probability))
    found = np.zeros(payers)
    weight = 1 / _SPREAD_OF_PAYERS**2
    for _ in range(_TURNS):
        expected = sigmoid(odds + found[payer])
        slope = np.bincount(payer, denied - expected, payers) - weight * found
        bend = np.bincount(payer, expected * (1 - expected), payers) + weight
        found = found + slope / bend
    found[0] = 0.0
    return found


def shifted(probability: Real, shift: Real) -> Real:
    """Probabilities with something added to their log odds."""
    return sigmoid(np.log(probability / (1 - probability)) + shift)
