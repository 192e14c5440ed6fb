"""A packaged model finds what is asked in other words than a chart's, and loses nothing that words find."""

from __future__ import annotations

import pytest

from claimwright.engines.evidence import concepts
from claimwright.features.documents import embedding_model
from claimwright_lab.appeal_evaluation import lay_words, measure_known_names, measure_lay_words

_SOME = 10


def test_lay_words_are_no_names_that_the_rules_know() -> None:
    for concept, said in lay_words().items():
        names = [name.rstrip("*").lower() for name in concepts()[concept].words]
        assert not any(name in said.lower() for name in names), (concept, said)


def test_by_meaning_more_lay_words_are_found_than_by_words() -> None:
    model = embedding_model()
    if model is None:
        pytest.skip("the extra `meaning` has no wheel for this platform")
    words, meaning = measure_lay_words(None, most=_SOME), measure_lay_words(model, most=_SOME)
    assert words.found <= _SOME // 3
    assert meaning.found >= _SOME * 2 // 3
    assert measure_known_names(model, most=2).found == measure_known_names(None, most=2).found


def test_vectors_are_the_same_a_second_time_and_a_zero_byte_ends_no_text() -> None:
    model = embedding_model()
    if model is None:
        pytest.skip("the extra `meaning` has no wheel for this platform")
    first = model.passages(["no fracture", "no fracture\0 but pneumonia"])
    assert (first == model.passages(["no fracture", "no fracture\0 but pneumonia"])).all()
    assert (first[0] != first[1]).any()
