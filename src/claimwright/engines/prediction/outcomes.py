"""Predictions in addition to the probability: denial category, dollars at risk.

Small tables and one small regression, which people can read and check.
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
# Prior weight: the number of claims that the mean of all payers counts as.
_PAYER_STRENGTH = 30.0


def _columns_of(category: str) -> list[int]:
    """The features that count denials of this category, and other features that indicate it."""
    columns = [NAMES.index(each.name) for each in ENCODINGS if category in each.reasons]
    columns += [
        NAMES.index(f"recent_{each.name}")
        for each in ENCODINGS
        if category in each.reasons and f"recent_{each.name}" in NAMES
    ]
    return columns + ([NAMES.index("sent_before")] if category == "duplicate" else [])


_COLUMNS = [_columns_of(category) for category in CATEGORIES]


def category_evidence(columns: Real) -> Real:
    """One row per claim, one column per category: the highest rate that indicates it, as log10."""
    found = np.full((len(columns), len(CATEGORIES)), _FLOOR)
    for number, places in enumerate(_COLUMNS):
        if places:
            found[:, number] = np.nan_to_num(columns[:, places]).max(axis=1)
    evidence: Real = np.log10(np.clip(found, _FLOOR, 1.0) / _FLOOR)
    return evidence


@dataclass(frozen=True)
class CategoryModel:
    """A multinomial logistic regression over the evidence for each category.

    `weights` has one row per category seen in training (`seen`), one column per evidence.
    """

    seen: Whole
    weights: Real
    intercepts: Real

    @classmethod
    def fit(cls, columns: Real, category: npt.NDArray[np.int8]) -> CategoryModel:
        """Fit on denied claims and their categories."""
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
        """The probability of each category if the claim is denied: one row per claim, one column per
        category.
        """
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
    """Typical values of each payer (position 0: the unseen payer): means, shrunk towards those of all payers.

    Attributes:
        paid_share: share of the charge that the payer pays on claims without a denial.
        denied_share: share of the charge on denied lines, for claims with a denial.
    """

    paid_share: Real
    denied_share: Real

    @classmethod
    def of(
        cls,
        payer: Whole,
        payers: int,
        denied: Flags,
        charge_cents: Whole,
        paid_cents: Whole,
        denied_cents: Whole,
    ) -> PayerMeans:
        """Fit on decided claims; `payer` is the vocabulary's code, `payers` the number of codes."""
        paid = ~denied
        return cls(
            _means(payer[paid], paid_cents[paid], charge_cents[paid], payers),
            _means(payer[denied], denied_cents[denied], charge_cents[denied], payers),
        )

    def stake_cents(self, payer: Whole, charge_cents: Whole) -> Whole:
        """Loss from a denial in cents: the typical payment for the share that is typically denied."""
        stake = charge_cents * self.paid_share[payer] * self.denied_share[payer]
        cents: Whole = np.rint(stake).astype(np.int64)
        return cents


def _means(payer: Whole, above: npt.NDArray[Any], below: npt.NDArray[Any], payers: int) -> Real:
    """Ratio of sums for each payer, shrunk towards that of all payers."""
    total = float(below.sum())
    overall = float(above.sum()) / total if total else 0.0
    size = total / max(len(below), 1)
    top = np.bincount(payer, above, payers) + _PAYER_STRENGTH * size * overall
    found: Real = top / np.maximum(np.bincount(payer, below, payers) + _PAYER_STRENGTH * size, 1e-9)
    found[0] = overall
    return found
