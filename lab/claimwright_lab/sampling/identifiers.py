"""Numbers that look like real ones and belong to nobody.

Each keeps the published shape and check digit of its kind, within a range that is not given out where
there is one: NPIs that begin with 2, employer numbers under a prefix that the IRS does not use,
telephone numbers 555-0100 to 555-0199.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from .draws import Bits, Draws, Whole

# The check digit is computed over 80840 and the nine digits; the five add 24 to the sum (CMS, Requirements
# for National Provider Identifier and NPI Check Digit, 2004).
_NPI_PREFIX_SUM = 24
# Digits of a Medicare Beneficiary Identifier: C numeric without 0, N numeric, A letter, X letter or digit;
# letters exclude S, L, O, I, B and Z (CMS, Understanding the MBI format).
_MBI_PATTERN = "CAXNAXNAANN"
_LETTERS = b"ACDEFGHJKMNPQRTUVWXY"
_DIGITS = b"0123456789"
_CHARACTERS = {"C": _DIGITS[1:], "N": _DIGITS, "A": _LETTERS, "X": _LETTERS + _DIGITS}
_EMPLOYER_PREFIX = "97"
_AREA_CODES = (217, 309, 402, 515, 614, 717, 806, 907)


def npis(draws: Draws) -> pl.Series:
    """Ten-digit NPIs with a right check digit."""
    nine = 200_000_000 + draws.below("npi", 100_000_000)
    return pl.Series(nine * 10 + npi_check_digits(nine)).cast(pl.String)


def npi_check_digits(nine: Whole) -> Whole:
    """The tenth digit of the NPIs whose first nine digits these are."""
    total = np.full(len(nine), _NPI_PREFIX_SUM, dtype=np.int64)
    for place in range(9):
        digit = nine // 10**place % 10
        # From the right, the first, third and so on are doubled, and the digits of a double added.
        doubled = digit * 2
        total += np.where(doubled > 9, doubled - 9, doubled) if place % 2 == 0 else digit
    return (10 - total % 10) % 10


def employer_numbers(draws: Draws) -> pl.Series:
    """Nine digits under an unused prefix."""
    return padded(draws.below("employer number", 10**7), 7, _EMPLOYER_PREFIX)


def telephones(draws: Draws) -> pl.Series:
    """Ten digits in the range kept for fiction."""
    area = np.array(_AREA_CODES)[draws.below("area code", len(_AREA_CODES))]
    return pl.Series(area * 10_000_000 + 5_550_100 + draws.below("telephone", 100)).cast(pl.String)


def medicare_numbers(draws: Draws) -> pl.Series:
    """Medicare Beneficiary Identifiers."""
    return _patterned(draws.bits("medicare number"), _MBI_PATTERN)


def padded(numbers: Whole, width: int, before: str = "", after: str = "") -> pl.Series:
    """Numbers with leading zeros between two constant texts."""
    text = pl.Series("number", numbers).cast(pl.String).str.zfill(width)
    return text.to_frame().select(pl.concat_str(pl.lit(before), "number", pl.lit(after))).to_series()


def _patterned(bits: Bits, pattern: str) -> pl.Series:
    made: npt.NDArray[np.uint8] = np.empty((len(bits), len(pattern)), dtype=np.uint8)
    left = bits.copy()
    for place, kind in enumerate(pattern):
        characters = np.frombuffer(_CHARACTERS[kind], dtype=np.uint8)
        size = np.uint64(len(characters))
        made[:, place] = characters[(left % size).astype(np.int64)]
        left //= size
    array = pa.Array.from_buffers(pa.binary(len(pattern)), len(bits), [None, pa.py_buffer(made)])
    series = pl.from_arrow(array.cast(pa.binary()).cast(pa.string()))
    assert isinstance(series, pl.Series)
    return series
