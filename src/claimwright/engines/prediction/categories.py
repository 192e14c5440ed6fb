"""Denial categories: groups of the payers' reason codes, as revenue-cycle teams use them.

Source: X12's adjustment reason codes (CARC) and remark codes (RARC); the assignment of codes to groups is our
own. A remark says what CARC 16 leaves open, so it goes before the reason.
"""

from __future__ import annotations

import polars as pl

CATEGORIES: tuple[str, ...] = (
    "missing_information", "eligibility", "authorization", "medical_necessity", "coding", "duplicate",
    "timely_filing", "non_covered", "coordination_of_benefits", "records", "other",
)  # fmt: skip
OTHER = CATEGORIES.index("other")

_CODES: dict[str, str] = {
    "missing_information": "16 129 206 207 208 227 A8 B12 B17",
    "eligibility": "26 27 28 30 31 32 33 34 177 200 238 242 243 288 B1",
    "authorization": "15 38 39 62 197 198 210 296 302 305",
    "medical_necessity": "11 49 50 54 55 56 58 59 107 150 151 152 153 154 186 216 269 272 B5 B22",
    "coding": "4 5 6 7 8 9 10 12 97 107 125 146 147 181 182 199 231 234 236 B15 B20",
    "duplicate": "18 B13",
    "timely_filing": "29",
    "non_covered": "35 40 46 48 51 60 96 114 119 149 166 167 170 171 202 204 256 258 259 276",
    "records": "17 163 164 226 250 251 252",
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
    "records": "missing records",
    "other": "another reason",
}


# Remarks that name a group, with a reason that names none or only that something is missing (`_VAGUE`).
# M62, N54: authorization. MA04, N4, MA92: the other payer. M29 to M31, M127, N706 to N718: records. MA61:
# the patient's identifier.
_REMARKS: dict[str, str] = {
    "authorization": "M62 N54",
    "coordination_of_benefits": "MA04 N4 MA92",
    "records": "M29 M30 M31 M127 N706 N708 N710 N712 N714 N716 N718",
    "eligibility": "MA61",
}
_OF_REMARK = {code: CATEGORIES.index(name) for name, codes in _REMARKS.items() for code in codes.split()}
_VAGUE = ("16", "96", "125", "129", "A1", "A8", "B12")


# What a denial is about within its category, by reason and by remark; a remark goes before the reason.
# Missing information, by remark alone. N285, N286: referring provider. N290, N291: rendering provider. N255,
# N288: taxonomy. M119, N781: national drug code. N382, MA61: the patient's identifier.
# Coding. 4, 182, N519, N822, N823: the modifier. 5, 58, M77: the place of service or type of bill. 97, 231,
# 234, 236, B15, M15, N20: paid with another service. 6, N129: the patient's age. Necessity. 11, 50, N115: the
# diagnosis. 151 to 154, N362, M53: how many or how often. Not covered. 204: by the plan. 35, 119, 149, M86,
# M90, N640: again too soon, or a maximum.
_DETAILS: dict[str, tuple[str, str]] = {
    "referring_provider": ("", "N285 N286"),
    "rendering_provider": ("", "N290 N291"),
    "taxonomy": ("", "N255 N288"),
    "drug_code": ("", "M119 N781"),
    "identifier": ("", "N382 MA61"),
    "modifier": ("4 182", "N519 N822 N823"),
    "place": ("5 58", "M77"),
    "bundling": ("97 231 234 236 B15", "M15 N20"),
    "age": ("6", "N129"),
    "diagnosis": ("11 50", "N115"),
    "units": ("151 152 153 154", "N362 M53"),
    "plan": ("204", ""),
    "frequency": ("35 119 149", "M86 M90 N640"),
}
DETAILS: tuple[str, ...] = tuple(_DETAILS)
_OF_DETAIL = [
    {code: number for number, codes in enumerate(_DETAILS.values()) for code in codes[place].split()}
    for place in (0, 1)
]


def detail_numbers(carc: pl.Series, rarc: pl.Series) -> pl.Series:
    """Position in `DETAILS` of what each line's denial is about; -1 if neither reason nor remarks say it.

    `rarc` are the line's remarks, separated by blanks.
    """
    of_reason, of_remark = _OF_DETAIL
    named = carc.cast(pl.String).replace_strict(of_reason, default=None, return_dtype=pl.Int8)
    found = _first(rarc, of_remark)
    return pl.select(pl.coalesce(found, named).fill_null(-1)).to_series()


def category_numbers(carc: pl.Series, rarc: pl.Series | None = None) -> pl.Series:
    """Position in `CATEGORIES` of each reason code; -1 for null; unknown codes are `other`.

    `rarc` are the line's remarks, separated by blanks, where they are known.
    """
    numbers = {code: CATEGORIES.index(name) for code, name in CATEGORY_OF.items()}
    found = carc.replace_strict(numbers, default=OTHER, return_dtype=pl.Int8)
    frame = pl.DataFrame({"found": found, "carc": carc}).with_columns(
        named=pl.lit(None, pl.Int8) if rarc is None else _named(rarc)
    )
    paid = pl.lit(-1, pl.Int8)
    vague = pl.col("carc").is_in(_VAGUE) & pl.col("named").is_not_null()
    return frame.select(
        found=pl.when(pl.col("carc").is_null()).then(paid).when(vague).then("named").otherwise("found")
    )["found"]


def _named(rarc: pl.Series) -> pl.Series:
    """The category that the first telling remark names."""
    return _first(rarc, _OF_REMARK)


def _first(rarc: pl.Series, numbers: dict[str, int]) -> pl.Series:
    texts = rarc.cast(pl.String)
    of_text = {
        text: next((numbers[code] for code in text.split() if code in numbers), None)
        for text in texts.unique().drop_nulls()
    }
    return texts.replace_strict(of_text, default=None, return_dtype=pl.Int8)
