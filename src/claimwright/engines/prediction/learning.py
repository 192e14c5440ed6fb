"""Fits the explainable boosting machine, and two baseline models for comparison."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .catalogue import FEATURES, NAMES
from .terms import Real, TermTables

Flags = npt.NDArray[np.bool_]


_BINS = 256


@dataclass(frozen=True)
class Effort:
    """How much work goes into training.

    Attributes:
        bags: number of averaged machines, each trained on its own part of the claims.
        pairs: maximum number of feature interactions.
        rounds: maximum number of boosting rounds.
        cores: number of processes; it does not change the result.
    """

    bags: int = 4
    pairs: int = 12
    rounds: int = 25_000
    cores: int = 1


def fit_terms(
    columns: Real, denied: Flags, *, seed: int, effort: Effort, weights: Real | None = None
) -> TermTables:
    """An explainable boosting machine over the catalogue's features, as tables.

    It chooses the steps of each feature from the data, by quantiles. Curves are not forced to rise: rates
    with a common cause correct each other.
    """
    from interpret.glassbox import ExplainableBoostingClassifier

    machine = ExplainableBoostingClassifier(
        feature_names=list(NAMES),
        feature_types=["continuous"] * len(FEATURES),
        max_bins=_BINS,
        interactions=effort.pairs,
        outer_bags=effort.bags,
        max_rounds=effort.rounds,
        n_jobs=effort.cores,
        random_state=seed,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        machine.fit(columns, denied, sample_weight=weights)
    return TermTables.of(machine, NAMES)


@dataclass(frozen=True)
class Baseline:
    """A baseline model: its name and its score, which is higher for more likely denials."""

    name: str
    score: Any


# What anybody would count without knowing why payers deny: rates of all denials by one or two columns.
GENERIC: tuple[str, ...] = (
    "days_to_filing", "charge", "lines", "most_units", "age", "authorization_missing", "attachment_missing",
    "referral_missing", "payer_rate", "provider_rate", "diagnosis_rate", "procedure_rate",
    "payer_procedure_rate", "recent_payer_rate", "recent_provider_rate",
)  # fmt: skip
_GENERIC = [NAMES.index(name) for name in GENERIC]


def fit_baselines(columns: Real, denied: Flags, *, seed: int, weights: Real | None = None) -> list[Baseline]:
    """Logistic regression and gradient boosting on the same features, and the latter on generic ones."""
    return [
        _logistic(columns, denied, weights),
        _boosted("gradient boosting (LightGBM)", columns, denied, seed, weights, list(range(len(NAMES)))),
        _boosted("gradient boosting, generic features", columns, denied, seed, weights, _GENERIC),
    ]


def _logistic(columns: Real, denied: Flags, weights: Real | None) -> Baseline:
    """Logistic regression on standardized features, with rates as log odds."""
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    pipe = make_pipeline(
        SimpleImputer(strategy="median", keep_empty_features=True),
        StandardScaler(),
        LogisticRegression(C=1.0, max_iter=1000),
    )
    pipe.fit(_as_log_odds(columns), denied, logisticregression__sample_weight=weights)
    return Baseline("logistic regression", lambda rows: pipe.decision_function(_as_log_odds(rows)))


_RATES = np.array([feature.unit == "probability" for feature in FEATURES])
_AMOUNTS = np.array([feature.name in ("charge", "days_to_filing") for feature in FEATURES])


def _as_log_odds(columns: Real) -> Real:
    changed = columns.copy()
    rate = np.clip(changed[:, _RATES], 1e-4, 1 - 1e-4)
    changed[:, _RATES] = np.log(rate / (1 - rate))
    changed[:, _AMOUNTS] = np.log1p(np.maximum(changed[:, _AMOUNTS], 0))
    return changed


def _boosted(
    name: str, columns: Real, denied: Flags, seed: int, weights: Real | None, use: list[int]
) -> Baseline:
    from lightgbm import LGBMClassifier

    machine = LGBMClassifier(
        n_estimators=300,
        learning_rate=0.03,
        num_leaves=15,
        min_child_samples=40,
        subsample=0.8,
        subsample_freq=1,
        colsample_bytree=0.5,
        reg_lambda=5.0,
        random_state=seed,
        deterministic=True,
        force_row_wise=True,
        n_jobs=1,
        verbose=-1,
    )
    machine.fit(columns[:, use], denied, sample_weight=weights)
    return Baseline(name, lambda rows: machine.predict(rows[:, use], raw_score=True))
