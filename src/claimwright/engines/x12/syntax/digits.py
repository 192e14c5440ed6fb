"""Parses numbers, dates and times in bytes, for many values at once.

Eight bytes are loaded as one number and checked together, so that a date is one word and an amount one
or two. Source for the arithmetic: the Gregorian calendar; the rest follows from ASCII.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .tokenizer import Bytes, Flags, Ints

_Words = npt.NDArray[np.uint64]

_U = np.uint64
_SEVENS, _TOPS = _U(0x7F7F7F7F7F7F7F7F), _U(0x8080808080808080)
_ZEROS, _POINTS = _U(0x3030303030303030), _U(0x2E2E2E2E2E2E2E2E)
_MINUS_TO_ZERO, _POINT_TO_ZERO = _U(ord("-") ^ ord("0")), _U(ord(".") ^ ord("0"))
# The lowest n bytes of a word.
_LOWEST = np.array([(1 << 8 * n) - 1 for n in range(9)], dtype=np.uint64)

_DAYS = np.array([0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 0, 0, 0], dtype=np.int32)


def numerals(data: Bytes, start: Ints, length: Ints) -> tuple[Ints, Ints, Flags]:
    """For each value: leading minus signs (0 or 1), decimal points, and whether the rest is digits."""
    words = _words(data)
    signs = (data[start] == ord("-")).astype(np.int32)
    points = np.zeros(len(start), dtype=np.int32)
    clean = np.ones(len(start), dtype=np.bool_)
    rows = np.arange(len(start))
    at, left, head = start, length, signs
    while len(rows):
        word = words[at]
        used = _LOWEST[np.minimum(left, 8)]
        word = (word & used) | (_ZEROS & ~used)
        word = word ^ (head.astype(np.uint64) * _MINUS_TO_ZERO)
        other = word ^ _POINTS
        point = ~(((other & _SEVENS) + _SEVENS) | other) & _TOPS
        word = word ^ ((point >> _U(7)) * _POINT_TO_ZERO)
        points[rows] += np.bitwise_count(point)
        clean[rows] &= _all_digits(word)
        more = np.flatnonzero(left > 8)
        rows, at, left, head = rows[more], at[more] + 8, left[more] - 8, np.zeros(len(more), dtype=np.int32)
    return signs, points, clean


def point_places(data: Bytes, start: Ints, length: Ints) -> tuple[Ints, Ints]:
    """For decimal numbers: digits before the point, and after it without trailing zeros."""
    whole, decimals = np.zeros((2, len(start)), dtype=np.int32)
    after = np.zeros(len(start), dtype=np.int32)
    passed = np.zeros(len(start), dtype=np.bool_)
    for place in range(int(length.max(initial=0))):
        inside = place < length
        byte = data[start + np.where(inside, place, 0)]
        digit = inside & (byte - np.uint8(ord("0")) < 10)
        whole += digit & ~passed
        after += digit & passed
        decimals = np.where(digit & passed & (byte != ord("0")), after, decimals)
        passed |= inside & (byte == ord("."))
    return whole, decimals.astype(np.int32)


def calendar(data: Bytes, start: Ints, length: Ints) -> Flags:
    """Whether each value is a day, CCYYMMDD or YYMMDD (in this century)."""
    words = _words(data)
    word = words[start]
    short = length == 6
    if short.any():
        century = _U(int.from_bytes(b"20", "little"))
        word = np.where(short, word << _U(16) | century, word)
    pairs, digits = _pairs(word)
    year = pairs[0] * 100 + pairs[1]
    month, day = pairs[2], pairs[3]
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    days = _DAYS[np.minimum(month, 13)] - ((month == 2) & ~leap)
    good: Flags = digits & ((length == 8) | short) & (day >= 1) & (day <= days) & (year >= 1)
    return good


def clock(data: Bytes, start: Ints, length: Ints) -> Flags:
    """Whether each value is a time of day: HHMM, HHMMSS, or HHMMSS with one or two decimals."""
    words = _words(data)
    used = _LOWEST[np.clip(length, 0, 8)]
    word = (words[start] & used) | (_ZEROS & ~used)
    pairs, digits = _pairs(word)
    sized = (length == 4) | ((length >= 6) & (length <= 8))
    good: Flags = digits & sized & (pairs[0] < 24) & (pairs[1] < 60) & (pairs[2] < 60)
    return good


def integers(data: Bytes, start: Ints, length: Ints) -> npt.NDArray[np.int64]:
    """Values of up to 15 digits as numbers; -1 if empty, or not all digits."""
    value = np.zeros(len(start), dtype=np.int64)
    good = (length > 0) & (length <= 15)
    for place in range(min(int(length.max(initial=0)), 15)):
        here = place < length
        digit = data[start + np.where(here, place, 0)].astype(np.int64) - ord("0")
        good &= ~here | ((digit >= 0) & (digit <= 9))
        value = np.where(here, value * 10 + digit, value)
    return np.where(good, value, -1)


def _words(data: Bytes) -> _Words:
    """The eight bytes at every offset, as little-endian numbers."""
    return np.ndarray((len(data) - 7,), dtype="<u8", buffer=data, strides=(1,))


def _all_digits(word: _Words) -> Flags:
    """Whether all eight bytes are ASCII digits."""
    high = _U(0xF0F0F0F0F0F0F0F0)
    carried = ((word + _U(0x0606060606060606)) & high) >> _U(4)
    result: Flags = ((word & high) | carried) == _U(0x3333333333333333)
    return result


def _pairs(word: _Words) -> tuple[tuple[Ints, Ints, Ints, Ints], Flags]:
    """Eight digits as four two-digit numbers, first to last, and whether all are digits."""
    digits = _all_digits(word)
    plain = word - _ZEROS
    tens = (plain * _U(10) + (plain >> _U(8))) & _U(0x00FF00FF00FF00FF)
    first, second, third, fourth = (
        ((tens >> _U(shift)) & _U(0xFF)).astype(np.int32) for shift in (0, 16, 32, 48)
    )
    return (first, second, third, fourth), digits
