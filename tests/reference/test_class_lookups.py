"""Classes of codes, sides of diagnoses, ages, departments, outpatient status indicators."""

from __future__ import annotations

from datetime import date

import polars as pl

from claimwright.reference import Snapshot
from claimwright.reference.class_lookups import (
    any_diagnosis_in,
    any_procedure_in,
    diagnosis_in,
    icd10_side,
    icd10_sides_among,
    opps_status,
    procedure_age_ok,
    procedure_in,
    revenue_code_conflicts,
)
from claimwright.reference.procedure_lookups import nonfacility_na


def texts(*values: str | None) -> pl.Series:
    return pl.Series(values, dtype=pl.String)


def days(*values: date | None) -> pl.Series:
    return pl.Series(values, dtype=pl.Date)


def test_a_class_holds_its_ranges_and_what_is_cut_out_of_them_is_not_in_it(known: Snapshot) -> None:
    asked = texts("85025", "86580", "36415", None)
    assert procedure_in(known, "clia", asked).to_list() == [True, False, False, None]


def test_a_range_of_codes_that_end_in_a_letter_holds_no_number(known: Snapshot) -> None:
    assert procedure_in(known, "clia", texts("0084U", "00840", "0084T")).to_list() == [True, False, False]


def test_a_class_with_a_first_day_does_not_hold_before_it(known: Snapshot) -> None:
    asked, at = texts("J9271", "J9271"), days(date(2023, 6, 30), date(2023, 7, 1))
    assert procedure_in(known, "single_dose_drug", asked, at).to_list() == [False, True]


def test_one_code_of_a_list_is_enough(known: Snapshot) -> None:
    lists = pl.Series([["33249"], ["33249", "C1721"], []], dtype=pl.List(pl.String))
    assert any_procedure_in(known, "device", lists).to_list() == [False, True, False]


def test_the_day_of_a_list_is_that_of_each_of_its_codes(known: Snapshot) -> None:
    lists = pl.Series([["J9271"], [], ["85025", "J9271"]], dtype=pl.List(pl.String))
    at = days(date(2023, 6, 30), None, date(2023, 7, 1))
    assert any_procedure_in(known, "single_dose_drug", lists, at).to_list() == [False, False, True]


def test_a_part_of_a_column_of_lists_is_asked_about_alone(known: Snapshot) -> None:
    lists = pl.Series([["C1721"], ["33249"], ["C1721"]], dtype=pl.List(pl.String))
    assert any_procedure_in(known, "device", lists[1:]).to_list() == [False, True]


def test_a_range_of_diagnoses_ends_with_everything_below_its_last_code(known: Snapshot) -> None:
    assert diagnosis_in(known, "mental_disorder", texts("F0150", "F99", "G300", None)).to_list() == [
        True, True, False, None,
    ]  # fmt: skip
    lists = pl.Series([["O80", "Z3750"], ["O80"]], dtype=pl.List(pl.String))
    assert any_diagnosis_in(known, "delivery_outcome", lists).to_list() == [True, False]


def test_a_diagnosis_of_an_edition_is_in_its_class_on_its_days(known: Snapshot) -> None:
    asked, at = texts("E668", "E668"), days(date(2024, 9, 30), date(2024, 10, 1))
    assert diagnosis_in(known, "questionable_admission", asked, at).to_list() == [True, False]


def test_the_side_is_what_the_tabular_list_says(known: Snapshot) -> None:
    """M17.12 left knee, S72.001A right femur, H25.13 both eyes, I10 no side."""
    assert icd10_side(known, texts("M1712", "S72001A", "H2513", "I10")).to_list() == ["L", "R", "B", None]
    lists = pl.Series([["M1712", "I10"], ["H2513"], ["I10"], []], dtype=pl.List(pl.String))
    assert icd10_sides_among(known, lists).to_list() == ["L", "RL", "", ""]


def test_a_procedure_of_some_ages_is_held_against_them(known: Snapshot) -> None:
    ages = pl.Series([0, 1, 40, 3], dtype=pl.Int32)
    asked = texts("99460", "99460", "90723", "99213")
    assert procedure_age_ok(known, asked, ages).to_list() == [True, False, False, None]


def test_a_revenue_code_conflicts_with_procedures_of_another_department(known: Snapshot) -> None:
    revenue, procedure = texts("0450", "0301", "0300", None), texts("80053", "80053", "36415", "80053")
    assert revenue_code_conflicts(known, revenue, procedure).to_list() == [True, False, False, None]


def test_a_status_indicator_holds_for_the_year_of_its_addendum(known: Snapshot) -> None:
    """OPPS 2025, Addendum B: 20610 T, 27236 C."""
    asked, at = texts("20610", "27236", "20610"), days(date(2025, 8, 5), date(2025, 1, 1), date(2024, 12, 31))
    assert opps_status(known, asked, at).to_list() == ["T", "C", None]


def test_a_major_joint_has_no_value_in_an_office(known: Snapshot) -> None:
    """RVU25: 27447 has NA for the nonfacility practice expense, 99213 has not."""
    at = days(date(2025, 3, 3), date(2025, 3, 3))
    assert nonfacility_na(known, texts("27447", "99213"), at).to_list() == [True, False]
