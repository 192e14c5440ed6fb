"""Codes and days as whole numbers that sort as they do, so that a lookup is a binary search in an array.

A packed code is positive; 0 stands for what is null or has no such shape, and is found in no table. A day
is counted from 1980-01-01 and kept within sixteen bits, which lasts until 2159; `OPEN` is no day at all.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from claimwright.foundation.columns import numbers

Keys = npt.NDArray[np.uint64]
Days = npt.NDArray[np.int64]

OPEN = 65_535
DAY_BITS = 16

_FIRST_DAY = date(1980, 1, 1)
_EPOCH_DAYS = (_FIRST_DAY - date(1970, 1, 1)).days
_PLACES = 37  # ten digits, twenty-six letters, and nothing

_BLANK = ord(" ")
# What a byte is worth: nothing, a digit or a capital; -1 for every other byte, a small letter too: codes
# have none.
_WORTH = np.full(256, -1, dtype=np.int8)
_WORTH[ord(" ")] = 0
_WORTH[ord("0") : ord("9") + 1] = np.arange(1, 11)
_WORTH[ord("A") : ord("Z") + 1] = np.arange(11, 37)


def _bytes(codes: pl.Series, width: int) -> npt.NDArray[np.uint8]:
    """The bytes of the codes, a row each, padded with blanks; what is null or longer is a row of NULs."""
    array = codes.rechunk().to_arrow(compat_level=pl.CompatLevel.oldest())
    _, ends, text = array.buffers()
    made = np.zeros((len(codes), width), dtype=np.uint8)
    if not len(codes) or text is None:
        return made
    bounds = np.frombuffer(ends, dtype=np.int64)[array.offset :][: len(codes) + 1]
    start, length = bounds[:-1], np.diff(bounds)
    held = np.frombuffer(text, dtype=np.uint8)
    fits = (length <= width) & (length > 0)
    for place in range(width):
        inside = fits & (length > place)
        made[inside, place] = held[start[inside] + place]
        made[fits & ~inside, place] = _BLANK
    return made


def pack_codes(codes: pl.Series, width: int = 7) -> Keys:
    """Codes of up to `width` letters and digits as numbers below 2^43, in the order of the codes."""
    if codes.dtype != pl.String:
        codes = codes.cast(pl.String)
    worth = _WORTH[_bytes(codes, width)]
    bad = (worth < 0).any(axis=1) | (worth[:, 0] == 0)
    packed = np.zeros(len(codes), dtype=np.int64)
    for place in range(width):
        packed = packed * _PLACES + worth[:, place]
    packed[bad] = 0
    return packed.astype(np.uint64)


# A procedure of HCPCS has three digits in its midst: 36 x 1000 x 36 codes, in 21 bits with 0 for none.
_HCPCS_BITS = 21


def pack_procedures(codes: pl.Series) -> Keys:
    """CPT and HCPCS level II codes (five characters, digits in the middle three) as numbers below 2^21."""
    worth = _WORTH[_bytes(codes.cast(pl.String), 5)].astype(np.int64) - 1
    middle = worth[:, 1:4]
    bad = (worth < 0).any(axis=1) | (middle > 9).any(axis=1)
    digits = middle[:, 0] * 100 + middle[:, 1] * 10 + middle[:, 2]
    packed = (worth[:, 0] * 1000 + digits) * 36 + worth[:, 4] + 1
    packed[bad] = 0
    return packed.astype(np.uint64)


def unpack_procedures(packed: pl.Expr) -> pl.Expr:
    """The five characters of packed procedures, as an expression over a column of them."""
    value = packed.cast(pl.Int64) - 1
    letters = dict(enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"))

    def letter(number: pl.Expr) -> pl.Expr:
        return number.replace_strict(letters, return_dtype=pl.String)

    return pl.concat_str(
        letter(value // 36_000), ((value // 36) % 1000).cast(pl.String).str.zfill(3), letter(value % 36)
    )


def pack_pairs(first: Keys, second: Keys) -> Keys:
    """Two packed procedures as one number below 2^42; 0 where either is none."""
    both = (first << np.uint64(_HCPCS_BITS)) | second
    both[(first == 0) | (second == 0)] = 0
    return both


def unpack_pairs(packed: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """The two procedures of packed pairs, as expressions."""
    return unpack_procedures(packed // 2**_HCPCS_BITS), unpack_procedures(packed % 2**_HCPCS_BITS)


def pack_days(days: pl.Series, missing: int) -> Days:
    """Days from 1 to 65,534 in the order of the calendar; `missing` where there is none."""
    known, present = numbers(days.cast(pl.Date))
    packed = np.clip(known - (_EPOCH_DAYS - 1), 1, OPEN - 1)
    return packed if present is None else np.where(present, packed, missing)


def pack_day(day: date | None, missing: int) -> int:
    """One day, as `pack_days` counts it."""
    return missing if day is None else min(max((day - _FIRST_DAY).days + 1, 1), OPEN - 1)


def unpack_days(packed: pl.Expr, missing: int) -> pl.Expr:
    """The days that were packed, as an expression; null for `missing`."""
    number = packed.cast(pl.Int32)
    return pl.when(number != missing).then((number + (_EPOCH_DAYS - 1)).cast(pl.Date))
