"""Denial categories: nine groups of the payers' reason codes, as revenue-cycle teams use them.

Source: X12's adjustment reason codes (CARC); the assignment of codes to groups is our own.
"""

from __future__ import annotations

import polars as pl

CATEGORIES: tuple[str, ...] = (
    "missing_information", "eligibility", "authorization", "medical_necessity", "coding", "duplicate",
    "timely_filing", "non_covered", "coordination_of_benefits", "other",
)  # fmt: skip
OTHER = CATEGORIES.index("other")

_CODES: dict[str, str] = {
    "missing_information": "16 17 129 163 164 206 207 208 226 227 250 251 252 A8 B12 B17",
    "eligibility": "26 27 28 30 31 32 33 34 177 200 238 242 243 288 B1",
    "authorization": "15 38 39 62 197 198 210 296 302 305",
    "medical_necessity": "49 50 54 55 56 58 59 107 150 151 152 153 154 186 216 269 272 B5 B22",
    "coding": "4 5 6 7 8 9 10 11 12 97 107 125 146 147 181 182 199 231 234 236 B15 B20",
    "duplicate": "18 B13",
    "timely_filing": "29",
    "non_covered": "35 40 46 48 51 60 96 114 119 149 166 167 170 171 202 204 256 258 259 276",
    "coordination_of_benefits": "19 20 21 22 23 24 109 136 201 A4",
}
CATEGORY_OF: dict[str, str] = {code: name for name, codes in _CODES.items() for code in codes.split()}

WORDS: dict[str, str] = {
    "missing_information": "missing information",
    "eligibility": "eligibility",
    "authorization": "authorization",
    "medical_necessity": "medical necessity",
    "coding": "coding",
    "duplicate": "a duplicate",
    "timely_filing": "timely filing",
    "non_covered": "a service that is not covered",
    "coordination_of_benefits": "coordination of benefits",
    "other": "another reason",
}


def category_numbers(carc: pl.Series) -> pl.Series:
    """Position in `CATEGORIES` of each reason code; -1 for null; unknown codes are `other`."""
    numbers = {code: CATEGORIES.index(name) for code, name in CATEGORY_OF.items()}
    found = carc.replace_strict(numbers, default=OTHER, return_dtype=pl.Int8)
    frame = pl.DataFrame({"found": found, "carc": carc})
    paid = pl.lit(-1, pl.Int8)
    return frame.select(found=pl.when(pl.col("carc").is_null()).then(paid).otherwise("found"))["found"]
