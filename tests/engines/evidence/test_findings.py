"""What a note says of a patient: in which sense, of whom, when, with which value."""

from __future__ import annotations

import datetime

import pytest

from claimwright.engines.evidence import concepts, measurements, read_findings


def said(text: str) -> dict[str, tuple[str, str, str, str]]:
    return {
        each.clinical.concept: (
            each.clinical.polarity, each.clinical.subject, each.clinical.time, each.clinical.certainty,
        )
        for each in read_findings(text)
    }  # fmt: skip


PRESENT = ("present", "patient", "current", "stated")
CASES = [
    ("The patient has pneumonia.", "pneumonia", PRESENT),
    ("No evidence of pneumonia.", "pneumonia", ("absent", "patient", "current", "stated")),
    ("There is no evidence "
        "of\npneumonia on the film.", "pneumonia", ("absent", "patient", "current", "stated")),
    ("Denies fever, chills, nausea or vomiting.", "vomiting", ("absent", "patient", "current", "stated")),
    ("Denies fever but has cough.", "cough", PRESENT),
    ("Pneumonia was ruled out.", "pneumonia", ("absent", "patient", "current", "stated")),
    ("Fever: no.", "fever", ("absent", "patient", "current", "stated")),
    ("Not only fever but also cough.", "fever", PRESENT),
    ("Physical therapy without relief of pain.", "physical therapy", PRESENT),
    ("Symptoms did not respond to physical therapy.", "physical therapy", PRESENT),
    ("Mother had breast cancer.", "breast cancer", ("present", "family", "current", "stated")),
    ("Family history: diabetes.", "diabetes", ("present", "family", "current", "stated")),
    ("Her mother reports that she has a fever.", "fever", PRESENT),
    ("His roommate has pneumonia.", "pneumonia", ("present", "other", "current", "stated")),
    ("History of pneumonia in 2015.", "pneumonia", ("present", "patient", "past", "stated")),
    ("Past medical history: sepsis.", "sepsis", ("present", "patient", "past", "stated")),
    ("She had a stroke ten years ago.", "stroke", ("present", "patient", "past", "stated")),
    ("Chronic low back pain for 8 weeks.", "low back pain", PRESENT),
    ("Return if fever develops.", "fever", ("present", "patient", "hypothetical", "stated")),
    ("At risk for falls.", "falls", ("present", "patient", "hypothetical", "stated")),
    ("Possible pneumonia.", "pneumonia", ("present", "patient", "current", "uncertain")),
    ("Rule out cauda equina "
        "syndrome.", "cauda equina syndrome", ("present", "patient", "current", "uncertain")),
]  # fmt: skip


@pytest.mark.parametrize(("text", "concept", "sense"), CASES)
def test_a_mention_has_its_sense(text: str, concept: str, sense: tuple[str, str, str, str]) -> None:
    assert said(text)[concept] == sense


@pytest.mark.parametrize(
    ("text", "name", "value", "unit"),
    [
        ("A1c 8.2% today.", "hemoglobin A1c", "8.2", "%"),
        # 9.1 mmol/L x 18.016 mg/dL each = 163.9456.
        ("Glucose 9.1 mmol/L.", "glucose", "163.95", "mg/dL"),
        # 38.5 x 1.8 + 32 = 101.3.
        ("Temp 38.5 C.", "temperature", "101.3", "F"),
        ("BMI was 41.2 kg/m2.", "body mass index", "41.2", "kg/m2"),
        ("SpO2 86% on room air.", "oxygen saturation", "86", "%"),
        ("AHI of 32 events/hour.", "apnea-hypopnea index", "32", "events/h"),
    ],
)
def test_a_measurement_has_its_value_in_the_unit_of_the_record(
    text: str, name: str, value: str, unit: str
) -> None:
    [found] = [each.clinical for each in read_findings(text) if each.clinical.value]
    assert (found.concept, found.value, found.unit) == (name, value, unit)


@pytest.mark.parametrize("text", ["SpO2 186%.", "Creatinine 900 mg/dL.", "Glucose 140.", "Temp 38.5 kg."])
def test_what_no_living_patient_has_or_has_no_unit_is_no_value(text: str) -> None:
    assert [each for each in read_findings(text) if each.clinical.value] == []


def test_spans_and_dates_are_those_of_the_text() -> None:
    text = "Plan.\nOn 03/10/2026 the WBC was 14.2 K/uL with fever."
    found = read_findings(text)
    assert [text[each.start : each.end] for each in found] == ["WBC was 14.2 K/uL", "fever"]
    assert {each.clinical.on for each in found} == {datetime.date(2026, 3, 10)}
    assert all(text[each.sentence_start : each.sentence_end].startswith("On 03") for each in found)


def test_no_word_means_two_concepts() -> None:
    words = [word for each in concepts().values() for word in each.words]
    words += [word for each in measurements().values() for word in each.words]
    assert len(words) == len(set(words))
