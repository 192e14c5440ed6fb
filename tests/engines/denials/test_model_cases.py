"""The appeal-outcome model is asked only about denials that an independent reviewer may decide."""

from __future__ import annotations

import polars as pl
import pytest

from claimwright.engines.denials import appeal_model_cases, load_causes, weigh
from claimwright.engines.denials.model_cases import (
    FIELDS,
    NO_APPEAL,
    NO_REVIEW,
    OTHER_REVIEWER,
    REVIEW_TYPES,
)
from claimwright.engines.denials.review_words import age_range, diagnosis_category, treatment_category
from claimwright.engines.prediction.overturn_rates import FIELDS as MODEL_FIELDS
from claimwright.features.prediction import appeal_outcome_model

from .test_worth import denial, frame

# Hepatitis C and a drug by infusion: a category of each.
HEPATITIS = {"principal_diagnosis": "B18.2", "procedure": "J3490", "age": 55, "state_of_provider": "CA"}


def test_every_cause_with_a_review_is_a_cause_and_the_fields_are_the_models() -> None:
    assert [code for code in REVIEW_TYPES if code not in load_causes().by_code] == []
    assert FIELDS == MODEL_FIELDS


def test_each_denial_is_a_case_or_says_why_not() -> None:
    rows = frame(
        denial(1, **HEPATITIS, claim_filing="HM"), denial(2, root_cause="modifier"),
        denial(3, appealable=False), denial(4, claim_filing="MB"),
    )  # fmt: skip
    cases = appeal_model_cases(rows, year=2017)
    assert cases["refused"].to_list() == [None, NO_REVIEW, NO_APPEAL, OTHER_REVIEWER]
    first = cases.row(0, named=True)
    assert {name: first[name] for name in (*FIELDS, "state", "year")} == {
        "diagnosis_category": "Infectious", "diagnosis_sub_category": None,
        "treatment_category": "Pharmacy/Prescription Drugs", "treatment_sub_category": None,
        "type": "Medical Necessity", "age_range": "51-64", "state": "CA", "year": 2017,
    }  # fmt: skip


def test_a_denial_of_a_whole_claim_is_about_its_most_expensive_line() -> None:
    rows = frame(denial(1, usual_procedure="99213", usual_revenue_code=None))
    assert appeal_model_cases(rows, year=2017)["treatment_category"][0] == "Diagnostic/Physician Evaluation"


@pytest.mark.parametrize(
    ("code", "category"),
    [
        ("E11.9", "Endocrine/ Metabolic"), ("E66.01", "Morbid Obesity"), ("F84.0", "Autism Spectrum"),
        ("F32.9", "Mental"), ("G47.33", "Respiratory System"), ("M54.50", "Orthopedic/ Musculoskeletal"),
        ("M79.7", "Immunologic"), ("C50.911", "Cancer"), ("R10.9", None), ("", None), (None, None),
    ],
)  # fmt: skip
def test_a_diagnosis_has_the_category_of_its_block(code: str | None, category: str | None) -> None:
    assert diagnosis_category(code) == category


@pytest.mark.parametrize(
    ("procedure", "revenue", "category"),
    [
        ("72148", None, "Diagnostic Imaging, Screening and Testing"), ("97110", None,
        "Rehabilitation Services - Outpatient"), ("97153", None, "Autism Related Treatment"),
        ("E0601", None, "Durable Medical Equipment"), ("43644", None, "General Surgery"),
        ("J9035", None, "Cancer Treatment"), (None, "0124", "Mental Health Treatment"),
        (None, "120", "Acute Medical Services - Inpatient"), ("12", None, None), (None, None, None),
    ],
)  # fmt: skip
def test_a_service_has_the_category_of_its_section(
    procedure: str | None, revenue: str | None, category: str | None
) -> None:
    assert treatment_category(procedure, revenue) == category


def test_every_category_is_one_of_the_decisions() -> None:
    words = appeal_outcome_model().tables.words
    codes = [f"{letter}{number:02}" for letter in "ABCDEFGHIJKLMNOPQRSTZ" for number in range(100)]
    assert {diagnosis_category(code) for code in codes} - {None} <= set(words[0])
    services = [f"{number:05}" for number in range(0, 100_000, 7)]
    services += [f"{letter}{number:04}" for letter in "ABDEGHJKLQS" for number in range(0, 10_000, 7)]
    found = {treatment_category(code) for code in services}
    found |= {treatment_category(None, f"{number:04}") for number in range(2_000)}
    assert found - {None} <= set(words[2])
    assert {age_range(age) for age in range(120)} == set(words[5])


def test_the_models_answer_reaches_the_worth_with_its_source() -> None:
    rows = frame(denial(1, **HEPATITIS), denial(2, category="coding", root_cause="modifier"))
    cases = appeal_model_cases(rows, year=2017).filter(pl.col("refused").is_null())
    [chance] = appeal_outcome_model().answers(cases)["probability"]
    given = cases.select("denial", probability=pl.lit(chance), source=pl.lit("appeal-outcome model"))
    found = weigh(rows, probabilities=given)
    assert found["probability_from"].to_list() == ["model", "prior"]
    assert found["probability"][0] == chance
