"""Cases of the evaluation made of published independent review decisions (California, 2001 to 2016).

A decision gives the kind of dispute, the condition, the treatment, sex and age range of the patient, and its
outcome. Claim, payer and chart around it are synthetic: what is published names nobody. The decisions are of
external reviews, so the letters are of that level. Nothing of the file is copied into the project.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from claimwright.engines.evidence import concepts

from .charts import words_of

_CAUSES = {
    "Medical Necessity": ("50", 2),
    "Experimental/Investigational": ("55", 2),
    # An emergency is disputed at the plan: no letter for an external review of one ships.
    "Urgent Care": ("40", 1),
}
# The published names of conditions that our lexicon has, under the lexicon's name.
_CONDITIONS = {
    "Back Pain": "low back pain", "Vertebral Disc Problem": "disc herniation",
    "Breast Cancer": "breast cancer",
    "Osteoarthritis": "osteoarthritis", "Depression": "depression", "Depression - Severe": "depression",
    "Diabetes": "diabetes", "Bipolar Disorder": "bipolar disorder",
    "Substance Abuse/ Addiction": "opioid use disorder",
    "Prostate Cancer": "prostate cancer", "Multiple Sclerosis": "multiple sclerosis",
    "Headache/Migraine": "migraine",
    "Migraine": "migraine", "GERDs/ Reflux Disorders": "gastroesophageal reflux",
    "Sleep Apnea": "obstructive sleep apnea",
    "Alcohol Abuse/ Addiction": "alcohol use disorder", "Fracture": "fracture", "Stroke/ CVA": "stroke",
    "Lung Cancer": "lung cancer", "Anxiety": "anxiety", "Asthma": "asthma",
    "Crohn's Disease": "crohn's disease",
    "Hypertension": "hypertension", "Osteoporosis": "osteoporosis", "Colon Cancer": "colon cancer",
    "Pregnancy": "pregnancy", "Thyroid Problems": "hypothyroidism", "Psoriasis": "psoriasis",
    "Rheumatoid Arthritis": "rheumatoid arthritis", "Fibroids": "uterine fibroids",
    "Neck Problem": "neck pain",
    "Knee Problem": "knee pain", "Shoulder Problem": "shoulder pain", "Chest pain": "chest pain",
    "Coronary Artery Disease - CAD": "coronary artery disease", "Epilepsy": "seizure", "Anemia": "anemia",
}  # fmt: skip
_TREATMENTS = {
    "Pharmacy/Prescription Drugs": "a prescription drug",
    "Mental Health Treatment": "mental health treatment",
    "Diagnostic Imaging, Screening and Testing": "imaging and testing",
    "Durable Medical Equipment": "medical equipment", "General Surgery": "surgery",
    "Orthopedic": "an orthopedic procedure",
    "Rehabilitation Services - Outpatient": "outpatient rehabilitation",
    "Cancer Treatment": "cancer treatment",
    "Reconstructive/Plastic Surgery": "reconstructive surgery", "Pain Management": "pain management",
}  # fmt: skip


@dataclass(frozen=True)
class Review:
    """A published decision, as far as it makes a case."""

    reference: str
    carc: str
    level: int
    kind: str
    condition: str
    concept: str
    treatment: str
    patient: str
    is_overturned: bool


def read_reviews(path: Path) -> list[Review]:
    """The decisions of a file whose condition the rules can read, in its order."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [made for row in csv.DictReader(file, delimiter=";") if (made := _review(row)) is not None]


def drawn(reviews: list[Review], count: int, seed: int) -> Iterator[Review]:
    """So many of them: of each kind of dispute its share, at least a tenth; the same for the same seed."""
    rng = np.random.default_rng([seed, len(reviews)])
    counts = Counter(each.kind for each in reviews)
    kinds = sorted(counts, key=lambda kind: (counts[kind], kind))
    left = count
    for number, kind in enumerate(kinds):
        of_kind = [each for each in reviews if each.kind == kind]
        share = round(count * counts[kind] / len(reviews))
        wanted = left if number == len(kinds) - 1 else max(share, count // 10)
        taken = rng.choice(len(of_kind), size=min(wanted, left, len(of_kind)), replace=False)
        left -= len(taken)
        yield from (of_kind[index] for index in taken)


def told_of(review: Review) -> str:
    """Two sentences of a note about the decision's patient, in our words; none says what a letter may not."""
    return f"This is {review.patient}. The request is for {review.treatment}."


def _review(row: dict[str, str]) -> Review | None:
    cause = _CAUSES.get(row["Type"])
    concept = _CONDITIONS.get(row["Diagnosis Sub Category"])
    if cause is None or concept is None or concept not in concepts() or not words_of(concept):
        return None
    age, sex = row["Age Range"].strip(), row["Patient Gender"].strip().lower()
    who = {"male": "a man", "female": "a woman"}.get(sex, "an adult")
    return Review(
        row["Reference ID"], cause[0], cause[1], row["Type"], row["Diagnosis Sub Category"], concept,
        _TREATMENTS.get(row["Treatment Category"], "the treatment"),
        f"{who} of {age.replace('-', ' to ')} years" if age[:1].isdigit() else who,
        row["Determination"].startswith("Overturned"),
    )  # fmt: skip
