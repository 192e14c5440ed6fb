"""Notes that could be misread, so that a letter would state what they do not say; docs/appeals_red_team.md
lists them.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from claimwright.domain.appeal_case import Clinical
from claimwright.engines.evidence import read_findings

_STATED = ("present", "patient", "current", "stated")
MISLEADING = (
    "The patient has pneumonia. This was entered in error.",
    "The patient has pneumonia. Correction: no pneumonia on the final read.",
    "Chest pain is present on arrival. There is no chest pain at discharge.",
    "Wrong patient. The patient has pneumonia.",
    "[ ] The patient has pneumonia",
    "☐ has pneumonia ☑ has asthma today",
    "The patient asked whether she has diabetes.",
    "It was first thought that the patient has pneumonia.",
    "The patient in the next bed has pneumonia.",
    "The patient's employer has asthma.",
    "The chart of another patient shows pneumonia.",
    "Patients who have sepsis need antibiotics.",
    "Protocol: a patient who has sepsis receives fluids.",
    "Example: the patient has pneumonia.",
    "The article shows pneumonia in adults.",
    "The fetus has hypoxia.",
    "She has symptoms that mimic pneumonia.",
    "She has received the pneumonia vaccine.",
    "She has hardly any chest pain.",
    "She has zero chest pain.",
    "She has anything but chest pain.",
    "The exam shows chest pain is gone.",
    "The patient has chest pain-free intervals.",
    "She has chest pain: N",
    "Before 2010 she had severe asthma.",
    "The patient has pneumonia (per mother, unconfirmed).",
    "Target SpO2 is 92%.",
    "Normal SpO2 is 95%.",
    "SpO2 86% (artifact).",
    "SpO2 86% on his roommate's device.",
)
# What is still read as the patient's, and is not: a person has to see it.
STILL_MISREAD = (
    "The outside report shows pneumonia; our own read does not.",
    "CT shows pneumonia. Final: the CT is normal.",
)


def citable(text: str) -> set[str]:
    """The concepts that a letter could state of the patient."""

    def sense(said: Clinical) -> tuple[str, str, str, str]:
        return said.polarity, said.subject, said.time, said.certainty

    return {each.clinical.concept for each in read_findings(text) if sense(each.clinical) == _STATED}


@pytest.mark.parametrize("text", MISLEADING)
def test_a_note_that_says_it_of_nobody_or_takes_it_back_gives_no_fact(text: str) -> None:
    assert citable(text) - {"asthma"} == set() if "☑" in text else citable(text) == set()


def test_a_plain_note_still_gives_its_facts() -> None:
    assert citable("The patient has pneumonia. SpO2 86% on room air.") == {"pneumonia", "oxygen saturation"}
    assert citable("She lives with her husband. She has severe asthma.") == {"asthma"}


def test_the_page_lists_them_and_those_that_are_still_misread(repo_root: Path) -> None:
    page = (repo_root / "docs" / "appeals_red_team.md").read_text(encoding="utf-8")
    assert [each for each in MISLEADING if f"| {each} | no fact |" not in page] == []
    assert [each for each in STILL_MISREAD if f"| {each} | misread |" not in page] == []
    assert all(citable(each) for each in STILL_MISREAD)
