"""Calibration: converts scores to probabilities, fitted on a period that was not used for training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Real = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

_FOLDS = 4
# A few hundred claims are not enough for a probability of 0 or 1.
_EDGE = 0.001


@dataclass(frozen=True)
class Calibration:
    """An increasing curve from score to probability, linear in log odds between its corners.

    Beyond the first and last corner it continues with slope 1, so that different scores always give different
    probabilities. `method` is `platt` (Platt 1999: one line; `corners` and `values` are slope and intercept)
    or `isotonic` (Zadrozny and Elkan 2002, with steps joined at their centers as in Oron and Flournoy 2017).
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


# How far a line may usually lie from the model's own score, by its slope and by its height at the mean score:
# standard deviations. A window of a few months has a season and a chance of its own, which the next months do
# not share: plans begin with the year. Chosen on development worlds: with a spread of 0.1, the slope of the
# next months was 1.09 in two of them, with 0.03 it was 1.06.
_SLOPE_SPREAD, _HEIGHT_SPREAD = 0.03, 0.05


def platt(score: Real, denied: Flags, weights: Real | None = None) -> Calibration:
    """Fit a line in log odds: maximum a posteriori around the score itself, by Newton's method."""
    if denied.all() or not denied.any():
        return Calibration("platt", np.array([1.0]), np.array([0.0]))
    weight = np.ones(len(score)) if weights is None else weights
    middle = float(np.average(score, weights=weight))
    design = np.column_stack([score - middle, np.ones(len(score))])
    usual = np.array([1.0, middle])
    prior = 1 / np.array([_SLOPE_SPREAD, _HEIGHT_SPREAD]) ** 2
    line = usual.copy()
    for _ in range(_TURNS):
        expected = sigmoid(design @ line)
        slope = design.T @ (weight * (denied - expected)) - prior * (line - usual)
        bend = (design.T * (weight * expected * (1 - expected))) @ design + np.diag(prior)
        line = line + np.linalg.solve(bend, slope)
    factor, height = float(line[0]), float(line[1])
    return Calibration("platt", np.array([factor]), np.array([height - factor * middle]))


def isotonic(score: Real, denied: Flags, weights: Real | None = None) -> Calibration:
    """Fit steps by pooling adjacent violators, joined at the mean score of each step."""
    from sklearn.isotonic import IsotonicRegression

    fitted = IsotonicRegression(y_min=_EDGE, y_max=1 - _EDGE).fit_transform(
        score, denied, sample_weight=weights
    )
    steps, place = np.unique(fitted, return_inverse=True)
    centres = np.bincount(place, score) / np.bincount(place)
    return Calibration("isotonic", centres, np.log(steps / (1 - steps)))


def calibrate(score: Real, denied: Flags, weights: Real | None = None) -> Calibration:
    """The method with the lower cross-validated log loss; the line in case of a tie."""
    weight = np.ones(len(score)) if weights is None else weights
    methods = {"platt": platt, "isotonic": isotonic}
    fold = np.arange(len(score)) % _FOLDS
    losses = dict.fromkeys(methods, 0.0)
    for number in range(_FOLDS):
        held = fold == number
        for name, method in methods.items():
            fitted = method(score[~held], denied[~held], weight[~held])
            found = np.clip(fitted.apply(score[held]), 1e-6, 1 - 1e-6)
            losses[name] -= float(
                (weight[held] * np.where(denied[held], np.log(found), np.log1p(-found))).sum()
            )
    best = "platt" if losses["platt"] <= losses["isotonic"] else "isotonic"
    return methods[best](score, denied, weight)


# How much payers usually differ from a model's prediction, as a standard deviation of log odds. A payer with
# few claims stays close to the model's prediction. Chosen on the same worlds: with 0.3, fewer payers were
# right in the months after.
_SPREAD_OF_PAYERS = 0.15
_TURNS = 25


def payer_shifts(
    probability: Real,
    denied: Flags,
    payer: npt.NDArray[np.int64],
    payers: int,
    weights: Real | None = None,
) -> Real:
    """Shifts of the log odds of each payer's claims, fitted on a later period; 0 for payers not in it.

    Maximum a posteriori with a normal prior, by Newton's method; position 0 is the unseen payer.
    """
    odds = np.log(probability / (1 - probability))
    found = np.zeros(payers)
    count = np.ones(len(payer)) if weights is None else weights
    weight = 1 / _SPREAD_OF_PAYERS**2
    for _ in range(_TURNS):
        expected = sigmoid(odds + found[payer])
        slope = np.bincount(payer, count * (denied - expected), payers) - weight * found
        bend = np.bincount(payer, count * expected * (1 - expected), payers) + weight
        found = found + slope / bend
    found[0] = 0.0
    return found


def shift_doubts(probability: Real, payer: npt.NDArray[np.int64], payers: int) -> Real:
    """Variance of each payer's shift, after the claims that it was fitted on; without claims, of the prior.

    `probability` with the shift; the inverse of the curvature at the maximum a posteriori.
    """
    weight = 1 / _SPREAD_OF_PAYERS**2
    found: Real = 1 / (weight + np.bincount(payer, probability * (1 - probability), payers))
    return found


def shifted(probability: Real, shift: Real) -> Real:
    """Probabilities with a shift added to their log odds."""
    return sigmoid(np.log(probability / (1 - probability)) + shift)
