"""ValueSpans out of bytes, against Python's own numbers, dates and texts."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from claimwright.domain.dictionary import Kind
from claimwright.engines.x12.syntax.columns import ValueSpans, array, integers, nothing, text
from claimwright.engines.x12.syntax.tokenizer import PADDING
from claimwright.foundation.columns import series_of


class Laid:
    """Texts laid out in one block with a separator between them, as the tokenizer leaves them."""

    def __init__(self, texts: Sequence[str | None]) -> None:
        block = bytearray(b"*")
        start, length = [], []
        for each in texts:
            value = (each or "").encode()
            start.append(len(block))
            length.append(len(value))
            block += value + b"*"
        self.data = np.frombuffer(bytes(block) + bytes(PADDING), dtype=np.uint8)
        self.words = np.ndarray((len(self.data) - 3,), dtype="<u4", buffer=self.data, strides=(1,))
        self.values = ValueSpans(np.array(start, np.int32), np.array(length, np.int32))

    def column(self, kind: Kind, part: str = "") -> tuple[list[object], list[bool]]:
        found, bad = array(kind, part, self.values, self.data, self.words)
        made = series_of(found)
        assert made.dtype == kind.dtype
        told = [bool(flag) for flag in bad] if len(bad) else [False] * len(made)
        return made.to_list(), told


# --- text ---------------------------------------------------------------------------------------------


@given(
    st.lists(
        st.one_of(
            st.none(),
            st.text(
                st.characters(exclude_characters="*", exclude_categories=["Cs"]), min_size=1, max_size=40
            ),
            # Arrow keeps 12 bytes in the view itself, and four of them apart from the others.
            st.text("ABCxyz019 ", min_size=3, max_size=14),
        ),
        max_size=40,
    )
)
def test_text_is_what_stands_there(texts: list[str | None]) -> None:
    laid = Laid(texts)
    assert series_of(text(laid.values, laid.data, laid.words)).to_list() == texts
    assert laid.column(Kind.TEXT)[0] == texts


@pytest.mark.parametrize("length", [*range(1, 20), 255, 256, 4096, 70_000])
def test_text_of_every_length_around_what_a_view_holds(length: int) -> None:
    value = "".join(chr(33 + n % 90) if n % 90 != 9 else "a" for n in range(length))
    other = value[:-1] + "~"
    laid = Laid([value, other, None, value])
    column = series_of(text(laid.values, laid.data, laid.words))
    assert column.to_list() == [value, other, None, value]
    # Polars compares and hashes by the views' own bytes, so a wrong tail would show here.
    assert column.eq_missing(pl.Series("column", [value, other, None, value])).all()
    assert column.n_unique() == 3


def test_the_last_bytes_of_a_block_are_readable() -> None:
    data = np.frombuffer(b"ABCDEFGHIJKLM" + bytes(PADDING), dtype=np.uint8)
    words = np.ndarray((len(data) - 3,), dtype="<u4", buffer=data, strides=(1,))
    values = ValueSpans(np.arange(13, dtype=np.int32), np.arange(13, 0, -1, dtype=np.int32))
    whole = "ABCDEFGHIJKLM"
    assert series_of(text(values, data, words)).to_list() == [whole[at:] for at in range(13)]


# --- numbers ------------------------------------------------------------------------------------------

numerals = st.one_of(
    st.from_regex(r"\A-?[0-9]{0,20}(\.[0-9]{0,5})?\Z"),
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15, places=2).map(
        str
    ),
    st.text("0123456789.-+ eE_", min_size=1, max_size=22),
    st.sampled_from(
        ["-", ".", "-.", "--1", "1-", "1.2.3", "0", "-0", "00.50", ".5", "5.", "1e3", "+5", "٣", "½"]
    ),
    # Numbers that a 64-bit integer of cents, or of thousandths, can't hold.
    st.integers(10**14, 10**18).map(str),
)
_PLAIN = re.compile(r"-?(?=\.?\d)[0-9]*\.?[0-9]*")


def expected_number(value: str, whole_digits: int, decimals: int) -> Decimal | None:
    """The number that a text is, if it is one that the column has room for."""
    if not _PLAIN.fullmatch(value) or not value.isascii():
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    fraction = value.partition(".")[2]
    if decimals:
        fraction = fraction.rstrip("0")  # 1.000 is 1.00 to the cent; a count has no point
    fits = len(value) <= 18 and len(fraction) <= decimals and abs(number) < 10**whole_digits
    return number if fits else None


@given(st.lists(numerals.filter(bool), min_size=1, max_size=30))
@example(["184467440737095517", "-184467440737095517", "922337203685477581"])
def test_an_amount_is_exact_or_said_to_be_none(texts: list[str]) -> None:
    # 15 digits of dollars: no column is asked for more (005010X222A1 allows 10).
    wanted = [expected_number(each, 15, 2) for each in texts]
    got, bad = Laid(texts).column(Kind.AMOUNT)
    assert got == wanted
    assert bad == [number is None for number in wanted]


@given(st.lists(numerals.filter(bool), min_size=1, max_size=30))
@example(["1000000000000", "999999999999", "-1000000000000.5", "100000000000000"])
def test_a_quantity_is_exact_or_said_to_be_none(texts: list[str]) -> None:
    wanted = [expected_number(each, 12, 3) for each in texts]
    got, bad = Laid(texts).column(Kind.QUANTITY)
    assert got == wanted
    assert bad == [number is None for number in wanted]


@given(
    st.lists(st.one_of(numerals.filter(bool), st.integers(-(2**33), 2**33).map(str)), min_size=1, max_size=30)
)
def test_a_whole_number_is_exact_or_said_to_be_none(texts: list[str]) -> None:
    def wanted(value: str) -> int | None:
        number = expected_number(value, 15, 0)
        return int(number) if number is not None and abs(number) < 2**31 else None

    laid = Laid(texts)
    whole, bad = integers(laid.values, laid.data)
    assert [None if flag else int(value) for value, flag in zip(whole, bad, strict=True)] == [
        wanted(each) for each in texts
    ]
    assert laid.column(Kind.INTEGER)[0] == [wanted(each) for each in texts]


def test_nothing_is_null_and_no_fault() -> None:
    laid = Laid([None, "1.50", None])
    for kind in (Kind.AMOUNT, Kind.QUANTITY, Kind.INTEGER, Kind.DATE, Kind.TEXT, Kind.TIME):
        got, bad = laid.column(kind)
        assert got[0] is None
        assert got[2] is None
        assert not bad[0]
    assert array(Kind.AMOUNT, "", nothing(3), laid.data, laid.words)[0].to_pylist() == [None] * 3


# --- dates and times ----------------------------------------------------------------------------------


def expected_date(value: str) -> datetime.date | None:
    """The day that eight digits are, in the Gregorian calendar, if they are one."""
    if not re.fullmatch(r"[0-9]{8}", value):
        return None
    try:
        return datetime.date(int(value[:4]), int(value[4:6]), int(value[6:]))
    except ValueError:
        return None


days = st.one_of(
    st.dates().map(lambda day: f"{day:%Y%m%d}".rjust(8, "0")),
    st.from_regex(r"\A[0-9]{8}\Z"),
    st.builds("{:04d}{:02d}{:02d}".format, st.integers(0, 9999), st.integers(0, 14), st.integers(0, 33)),
    st.text("0123456789-/: ", min_size=1, max_size=20),
    st.sampled_from(
        ["20240229", "20230229", "19000229", "20000229", "00010101", "00000101", "99991231", "2026011"]
    ),
)


@given(st.lists(days, min_size=1, max_size=30))
def test_a_day_is_a_day_of_the_calendar_or_said_to_be_none(texts: list[str]) -> None:
    texts = [each for each in texts if len(each) != 6]
    wanted = [expected_date(each) for each in texts]
    got, bad = Laid(texts).column(Kind.DATE)
    assert got == wanted
    assert bad == [day is None for day in wanted]


@given(st.lists(st.tuples(days, days), min_size=1, max_size=20))
def test_a_period_has_its_first_and_its_last_day(pairs: list[tuple[str, str]]) -> None:
    pairs = [pair for pair in pairs if {len(pair[0]), len(pair[1])} == {8}]
    laid = Laid([f"{first}-{last}" for first, last in pairs])
    assert laid.column(Kind.DATE, "from")[0] == [expected_date(first) for first, _ in pairs]
    assert laid.column(Kind.DATE, "to")[0] == [expected_date(last) for _, last in pairs]
    # Where no period may stand, none is read.
    assert laid.column(Kind.DATE)[0] == [None] * len(pairs)
    assert all(laid.column(Kind.DATE)[1])


def test_a_day_alone_is_both_ends_of_its_period() -> None:
    laid = Laid(["20260115"])
    assert laid.column(Kind.DATE, "from")[0] == [datetime.date(2026, 1, 15)]
    assert laid.column(Kind.DATE, "to")[0] == [datetime.date(2026, 1, 15)]


def test_the_day_of_a_header_stands_in_this_century() -> None:
    got, bad = Laid(["261122", "991231", "240229", "230229"]).column(Kind.DATE, "short")
    assert got == [datetime.date(2026, 11, 22), datetime.date(2099, 12, 31), datetime.date(2024, 2, 29), None]
    assert bad == [False, False, False, True]


def test_a_day_without_its_century_is_no_day_of_a_claim() -> None:
    # A birth date of 800101 must not be read as one of 2080.
    got, bad = Laid(["800101", "261122"]).column(Kind.DATE)
    assert got == [None, None]
    assert bad == [True, True]


def test_a_day_with_its_time_gives_both() -> None:
    laid = Laid(["202601101105", "20260110", "202601102400"])
    assert laid.column(Kind.DATE, "day")[0] == [datetime.date(2026, 1, 10)] * 3
    got, bad = laid.column(Kind.TIME, "time")
    assert got == ["1105", None, "2400"]
    assert not any(bad)


def test_where_no_time_is_kept_a_day_with_its_time_is_no_day() -> None:
    for part in ("", "from", "to"):
        got, bad = Laid(["202601101105"]).column(Kind.DATE, part)
        assert got == [None]
        assert bad == [True]


def test_a_time_that_can_not_be_kept_whole_is_said_to_be_none() -> None:
    # HHMMSS, and a day with seconds: the dictionary's times are HHMM (005010X223A2 asks for no more).
    got, bad = Laid(["20260110110530", "202601", "1105"]).column(Kind.TIME, "time")
    assert got == [None, None, None]
    assert bad == [True, True, True]
    got, bad = Laid(["1105", "110530", "202601101105", "20260110", "1"]).column(Kind.TIME, "hour")
    assert got == ["1105", None, None, None, None]
    assert bad == [False, True, True, True, True]
