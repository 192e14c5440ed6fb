"""What a review is worth, and from which probability it pays.

Of a claim that would be denied, a review in time saves the rework, and the part of the money that an appeal
would not bring back; it finds that only in a share of cases. It costs a person's minutes always.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

Real = npt.NDArray[np.float64]
Cents = npt.NDArray[np.int64]
Whole = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

_STEPS = 99
# Where no threshold brings anything, nothing is reviewed for its probability alone.
_NEVER = 1.0


@dataclass(frozen=True)
class Economics:
    """What it costs and brings, of one tenant or payer.

    Attributes:
        review_cents: a person's look at one claim: twelve minutes at a biller's 45 dollars an hour.
        rework_cents: work on one denial; 118 dollars, Change Healthcare 2016 (724 hospitals).
        avoidable: share of denials that a review can avert; 86 % "potentially avoidable", Change Healthcare
            2020, of which we take half, since potentially is not actually.
        recovered: share of denied money that comes back anyway; 63 %, Change Healthcare 2016.
    """

    review_cents: int = 900
    rework_cents: int = 11_800
    avoidable: float = 0.43
    recovered: float = 0.63


@dataclass(frozen=True)
class ReviewCurve:
    """Claims of one payer whose outcome is known, by the threshold from which they are reviewed.

    Each list has one place a threshold, 0.01 to 0.99: how many claims are reviewed, how many of them were
    denied, and what these denials took in cents. It says what any economics would choose, without a claim.
    """

    claims: int
    denied: int
    reviewed: Whole
    caught: Whole
    stake_cents: Cents

    @classmethod
    def of(cls, probability: Real, denied: Flags, at_stake: Cents) -> ReviewCurve:
        """Count; `at_stake` is what a denial of each claim takes, in cents."""
        # How many thresholds each claim reaches: 0.07 is reached at 0.07, whatever its binary digits.
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
        """A curve as a card states it."""
        lists = (np.array(numbers[name], dtype=np.int64) for name in ("reviewed", "caught", "stake_cents"))
        return cls(int(numbers["claims"]), int(numbers["denied"]), *lists)

    def as_numbers(self) -> dict[str, Any]:
        """For a card."""
        lists = {name: getattr(self, name).tolist() for name in ("reviewed", "caught", "stake_cents")}
        return {"claims": self.claims, "denied": self.denied, **lists}

    def worth_cents(self, economics: Economics) -> Cents:
        """What reviews from each threshold on would have brought, less what they would have cost."""
        saved = self.caught * economics.rework_cents + self.stake_cents * (1 - economics.recovered)
        worth: Cents = np.rint(economics.avoidable * saved).astype(np.int64)
        return worth - self.reviewed * economics.review_cents

    def chosen(self, economics: Economics) -> float:
        """The threshold that would have brought most, of equals the highest; 1 where none brings anything."""
        worth = self.worth_cents(economics)
        best = int(_STEPS - 1 - worth[::-1].argmax())
        return (best + 1) / (_STEPS + 1) if worth[best] > 0 else _NEVER

    def frame(self, economics: Economics) -> pl.DataFrame:
        """`threshold`, `reviewed` and `caught` as shares, `worth_cents`: one row a threshold."""
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
    """How one tenant wants its reviews: over what a model chose with the economics that it was trained by.

    Attributes:
        probability: from which on every claim is reviewed, whatever the payer; none: as the curves say.
        economics: of payers that have none of their own; none: those of the training.
        payers: economics by payer.
        probabilities: from which on the claims of a payer are reviewed, before everything else.
        confidence_floor: a prediction of less confidence goes to a person.
    """

    probability: float | None = None
    economics: Economics | None = None
    payers: Mapping[str, Economics] = field(default_factory=dict)
    probabilities: Mapping[str, float] = field(default_factory=dict)
    confidence_floor: float = 0.0

    def threshold(self, payer: str | None, curves: Mapping[str, ReviewCurve], trained: float) -> float:
        """Of a payer (none: of all that have no curve of their own); `trained` is what the model chose."""
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
