"""Masked copies: nobody's data, the same people."""

from __future__ import annotations

import datetime
from pathlib import Path

import polars as pl
import pytest

from claimwright import ClaimBatch, read_837
from claimwright.domain.dictionary import DICTIONARY, Field, Kind, Level, Phi, fields_of
from claimwright.domain.masking import Masker
from claimwright.engines.x12 import write_837

BIRTH = datetime.date(1977, 5, 30)
IDENTIFYING = [
    entry
    for entry in DICTIONARY
    if entry.phi not in {Phi.NONE, Phi.CLINICAL} and entry.level is not Level.SEGMENT
]
STATES_AND_COUNTRIES = ("_state", "_country")
_KEPT = (*STATES_AND_COUNTRIES, "middle_name")


@pytest.fixture(scope="module")
def claims(samples: Path) -> ClaimBatch:
    return read_837(samples / "professional.837")


def written(batch: ClaimBatch) -> bytes:
    return b"".join(write_837([batch]))


def planted(entry: Field, value: object) -> ClaimBatch:
    """One row of the field's frame that holds the value, with what the field belongs to."""
    row = {"claim": [1], entry.name: [value]}
    frame = pl.DataFrame(row, schema={"claim": pl.Int64(), entry.name: entry.dtype})
    return ClaimBatch.of({entry.level: frame})


@pytest.mark.parametrize("entry", IDENTIFYING, ids=lambda entry: entry.name)
def test_no_identifying_field_of_the_dictionary_comes_through(entry: Field) -> None:
    value = BIRTH if entry.kind is Kind.DATE else "RIVERA77530"
    masked = Masker(year=2026).mask(planted(entry, value)).frame(entry.level)[entry.name][0]
    if entry.kind is Kind.DATE:
        assert masked == datetime.date(1977, 1, 1)
    else:
        assert masked is None or not set(str(masked)).issuperset("RIVERA")


# A patient's data in a field that is for something else.
STRAY = ["RIVERA", "ANA MARIA", "RIVERA, ANA", "123456789", "123-45-6789", "19610402", "1EG4TE5MK73"]


@pytest.mark.parametrize("value", STRAY)
def test_no_misplaced_value_comes_through(value: str) -> None:
    for level in Level:
        entries = [e for e in fields_of(level) if e.kind in {Kind.CODE, Kind.TEXT, Kind.TIME}]
        if level is Level.SEGMENT:
            continue
        key = "transaction" if level is Level.TRANSACTION else "claim"
        row = {key: [1], **{entry.name: [value] for entry in entries}}
        masked = Masker(year=2026).mask(ClaimBatch.of({level: pl.DataFrame(row)})).frame(level)
        # The numbers of an envelope are counts of its sender, and nine digits long.
        came = {name for name, kept in masked.row(0, named=True).items() if kept == value}
        assert {name for name in came if not name.endswith("control_number")} == set()


@pytest.mark.parametrize(("field", "value"), [("units", 123456789), ("assigned_number", 19610402)])
def test_a_number_that_may_be_a_date_or_ssn_is_taken_out(field: str, value: int) -> None:
    entry = next(entry for entry in DICTIONARY if entry.name == field)
    assert Masker(year=2026).mask(planted(entry, value)).frame(entry.level)[field].to_list() == [None]


@pytest.mark.parametrize(
    ("field", "value", "kept"),
    [
        ("subscriber_state", "MN", True),
        ("payer_id", "60054", True),
        ("procedure", "99213", True),
        ("billing_npi", "1234567893", True),
        ("diagnosis_qualifier", "ABK", True),
        ("diagnosis_qualifier", "ANA", False),
        ("admitted_at", "2310", True),
        ("subscriber_state", "RIVERA", False),
        ("subscriber_country", "CAN", True),
        ("subscriber_sex", "F", True),
        ("subscriber_sex", "RIVERA", False),
        ("diagnosis", "E1165", True),
        ("diagnosis", "RIVERA", False),
        ("surgical_procedure", "0DTJ4ZZ", True),
        ("surgical_procedure", "ANA RIVERA", False),
    ],
)
def test_a_state_or_clinical_code_stays_where_it_looks_like_one(field: str, value: str, kept: bool) -> None:
    entry = next(entry for entry in DICTIONARY if entry.name == field)
    masked = Masker(year=2026).mask(planted(entry, value)).frame(entry.level)[field][0]
    assert masked == (value if kept else None)


def test_what_nobody_has_looked_at_is_taken_out() -> None:
    segments = pl.DataFrame({"transaction": [1], "claim": [1], "segment_text": ["NTE*ADD*CALL MRS RIVERA"]})
    batch = ClaimBatch.of({Level.SEGMENT: segments})
    assert Masker(year=2026).mask(batch).segments.height == 0


@pytest.mark.parametrize(
    ("zip_code", "masked"),
    [
        ("55102", "55100"),
        ("551029998", "55100"),
        ("03601", "00000"),
        ("20301", "00000"),
        ("K1A 0B1", "00000"),
    ],
)
def test_a_zip_keeps_three_digits_where_enough_people_share_them(zip_code: str, masked: str) -> None:
    entry = next(entry for entry in DICTIONARY if entry.name == "subscriber_zip")
    assert Masker(year=2026).mask(planted(entry, zip_code)).claims["subscriber_zip"].to_list() == [masked]


@pytest.mark.parametrize(("born", "masked"), [(1936, 1936), (1937, 1937), (1935, 1936), (1899, 1936)])
def test_ages_over_89_are_one(born: int, masked: int) -> None:
    entry = next(entry for entry in DICTIONARY if entry.name == "subscriber_birth_on")
    done = Masker(year=2026).mask(planted(entry, datetime.date(born, 7, 9)))
    assert done.claims["subscriber_birth_on"].to_list() == [datetime.date(masked, 1, 1)]


def people(*names: tuple[str | None, str | None]) -> ClaimBatch:
    last, first = zip(*names, strict=True)
    frame = pl.DataFrame(
        {"claim": range(1, len(names) + 1), "subscriber_name": last, "subscriber_first_name": first},
        schema_overrides={"subscriber_name": pl.String, "subscriber_first_name": pl.String},
    )
    return ClaimBatch.of({Level.CLAIM: frame})


def test_a_person_is_the_same_stand_in_everywhere_and_another_is_another() -> None:
    masker = Masker(year=2026)
    first = masker.mask(people(("RIVERA", "ANA"), ("RIVERA", "LUIS"), ("Rivera ", "Ana"), ("ACME", None)))
    assert first.claims["subscriber_name"].to_list() == [
        "Patient_001",
        "Patient_002",
        "Patient_001",
        "Patient_003",
    ]
    assert first.claims["subscriber_first_name"].to_list() == ["Given_001", "Given_002", "Given_001", None]
    again = masker.mask(people(("NOBODY", "NEW"), ("RIVERA", "LUIS")))
    assert again.claims["subscriber_name"].to_list() == ["Patient_004", "Patient_002"]


def test_a_dependent_and_a_subscriber_of_one_name_are_one_person() -> None:
    frame = pl.DataFrame({"claim": [1], "subscriber_name": ["RIVERA"], "dependent_name": ["RIVERA"]})
    masked = Masker(year=2026).mask(ClaimBatch.of({Level.CLAIM: frame})).claims
    assert masked["subscriber_name"].to_list() == masked["dependent_name"].to_list() == ["Patient_001"]


def test_equal_numbers_stay_equal_in_other_fields_and_ssns_look_like_ssns() -> None:
    frame = pl.DataFrame(
        {
            "claim": [1, 2],
            "claim_id": ["A-1", "A-2"],
            "original_claim_number": [None, "A-1"],
            "subscriber_ssn": ["123456789", None],
        }
    )
    masked = Masker(year=2026).mask(ClaimBatch.of({Level.CLAIM: frame})).claims
    assert masked["original_claim_number"][1] == masked["claim_id"][0]
    assert masked["claim_id"].n_unique() == 2
    assert masked["subscriber_ssn"].str.contains(r"^XXX-XX-\d{4}$").to_list() == [True, None]


def test_a_masked_sample_holds_no_name_number_or_street_of_the_sample(claims: ClaimBatch) -> None:
    masked = Masker(year=2026).mask(claims)

    def values(entries: list[Field]) -> set[str]:
        return {
            str(value) for entry in entries for value in claims.frame(entry.level)[entry.name].drop_nulls()
        }

    told = values([e for e in IDENTIFYING if e.kind is not Kind.DATE and not e.name.endswith(_KEPT)])
    told -= values([e for e in DICTIONARY if e.phi in {Phi.NONE, Phi.CLINICAL} and e.kind is Kind.CODE])
    parts = set(written(masked).decode().replace("~", "*").replace(":", "*").split("*"))
    assert len(told) > 100
    assert {value for value in told & parts if len(value) > 3} == set()


def test_a_masked_claim_is_still_a_claim_with_its_amounts(claims: ClaimBatch, tmp_path: Path) -> None:
    masked = Masker(year=2026).mask(claims)
    (tmp_path / "masked.837").write_bytes(written(masked))
    again = read_837(tmp_path / "masked.837")
    assert again.claims["total_charge"].to_list() == claims.claims["total_charge"].to_list()
    assert again.lines["line_charge"].to_list() == claims.lines["line_charge"].to_list()
    assert again.claims["subscriber_name"].to_list() == masked.claims["subscriber_name"].to_list()
    assert again.diagnoses["diagnosis"].to_list() == claims.diagnoses["diagnosis"].to_list()


def test_the_same_claims_make_the_same_copy(claims: ClaimBatch) -> None:
    assert written(Masker(year=2026).mask(claims)) == written(Masker(year=2026).mask(claims))
