"""What a review is worth, and from which probability on it pays.

Of a claim that would be denied, a review in time saves the rework, and the part of the money that an appeal
would not bring back; it finds that only in a share of cases. It costs a person's minutes always.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

Real = npt.NDArray[np.float64]
Cents = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

_STEPS = 99


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
class Choice:
    """A threshold, and the curve that it was chosen on: `threshold`, `reviewed`, `caught`, `worth_cents`."""

    threshold: float
    curve: pl.DataFrame


def value_of_review(probability: Real, at_stake: Cents, economics: Economics) -> Cents:
    """What a review of each claim brings on average less its cost; `at_stake` is lost if denied. In cents."""
    saved = economics.rework_cents + at_stake * (1 - economics.recovered)
    worth: Cents = (
        np.rint(probability * economics.avoidable * saved).astype(np.int64) - economics.review_cents
    )
    return worth


def choose(probability: Real, denied: Flags, at_stake: Cents, economics: Economics) -> Choice:
    """The threshold that would have brought most on claims whose outcome is known.

    Where no threshold brings anything, it is 1: nothing is reviewed for its probability.
    """
    outcome = value_of_review(denied.astype(np.float64), at_stake, economics)
    rows = []
    for step in range(1, _STEPS + 1):
        threshold = step / (_STEPS + 1)
        chosen = probability >= threshold
        caught = float(denied[chosen].sum() / max(denied.sum(), 1))
        rows.append(
            (threshold, float(chosen.mean()) if len(chosen) else 0.0, caught, int(outcome[chosen].sum()))
        )
    curve = pl.DataFrame(rows, schema=["threshold", "reviewed", "caught", "worth_cents"], orient="row")
    best = curve.sort("worth_cents", "threshold", descending=[True, False]).row(0, named=True)
    return Choice(best["threshold"] if best["worth_cents"] > 0 else 1.0, curve)
