"""Cutting a stream into blocks: the same claims whatever the pieces, and memory that does not grow."""

from __future__ import annotations

import itertools
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claimwright.engines.x12.claims837.transaction import CLAIMS_837
from claimwright.engines.x12.syntax.stream import MAX_CLAIM_BYTES, MAX_SEGMENT_BYTES, blocks
from claimwright.engines.x12.syntax.tokenizer import Delimiters

from .comparing import assert_same_claims, blocks_of, chunked, read, read_with_faults
from .interchanges import claims, encoded

USUAL = Delimiters(ord("*"), ord(":"), ord("^"), ord("~"))
each_form = pytest.mark.parametrize("form", ["P", "I", "D"])


def delimited(data: bytes, delimiters: Delimiters) -> bytes:
    """The data with other delimiters in the place of the usual ones."""
    usual = b"".join(USUAL.as_bytes())
    return data.translate(bytes.maketrans(usual, b"".join(delimiters.as_bytes())))


def numbered(data: bytes, control: int) -> bytes:
    """The interchange under another control number."""
    return data.replace(b"000000017", b"%09d" % control)


def codes(data: bytes, **options: int) -> list[tuple[str, int]]:
    """Code and segment of the faults of the stream."""
    return [(fault.code, fault.segment) for fault in read_with_faults(data, **options)[1]]


# --- pieces -------------------------------------------------------------------------------------------


@each_form
@settings(max_examples=15)
@given(data=st.data())
def test_how_a_stream_is_cut_does_not_matter(form: str, data: st.DataObject) -> None:
    file = encoded(claims(form), data.draw(st.sampled_from(["", "\n", "\r\n"])))
    whole = read(file)
    sizes = data.draw(st.lists(st.integers(1, 700), min_size=1, max_size=8))
    pieces, at = [], 0
    for size in itertools.cycle(sizes):
        if at >= len(file):
            break
        pieces.append(file[at : at + size])
        at += size
    cut, faults = read_with_faults(pieces, block_bytes=data.draw(st.integers(1, 3000)))
    assert not faults
    assert_same_claims(whole, cut)
    assert whole.claims["first_segment"].equals(cut.claims["first_segment"])
    assert whole.claims["last_segment"].equals(cut.claims["last_segment"])


@pytest.mark.parametrize("size", [1, 2, 7, 106, 107, 500])
def test_characters_of_several_bytes_survive_being_cut_in_two(size: int) -> None:
    file = encoded(claims()).replace(b"JOHN", "JÖRG Ł".encode()).replace(b"DOE", "名字".encode())
    cut, faults = read_with_faults(chunked(file, size), block_bytes=size)
    assert not faults
    assert cut.claims["subscriber_first_name"][0] == "JÖRG Ł"
    assert_same_claims(read(file), cut)


def test_a_byte_order_mark_in_pieces_is_no_content() -> None:
    file = b"\xef\xbb\xbf" + encoded(claims())
    for size in (1, 2, 3, 4, 5000):
        cut, faults = read_with_faults(chunked(file, size), block_bytes=size)
        assert not faults, size
        assert len(cut) == 2


def test_the_last_block_says_so() -> None:
    found = blocks_of(chunked(encoded(claims()), 200), block_bytes=200)
    assert len(found) > 1
    assert [block.last for block in found] == [False] * (len(found) - 1) + [True]


def test_an_empty_stream_gives_one_empty_block() -> None:
    for pieces in ([], [b""], [b"", b""], [b" \r\n"], [b"\xef\xbb\xbf"]):
        (block,) = blocks_of(pieces)
        assert block.last
        assert len(block.segments) == 0


@settings(max_examples=15)
@given(size=st.integers(1, 2500))
def test_segments_are_numbered_as_in_the_file(size: int) -> None:
    segments = claims()
    file = encoded(segments)
    told = {}
    for block in blocks_of(chunked(file, size), block_bytes=size):
        for row in range(block.segments.context, len(block.segments)):
            told[int(block.segments.number[row])] = block.segments.text(row).decode()
    assert told == dict(enumerate(segments, 1))


# --- delimiters ---------------------------------------------------------------------------------------

# What may delimit: anything that is not a letter, a digit or white space, and differs from the others.
_MARKS = [mark for mark in range(0x1C, 0x7F) if not chr(mark).isalnum() and mark != 0x20]
# Characters of the values of the small interchanges can't serve too.
_FREE = sorted(set(_MARKS) - set(b"".join(text.encode() for text in claims())) | set(b"*:^~"))


@settings(max_examples=15)
@given(
    marks=st.lists(st.sampled_from(_FREE), min_size=4, max_size=4, unique=True),
    between=st.sampled_from(["", "\n", "\r\n"]),
)
def test_any_legal_delimiters_are_read(marks: list[int], between: str) -> None:
    file = encoded(claims(), between)
    other = delimited(file, Delimiters(*marks))
    found, faults = read_with_faults(other)
    assert not faults
    assert_same_claims(read(file), found)


@pytest.mark.parametrize("terminator", [b"\n", b"\r", b"\r\n"])
def test_line_breaks_alone_may_end_segments(terminator: bytes) -> None:
    file = encoded(claims())
    other = file.replace(b"~\n", terminator)
    found, faults = read_with_faults(other)
    assert not faults
    assert_same_claims(read(file), found)


def test_line_breaks_that_end_segments_may_be_mixed() -> None:
    lines = encoded(claims()).split(b"~\n")
    mixed = b"".join(line + (b"\r\n" if at and at % 2 else b"\n") for at, line in enumerate(lines) if line)
    found, faults = read_with_faults(mixed)
    assert not faults
    assert_same_claims(read(encoded(claims())), found)


@settings(max_examples=15)
@given(
    marks=st.lists(
        st.lists(st.sampled_from(_FREE), min_size=4, max_size=4, unique=True), min_size=2, max_size=4
    ),
    between=st.sampled_from(["", "\n"]),
    size=st.integers(1, 4000),
)
def test_each_interchange_has_delimiters_of_its_own(marks: list[list[int]], between: str, size: int) -> None:
    usual = [numbered(encoded(claims("PID"[at % 3]), between), at + 1) for at in range(len(marks))]
    other = [delimited(file, Delimiters(*each)) for file, each in zip(usual, marks, strict=True)]
    found, faults = read_with_faults(chunked(b"".join(other), size), block_bytes=size)
    assert not faults
    assert_same_claims(read(b"".join(usual)), found)


def test_an_interchange_cut_off_does_not_take_the_next_along() -> None:
    first = encoded(claims()).split(b"SE*")[0]
    for gap in (b"", b"\n"):
        found = read(first + gap + numbered(encoded(claims("I")), 2))
        assert found.claims["form"].to_list() == ["P", "P", "I", "I"]
    other = delimited(numbered(encoded(claims("I")), 2), Delimiters(*b"|>!'"))
    for size in (50, 300, 5000):
        found = read(chunked(first + other, size), block_bytes=size)
        assert found.claims["form"].to_list() == ["P", "P", "I", "I"]


# --- damage -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [90, 400, 4000])
def test_bytes_that_are_no_utf_8_are_read_as_latin_1_and_told(size: int) -> None:
    segments = claims()
    file = encoded(segments).replace(b"JOHN", b"J\xd6RG").replace(b"*ROE*TIM", b"*ROE*T\xedM")
    cut, faults = read_with_faults(chunked(file, size), block_bytes=size)
    assert cut.claims["subscriber_first_name"][0] == "JÖRG"
    assert cut.claims["dependent_first_name"][1] == "TíM"
    where = next(at for at, text in enumerate(segments, 1) if "JOHN" in text)
    assert (faults[0].code, faults[0].segment) == ("SYN082", where)
    assert {fault.code for fault in faults} == {"SYN082"}


def test_names_in_utf_8_stay_as_they_are_beside_bytes_that_are_not() -> None:
    file = encoded(claims()).replace(b"JOHN", b"J\xd6RG").replace(b"*ROE*TIM", "*ROE*TÍM".encode())
    for size in (90, 400, 4000):
        cut = read(chunked(file, size), block_bytes=size)
        assert cut.claims["subscriber_first_name"][0] == "JÖRG"
        assert cut.claims["dependent_first_name"][1] == "TÍM"


@pytest.mark.parametrize("size", [50, 300, 5000])
@pytest.mark.parametrize("junk", [b"HELLO", b"HELLO\r\n", b"~~HELLO*WORLD~\n"])
def test_what_stands_before_an_interchange_is_passed_over(junk: bytes, size: int) -> None:
    file = encoded(claims())
    cut, faults = read_with_faults(chunked(junk + file, size), block_bytes=size)
    assert [fault.code for fault in faults] == ["SYN084"]
    assert_same_claims(read(file), cut)


@pytest.mark.parametrize("size", [50, 300, 5000])
@pytest.mark.parametrize("junk", [b"HELLO", b"HELLO\r\n", b"HELLO*WORLD~\n", b"\x1a", b"\x00\x00"])
def test_what_stands_between_interchanges_does_not_hide_the_second(junk: bytes, size: int) -> None:
    first, second = encoded(claims()), numbered(encoded(claims("I")), 2)
    cut = read(chunked(first + junk + second, size), block_bytes=size)
    assert_same_claims(read(first + second), cut)


def test_an_isa_padded_wrongly_is_read_by_its_separators() -> None:
    file = encoded(claims()).replace(b"SENDER         ", b"SENDER", 1)
    assert_same_claims(read(encoded(claims())), read(file))


def test_an_oversized_segment_keeps_its_beginning_and_its_neighbours() -> None:
    segments = claims()
    at = next(place for place, text in enumerate(segments) if text.startswith("REF*D9"))
    segments[at] += "Q" * (MAX_SEGMENT_BYTES + 10)
    file = encoded(segments)
    for size in (1 << 14, 1 << 20, 1 << 23):
        cut, faults = read_with_faults(chunked(file, size), block_bytes=size)
        assert [(fault.code, fault.segment) for fault in faults] == [("SYN081", at + 1)], size
        assert cut.claims["claim_id"].to_list() == ["PCN001", "PCN002"]
        assert cut.lines.height == 4
        assert cut.claims["last_segment"][1] == len(segments) - 3


def test_a_segment_without_end_is_told_and_what_came_before_is_read() -> None:
    whole = encoded(claims())
    at = whole.index(b"REF*D9*CLEAR1~", whole.index(b"PCN002"))
    endless = itertools.chain([whole[: at + 7]], itertools.repeat(b"Q" * (1 << 16), 200))
    cut, faults = read_with_faults(endless)
    number = whole[:at].count(b"~") + 1
    assert ("SYN081", number) in [(fault.code, fault.segment) for fault in faults]
    assert cut.claims["claim_id"].to_list() == ["PCN001", "PCN002"]


def _endless(total: int) -> Iterator[bytes]:
    yield encoded(claims())[:-20]
    piece = b"Q" * (1 << 20)
    for _ in range(total >> 20):
        yield piece


@pytest.mark.slow
@pytest.mark.parametrize("total", [200 << 20, pytest.param(5 << 30, id="5 GB")])
def test_a_segment_of_gigabytes_takes_bounded_memory(total: int) -> None:
    tracemalloc.start()
    claims_found = sum(
        int((block.segments.tag == 0x4D4C43).sum())
        - int((block.segments.tag[: block.segments.context] == 0x4D4C43).sum())
        for block in blocks(_endless(total), CLAIMS_837)
    )
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert claims_found == 2
    # One block, its columns and what is being joined to it.
    assert peak < 120 << 20


def test_a_claim_longer_than_any_is_cut_rather_than_kept_in_memory() -> None:
    segments = claims()
    line = "~".join(["LX*1", "SV1*HC:99213*1*UN*1***1", "NTE*ADD*" + "N" * 4000])
    first = next(at for at, text in enumerate(segments) if text.startswith("LX"))
    many = (MAX_CLAIM_BYTES + (8 << 20)) // len(line)
    head, tail = encoded(segments[:first]), encoded(segments[first:])
    pieces = itertools.chain([head], itertools.repeat((line + "~").encode() * 200, many // 200), [tail])
    largest = 0
    found = 0
    for block in blocks(pieces, CLAIMS_837):
        largest = max(largest, block.segments.size)
        found += int((block.segments.tag[block.segments.context :] == 0x4D4C43).sum())
    assert found == 2
    assert largest < MAX_CLAIM_BYTES + (16 << 20)


@pytest.mark.parametrize("size", [1, 300, 2_000])
def test_a_level_of_an_unknown_kind_does_not_end_the_one_before(size: int) -> None:
    segments = claims()
    at = next(place for place, text in enumerate(segments) if text.startswith("PAT*"))
    segments.insert(at, "HL*19")
    whole = read(encoded(segments))
    assert whole.claims["dependent_first_name"].to_list() == [None, "TIM"]
    assert_same_claims(whole, read(encoded(segments), block_bytes=size))


def test_what_is_repeated_of_a_level_without_end_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("claimwright.engines.x12.syntax.stream.MAX_CLAIM_BYTES", 1 << 20)
    segments = claims()
    at = next(place for place, text in enumerate(segments) if text.startswith("REF*EI")) + 1
    more = itertools.repeat(b"REF*G2*" + b"7" * 40 + b"~", 400_000)
    found = list(
        blocks(
            itertools.chain([encoded(segments[:at])], more, [encoded(segments[at:])]),
            CLAIMS_837,
            block_bytes=1 << 18,
        )
    )
    assert max(block.segments.size for block in found) < 4 << 20
    assert sum(int((block.segments.tag[block.segments.context :] == 0x4D4C43).sum()) for block in found) == 2
