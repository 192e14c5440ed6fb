"""Whatever a guide allows comes back as it was: 837s drawn from the guides, read, written, read again."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claimwright.engines.x12.claims837.write import write_837
from claimwright.engines.x12.syntax.tokenizer import DEFAULT_DELIMITERS, Delimiters
from claimwright.features.conversion import read_tables, write_tables

from .comparing import assert_same_claims, chunked, normal_file, read, read_with_faults, written
from .generated import PLAIN, WILD, Knobs, encode, forms, knobs, made, seeds
from .interchanges import faults_of

pytestmark = pytest.mark.slow

# Segments are drawn from PLAIN, which leaves these free: control characters, and what the tests of the
# delimiters themselves use.
_MARKS = sorted({*range(0x1C, 0x20), *b"*:^~`"} - set(PLAIN.encode()))
delimiters = st.lists(st.sampled_from(_MARKS), min_size=4, max_size=4, unique=True).map(
    lambda marks: Delimiters(*marks)
)
several = st.lists(forms, min_size=1, max_size=3).map("".join)


@settings(max_examples=12)
@given(seed=seeds, knobs=knobs, form=forms)
def test_what_a_guide_allows_has_no_structural_fault(seed: int, knobs: Knobs, form: str) -> None:
    found = faults_of(encode(made(seed, knobs, form)))
    assert found.select("code", "loop", "segment_id", "element", "detail").unique().rows() == []


@settings(max_examples=7)
@given(seed=seeds, knobs=knobs, forms=several)
def test_what_is_read_and_written_is_read_as_the_same_claims(seed: int, knobs: Knobs, forms: str) -> None:
    data = encode(made(seed, knobs, forms))
    batch, faults = read_with_faults(data)
    assert faults == []
    again = written(batch)
    assert_same_claims(batch, read(again))
    assert normal_file(data) == normal_file(again)


@settings(max_examples=6)
@given(seed=seeds, knobs=knobs, form=forms, marks=delimiters, between=st.sampled_from(["", "\n", "\r\n"]))
def test_no_delimiter_and_no_line_break_makes_a_difference(
    seed: int, knobs: Knobs, form: str, marks: Delimiters, between: str
) -> None:
    segments = made(seed, knobs, form)
    plain = read(encode(segments))
    batch, faults = read_with_faults(encode(segments, marks, between))
    assert faults == []
    assert_same_claims(plain, batch)
    again = written(batch, delimiters=marks, line_breaks=bool(between))
    assert (b"\n" in again) == (bool(between) or marks.terminator == ord("\n"))
    assert_same_claims(plain, read(again))


@settings(max_examples=3)
@given(seed=seeds, knobs=knobs, forms=several, size=st.integers(1, 6_000), piece=st.integers(1, 3_000))
def test_where_the_blocks_are_cut_makes_no_difference(
    seed: int, knobs: Knobs, forms: str, size: int, piece: int
) -> None:
    data = encode(made(seed, knobs, forms))
    whole = read(data)
    cut, faults = read_with_faults(chunked(data, piece), block_bytes=size)
    assert faults == []
    assert_same_claims(whole, cut)
    assert whole.claims.select("first_segment", "last_segment").equals(
        cut.claims.select("first_segment", "last_segment")
    )


@settings(max_examples=3)
@given(seed=seeds, knobs=knobs, forms=several, size=st.integers(1, 20_000))
def test_batch_after_batch_is_written_as_the_whole_would_be(
    seed: int, knobs: Knobs, forms: str, size: int
) -> None:
    data = encode(made(seed, knobs, forms))
    whole = read(data)
    step = 1 + size % 4
    parts = [whole.select(whole.claims["claim"].slice(at, step)) for at in range(0, len(whole), step)]
    assert_same_claims(whole, read(b"".join(write_837(parts))))


@settings(max_examples=3)
@given(first=seeds, second=seeds, knobs=knobs, form=forms, marks=delimiters)
def test_several_interchanges_each_with_its_delimiters_come_back(
    first: int, second: int, knobs: Knobs, form: str, marks: Delimiters
) -> None:
    one = encode(made(first, knobs, form))
    other = encode(made(second, knobs, "PID"), marks, "").replace(b"000000017", b"000000018")
    batch, faults = read_with_faults(one + other)
    assert faults == []
    numbers = batch.transactions["interchange_control_number"].unique().sort().to_list()
    assert numbers == ["000000017", "000000018"]
    assert_same_claims(batch, read(written(batch)))


@settings(max_examples=3)
@given(seed=seeds, form=forms, likelihood=st.sampled_from([0.1, 0.6]))
def test_characters_that_usually_delimit_and_letters_of_any_alphabet_come_back(
    seed: int, form: str, likelihood: float
) -> None:
    control = Delimiters(0x1D, 0x1F, 0x1E, 0x1C)
    data = encode(made(seed, Knobs(likelihood, WILD), form), control)
    batch, faults = read_with_faults(data)
    assert faults == []
    # The writer's own marks serve where nothing else is free.
    again = written(batch)
    assert_same_claims(batch, read(again))
    assert_same_claims(batch, read(written(batch, delimiters=DEFAULT_DELIMITERS, line_breaks=False)))


@pytest.mark.parametrize("table_format", ["parquet", "csv", "json"])
@settings(max_examples=3)
@given(seed=seeds, knobs=knobs, forms=several, is_wild=st.booleans())
def test_tables_hold_all_that_the_837_did(
    table_format: str, seed: int, knobs: Knobs, forms: str, is_wild: bool
) -> None:
    used = Knobs(knobs.likelihood, WILD, knobs.billing, knobs.claims, knobs.lines) if is_wild else knobs
    batch = read(encode(made(seed, used, forms), Delimiters(0x1D, 0x1F, 0x1E, 0x1C)))
    with tempfile.TemporaryDirectory() as folder:
        write_tables([batch], Path(folder), table_format)
        back = list(read_tables(Path(folder)))
    assert_same_claims(batch, back[0])
    assert_same_claims(batch, read(b"".join(write_837(back))))
