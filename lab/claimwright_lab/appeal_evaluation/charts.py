"""Synthetic charts whose truth is known: what each says of a patient was decided before it was written."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from claimwright.engines.evidence import concepts

# Sentences for each sense. `{c}` is the concept in words of a note, `{C}` the same with a capital.
_SAID: dict[str, tuple[str, ...]] = {
    "present": (
        "The patient has {c}.", "Examination shows {c}.", "She reports {c} for the past {n} weeks.",
        "Assessment: {c}, not controlled.", "{C} is present on examination today.",
        "He continues to have {c} despite treatment.", "The reason for the visit is {c}.",
    ),
    "absent": (
        "No {c}.", "Denies {c}.", "There is no evidence of {c}.", "{C} was ruled out.",
        "The patient does not have {c}.", "Negative for {c}.", "There are no signs of {c} at this time.",
        "The patient presents today without {c}.",
    ),
    "family": (
        "Mother had {c}.", "Her father has {c}.", "Family history: {c}.", "A sister was treated for {c}.",
        "There is a family history of {c}.",
    ),
    "past": (
        "History of {c} in 2014.", "She had {c} ten years ago.", "Past medical history: {c}.",
        "{C} in 2012, since resolved.", "Previously treated for {c}.",
    ),
    "hypothetical": (
        "Return if {c} develops.", "She is at risk for {c}.", "Call for {c}.",
        "We discussed the risks, which include {c}.",
    ),
    "uncertain": (
        "Possible {c}.", "Rule out {c}.", "{C} cannot be excluded.", "Findings are suspicious for {c}.",
    ),
}  # fmt: skip
# Written after the rules, and used for nothing but to measure them.
_HELD_OUT: dict[str, tuple[str, ...]] = {
    "present": (
        "Today {c} is noted.", "Presents for follow-up of {c}.", "Known {c}, currently symptomatic.",
        "Imaging demonstrates {c}.", "{C} has worsened since the last visit.", "Diagnosis: {c}.",
    ),
    "absent": (
        "Patient has never had {c}.", "Workup negative for {c}.", "{C}: denied.", "Free of {c}.",
        "Exam without {c}.", "I see no {c} on this "
            "study.", "{C} has been excluded.", "Neither {c} nor distress.",
    ),
    "family": (
        "Maternal grandmother with {c}.", "Brother diagnosed with {c} at age 50.", "FHx significant for {c}.",
        "Paternal uncle: {c}.",
    ),
    "past": (
        "Remote history of {c}.", "S/p {c} several years ago.", "{C} as a child.", "Prior {c}, recovered "
            "fully.",
        "Had {c} in 2009.",
    ),
    "hypothetical": (
        "Should she develop {c}, she will go to the emergency room.", "Monitor for {c}.",
        "To prevent {c}, continue current care.", "Instructed to call if {c} occurs.",
    ),
    "uncertain": (
        "Concern for {c}.", "Differential includes {c}.", "Probable {c}, await results.", "{C} is suspected.",
        "Evaluate for {c}.",
    ),
}  # fmt: skip
# Written after what the first held-out sentences taught.
_HELD_OUT_AGAIN: dict[str, tuple[str, ...]] = {
    "present": (
        "Seen for {c}.", "Exam is notable for {c}.", "Patient endorses {c}.", "Now with {c} since Monday.",
        "Films confirm {c}.", "Impression is {c}.",
    ),
    "absent": (
        "Patient was not found to have {c}.", "Absent {c}.", "{C} is not suspected clinically.",
        "Nothing to suggest {c}.", "Does not endorse {c}.", "{C}, none.", "Low suspicion for {c}.",
        "Imaging fails to show {c}.",
    ),
    "family": (
        "His son was diagnosed with {c}.", "Strong family history of {c}.", "Both parents have {c}.",
        "{C} runs in the family.", "{C} in her mother.",
    ),
    "past": (
        "Treated for {c} in 2011.", "{C}, remote.", "Past {c}.", "{C} resolved last spring.",
        "Hospitalized for {c} in 2017.",
    ),
    "hypothetical": (
        "Low threshold to return for {c}.", "If {c} recurs, stop the medication.", "Watch for {c} at home.",
        "Counseled about {c} as a side effect.",
    ),
    "uncertain": (
        "Questionable {c}.", "{C} versus artifact.", "May represent {c}.", "Await studies to exclude {c}.",
        "{C} is on the differential.",
    ),
}  # fmt: skip
# Written when the rules were as they are: what these give is the honest figure.
_HELD_OUT_LAST: dict[str, tuple[str, ...]] = {
    "present": (
        "Patient is being followed "
            "for {c}.", "She is troubled by {c}.", "{C} persists.", "We are treating {c}.",
        "Today's visit concerns {c}.", "Study is diagnostic of {c}.", "{C} limits his activity.",
    ),
    "absent": (
        "{C} was considered and dismissed.", "Review of systems is negative, including {c}.",
        "Was told she has no {c}.", "Has not had {c}.", "Cannot find {c}.", "Unremarkable for {c}.",
        "Has neither {c} nor any complaint.", "The exam does not show {c}.", "{C} is not a feature.",
    ),
    "family": (
        "Twin sister has {c}.", "Her mom has {c}.", "Several cousins have {c}.", "Father died of {c}.",
        "Grandparents with {c}.",
    ),
    "past": (
        "Had {c} during college.", "Was diagnosed with {c} in 2008, cured.", "Recovered from {c}.",
        "Has a distant history of {c}.", "{C} was treated years ago.",
    ),
    "hypothetical": (
        "Has a risk of {c}.", "The drug may cause {c}.", "Surgery carries a risk of {c}.",
        "If he has {c}, hold the dose.",
    ),
    "uncertain": (
        "It is unclear whether she has {c}.", "Has what might be {c}.", "Ordered to look for {c}.",
        "Has symptoms that could suggest {c}.", "Unconfirmed {c}.",
    ),
}  # fmt: skip
BANKS = {
    "rules": _SAID, "held out": _HELD_OUT, "held out again": _HELD_OUT_AGAIN, "held out last": _HELD_OUT_LAST,
}  # fmt: skip
_MEASURED = (
    ("hemoglobin A1c", "%", ("A1c {v}%.", "HbA1c was {v}%."), (60, 130, 10)),
    ("oxygen saturation", "%", ("SpO2 {v}% on room air.", "Oxygen saturation {v}%."), (80, 99, 1)),
    ("body mass index", "kg/m2", ("BMI {v} kg/m2.", "Body mass index of {v} kg/m2."), (300, 520, 10)),
    ("creatinine", "mg/dL", ("Creatinine {v} mg/dL.",), (6, 60, 10)),
    ("temperature", "F", ("Temperature {v} F.", "Temp {v} F."), (970, 1040, 10)),
)
CHARTED = ("condition", "symptom", "sign")
_SENSES = ("present", "present", "absent", "absent", "family", "past", "hypothetical", "uncertain")


@dataclass(frozen=True)
class Truth:
    """What a chart says of a concept: one of the senses of `_SAID`; of a measurement, its value and unit."""

    concept: str
    sense: str
    value: str | None = None
    unit: str | None = None


@dataclass(frozen=True)
class Chart:
    """A note and its truth."""

    text: str
    truths: tuple[Truth, ...]


def write_chart(
    rng: np.random.Generator,
    name: str,
    day: str,
    *,
    is_wrapped: bool,
    bank: str = "rules",
    first: str | None = None,
    told: str = "",
) -> Chart:
    """A note of some concepts in several senses and one measurement; wrapped like a typed page, or not.

    `first` is a concept that the patient has; `told` is said before anything else.
    """
    truths, sentences = [], []
    for concept, sense in zip(_drawn(rng, len(_SENSES), first), _SENSES, strict=True):
        forms_of = BANKS[bank][sense]
        said = forms_of[rng.integers(len(forms_of))]
        words = words_of(concept)[rng.integers(len(words_of(concept)))]
        text = said.format(c=words, C=words[:1].upper() + words[1:], n=int(rng.integers(2, 12)))
        truths.append(Truth(concept, sense))
        sentences.append((sense, text))
    measured, unit, forms, (low, high, per) = _MEASURED[rng.integers(len(_MEASURED))]
    number = int(rng.integers(low, high))
    value = f"{number // per}" if number % per == 0 or per == 1 else f"{number / per:g}"
    truths.append(Truth(measured, "present", value, unit))
    sentences.append(("present", forms[rng.integers(len(forms))].format(v=value)))
    # Senses that a heading gives stand in paragraphs of their own, as they do in notes.
    plain = [text for sense, text in sentences if not _has_heading(text)]
    headed = [text for sense, text in sentences if _has_heading(text)]
    rng.shuffle(plain)
    body = " ".join([told, *plain] if told else plain)
    if is_wrapped:
        body = textwrap.fill(body, 72, break_long_words=False, break_on_hyphens=False)
    text = "\n\n".join([f"Progress note\nPatient: {name}\nDate of visit: {day}", body, *headed]) + "\n"
    return Chart(text, tuple(truths))


def _has_heading(text: str) -> bool:
    return text.startswith(("Family history:", "Past medical history:", "Assessment:", "FHx", "Diagnosis:"))


def words_of(concept: str) -> tuple[str, ...]:
    """The names under which a chart may mention a concept."""
    return tuple(word for word in concepts()[concept].words if not word.endswith("*") and len(word) > 3)


def _drawn(rng: np.random.Generator, count: int, first: str | None = None) -> Sequence[str]:
    """Concepts none of whose words are part of another one's, after the first one if there is one."""
    names = [each.name for each in concepts().values() if each.kind in CHARTED and words_of(each.name)]
    chosen: list[str] = [first] if first else []
    for name in rng.permutation(names):
        if len(chosen) == count:
            break
        own = concepts()[name].words
        others = [word for each in chosen for word in concepts()[each].words]
        if any(a.strip("*") in b or b.strip("*") in a for a in own for b in others):
            continue
        chosen.append(str(name))
    return chosen
