"""Train the appeal-outcome model on California's independent medical reviews, and measure it.

    python scripts/train_appeal_model.py FILE.csv

What is measured, and how, is in `claimwright.engines.prediction.overturn_fitting`. Beside it, on the same
split: a logistic regression on the fields themselves, and LightGBM on the same rates. The model that is
written is trained on all decisions. The file itself is never kept.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from claimwright.engines.prediction.measures import quality
from claimwright.engines.prediction.overturn import overturn_files
from claimwright.engines.prediction.overturn_fitting import FOLDS, LAST_TRAINED, Decisions
from claimwright.engines.prediction.overturn_rates import FIELDS
from claimwright.features.prediction import read_reviews, train_appeal_model

TARGET = Path(__file__).resolve().parent.parent / "src/claimwright/features/prediction/scoring/appeal_model"


def baselines(cases: pl.DataFrame) -> dict[str, dict[str, float]]:
    """AUROC of other models on the same split and folds."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder

    decisions = Decisions(cases)
    outcome = decisions.overturned
    fields: Any = cases.select(pl.col(name).fill_null("") for name in FIELDS).to_numpy()
    late = decisions.year > LAST_TRAINED

    def plain(train: Any) -> Any:
        encoder = OneHotEncoder(handle_unknown="ignore")
        machine = make_pipeline(encoder, LogisticRegression(C=0.3, max_iter=2000))
        return machine.fit(fields[train], outcome[train]).predict_proba(fields)[:, 1]

    fold = np.random.default_rng(0).permutation(len(outcome)) % FOLDS
    folds = [
        quality(plain(fold != number)[fold == number], outcome[fold == number]).auroc
        for number in range(FOLDS)
    ]
    found = {
        "logistic regression on the fields": {
            "temporal": quality(plain(~late)[late], outcome[late]).auroc,
            "folds": float(np.mean(folds)),
        }
    }
    from lightgbm import LGBMClassifier

    flat = decisions.rates.reshape(len(outcome), -1)
    train = ~late & decisions.used
    machine = LGBMClassifier(
        n_estimators=200, learning_rate=0.03, num_leaves=15, min_child_samples=50, n_jobs=1, random_state=1,
        verbose=-1,
    )  # fmt: skip
    machine.fit(flat[train], outcome[train])
    score = np.asarray(machine.predict_proba(flat[late]))[:, 1]
    found["LightGBM on the same rates"] = {"temporal": quality(score, outcome[late]).auroc}
    return {name: {key: round(value, 4) for key, value in each.items()} for name, each in found.items()}


def main() -> int:
    """Measure, train on all, write."""
    path = Path(sys.argv[1])
    cases = read_reviews(path)
    beside = baselines(cases)
    model = train_appeal_model(path, tell=print, baselines=beside)
    for name in ("temporal", "folds", "by_age", "interval", "baselines"):
        print(name, model.about[name])
    for each in model.intervals:
        print(each)
    TARGET.mkdir(exist_ok=True)
    for name, content in overturn_files(model).items():
        (TARGET / name).write_bytes(content)
        print(f"{name}: {len(content):,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
