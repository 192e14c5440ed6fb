"""How sure a prediction is: an interval with a measured coverage, and the confidence that follows from it.

The interval is about groups, because one claim is denied or it is not: of claims of one payer that the model
rates alike, the share that is denied lies inside, for 9 of 10 such groups. It is learned from the calibration
period, each half predicted with the calibration of the other half. It is wider for a payer with few
calibrated claims, and widest for a payer that the model does not know: for these the calibration period is
scored as if each payer were unknown.

Where few claims were calibrated, such as at the ends of the scale, a curve can be surer than its claims. So
the interval also contains both calibrations that one more claim like this could give, denied or paid
(inductive Venn-Abers prediction; Vovk, Petej, Fedorova 2015).

The confidence is the lower end of the chance that the likelier outcome happens: 1 less the upper end of the
interval where payment is likelier, its lower end where denial is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .calibration import calibrate, payer_shifts, shift_doubts, shifted
from .rate_intervals import LEVEL, NORMAL, RateInterval

Real = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

# Claims between two of these probabilities are rated alike.
BANDS = np.array([0.05, 0.15, 0.30])
# How far log odds of such groups move in the months after calibration, which no group of it can show. Chosen
# on seven development worlds (published 301 to 303 and 1316114365, drifting 501 to 503): 93 percent of 175
# groups of the published ones were inside, and 98 percent of 115 groups of the drifting ones. With 0.2 it was
# 89 and 97, with 0.3 95 and 98. What it covers is measured on others.
DRIFT = 0.25
UNKNOWN_PAYER = 0
_GROUPS = 200
# Fewer claims or denials in a half of the calibration period can't be calibrated.
_FEWEST, _FEWEST_DENIALS = 100, 20


@dataclass(frozen=True)
class Recalibrations:
    """Probabilities in ascending order, and what each becomes with one more claim: paid, or denied."""

    at: Real
    if_paid: Real
    if_denied: Real

    def around(self, probability: Real) -> tuple[Real, Real]:
        """Lower and upper probability of each claim."""
        return np.interp(probability, self.at, self.if_paid), np.interp(probability, self.at, self.if_denied)

    @classmethod
    def of(cls, probability: Real, denied: Flags, weights: Real) -> Recalibrations:
        """Learned from claims of the calibration period, in groups of equal size by probability.

        `weights` are how many claims each stands for.
        """
        from sklearn.isotonic import isotonic_regression

        order = np.argsort(probability, kind="stable")
        parts = np.array_split(order, min(_GROUPS, max(len(order) // 5, 1)))
        size = np.array([weights[part].sum() for part in parts])
        share = np.array([np.average(denied[part], weights=weights[part]) for part in parts])
        ends = []
        for label in (0.0, 1.0):
            found = np.empty(len(parts))
            for place in range(len(parts)):
                weight, value = size.copy(), share.copy()
                weight[place] += 1
                value[place] = (share[place] * size[place] + label) / weight[place]
                found[place] = isotonic_regression(value, sample_weight=weight)[place]
            ends.append(np.maximum.accumulate(found))
        at = np.array([np.average(probability[part], weights=weights[part]) for part in parts])
        # Sums of weights round: equal groups must not seem to descend.
        return cls(np.maximum.accumulate(at), *(np.clip(each, 0.0, 1.0) for each in ends))


@dataclass(frozen=True)
class Confidence:
    """The intervals of payers that the model knows, and of others.

    `doubts` are variances of the log odds of each payer's claims, by the vocabulary's code: of the shift that
    was fitted for it. `again` and `again_new` are the recalibrations of both.
    """

    known: RateInterval
    new: RateInterval
    doubts: Real
    again: Recalibrations
    again_new: Recalibrations

    def interval(self, probability: Real, payer: Whole) -> tuple[Real, Real]:
        """Lower and upper end for each claim."""
        is_new = payer == UNKNOWN_PAYER
        low, high = _union(self.known.around(probability, self.doubts[payer]), self.again.around(probability))
        # Where few claims were calibrated, nobody is surer of an unknown payer.
        new = _union(self.new.around(probability), self.again.around(probability))
        new_low, new_high = _union(new, self.again_new.around(probability))
        return np.where(is_new, new_low, low), np.where(is_new, new_high, high)

    def of_claims(self, probability: Real, payer: Whole) -> Real:
        """The least share of claims like each one whose likelier outcome happens."""
        return confidence_in(probability, *self.interval(probability, payer))

    @classmethod
    def fit(
        cls,
        scores: Real,
        scores_as_new: Real,
        payer: Whole,
        denied: Flags,
        day: Whole,
        payers: int,
        weights: Real | None = None,
    ) -> Confidence:
        """Learned from claims of the calibration period.

        Args:
            scores: log odds before calibration.
            scores_as_new: the same if the model did not know the payer.
            payer: the vocabulary's code.
            denied: what the payer decided.
            day: the day of sending.
            payers: the number of codes.
            weights: how many claims each stands for, itself and those still unanswered; default: one.
        """
        weight = np.ones(len(scores)) if weights is None else weights
        # Every other claim in order of sending: the last ones are answered only in part.
        is_late = np.argsort(np.argsort(day, kind="stable"), kind="stable") % 2 == 1
        predicted, doubt = np.full(len(scores), np.nan), np.zeros(len(scores))
        as_new = np.full(len(scores), np.nan)
        for half in (is_late, ~is_late):
            other = ~half
            if min(half.sum(), other.sum()) < _FEWEST or denied[other].sum() < _FEWEST_DENIALS:
                continue
            curve = calibrate(scores[other], denied[other], weight[other])
            plain = curve.apply(scores)
            shifts = payer_shifts(plain[other], denied[other], payer[other], payers, weight[other])
            given = shifted(plain, shifts[payer])
            predicted[half] = given[half]
            doubt[half] = shift_doubts(given[other], payer[other], payers)[payer[half]]
            as_new[half] = calibrate(scores_as_new[other], denied[other], weight[other]).apply(
                scores_as_new[half]
            )
        usable = np.isfinite(predicted)
        known = RateInterval.of(*_groups(payer, predicted, denied, doubt, usable, weight))
        new = RateInterval.of(*_groups(payer, as_new, denied, np.zeros(len(doubt)), usable, weight))
        whole = calibrate(scores, denied, weight).apply(scores)
        moved = shifted(whole, payer_shifts(whole, denied, payer, payers, weight)[payer])
        known, new = (
            RateInterval(float(np.hypot(each.spread * each.factor / NORMAL, DRIFT)), NORMAL, each.groups)
            for each in (known, new)
        )
        doubts = shift_doubts(moved, payer, payers)
        # Never surer of an unknown payer than of the known one with the fewest claims.
        least_known = float(doubts[np.unique(payer)].max(initial=0.0))
        new = RateInterval(
            float(np.sqrt(max(new.spread**2, known.spread**2 + least_known))),
            max(new.factor, known.factor),
            new.groups,
        )
        unknown = calibrate(scores_as_new, denied, weight).apply(scores_as_new)
        return cls(
            known,
            new,
            doubts,
            Recalibrations.of(moved, denied, weight),
            Recalibrations.of(unknown, denied, weight),
        )

    def as_numbers(self) -> dict[str, Any]:
        """For the model's file."""
        return {
            "known": vars(self.known),
            "new": vars(self.new),
            "doubts": self.doubts.tolist(),
            **{
                name: {key: each.tolist() for key, each in vars(getattr(self, name)).items()}
                for name in ("again", "again_new")
            },
        }

    @classmethod
    def from_numbers(cls, noted: dict[str, Any]) -> Confidence:
        """Of the model's file."""
        return cls(
            RateInterval(**noted["known"]),
            RateInterval(**noted["new"]),
            np.array(noted["doubts"], dtype=float),
            *(
                Recalibrations(
                    *(np.array(noted[name][key], dtype=float) for key in ("at", "if_paid", "if_denied"))
                )
                for name in ("again", "again_new")
            ),
        )


def _union(one: tuple[Real, Real], other: tuple[Real, Real]) -> tuple[Real, Real]:
    return np.minimum(one[0], other[0]), np.maximum(one[1], other[1])


def confidence_in(probability: Real, low: Real, high: Real) -> Real:
    """The least share whose likelier outcome happens, if the true share is inside of the interval."""
    found: Real = np.where(probability < 0.5, 1 - high, low)
    return found


def coverage(
    probability: Real, low: Real, high: Real, payer: Whole, happened: Real, *, fewest: int
) -> dict[str, float]:
    """Share of groups (payer and band) of at least `fewest` claims whose mean of `happened` is inside.

    `happened` are outcomes; or true probabilities, if they are known, which no chance moves.
    """
    keys = payer * len(BANDS) * 2 + np.searchsorted(BANDS, probability)
    inside, width, groups = 0, 0.0, 0
    for key in np.unique(keys):
        own = keys == key
        if own.sum() < fewest:
            continue
        groups += 1
        inside += bool(low[own].mean() <= happened[own].mean() <= high[own].mean())
        width += float((high[own] - low[own]).mean())
    share = inside / groups if groups else float("nan")
    return {"level": LEVEL, "groups": groups, "coverage": share, "mean_width": width / max(groups, 1)}


def _groups(
    payer: Whole, predicted: Real, denied: Flags, doubt: Real, usable: Flags, weight: Real
) -> tuple[Real, Real, Real, Real]:
    """By payer and band: mean prediction, denials, claims, mean doubt."""
    bands = len(BANDS) + 1
    key = payer[usable] * bands + np.searchsorted(BANDS, predicted[usable])
    size = int(key.max(initial=0)) + 1
    own = weight[usable]
    count = np.bincount(key, own, size).astype(np.float64)
    shown = count > 0
    means = [np.bincount(key, own * each[usable], size)[shown] / count[shown] for each in (predicted, doubt)]
    # As many claims of equal weight would be as uncertain.
    size_of = count[shown] ** 2 / np.bincount(key, own**2, size)[shown]
    denials: Real = np.bincount(key, own * denied[usable].astype(np.float64), size)[shown].astype(np.float64)
    return means[0], denials / count[shown] * size_of, size_of, means[1]
