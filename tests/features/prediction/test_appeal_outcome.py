"""The appeal-outcome model: what it answers, what it refuses, and how well it was measured to do."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from claimwright.engines.prediction.artifact import ArtifactError
from claimwright.engines.prediction.measures import quality
from claimwright.engines.prediction.overturn import CASE, overturn_files, overturn_from
from claimwright.engines.prediction.overturn_fitting import Decisions
from claimwright.engines.prediction.overturn_rates import DETAILED, LAG, RateTables, running_rates
from claimwright.features.prediction import ReviewFileError, appeal_outcome_model, read_reviews

# The targets of the issue, and logistic regression on the same fields.
TEMPORAL, FOLDS, LARGEST_ERROR = 0.73, 0.71, 0.03
TEMPORAL_BASELINE, FOLD_BASELINE = 0.639, 0.698
HEPATITIS = {
    "diagnosis_category": "Infectious", "treatment_category": "Pharmacy/Prescription Drugs",
    "type": "Medical Necessity", "age_range": "51-64", "state": "CA", "year": 2017,
}  # fmt: skip
DETAILS = {"diagnosis_sub_category": "Hepatitis", "treatment_sub_category": "Anti-virals"}


@pytest.fixture(scope="module")
def reviews(shared_data: Path) -> pl.DataFrame:
    path = shared_data / "imr/independent_medical_review_2001_2016.csv"
    if not path.is_file():
        pytest.skip("the public file of medical reviews is not beside the checkout")
    return read_reviews(path)


def cases(*given: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame([dict.fromkeys(CASE) | each for each in given], schema=CASE)


def test_the_card_states_the_targets_and_the_baselines() -> None:
    about = appeal_outcome_model().about
    frozen = about["temporal"]["detailed"]
    assert frozen["auroc"] >= TEMPORAL
    assert frozen["expected_calibration_error"] < LARGEST_ERROR
    assert np.mean(about["folds"]["detailed"]) >= FOLDS
    beside = about["baselines"]["logistic regression on the fields"]
    assert beside["temporal"] < frozen["auroc"]
    assert beside["folds"] < np.mean(about["folds"]["detailed"])


def test_a_case_has_a_probability_inside_its_interval_and_the_counts_behind_it() -> None:
    model = appeal_outcome_model()
    plain, detailed = model.answers(cases(HEPATITIS, HEPATITIS | DETAILS)).to_dicts()
    for each in (plain, detailed):
        assert each["refused"] is None
        assert 0 < each["low"] < each["probability"] < each["high"] < 1
        assert 0 < each["overturned"] < each["decided"]
    assert (plain["is_detailed"], detailed["is_detailed"]) == (False, True)


def test_the_reasons_add_up_to_the_probability() -> None:
    model = appeal_outcome_model()
    for case in (HEPATITIS, HEPATITIS | DETAILS):
        [answer] = model.answers(cases(case)).to_dicts()
        weights = model.detailed if "diagnosis_sub_category" in case else model.broad
        score = weights.intercept + sum(reason.log_odds for reason in model.reasons(case))
        assert answer["probability"] == pytest.approx(1 / (1 + math.exp(-score)))


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"state": "TX"}, "California's"),
        ({"state": None}, "State is not known"),
        ({"type": "Coverage Dispute"}, "kind of review"),
        ({"treatment_category": None}, "treatment is not known"),
        ({"diagnosis_category": "Nothing that anybody wrote"}, "this diagnosis"),
        ({"year": 2026}, "newest decision is of 2016"),
        ({"year": 2000}, "begin in 2001"),
        ({"year": None}, "begin in 2001"),
    ],
)
def test_what_it_was_not_made_from_is_refused(changes: dict[str, Any], why: str) -> None:
    [answer] = appeal_outcome_model().answers(cases(HEPATITIS | changes)).to_dicts()
    assert why in answer["refused"]
    assert {value for name, value in answer.items() if name != "refused"} == {None}


def test_intervals_widen_with_the_years_since_the_newest_decision() -> None:
    model = appeal_outcome_model()
    years = [HEPATITIS | {"year": 2016 + later} for later in range(len(model.intervals))]
    found = model.answers(cases(*years))
    widths = (found["high"] - found["low"]).to_list()
    assert widths == sorted(widths)
    assert len(widths) > 1
    # No year is answered whose rates were measured to rank cases hardly better than chance.
    answered = [each for each in model.about["by_age"] if each["years"] < len(model.intervals)]
    assert min(each["auroc"] for each in answered) >= 0.6


def test_the_same_model_gives_the_same_bytes_and_damage_is_noticed() -> None:
    files = overturn_files(appeal_outcome_model())
    assert overturn_files(overturn_from(files)) == files
    with pytest.raises(ArtifactError):
        overturn_from(files | {"rates.npz": files["rates.npz"][:-20]})
    with pytest.raises(ArtifactError):
        overturn_from({"model.json": files["model.json"]})


def test_another_file_is_refused_by_its_columns(tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(ReviewFileError, match="no column"):
        read_reviews(path)


def test_a_rate_knows_no_decision_of_the_last_cases_nor_of_the_future() -> None:
    """Of one kind of case, all overturned from number 500 on: no rate knows before 900 (500 and the lag)."""
    count = 1000
    codes = np.ones((count, 6), dtype=np.int64)
    words = {number: ["one"] for number in range(6)}
    overturned = np.arange(count) >= 500
    rates = running_rates(codes, words, overturned)[:, 0, 0]
    before = running_rates(codes, words, np.zeros(count, dtype=bool))[:, 0, 0]
    assert (rates[: 500 + LAG] == before[: 500 + LAG]).all()
    assert (rates[500 + LAG :] > before[500 + LAG :]).all()


def test_rates_of_the_tables_are_those_of_a_case_that_comes_after_the_lag() -> None:
    draws = np.random.default_rng(3)
    codes = draws.integers(0, 3, (3000, 6))
    words = {number: ["one", "two"] for number in range(6)}
    overturned = draws.random(3000) < 0.4
    known = 3000 - LAG
    tables = RateTables.of(codes[:known], words, overturned[:known])
    running = running_rates(codes, words, overturned)
    assert tables.rates(codes[-1:]) == pytest.approx(running[-1:])


@pytest.mark.slow
def test_frozen_weights_keep_the_targets_on_decisions_after_2013(reviews: pl.DataFrame) -> None:
    decisions = Decisions(reviews)
    early = decisions.year <= 2013
    weights = decisions.fit(early & decisions.used, DETAILED)
    found = quality(weights.probability(decisions.rates[~early]), decisions.overturned[~early])
    assert found.claims == 4821
    assert found.auroc >= TEMPORAL > TEMPORAL_BASELINE
    assert found.expected_calibration_error < LARGEST_ERROR


@pytest.mark.slow
@pytest.mark.long
def test_five_folds_keep_their_target(reviews: pl.DataFrame) -> None:
    decisions = Decisions(reviews)
    fold = np.random.default_rng(0).permutation(reviews.height) % 5
    aurocs = []
    for number in range(5):
        train = fold != number
        rates = running_rates(decisions.codes, decisions.words, decisions.overturned, train, both_ways=True)
        found = decisions.fit(train, DETAILED, rates).probability(rates[~train])
        aurocs.append(quality(found, decisions.overturned[~train]).auroc)
    assert np.mean(aurocs) >= FOLDS > FOLD_BASELINE
