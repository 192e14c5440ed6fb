"""A contact has up to four numbers, and a PER holds three: what is written of any of them is read again."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claimwright.domain.batch import ClaimBatch
from claimwright.domain.dictionary import Level
from claimwright.engines.x12.claims837.write import UnwritableError

from .comparing import assert_same_claims, normal_file, read, written
from .interchanges import claims, encoded, faults_of

NUMBERS = ("phone", "extension", "fax", "email")
_BATCHES = {form: read(encoded(claims(form))) for form in "PID"}

values = st.text("ABCXYZabc0123456789@.- ", min_size=1, max_size=12).filter(lambda text: text == text.strip())
contacts = st.fixed_dictionaries({"name": values}, optional=dict.fromkeys(NUMBERS, values))


def with_contact(batch: ClaimBatch, level: Level, role: str, contact: dict[str, str]) -> ClaimBatch:
    frame = batch.frame(level)
    given_ = {f"{role}_contact_{part}": pl.lit(contact.get(part), pl.String) for part in ("name", *NUMBERS)}
    return ClaimBatch.of({**batch.frames(), level: frame.with_columns(**given_)})


def contacts_of(data: bytes) -> list[str]:
    return [line.rstrip("~") for line in data.decode().splitlines() if line.startswith("PER")]


@settings(max_examples=12)
@given(form=st.sampled_from("PID"), submitter=contacts, billing=contacts)
def test_whatever_numbers_a_contact_has_come_back(
    form: str, submitter: dict[str, str], billing: dict[str, str]
) -> None:
    batch = with_contact(_BATCHES[form], Level.TRANSACTION, "submitter", submitter)
    batch = with_contact(batch, Level.CLAIM, "billing", billing)
    data = written(batch)
    assert all(len(segment.split("*")) <= 9 for segment in contacts_of(data))
    again = read(data)
    assert_same_claims(batch, again)
    assert again.segments.is_empty()
    assert normal_file(written(again)) == normal_file(data)


@pytest.mark.parametrize("form", ["P", "I", "D"])
def test_the_fourth_number_stands_in_a_second_segment_that_the_guide_allows(form: str) -> None:
    full = dict(zip(("name", *NUMBERS), ("ANN", "5551212", "12", "5553434", "a@b.example"), strict=True))
    batch = with_contact(_BATCHES[form], Level.TRANSACTION, "submitter", full)
    data = written(with_contact(batch, Level.CLAIM, "billing", full))
    expected = ["PER*IC*ANN*TE*5551212*EX*12*FX*5553434", "PER*IC**EM*a@b.example"]
    assert contacts_of(data)[:4] == [*expected, *expected]
    assert faults_of(data).rows() == []


@pytest.mark.parametrize(
    "second",
    ["PER*IC*BOB*EM*a@b.example", "PER*IC**TE*5559999", "PER*IC**EM*a@b.example*TE*5559999", "PER*IC"],
)
def test_a_second_contact_that_is_another_is_kept_as_it_stands(second: str) -> None:
    segments = claims()
    at = next(number for number, text in enumerate(segments) if text.startswith("PER"))
    segments[at : at + 1] = ["PER*IC*ANN*TE*5551212*EX*12*FX*5553434", second]
    batch = read(encoded(segments))
    assert batch.transactions["submitter_contact_email"].to_list() == [None]
    assert batch.segments["segment_text"].str.starts_with("PER").sum() == 2
    assert normal_file(written(batch)) == normal_file(encoded(segments))


def test_a_second_segment_after_a_first_with_room_is_kept_as_it_stands() -> None:
    segments = claims()
    at = next(number for number, text in enumerate(segments) if text.startswith("PER"))
    segments[at : at + 1] = ["PER*IC*ANN*TE*5551212*FX*5553434", "PER*IC**EM*a@b.example"]
    batch = read(encoded(segments))
    assert batch.segments["segment_text"].str.starts_with("PER").sum() == 2
    assert normal_file(written(batch)) == normal_file(encoded(segments))


def test_four_numbers_where_one_segment_is_all_are_refused_by_name() -> None:
    full = dict.fromkeys(("name", *NUMBERS), "X1")
    batch = with_contact(_BATCHES["P"], Level.LINE, "line_ordering", full)
    with pytest.raises(
        UnwritableError, match=r"line_ordering_contact_phone, .*loop 2420E has room for three"
    ):
        written(batch)
