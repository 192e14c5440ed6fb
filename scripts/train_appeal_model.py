"""Train the appeal-outcome model on California's independent medical reviews, and judge it.

    python scripts/train_appeal_model.py FILE.csv

Judged twice: trained on reports to 2013, judged on 2014 to 2016; and by five-fold cross-validation. The model
that is written is trained on all of it. The file itself is never kept.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import numpy as np
import polars as pl

from claimwright.engines.prediction.calibration import sigmoid
from claimwright.engines.prediction.measures import quality
from claimwright.engines.prediction.overturn import (
    HALF_LIFE_YEARS,
    OverturnModel,
    as_columns,
    fit_overturn,
    overturn_files,
)
from claimwright.features.prediction import read_reviews

TARGET = Path(__file__).resolve().parent.parent / "src/claimwright/features/prediction/scoring/appeal_model"
SEED, FOLDS, LAST_TRAINED = 1, 5, 2013


def judge(train: pl.DataFrame, test: pl.DataFrame) -> tuple[float, float]:
    """AUROC and Brier score of a model trained on one part, on the other."""
    terms = fit_overturn(train, train["overturned"].to_numpy(), seed=SEED)
    probability = sigmoid(terms.score(terms.contributions(as_columns(test, terms.categories))))
    found = quality(probability, test["overturned"].to_numpy())
    return found.auroc, found.brier


def main() -> int:
    """Judge, train on all, write."""
    path = Path(sys.argv[1])
    cases = read_reviews(path)
    late = cases["report_year"] > LAST_TRAINED
    temporal, brier = judge(cases.filter(~late), cases.filter(late))
    print(f"temporal: AUROC {temporal:.4f}, Brier {brier:.4f}", flush=True)
    fold = np.random.default_rng(0).permutation(cases.height) % FOLDS
    folds = []
    for number in range(FOLDS):
        held = pl.Series(fold == number)
        folds.append(judge(cases.filter(~held), cases.filter(held))[0])
        print(f"fold {number + 1}: AUROC {folds[-1]:.4f}", flush=True)
    print(f"mean of folds: {np.mean(folds):.4f}")
    years = cases["report_year"].to_numpy()
    about = {
        "kind": "explainable boosting machine",
        "source": "California Department of Managed Health Care, independent medical review determinations",
        "data_sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "cases": cases.height,
        "years": [int(years.min()), int(years.max())],
        "overturned": float(cases["overturned"].to_numpy().mean()),
        "seed": SEED,
        "half_life_years": HALF_LIFE_YEARS,
        "temporal_auroc": temporal,
        "temporal_brier": brier,
        "fold_aurocs": folds,
    }
    terms = fit_overturn(cases, cases["overturned"].to_numpy(), seed=SEED)
    TARGET.mkdir(exist_ok=True)
    for name, content in overturn_files(OverturnModel(about, terms)).items():
        (TARGET / name).write_bytes(content)
        print(f"{name}: {len(content):,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
