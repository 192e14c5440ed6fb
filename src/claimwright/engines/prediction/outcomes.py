"""Beside the probability: which category of denial, how many days to payment, how many dollars at risk.

Small tables and one small regression, each of which a person can read and check.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .catalogue import ENCODINGS, NAMES
from .categories import CATEGORIES

Real = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

_FLOOR = 1e-4
# Claims of one payer that weigh as much as the mean of all payers.
_PAYER_STRENGTH = 30.0


def _columns_of(category: str) -> list[int]:
    """The features that count denials of this category, and what points to it otherwise."""
    columns = [NAMES.index(each.name) for each in ENCODINGS if category in each.reasons]
    columns += [
        NAMES.index(f"recent_{each.name}")
        for each in ENCODINGS
        if category in each.reasons and f"recent_{each.name}" in NAMES
    ]
    return columns + ([NAMES.index("sent_before")] if category == "duplicate" else [])


_COLUMNS = [_columns_of(category) for category in CATEGORIES]


def category_evidence(columns: Real) -> Real:
    """One row a claim, one column a category: the highest rate that points to it, in powers of ten."""
    found = np.full((len(columns), len(CATEGORIES)), _FLOOR)
    for number, places in enumerate(_COLUMNS):
        if places:
            found[:, number] = np.nan_to_num(columns[:, places]).max(axis=1)
    evidence: Real = np.log10(np.clip(found, _FLOOR, 1.0) / _FLOOR)
    return evidence


@dataclass(frozen=True)
class CategoryModel:
    """A multinomial logistic regression over the evidence for each category.

    `weights` has a row for each category that training has seen (`seen`), a column for each evidence.
    """

    seen: Whole
    weights: Real
    intercepts: Real

    @classmethod
    def fit(cls, columns: Real, category: npt.NDArray[np.int8]) -> CategoryModel:
        """From denied claims and the category of each."""
        from sklearn.linear_model import LogisticRegression

        seen = np.unique(category).astype(np.int64)
        if len(seen) < 2:
            return cls(seen, np.zeros((len(seen), len(CATEGORIES))), np.zeros(len(seen)))
        fitted = LogisticRegression(C=1.0, tol=1e-3, max_iter=2000).fit(category_evidence(columns), category)
        weights: Any = fitted.coef_
        intercepts: Any = fitted.intercept_
        if len(seen) == 2:
            weights, intercepts = np.vstack([-weights, weights]) / 2, np.array([-1, 1]) * intercepts / 2
        return cls(seen, weights, intercepts)

    def shares(self, columns: Real) -> Real:
        """One row a claim, one column a category: how likely each is, if the claim is denied."""
        found = np.zeros((len(columns), len(CATEGORIES)))
        if not len(self.seen):
            found[:, -1] = 1.0
            return found
        score = category_evidence(columns) @ self.weights.T + self.intercepts
        score -= score.max(axis=1, keepdims=True)
        odds = np.exp(score)
        found[:, self.seen] = odds / odds.sum(axis=1, keepdims=True)
        return found


@dataclass(frozen=True)
class PayerMeans:
    """What is usual of each payer, the unseen one at place 0: means pulled towards those of all payers.

    Attributes:
        days_paid, days_denied: days from sending to the answer, of claims that were paid and denied.
        paid_share: share of the charge that the payer pays of claims without denial.
        denied_share: share of the charge on denied lines, of claims with a denial.
    """

    days_paid: Real
    days_denied: Real
    paid_share: Real
    denied_share: Real

    @classmethod
    def of(
        cls,
        payer: Whole,
        payers: int,
        denied: Flags,
        days: Real,
        charge_cents: Whole,
        paid_cents: Whole,
        denied_cents: Whole,
    ) -> PayerMeans:
        """From answered claims; `payer` is the vocabulary's code, of which there are `payers`."""
        paid = ~denied
        one = np.ones(len(payer))
        return cls(
            _means(payer[paid], days[paid], one[paid], payers),
            _means(payer[denied], days[denied], one[denied], payers),
            _means(payer[paid], paid_cents[paid], charge_cents[paid], payers),
            _means(payer[denied], denied_cents[denied], charge_cents[denied], payers),
        )

    def days(self, payer: Whole, probability: Real) -> Real:
        """Expected days to the payer's answer."""
        expected: Real = (1 - probability) * self.days_paid[payer] + probability * self.days_denied[payer]
        return expected

    def stake_cents(self, payer: Whole, charge_cents: Whole) -> Whole:
        """What a denial would take: the usual payment of the share that is usually denied, in cents."""
        stake = charge_cents * self.paid_share[payer] * self.denied_share[payer]
        cents: Whole = np.rint(stake).astype(np.int64)
        return cents


def _means(payer: Whole, above: npt.NDArray[Any], below: npt.NDArray[Any], payers: int) -> Real:
    """Sum above over sum below for each payer, pulled towards that of all."""
    total = float(below.sum())
    overall = float(above.sum()) / total if total else 0.0
    size = total / max(len(below), 1)
    top = np.bincount(payer, above, payers) + _PAYER_STRENGTH * size * overall
    found: Real = top / np.maximum(np.bincount(payer, below, payers) + _PAYER_STRENGTH * size, 1e-9)
    found[0] = overall
    return found
