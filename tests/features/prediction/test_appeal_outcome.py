"""The appeal-outcome model: what ships, and how it was judged."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from claimwright.engines.prediction.calibration import sigmoid
from claimwright.engines.prediction.measures import quality
from claimwright.engines.prediction.overturn import NAMES, as_columns, fit_overturn
from claimwright.engines.prediction.terms import STEP
from claimwright.features.prediction import ReviewFileError, appeal_outcome_model, read_reviews

# Logistic regression on the same fields, as the issue states it.
TEMPORAL_BASELINE, FOLD_BASELINE = 0.639, 0.698


@pytest.fixture(scope="module")
def reviews(shared_data: Path) -> pl.DataFrame:
    path = shared_data / "imr/independent_medical_review_2001_2016.csv"
    if not path.is_file():
        pytest.skip("the public file of medical reviews is not beside the checkout")
    return read_reviews(path)


def case(**fields: object) -> pl.DataFrame:
    kinds = {name: pl.Int64() if name == "report_year" else pl.String() for name in NAMES}
    return pl.DataFrame([{**dict.fromkeys(NAMES), **fields}], schema=kinds)


def test_the_card_states_more_than_the_baselines() -> None:
    about = appeal_outcome_model().about
    assert about["temporal_auroc"] >= TEMPORAL_BASELINE
    assert np.mean(about["fold_aurocs"]) >= FOLD_BASELINE


def test_a_case_with_unknown_words_has_a_probability_and_reasons_that_add_up() -> None:
    model = appeal_outcome_model()
    cases = case(diagnosis_category="Nothing that anybody wrote", report_year=2030)
    [probability] = model.probability(cases)
    [reasons] = model.reasons(cases)
    score = model.terms.intercept / STEP + sum(part for _, part in reasons)
    assert 0 < probability < 1
    assert probability == pytest.approx(sigmoid(score))


def test_another_file_is_refused_by_its_columns(tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(ReviewFileError, match="no column"):
        read_reviews(path)


@pytest.mark.slow
@pytest.mark.long
def test_reports_after_2013_are_predicted_better_than_by_logistic_regression(reviews: pl.DataFrame) -> None:
    late = reviews["report_year"] > 2013
    train, test = reviews.filter(~late), reviews.filter(late)
    terms = fit_overturn(train, train["overturned"].to_numpy(), seed=1)
    found = sigmoid(terms.score(terms.contributions(as_columns(test, terms.categories))))
    assert quality(found, test["overturned"].to_numpy()).auroc >= TEMPORAL_BASELINE
