"""Fits the explainable model, the boosted model that can be its shadow, and baselines for comparison."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .additive import additive, features_of
from .catalogue import FEATURES, NAMES
from .terms import Real, TermTables
from .trees import TreeTables, tables_of, trees_of

Flags = npt.NDArray[np.bool_]

# Chosen on development worlds (1316114365, 301): with three leaves instead of 15, 0.7 and 0.9 points of the
# optimal PR-AUC are lost; with 25 instead of 40 pairs another 0.3.
_RATE, _BINS, _PILOT_ROUNDS = 0.05, 63, 300
# Between the seeds of two models of which the mean is taken.
_APART = 1009


@dataclass(frozen=True)
class Effort:
    """How much work goes into training.

    Attributes:
        pairs: maximum number of pairs of features that act together.
        rounds: number of boosting rounds.
        bags: number of models, each of other draws, whose mean is the model.
    """

    pairs: int = 40
    rounds: int = 600
    bags: int = 4


def _options(seed: int, leaves: int, rate: float) -> dict[str, Any]:
    """The same bytes on every machine: one thread, and nothing left to chance but the seed."""
    return {
        "objective": "binary", "learning_rate": rate, "num_leaves": leaves, "min_data_in_leaf": 40,
        "bagging_fraction": 0.8, "bagging_freq": 1, "feature_fraction": 0.5, "lambda_l2": 5.0, "seed": seed,
        "deterministic": True, "force_row_wise": True, "num_threads": 1, "verbose": -1,
    }  # fmt: skip


def fit_terms(
    columns: Real, denied: Flags, *, seed: int, effort: Effort, weights: Real | None = None
) -> TermTables:
    """The explainable model: boosted trees of at most two features, as tables.

    Which pairs act together is found by a first model that may use any. It chooses the steps of each feature
    from the data, by quantiles. Curves are not forced to rise: rates with a common cause correct each other.
    """
    import lightgbm

    weight = np.ones(len(columns)) if weights is None else weights
    options = _options(seed, 3 if effort.pairs else 2, _RATE) | {"max_bin": _BINS}
    data = lightgbm.Dataset(columns, denied, weight=weight, params=options, free_raw_data=False)
    if effort.pairs:
        pilot = lightgbm.train(options, data, min(effort.rounds, _PILOT_ROUNDS))
        pairs = _strongest_pairs(pilot, effort.pairs)
        alone = [[feature] for feature in range(columns.shape[1])]
        options |= {"interaction_constraints": [*pairs, *alone]}
    bags = [
        lightgbm.train(options | {"seed": seed + number * _APART}, data, effort.rounds)
        for number in range(effort.bags)
    ]
    return additive(bags, NAMES, columns, weight)


def _strongest_pairs(pilot: Any, count: int) -> list[list[int]]:
    """The pairs whose second conditions gained most."""
    gains: dict[tuple[int, ...], float] = {}
    for root in trees_of(pilot):
        features = features_of(root)
        if len(features) == 2:
            second = [root[side] for side in ("left_child", "right_child") if "split_gain" in root[side]]
            gains[features] = gains.get(features, 0.0) + sum(float(node["split_gain"]) for node in second)
    return [list(pair) for pair in sorted(gains, key=lambda pair: (-gains[pair], pair))[:count]]


def fit_trees(columns: Real, denied: Flags, *, seed: int, weights: Real | None = None) -> TreeTables:
    """The boosted model of trees with 15 leaves, which can't be explained."""
    return tables_of(_boosted(columns, denied, seed, weights), NAMES)


def _boosted(columns: Real, denied: Flags, seed: int, weights: Real | None) -> Any:
    import lightgbm

    options = _options(seed, 15, 0.03)
    return lightgbm.train(options, lightgbm.Dataset(columns, denied, weight=weights, params=options), 300)


BOOSTED = "gradient boosting (LightGBM)"


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
        _of_trees(BOOSTED, columns, denied, seed, weights, list(range(len(NAMES)))),
        _of_trees("gradient boosting, generic features", columns, denied, seed, weights, _GENERIC),
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


def _of_trees(
    name: str, columns: Real, denied: Flags, seed: int, weights: Real | None, use: list[int]
) -> Baseline:
    booster = _boosted(columns[:, use], denied, seed, weights)
    return Baseline(name, lambda rows: booster.predict(rows[:, use], raw_score=True))
