"""Names of patients as they are searched for."""

from __future__ import annotations

import polars as pl
import pytest

from claimwright.domain.patient_names import folded_names, typed_names


@pytest.mark.parametrize(
    "typed",
    [
        "Smith, John",
        "SMITH,JOHN",
        "John Smith",
        "smith john",
        "Smith Jr., John A.",
        "Smíth, Jöhn",
        "John A Smith",
    ],
)
def test_a_name_is_found_however_it_is_typed(typed: str) -> None:
    [stored] = folded_names(pl.Series(["SMITH"]), pl.Series(["JOHN"]))
    assert stored in typed_names(typed)


@pytest.mark.parametrize(
    "typed", ["Mary Ann O'Brien-Smith", "O Brien Smith, MaryAnn", "obriensmith mary ann"]
)
def test_signs_and_spaces_of_a_name_do_not_matter(typed: str) -> None:
    [stored] = folded_names(pl.Series(["O'BRIEN-SMITH II"]), pl.Series(["MARY ANN B"]))
    assert stored in typed_names(typed)


def test_a_name_without_a_first_or_a_last_name_is_not_searched_for() -> None:
    assert [typed_names(text) for text in ("Smith", "Smith,", ", John", "", "12-34, 5")] == [[]] * 5
    folded = folded_names(pl.Series([None, "", "ROE"], dtype=pl.String), pl.Series(["JOHN", "X", None]))
    assert folded.to_list() == [None, None, "ROE "]
