"""One shape of a diagnosis code, wherever it is read, judged or masked."""

from __future__ import annotations

import re

import pytest

from claimwright.domain.code_shapes import ICD10, ICD10_WITH_DOT
from claimwright.engines.rules.functions import macros_sql


@pytest.mark.parametrize("code", ["I10", "E119", "S72001A", "C7A1", "O9A111", "QA0", "QA000", "Z3A20"])
def test_a_code_of_this_or_of_next_year_has_the_shape(code: str) -> None:
    assert re.fullmatch(ICD10, code)


@pytest.mark.parametrize(
    "text", ["10I", "I1", "ALAN", "DEBRA", "S72001AB", "I1C", "IO9", "EI1", "I10.9", "qa0"]
)
def test_what_is_no_code_has_not(text: str) -> None:
    assert not re.fullmatch(ICD10, text)


def test_the_dot_stands_after_the_category() -> None:
    assert re.fullmatch(ICD10_WITH_DOT, "QA0.00")
    assert re.fullmatch(ICD10_WITH_DOT, "E11.9")
    assert not re.fullmatch(ICD10_WITH_DOT, "E1.19")


def test_the_rules_judge_by_the_same_shape() -> None:
    assert f"'{ICD10}'" in macros_sql()
