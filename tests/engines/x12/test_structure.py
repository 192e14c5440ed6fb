"""The structural check: each fault where it was planted, nothing where nothing was, never a value."""

from __future__ import annotations

import re

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimwright.engines.x12.checks.fault_collector import SCHEMA
from claimwright.engines.x12.checks.faults import BY_CODE
from claimwright.engines.x12.checks.structure import Progress, check_structure
from claimwright.engines.x12.claims837.checks import CLAIM_CHECKS
from claimwright.engines.x12.claims837.transaction import CLAIMS_837, claims_grammar
from claimwright.engines.x12.syntax.loops import structure_of
from claimwright.engines.x12.syntax.stream import blocks

from .interchanges import claims, encoded, faults_of, recounted
from .planted import Planted, edited, read_cases

CASES = read_cases()
each_case = pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
each_form = pytest.mark.parametrize("form", ["P", "I", "D"])


@each_form
@pytest.mark.parametrize("between", ["", "\n", "\r\n"])
def test_a_file_without_fault_has_none(form: str, between: str) -> None:
    assert faults_of(encoded(claims(form), between)).rows() == []


@each_case
def test_a_planted_fault_is_found_where_it_is(case: Planted) -> None:
    segments = case.segments()
    found = faults_of(encoded(segments))
    places = [
        (code, segments[number - 1].split("*")[0], element)
        for code, number, element in found.select("code", "segment", "element").rows()
    ]
    assert sorted(places, key=str) == sorted(case.expected, key=str)


@each_case
def test_no_fault_repeats_a_value(case: Planted) -> None:
    """Every value of the file that could be told from a length or a code of the guide."""
    segments = case.segments()
    found = faults_of(encoded(segments))
    said = " ".join(str(value) for row in found.drop("segment", "claim").rows() for value in row)
    values = {part for text in segments for part in re.split(r"[*:^]", text)[1:] if len(part) > 4}
    assert [value for value in values if value in said] == []


@pytest.mark.parametrize("size", [300, 700, 1500])
@each_case
def test_the_size_of_a_block_changes_nothing(case: Planted, size: int) -> None:
    data = encoded(case.segments())
    columns = list(SCHEMA)
    assert faults_of(data, block_bytes=size).sort(columns).equals(faults_of(data).sort(columns))


def test_every_fault_of_the_catalogue_is_found_by_a_test() -> None:
    planted = {code for case in CASES for code, *_ in case.expected}
    below = {"SYN001", "SYN014", "SYN027", "SYN034"}
    # These are the stream's.
    of_stream = {code for code in BY_CODE if code.startswith("SYN08")}
    # These are of remittances: test_remittance835.py has each of them.
    of_remittances = {code for code in BY_CODE if code.startswith("SYN10")}
    assert set(BY_CODE) == planted | below | of_stream | of_remittances


def test_a_fault_says_which_claim_and_line_it_stands_in() -> None:
    segments = edited(claims(), "swap SV1*HC:J1100 2nd => SV1*HC:J1100*x*UN*2.5***1")
    row = faults_of(encoded(segments)).row(0, named=True)
    assert (row["claim"], row["line"], row["transaction"], row["loop"]) == (2, 2, 1, "2400")
    assert row["segment_id"] == "SV1"
    # The transaction begins with the third segment of the file.
    assert row["segment_in_transaction"] == row["segment"] - 2


@pytest.mark.parametrize(
    ("edit", "detail"),
    [
        ("swap GS*HC => GS*HP*SENDER*RECEIVER*20261122*0101*17*X*005010X222A1", "HP is for remittances, 835"),
        ("swap GS*HC => GS*ZQ*SENDER*RECEIVER*20261122*0101*17*X*005010X222A1", None),
        ("swap GS*HC => GS*HC*SENDER*RECEIVER*20261122*0101*17*X*004010X098A1", "release 004010"),
        ("swap GS*HC => GS*HC*SENDER*RECEIVER*20261122*0101*17*X*MY OWN", None),
        ("swap ST* => ST*835*0001*005010X221A1", "835, not 837"),
    ],
)
def test_what_a_group_or_a_set_is_instead_is_said(edit: str, detail: str | None) -> None:
    found = faults_of(encoded(edited(claims(), edit)))
    named = found.filter(pl.col("code").is_in(["SYN015", "SYN016", "SYN024"]))
    assert named["detail"].to_list() == [detail]


def test_a_length_is_said_beside_what_is_allowed() -> None:
    segments = edited(claims(), "swap CLM* => CLM*{39 * X}*150.5***11:B:1*Y*A*Y*Y")
    assert faults_of(encoded(segments))["detail"].to_list() == ["length 39, at most 38"]


def test_the_codes_that_would_be_right_are_said() -> None:
    segments = edited(claims(), "swap CLM* => CLM*PCN001*150.5***11:B:1*V*A*Y*Y")
    assert faults_of(encoded(segments))["detail"].to_list() == ["not N or Y"]


def test_a_claim_that_is_not_understood_is_named_with_all_its_segments() -> None:
    segments = edited(claims(), "swap CLM* => CLM*PCN001****11:B:1*Y*A*Y*Y")
    whole = faults_of(encoded(segments)).filter(pl.col("code") == "SYN090").row(0, named=True)
    first = segments.index("CLM*PCN001****11:B:1*Y*A*Y*Y") + 1
    last = segments.index("HL*3*1*22*1")
    assert whole["detail"] == f"segments {first} to {last}: CLM02 can't be read"


def test_a_segment_of_an_unknown_name_is_not_named() -> None:
    """A stray terminator makes a segment of what may be a surname."""
    found = faults_of(encoded(edited(claims(), "after LX*1 => DOE*1")))
    assert found.row(0, named=True)["segment_id"] is None


def test_levels_out_of_place_take_their_claims_with_them() -> None:
    segments = claims()
    start = segments.index("HL*1**20*1")
    orphaned = recounted([*segments[:start], *segments[segments.index("HL*2*1*22*0") :]])
    found = faults_of(encoded(orphaned))
    assert found.filter(pl.col("code") == "SYN034")["segment_id"].to_list() == ["HL", "HL"]
    assert found.filter(pl.col("code") == "SYN090")["claim"].to_list() == [1, 2]


def test_a_level_that_no_guide_has_is_named() -> None:
    found = faults_of(encoded(edited(claims(), "swap HL*3*1 => HL*3*1*21*1")))
    assert ("SYN057", "HL03") in found.select("code", "element").rows()
    assert found.filter(pl.col("code") == "SYN090")["claim"].to_list() == [2]


def test_a_group_with_the_control_number_of_another_is_found() -> None:
    segments = claims()
    doubled = [*segments[:-1], *segments[1:-1], "IEA*2*000000017"]
    assert faults_of(encoded(doubled))["code"].to_list() == ["SYN014"]


def test_a_trailer_without_its_header_is_found() -> None:
    segments = claims()
    at = next(number for number, text in enumerate(segments) if text.startswith("SE*"))
    found = faults_of(encoded([*segments[: at + 1], segments[at], *segments[at + 1 :]]))
    assert found["code"].to_list() == ["SYN027"]


def test_content_without_an_interchange_is_read_and_reported() -> None:
    found = faults_of(encoded(claims()[2:-2]))
    assert set(found["code"]) == {"SYN001", "SYN010", "SYN011", "SYN002"}


def test_progress_counts_claims_and_transactions_over_blocks() -> None:
    progress = Progress()
    for block in blocks([encoded(edited(claims(), "transactions 3"))], CLAIMS_837, block_bytes=400):
        structure = structure_of(block.segments, claims_grammar())
        _, progress = check_structure(block.segments, structure, CLAIM_CHECKS, progress, last=block.last)
    assert (progress.claims, progress.transactions) == (6, 3)


# Anything at all.

Edits = list[tuple[str, int, int]]


@given(st.lists(st.tuples(st.sampled_from("dsrx"), st.integers(0, 200), st.integers(0, 200)), max_size=6))
def test_no_shuffling_of_segments_breaks_the_check(edits: Edits) -> None:
    segments = claims("PID"[len(edits) % 3])
    for kind, one, other in edits:
        at, to = one % len(segments), other % len(segments)
        if kind == "d" and len(segments) > 1:
            del segments[at]
        elif kind == "s":
            segments[at], segments[to] = segments[to], segments[at]
        elif kind == "r":
            segments.insert(to, segments[at])
        elif kind == "x":
            segments[at] = segments[at][: other % (len(segments[at]) + 1)] + "*:" + segments[to]
    found = faults_of(encoded(segments))
    assert found.schema == pl.Schema(SCHEMA)
    assert set(found["code"]) <= set(BY_CODE)


@given(st.binary(max_size=400), st.sampled_from([b"", encoded(claims())[:180]]))
def test_no_bytes_break_the_check(tail: bytes, head: bytes) -> None:
    assert faults_of(head + tail).schema == pl.Schema(SCHEMA)


@pytest.mark.parametrize("size", [500, 5_000, 1 << 20])
@pytest.mark.parametrize(("count", "where"), [(100, None), (101, 101), (203, 101)])
def test_the_claims_of_a_subscriber_are_counted_over_all_blocks(
    size: int, count: int, where: int | None
) -> None:
    segments = claims()
    first, second = (at for at, text in enumerate(segments) if text.startswith("CLM*"))
    end = next(at for at, text in enumerate(segments) if text.startswith("HL*3"))
    many = segments[:first] + segments[first:end] * count + segments[end:]
    found = faults_of(encoded(recounted(many)), block_bytes=size)
    told = found.select("code", "claim", "detail").rows()
    assert told == ([("SYN045", where, "at most 100")] if where else [])
    # Each patient of a subscriber has a hundred of its own.
    both = segments[:second] + segments[second : len(segments) - 3] * 100 + segments[-3:]
    assert faults_of(encoded(recounted(both)), block_bytes=size).rows() == []
