"""The value of a review by probability, for models and payers without a measured step; and review policies.

For a claim that would be denied, a review before sending saves the rework and the money that an appeal would
not recover; but only a share of such denials can be averted. A review always costs a person's time. Where
steps are measured, `gains` decides instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from .cost_profiles import Economics
from .gains import GainCurve
from .review import ReviewRule, rule_of

Real = npt.NDArray[np.float64]
Cents = npt.NDArray[np.int64]
Whole = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

_STEPS = 99
# If no threshold has a benefit, no claim is reviewed because of its probability.
_NEVER = 1.0


@dataclass(frozen=True)
class ReviewCurve:
    """Decided claims of one payer, counted by review threshold.

    Each list has one entry per threshold, 0.01 to 0.99: how many claims are reviewed, how many of them were
    denied, and the loss from these denials in cents. With it, the best threshold can be found for any cost
    and benefit, without the claims.
    """

    claims: int
    denied: int
    reviewed: Whole
    caught: Whole
    stake_cents: Cents

    @classmethod
    def of(cls, probability: Real, denied: Flags, at_stake: Cents) -> ReviewCurve:
        """Count claims; `at_stake` is the loss from a denial of each claim, in cents."""
        # How many thresholds each claim reaches; rounded, so that 0.07 reaches the threshold 0.07 despite
        # binary fractions.
        reached = np.clip(np.floor(probability * (_STEPS + 1) + 1e-9), 0, _STEPS).astype(np.int64)

        def from_each(weights: Any) -> Whole:
            counted = np.bincount(reached, weights, _STEPS + 1)
            above: Whole = np.rint(counted[::-1].cumsum()[::-1][1:]).astype(np.int64)
            return above

        return cls(
            len(probability),
            int(denied.sum()),
            from_each(None),
            from_each(denied.astype(np.float64)),
            from_each(np.where(denied, at_stake, 0).astype(np.float64)),
        )

    @classmethod
    def from_numbers(cls, numbers: Mapping[str, Any]) -> ReviewCurve:
        """The curve in the format of a model card."""
        lists = (np.array(numbers[name], dtype=np.int64) for name in ("reviewed", "caught", "stake_cents"))
        return cls(int(numbers["claims"]), int(numbers["denied"]), *lists)

    def as_numbers(self) -> dict[str, Any]:
        """For a card."""
        lists = {name: getattr(self, name).tolist() for name in ("reviewed", "caught", "stake_cents")}
        return {"claims": self.claims, "denied": self.denied, **lists}

    def worth_cents(self, economics: Economics) -> Cents:
        """Net benefit of reviews for each threshold."""
        saved = self.caught * economics.rework_cents + self.stake_cents * (1 - economics.recovered)
        worth: Cents = np.rint(economics.avoidable * saved).astype(np.int64)
        return worth - self.reviewed * economics.review_cents

    def chosen(self, economics: Economics) -> float:
        """The threshold with the highest net benefit (the highest of ties); 1 if none has a benefit."""
        worth = self.worth_cents(economics)
        best = int(_STEPS - 1 - worth[::-1].argmax())
        return (best + 1) / (_STEPS + 1) if worth[best] > 0 else _NEVER

    def frame(self, economics: Economics) -> pl.DataFrame:
        """`threshold`, `reviewed` and `caught` as shares, `worth_cents`: one row per threshold."""
        return pl.DataFrame(
            {
                "threshold": np.arange(1, _STEPS + 1) / (_STEPS + 1),
                "reviewed": self.reviewed / max(self.claims, 1),
                "caught": self.caught / max(self.denied, 1),
                "worth_cents": self.worth_cents(economics),
            }
        )


@dataclass(frozen=True)
class ReviewPolicy:
    """A tenant's review policy, which overrides the thresholds chosen in training.

    Attributes:
        probability: the review threshold for all payers; None: from the curves.
        economics: cost and benefit for payers without their own; None: those used in training.
        payers: cost and benefit by payer.
        probabilities: review thresholds by payer; they take precedence over everything else.
        confidence_floor: predictions with a lower confidence are reviewed.
        capacity: share of claims that people can review; None: as many as pay off.
    """

    probability: float | None = None
    economics: Economics | None = None
    payers: Mapping[str, Economics] = field(default_factory=dict)
    probabilities: Mapping[str, float] = field(default_factory=dict)
    confidence_floor: float = 0.0
    capacity: float | None = None

    def rule(self, curves: Mapping[str, GainCurve], trained: Economics) -> ReviewRule:
        """How expected gains decide; `trained` is the cost and benefit used in training."""
        by_probability = None if self.probability is not None else frozenset(self.probabilities)
        economics = self.economics or trained
        return rule_of(curves, ALL, economics, self.payers, by_probability, self.capacity)

    def threshold(self, payer: str | None, curves: Mapping[str, ReviewCurve], trained: float) -> float:
        """The threshold of a payer (None: of all payers without their own curve); `trained` is the model's
        choice.
        """
        if payer is not None and payer in self.probabilities:
            return self.probabilities[payer]
        economics = self.payers.get(payer or "", self.economics)
        if payer in self.payers and economics is not None:
            return _of_curve(payer, curves, economics, trained)
        if self.probability is not None:
            return self.probability
        return trained if economics is None else _of_curve(payer, curves, economics, trained)


ALL = ""
"""The name of the curve over all payers."""


def _of_curve(
    payer: str | None, curves: Mapping[str, ReviewCurve], economics: Economics, trained: float
) -> float:
    curve = curves.get(payer or ALL, curves.get(ALL))
    return trained if curve is None else curve.chosen(economics)
