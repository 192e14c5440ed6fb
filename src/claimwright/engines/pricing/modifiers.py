"""Reads the price effects of a line's modifiers, once for each distinct combination."""

from __future__ import annotations

from functools import cache

import polars as pl

MODIFIERS = ("modifier_1", "modifier_2", "modifier_3", "modifier_4")

# Components of the relative value file: its MOD column.
WHOLE, PROFESSIONAL, TECHNICAL, DISCONTINUED = 0, 1, 2, 3

# Separate sessions: the imaging reduction applies within one session (CR 7442); these mark another one.
_SEPARATE = ("59", "XE")

_ANESTHESIA = ("AD", "QK", "QX", "QY", "QZ", "AA")

_PRICE_CHANGING = ("50", "LT", "RT", "52", "53", "54", "55", "56", "78", "62", "80", "81", "82", "AS")

# The provider states that the service is not covered: excluded by statute (GY), not necessary without a
# notice (GZ). Medicare denies both as billed: Medicare Claims Processing Manual, ch. 1, 60.4.2; CR 7228.
_NOT_COVERED = ("GY", "GZ")

PRICING_MODIFIERS = (*_PRICE_CHANGING, "26", "TC", "51", "66", *_SEPARATE, *_ANESTHESIA, *_NOT_COVERED, "73")
"""Every modifier that `read_modifiers` uses."""


def read_modifiers(lines: pl.DataFrame) -> pl.DataFrame:
    """The distinct combinations of four modifiers in `lines`, with the columns that pricing uses.

    `component` is 1 for 26, 2 for TC, else 0; `bilateral_claimed` is true for 50, and for LT and RT on one
    line; `assistant_role` is 1 for 80, 81 and 82, 2 for AS with or without them. `anesthesia_role` is the
    first anesthesia modifier. The other columns are named for what they claim. `changes_price` is true if a
    modifier changes the line's own price.
    """
    return lines.select(MODIFIERS).unique().with_columns(_meanings())


@cache
def _meanings() -> list[pl.Expr]:
    def any_of(*codes: str) -> pl.Expr:
        return pl.any_horizontal(pl.col(name).is_in(codes).fill_null(value=False) for name in MODIFIERS)

    columns: dict[str, pl.Expr] = {
        "component": pl.when(any_of("26"))
        .then(PROFESSIONAL)
        .when(any_of("TC"))
        .then(TECHNICAL)
        .otherwise(WHOLE)
        .cast(pl.UInt8),
        "bilateral_claimed": any_of("50") | (any_of("LT") & any_of("RT")),
        "further_procedure": any_of("51"),
        "reduced": any_of("52"),
        "discontinued": any_of("53"),
        "surgical_care_only": any_of("54"),
        "postoperative_only": any_of("55"),
        "preoperative_only": any_of("56"),
        "return_to_room": any_of("78"),
        "co_surgeon_claimed": any_of("62"),
        "team_claimed": any_of("66"),
        "reduced_outpatient": any_of("52", "73"),
        "not_covered_claimed": any_of(*_NOT_COVERED),
        "assistant_role": pl.when(any_of("AS"))
        .then(2)
        .when(any_of("80", "81", "82"))
        .then(1)
        .otherwise(0)
        .cast(pl.UInt8),
        "separate_session": any_of(*_SEPARATE),
        "changes_price": any_of(*_PRICE_CHANGING),
        "anesthesia_role": pl.coalesce(pl.when(any_of(code)).then(pl.lit(code)) for code in _ANESTHESIA),
    }
    return [column.alias(name) for name, column in columns.items()]
