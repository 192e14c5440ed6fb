"""The appeal-outcome model is asked only about denials that a medical reviewer may decide."""

from __future__ import annotations

import polars as pl

from claimwright.engines.denials import appeal_model_cases, load_causes, weigh
from claimwright.engines.denials.model_cases import FIELDS, REVIEW_TYPES, SOURCE
from claimwright.engines.prediction.overturn import FIELDS as MODEL_FIELDS
from claimwright.features.prediction import appeal_outcome_model

from .test_worth import denial, frame


def test_every_cause_with_a_review_is_a_cause_and_the_fields_are_the_models() -> None:
    assert [code for code in REVIEW_TYPES if code not in load_causes().by_code] == []
    assert FIELDS == MODEL_FIELDS


def test_the_models_answer_reaches_the_worth_with_its_source() -> None:
    rows = frame(denial(1), denial(2, category="coding", root_cause="modifier"), denial(3, appealable=False))
    facts = pl.DataFrame({"denial": [1], "treatment_category": ["Cancer Treatment"]})
    cases = appeal_model_cases(rows, facts, year=2026)
    assert cases["denial"].to_list() == [1]
    assert cases.row(0, named=True)["type"] == "Medical Necessity"
    chance = appeal_outcome_model().probability(cases)
    given = cases.select("denial", probability=pl.Series(chance), source=pl.lit(SOURCE))
    found = weigh(rows, probabilities=given)
    assert found["probability_from"].to_list() == ["model", "prior", "prior"]
    assert 0.2 < found["probability"][0] < 0.8
