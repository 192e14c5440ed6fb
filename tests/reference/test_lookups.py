"""Lookups against facts that anybody can look up: each expected value names where."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimwright.reference import Snapshot
from claimwright.reference import diagnosis_lookups as dx
from claimwright.reference import payer_lookups as payers
from claimwright.reference import procedure_lookups as pr
from claimwright.reference.asked_datasets import datasets_asked
from claimwright.reference.coding import coded
from claimwright.reference.indexes import DatedIndex
from claimwright.reference.lookups import LOOKUPS, code_lists, in_code_list
from claimwright.reference.packing import OPEN, pack_codes, pack_days, pack_procedures, unpack_procedures
from claimwright.reference.warming import warm


def texts(*values: str | None) -> pl.Series:
    return pl.Series(values, dtype=pl.String)


def days(day: date, count: int) -> pl.Series:
    return pl.Series([day] * count)


# --- diagnoses ---------------------------------------------------------------------------------------------


def test_a_category_exists_and_is_not_billable(known: Snapshot) -> None:
    codes = texts("E11", "E119", "ZZZ99", None)
    assert dx.icd10_exists(known, codes).to_list() == [True, True, False, None]
    assert dx.icd10_billable(known, codes).to_list() == [False, True, False, None]


def test_a_code_counts_from_the_day_on_which_it_came(known: Snapshot) -> None:
    """U07.1 came on 2020-04-01 (CDC, ICD-10-CM Official Coding Guidelines, Supplement, April 2020)."""
    codes = texts("U071", "U071")
    on = pl.Series([date(2020, 3, 31), date(2020, 4, 1)])
    assert dx.icd10_billable(known, codes, on).to_list() == [False, True]


def test_a_code_that_was_split_is_billable_until_then(known: Snapshot) -> None:
    """M54.5 became M54.50, M54.51 and M54.59 on 2021-10-01 (CMS, 2022 ICD-10-CM conversion table)."""
    on = pl.Series([date(2021, 9, 30), date(2021, 10, 1)])
    assert dx.icd10_billable(known, texts("M545", "M545"), on).to_list() == [True, False]
    assert dx.icd10_billable(known, texts("M5450", "M5450"), on).to_list() == [False, True]


def test_before_icd10_and_after_the_newest_list_absence_says_nothing(known: Snapshot) -> None:
    codes = texts("E119", "E11", "Z9999")
    assert dx.icd10_exists(known, codes, days(date(2015, 9, 30), 3)).to_list() == [None] * 3
    assert dx.icd10_billable(known, codes, days(date(2030, 1, 1), 3)).to_list() == [True, False, None]


def test_sex_edits_ended_and_are_known_without_a_day(known: Snapshot) -> None:
    """Full-term delivery O80 is a female's; Medicare's editor has no sex edits from fiscal year 2025 on."""
    codes = texts("O80", "E119")
    assert dx.icd10_sex(known, codes, days(date(2024, 9, 30), 2)).to_list() == ["F", None]
    assert dx.icd10_sex(known, codes, days(date(2024, 10, 1), 2)).to_list() == [None, None]
    assert dx.icd10_sex(known, codes).to_list() == ["F", None]


def test_the_ages_of_maternity_are_9_to_64(known: Snapshot) -> None:
    """CMS, Definitions of Medicare Code Edits: maternity 9 to 64 years from v37, 12 to 55 before."""
    ages = pl.Series([8, 9, 64, 65], dtype=pl.Int32)
    assert dx.icd10_age_ok(known, texts(*["O80"] * 4), ages).to_list() == [False, True, True, False]
    before = dx.icd10_age_ok(known, texts(*["O80"] * 4), ages, days(date(2019, 9, 30), 4))
    assert before.to_list() == [False, False, False, False]
    assert dx.icd10_age_ok(known, texts("E119"), ages[:1]).to_list() == [None]


def test_manifestations_external_causes_and_missing_sides_are_known(known: Snapshot) -> None:
    """CMS, Definitions of Medicare Code Edits: manifestations D63.1, external causes V00.01XA,
    unspecified.
    """
    assert dx.icd10_is_manifestation(known, texts("D631", "E119", None)).to_list() == [True, False, None]
    assert dx.icd10_is_external_cause(known, texts("V0001XA", "E119")).to_list() == [True, False]
    assert dx.icd10_unacceptable_principal(known, texts("B9620", "E119")).to_list() == [True, False]
    on = pl.Series([date(2022, 3, 31), date(2022, 4, 1)])
    assert dx.icd10_is_unspecified(known, texts("I80209", "I80209"), on).to_list() == [False, True]


def test_excludes1_holds_both_ways_and_for_everything_below(known: Snapshot) -> None:
    """ICD-10-CM tabular list: E10 excludes type 2 diabetes (E11.-); R73 excludes diabetes (E08-E13)."""
    first, second = (
        texts("E109", "E1165", "R7303", "E119", "E119", None),
        texts("E119", "E1010", "E119", "I10", "E1165", "E119"),
    )
    on = days(date(2026, 1, 1), 6)
    assert dx.icd10_excludes1(known, first, second, on).to_list() == [True, True, True, False, False, None]
    assert dx.icd10_excludes1(known, first, second, days(date(2020, 1, 1), 6)).to_list() == [None] * 6


def test_excludes1_among_a_list_agrees_with_each_pair(known: Snapshot) -> None:
    lists = pl.Series(
        [["I10", "E119", "J449", "E1010"], ["I10", "E119"], ["E119"], [], None, ["R7303", None, "E139"]]
    )
    assert dx.icd10_excludes1_among(known, lists).to_list() == [True, False, False, False, None, True]


def test_groups_and_their_weights(known: Snapshot) -> None:
    """CMS, IPPS final rule for fiscal year 2026, Table 5: MS-DRG 001 weighs 28.0239, 291 weighs 1.2838."""
    codes = texts("001", "291", "000", None)
    on = days(date(2025, 12, 1), 4)
    assert dx.drg_exists(known, codes, on).to_list() == [True, True, False, None]
    weights = dx.drg_weight(known, codes, on).cast(pl.String).to_list()
    assert weights == ["28.0239", "1.2838", None, None]


def test_inpatient_procedures_by_day(known: Snapshot) -> None:
    """XW033E5 (remdesivir) came on 2020-08-01 (CMS, new ICD-10-PCS codes for COVID-19 therapeutics)."""
    on = pl.Series([date(2020, 7, 31), date(2020, 8, 1)])
    assert dx.icd10_pcs_exists(known, texts("XW033E5", "XW033E5"), on).to_list() == [False, True]
    assert dx.icd10_pcs_exists(known, texts("02703DZ", "0270ZZZ")).to_list() == [True, False]


# --- procedures --------------------------------------------------------------------------------------------


def test_a_procedure_is_active_in_the_years_that_list_it(known: Snapshot) -> None:
    """99201 was deleted for 2021 (CY 2021 PFS final rule); 99999 was never a code."""
    codes = texts("99201", "99201", "99213", "99999", "J1885", "J1234", "D1110", "1234", None)
    on = pl.Series([date(2020, 12, 31), date(2021, 1, 1)] + [date(2025, 11, 1)] * 7)
    assert pr.hcpcs_active(known, codes, on).to_list() == [
        True, False, True, False, True, False, None, False, None,
    ]  # fmt: skip


def test_a_code_that_begins_within_a_year_has_not_ended_before(known: Snapshot) -> None:
    """CMS, HCPCS quarterly updates: U0003 began on 2020-04-14, M0243 on 2020-11-21, J1171, Q5135 and J9329 on
    2024-10-01, G2012 ended with 2024. The fee schedules have the first five from the next year on.
    """
    codes = texts("U0003", "M0243", "J1171", "Q5135", "J9329", "G2012", "G2012")
    on = pl.Series(
        [date(2020, 6, 1), date(2020, 12, 1), *[date(2024, 11, 15)] * 3, date(2024, 12, 31), date(2025, 1, 2)]
    )
    assert pr.hcpcs_active(known, codes, on).to_list() == [None, None, None, None, None, True, False]


def test_a_year_that_is_not_loaded_may_have_brought_any_code(known: Snapshot) -> None:
    codes = texts("99213", "99999", "J1885", "J1234")
    assert pr.hcpcs_active(known, codes, days(date(2027, 6, 1), 4)).to_list() == [True, None, True, None]
    assert pr.hcpcs_known(known, codes).to_list() == [True, False, True, False]
    assert pr.hcpcs_known(known, texts("0001U", "D9999")).to_list() == [True, None]


def test_indicators_of_the_fee_schedule(known: Snapshot) -> None:
    """CMS, PFS relative value file 2025: knee replacement 090 days, both sides 150 percent, and so on."""
    codes = texts("27447", "99213", "64484", "59400", "99999")
    on = days(date(2025, 5, 1), 5)
    assert pr.global_days(known, codes, on).to_list() == ["090", "XXX", "ZZZ", "MMM", None]
    assert pr.payment_indicator(known, "bilateral", codes, on).to_list()[:2] == [1, 0]
    assert pr.fee_schedule_status(known, texts("99213", "J1885"), on[:2]).to_list() == ["A", "E"]
    with pytest.raises(KeyError):
        pr.payment_indicator(known, "nothing", codes)


def test_unlikely_units_by_setting(known: Snapshot) -> None:
    """CMS, MUE tables of the third quarter of 2024: venipuncture 2 units a day, basic panel 1 or 2."""
    codes = texts("36415", "99999", None)
    assert pr.mue_units(known, "practitioner", codes).to_list() == [2, None, None]
    assert pr.mue_adjudication(known, "practitioner", codes).to_list() == [3, None, None]
    assert pr.mue_units(known, "practitioner", codes, days(date(2024, 6, 30), 3)).to_list() == [None] * 3
    with pytest.raises(KeyError):
        pr.mue_units(known, "hospice", codes)


def test_a_pair_has_a_direction_and_an_indicator(known: Snapshot) -> None:
    """CMS, NCCI PTP practitioner edits of the third quarter of 2024: 45385 with 45378 is never unbundled."""
    first, second = (
        texts("80053", "45385", "45378", "11042", "99213"),
        texts("80048", "45378", "45385", "97597", None),
    )
    found = pr.ncci_indicator(known, "practitioner", first, second)
    assert found.to_list() == [0, 0, None, 1, None]
    assert (
        pr.ncci_indicator(known, "practitioner", first, second, days(date(2023, 1, 1), 5)).to_list()
        == [None] * 5
    )


def test_an_add_on_code_needs_one_of_its_primaries(known: Snapshot) -> None:
    """CMS, NCCI add-on code edits: 99292 goes with 99291, 64484 with 64483."""
    codes = texts("99292", "99292", "64484", "99213", "64484")
    beside = pl.Series([["99213", "99291"], ["99213"], ["64483"], ["99291"], []])
    assert pr.is_add_on(known, codes).to_list() == [True, True, True, False, True]
    assert pr.has_primary(known, codes, beside).to_list() == [True, False, True, None, False]


def test_modifiers_belong_to_families_and_some_to_procedures(known: Snapshot) -> None:
    assert pr.modifier_is_of(known, "pair", texts("59", "XS", "TC", None)).to_list() == [
        True,
        True,
        False,
        None,
    ]
    fits = pr.modifier_fits(known, texts("AA", "AA", "25"), texts("00100", "99213", "00100"))
    assert fits.to_list() == [True, False, None]


def test_laboratory_needs_a_procedure_and_pharmacy_does_not(known: Snapshot) -> None:
    """Medicare Claims Processing Manual, ch. 4, section 10.4."""
    found = pr.revenue_needs_procedure(known, texts("0300", "0250", None))
    assert found.to_list() == [True, False, None]


# --- payers and lists --------------------------------------------------------------------------------------


def test_medicare_takes_a_claim_for_a_year(known: Snapshot) -> None:
    """42 CFR 424.44(a)."""
    limits = payers.payer_limit(known, "filing_days", texts("MB", "CI"), texts(None, "X"))
    assert limits.to_list() == [365, None]


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("provider_excluded", [texts("1234567893")]),
        ("provider_credentialed", [texts("1234567893"), texts("A")]),
        ("authorization_needed", [texts("99213"), texts("A"), texts("11")]),
        ("necessity_supported", [texts("99213"), texts("A"), pl.Series([["E119"]])]),
        ("facility_known", [texts("1234567893")]),
    ],
)
def test_a_table_that_is_not_loaded_says_nothing(
    known: Snapshot, name: str, columns: list[pl.Series]
) -> None:
    assert LOOKUPS[name].compute(known, [], columns).to_list() == [None]


def test_a_code_of_a_list_holds_on_its_days(known: Snapshot) -> None:
    """CARC 15 ended on 2018-05-01 (X12, external code list 139)."""
    codes = texts("1", "15", "15", "999", None)
    on = pl.Series([date(2026, 1, 1), date(2018, 5, 1), date(2018, 5, 2), None, None])
    assert in_code_list(known, "carc", codes, on).to_list() == [True, True, False, False, None]
    assert in_code_list(known, "taxonomy", texts("207Q00000X", "207Q00000Y")).to_list() == [True, False]


def test_every_list_of_the_issue_is_there() -> None:
    wanted = {
        "place_of_service", "facility_type", "claim_frequency", "revenue_code", "modifier", "carc", "rarc",
        "claim_adjustment_group", "claim_status", "claim_status_category", "taxonomy", "condition_code",
        "occurrence_code", "occurrence_span_code", "value_code", "patient_status", "point_of_origin",
    }  # fmt: skip
    assert wanted <= set(code_lists())


def test_every_lookup_answers_in_its_type_for_no_rows_and_for_one(known: Snapshot) -> None:
    warm(known)
    for lookup in LOOKUPS.values():
        assert lookup.doc.endswith("."), lookup.name
        assert len(lookup.doc) > 20, lookup.name


def test_which_datasets_a_lookup_asks_is_found_by_asking_it() -> None:
    assert datasets_asked("mue_units", ["dme"]) == {"mue_dme"}
    assert datasets_asked("in_code_list", ["carc"]) == {"carc"}
    assert datasets_asked("is_add_on", []) == {"add_on", "physician_fee_schedule"}
    assert datasets_asked("modifier_fits", []) == {"modifier_families", "modifier_procedures"}
    assert datasets_asked("provider_excluded", []) == {"excluded_providers"}


# --- the machinery -----------------------------------------------------------------------------------------


@given(st.lists(st.from_regex(r"[0-9A-Z][0-9]{3}[0-9A-Z]", fullmatch=True), max_size=20))
def test_procedures_survive_packing_in_their_order(codes: list[str]) -> None:
    packed = pack_procedures(pl.Series(codes, dtype=pl.String))
    frame = pl.DataFrame({"packed": packed}).select(unpack_procedures(pl.col("packed")).alias("code"))
    assert frame["code"].to_list() == codes
    assert sorted(codes) == [codes[place] for place in np.argsort(packed, kind="stable")]


@given(st.text(max_size=9))
def test_what_is_no_code_is_packed_as_none(text: str) -> None:
    packed = int(pack_codes(pl.Series([text]))[0])
    is_code = (
        0 < len(text) <= 7
        and text[0] != " "
        and all(c in " 0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ" for c in text)
    )
    assert (packed > 0) is is_code


DAYS = st.dates(date(1990, 1, 1), date(2040, 1, 1))


@given(st.lists(st.tuples(st.sampled_from("ABC"), DAYS, DAYS), max_size=12), st.sampled_from("ABCD"), DAYS)
def test_the_index_finds_what_a_search_row_by_row_finds(
    rows: list[tuple[str, date, date]], code: str, day: date
) -> None:
    spans: list[tuple[str, date, date]] = []
    for one, a, b in rows:
        first, last = min(a, b), max(a, b)
        if all(other != one or last < start or first > end for other, start, end in spans):
            spans.append((one, first, last))
    frame = pl.DataFrame(spans, schema={"code": pl.String, "first": pl.Date, "last": pl.Date}, orient="row")
    index = DatedIndex.of(pack_codes(frame["code"]), frame["first"], frame["last"])
    found = index.find(coded(pl.Series([code, None])), pack_days(pl.Series([day, day]), OPEN))
    expected = next((place for place, (one, a, b) in enumerate(spans) if one == code and a <= day <= b), -1)
    assert found.tolist() == [expected, -1]
