"""What payers write is read with care; passages are found by their words and by other names of a concept."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from claimwright.engines.evidence import read_answer, search_passages


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("We have overturned our decision and will reprocess the claim.", "won"),
        ("After review, your appeal has been approved.", "won"),
        ("The reconsideration decision is fully favorable.", "won"),
        ("We uphold the denial. You may request an external review.", "lost"),
        ("Your request has been denied because the records do not support the service.", "lost"),
        ("The decision is unfavorable.", "lost"),
        ("We are unable to reverse our decision.", "lost"),
        ("The decision is partially favorable: two days are covered.", "partly_won"),
        ("We have received your appeal and will answer within 60 days.", "acknowledged"),
        ("Additional documentation is required: please submit the operative report.", "more_information"),
        # Said of what was asked, or of what might be: nothing is decided.
        ("You asked us to overturn our decision. We will answer by May 1.", "unclear"),
        ("If the denial is overturned, we will pay interest.", "unclear"),
        ("We did not overturn the denial.", "unclear"),
        ("We overturned line 1. We uphold the denial of line 2.", "unclear"),
        ("Thank you for being our provider.", "unclear"),
    ],
)
def test_a_payers_letter_is_read_and_what_is_not_sure_is_unclear(text: str, says: str) -> None:
    assert read_answer(text, []).says == says


def test_the_date_and_the_claim_are_read_from_the_letter() -> None:
    text = "Date of this notice: 03/04/2026\nRe: claim 20-381 A\nWe uphold the denial of 01/15/2026."
    read = read_answer(text, ["20381A", "W000000002"])
    assert (read.decided_on, read.names_claim) == (datetime.date(2026, 3, 4), True)
    assert not read_answer(text, ["99999"]).names_claim


NOTES = {
    1: "Seen today. HTN, on lisinopril. No chest pain. Walks a mile a day.",
    2: "MRI of the lumbar spine. Disc herniation at L4-L5. Severe stenosis. No fracture.",
}


@pytest.mark.parametrize(
    ("query", "document"),
    [("high blood pressure", 1), ("herniated disc lumbar", 2), ("fractures", 2), ("walking", 1)],
)
def test_a_passage_is_found_by_its_words_and_by_other_names(query: str, document: int) -> None:
    found = search_passages(NOTES, query)
    assert found[0].document_id == document
    assert [each.score for each in found] == sorted((each.score for each in found), reverse=True)


def test_what_is_in_no_document_is_not_found() -> None:
    assert search_passages(NOTES, "glaucoma") == []
    assert search_passages(NOTES, "the of and") == []
    assert search_passages({}, "hypertension") == []


class _Meanings:
    """A model that knows three meanings: each is a direction."""

    def query(self, text: str) -> NDArray[np.float32]:
        return self._vector(text)

    def passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.stack([self._vector(each) for each in texts])

    def _vector(self, text: str) -> NDArray[np.float32]:
        low = text.lower()
        found = [any(word in low for word in words) for words in (("htn", "vessels"), ("disc", "slipped"))]
        vector = np.array([*found, not any(found)], np.float32)
        return vector / np.linalg.norm(vector)


def test_with_a_model_a_passage_of_the_same_meaning_is_found_and_says_so() -> None:
    assert search_passages(NOTES, "slipped") == []
    found = search_passages(NOTES, "slipped", model=_Meanings())
    assert (found[0].document_id, found[0].found_by) == (2, "meaning")


def test_what_has_the_words_and_the_meaning_comes_first_and_once() -> None:
    found = search_passages(NOTES, "disc", model=_Meanings())
    assert (found[0].document_id, found[0].found_by) == (2, "both")
    places = [(each.document_id, each.start) for each in found]
    assert len(set(places)) == len(places)


def test_passages_beyond_the_limit_are_searched_by_words_only() -> None:
    long = " ".join(f"Line {number} says nothing." for number in range(500)) + " Slipped at the very end."
    found = search_passages({1: long}, "slipped", model=_Meanings())
    assert "words" in {each.found_by for each in found}
    assert max(each.end for each in found if each.found_by == "meaning") < len(long)
    assert search_passages({1: " "}, "slipped", model=_Meanings()) == []
