"""Converts offsets in a block to columns of values: text without copying, numbers and dates by whole arrays.

A value is a start and a length; length 0 is null. Unreadable values are null too; their rows are reported.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from claimwright.domain.dictionary import Kind
from claimwright.engines.x12.native.choice import UNDECIDED, Undecided, compiled
from claimwright.engines.x12.native.kernel import Kernel

from .tokenizer import Bytes, Flags, Ints, Words

Longs = npt.NDArray[np.int64]

# Arrow stores a string of up to 12 bytes inside its view.
_INLINE = 12
# By length of a string, the bytes in the first four and in the next eight of its view.
_HEAD = np.array([(1 << 8 * min(n, 4)) - 1 for n in range(_INLINE + 1)], dtype=np.uint32)
_TAIL = np.array([(1 << 8 * max(n - 4, 0)) - 1 for n in range(_INLINE + 1)], dtype=np.uint64)
_DIGITS = 18
_ZERO, _POINT, _MINUS, _DASH, _SPACE = 0x30, 0x2E, 0x2D, 0x2D, 0x20
_DAYS_IN_MONTH = np.array([0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])


# No row is bad.
_NONE = np.zeros(0, dtype=bool)


class ValueSpans(NamedTuple):
    """The positions of the values of one column in a block, row by row."""

    start: Ints
    length: Ints

    def take(self, rows: Ints) -> ValueSpans:
        """The values of these rows; row -1 is null."""
        if not len(self.start):
            return nothing(len(rows))
        length = self.length.take(rows, mode="clip")
        if len(rows) and rows.min() < 0:
            length[rows < 0] = 0
        return ValueSpans(self.start.take(rows, mode="clip"), length)


def nothing(count: int) -> ValueSpans:
    """A column of nulls."""
    return ValueSpans(np.zeros(count, np.int32), np.zeros(count, np.int32))


def without_blanks(values: ValueSpans, data: Bytes) -> ValueSpans:
    """The values without trailing blanks."""
    start, length = values.start, values.length.copy()
    padded = np.flatnonzero(length)
    while len(padded):
        padded = padded[data[start[padded] + length[padded] - 1] == _SPACE]
        length[padded] -= 1
        padded = padded[length[padded] > 0]
    return ValueSpans(start, length)


def array(kind: Kind, part: str, values: ValueSpans, data: Bytes, words: Words) -> tuple[pa.Array, Flags]:
    """The column, and for each row whether its value can't be read as its kind."""
    match kind:
        case Kind.TEXT | Kind.CODE:
            return text(values, data, words), _NONE
        case Kind.TIME:
            values, bad = _time_of_day(values, part) if part else (values, _NONE)
            kept = (
                ValueSpans(values.start, np.where(bad, 0, values.length).astype(np.int32)) if part else values
            )
            return text(kept, data, words), bad
        case Kind.DATE:
            return _dates(part, values, data)
        case Kind.AMOUNT:
            return _decimals(18, 2, values, data)
        case Kind.QUANTITY:
            return _decimals(15, 3, values, data)
        case Kind.RATIO:
            return _decimals(15, 6, values, data)
        case Kind.INTEGER:
            return _integers(values, data)


def _text_compiled(native: Kernel, values: ValueSpans, data: Bytes, _words: Words, /) -> pa.Array:
    views, held = native.text(data, *values)
    return view_column(len(values.start), views, held, data)


@compiled(_text_compiled)
def text(values: ValueSpans, data: Bytes, words: Words, /) -> pa.Array:
    """A text column whose longer strings remain in the block, without copying."""
    start, length = values
    longest = int(length.max(initial=0))
    views = np.zeros((len(start), 2), dtype=np.uint64)
    halves = views.view(np.uint32)
    halves[:, 0] = length
    halves[:, 1] = words[start] & _HEAD.take(length, mode="clip")
    if longest > 4:
        double = np.ndarray((len(data) - 7,), dtype="<u8", buffer=data, strides=(1,))
        views[:, 1] = double[start + np.int32(4)] & _TAIL.take(length, mode="clip")
    if longest > _INLINE:
        long = np.flatnonzero(length > _INLINE)
        views[long, 1] = start[long].astype(np.uint64) << np.uint64(32)
    return view_column(len(start), views, _bitmap(length > 0), data)


def view_column(rows: int, views: Any, valid: npt.NDArray[np.uint8] | None, data: Bytes) -> pa.Array:
    """A text column of views into the data; `valid` is its bitmap, None if no row is null."""
    return _made(pa.string_view(), rows, views, valid, data)


def scaled(values: ValueSpans, data: Bytes, decimals: int, digits: int = 17) -> tuple[Longs, Flags]:
    """Decimal numbers as integers of 10 to the -`decimals`; and which rows have no such number."""
    start, length = values
    total = np.zeros(len(start), dtype=np.int64)
    after = np.full(len(start), -1, dtype=np.int8)
    bad = length > _DIGITS
    minus = data[start] == _MINUS
    least = minus.astype(np.int8)
    longest = int(min(length.max(initial=0), _DIGITS))
    for place in range(longest):
        inside = place < length
        byte = data[start + place]
        digit = byte - np.uint8(_ZERO)
        is_digit = inside & (digit < 10)
        # Zeros after the last decimal have no effect.
        beyond = is_digit & (after == decimals) & (digit == 0) & (decimals > 0)
        counted = is_digit & ~beyond
        total = np.where(counted, total * 10 + digit, total)
        after += counted & (after >= 0)
        point = inside & (byte == _POINT)
        bad |= inside & ~is_digit & ~(point & (after < 0)) & ~((place == 0) & minus)
        after[point] = 0
    shift = decimals - np.maximum(after, 0)
    bad |= (shift < 0) | (length <= least + (after >= 0))
    factors = 10 ** np.arange(decimals + 1, dtype=np.int64)
    # Checked before multiplying: an overflow would result in another number.
    bad |= total >= (10**digits // factors).take(shift, mode="clip")
    total *= factors.take(shift, mode="clip")
    return np.where(minus, -total, total), bad & (length > 0)


def integers(values: ValueSpans, data: Bytes) -> tuple[Longs, Flags]:
    """Whole numbers; and which rows have no number that fits in 32 bits."""
    whole, bad = scaled(values, data, 0)
    bad |= np.abs(whole) >= 2**31
    return np.where(bad, 0, whole), bad


def _integers_compiled(native: Kernel, values: ValueSpans, data: Bytes) -> tuple[pa.Array, Flags] | Undecided:
    plain = native.integers(data, *values)
    if plain is None or (np.abs(plain[0]) >= 2**31).any():
        return UNDECIDED
    return _made(pa.int32(), len(values.start), plain[0].astype(np.int32), plain[1]), _NONE


@compiled(_integers_compiled)
def _integers(values: ValueSpans, data: Bytes) -> tuple[pa.Array, Flags]:
    whole, bad = integers(values, data)
    good = (values.length > 0) & ~bad
    return _made(pa.int32(), len(whole), whole.astype(np.int32), _bitmap(good)), bad


def _decimals_compiled(
    native: Kernel, precision: int, scale: int, values: ValueSpans, data: Bytes
) -> tuple[pa.Array, Flags] | Undecided:
    plain = native.decimals(data, *values, scale=scale)
    if plain is None:
        return UNDECIDED
    return _made(pa.decimal128(precision, scale), len(values.start), *plain), _NONE


@compiled(_decimals_compiled)
def _decimals(precision: int, scale: int, values: ValueSpans, data: Bytes) -> tuple[pa.Array, Flags]:
    kind = pa.decimal128(precision, scale)
    number, bad = scaled(values, data, scale, min(precision, 17))
    wide = np.empty((len(number), 2), dtype=np.int64)
    wide[:, 0] = number
    wide[:, 1] = number >> 63
    good = (values.length > 0) & ~bad
    return _made(kind, len(number), wide, _bitmap(good)), bad


def _dates_compiled(
    native: Kernel, part: str, values: ValueSpans, data: Bytes
) -> tuple[pa.Array, Flags] | Undecided:
    if part == "short":
        return UNDECIDED
    shift = {"from": 0, "to": 9}.get(part, -1)
    plain = native.dates(data, *values, shift=shift, stamped=part == "day")
    return UNDECIDED if plain is None else (_made(pa.date32(), len(values.start), *plain), _NONE)


@compiled(_dates_compiled)
def _dates(part: str, values: ValueSpans, data: Bytes) -> tuple[pa.Array, Flags]:
    start, length = values
    period = (length == 17) & (data[start + np.minimum(length, 8)] == _DASH)
    if part == "to":
        start = np.where(period, start + 9, start)
    # A day, a period, a day with hour and minute, or in an ISA a day without its century.
    short = (length == 6) & (part == "short")
    known = (length == 8) | (period & (part in ("from", "to"))) | ((length == 12) & (part == "day")) | short
    year = np.where(short, 2000, 0)
    month = np.zeros(len(start), dtype=np.int64)
    day = np.zeros(len(start), dtype=np.int64)
    digits = known.copy()
    begin = np.where(short, start - 2, start)
    for place in range(8):
        digit = data[np.maximum(begin + place, 0)] - np.uint8(_ZERO)
        skipped = short & (place < 2)
        digits &= skipped | (digit < 10)
        number = np.where(skipped, 0, digit).astype(np.int64)
        if place < 4:
            year = year + number * 10 ** (3 - place)
        elif place < 6:
            month = month * 10 + number
        else:
            day = day * 10 + number
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    last = _DAYS_IN_MONTH[np.clip(month, 0, 12)] - ((month == 2) & ~leap)
    good = digits & (year >= 1) & (month >= 1) & (month <= 12) & (day >= 1) & (day <= last)
    days = _days(year, month, day)
    return _made(pa.date32(), len(days), days, _bitmap(good)), (length > 0) & ~good


def _days(year: Longs, month: Longs, day: Longs) -> npt.NDArray[np.int32]:
    """Days since 1970-01-01 of the proleptic Gregorian calendar, counted in years that begin in March."""
    year = year - (month <= 2)
    era = year // 400
    of_era = year - era * 400
    of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    days: Longs = era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719468
    return days.astype(np.int32)


def _time_of_day(values: ValueSpans, part: str) -> tuple[ValueSpans, Flags]:
    """The HHMM of a time, or of a day with its time; null for a day alone."""
    start, length = values
    if part == "hour":
        return values, (length > 0) & (length != 4)
    stamped = length == 12
    bad = (length > 0) & ~stamped & (length != 8)
    return ValueSpans(np.where(stamped, start + 8, start), np.where(stamped, 4, 0).astype(np.int32)), bad


def whole(kind: pa.DataType, numbers: npt.NDArray[np.integer[Any]], valid: Flags | None = None) -> pa.Array:
    """A column of whole numbers of this type, null if they are not valid."""
    values = np.ascontiguousarray(numbers, dtype=kind.to_pandas_dtype())
    return _made(kind, len(values), values, None if valid is None else _bitmap(valid))


def _made(
    kind: pa.DataType, rows: int, values: Any, valid: npt.NDArray[np.uint8] | None, *longer: Bytes
) -> pa.Array:
    """An Arrow array of these buffers; `valid` is its bitmap, None if no row is null."""
    held = None if valid is None else pa.py_buffer(valid)
    return pa.Array.from_buffers(kind, rows, [held, pa.py_buffer(values), *map(pa.py_buffer, longer)])


def _bitmap(valid: Flags) -> npt.NDArray[np.uint8] | None:
    return None if valid.all() else np.packbits(valid, bitorder="little")
