"""The functions that a predicate can call: SQL macros, and column functions in Python.

A macro is an expression that DuckDB substitutes for the call; all macros are in `macros.sql`. A column
function does what SQL does slowly or not at all: it is computed once per block, over whole columns, before
the scan, and the predicate reads the result as a column. Its arguments are therefore names and literals,
never expressions. Reference tables of any size are accessed the same way: a function looks the column up in a
sorted, memory-mapped array, so that no table is joined or copied into the scan. The lookups use a snapshot of
the reference data that is passed to the engine.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

import numpy as np
import polars as pl

from claimwright.foundation.columns import column_of, numbers, present
from claimwright.reference import Snapshot
from claimwright.reference.lookups import LOOKUPS, Bits, Lookup


@dataclass(frozen=True, slots=True)
class Macro:
    """A scalar SQL macro: its parameters and the comment that documents it."""

    name: str
    parameters: tuple[str, ...]
    doc: str


@dataclass(frozen=True, slots=True)
class ColumnFunction:
    """A function over whole columns.

    `parameters` names the arguments; one in quotes is a text literal, one with a question mark is optional.
    `compute` gets the reference data, the literals and the columns, and returns a column of `dtype` with the
    same height. `check` returns what is wrong with the literals, or nothing. If the first value of a row is
    null, the result is null, unless the function `answers_nulls`. With `bits`, it can be computed for all its
    literals at once.
    """

    name: str
    parameters: tuple[str, ...]
    doc: str
    compute: Callable[[Snapshot, Sequence[str], Sequence[pl.Series]], pl.Series] = field(repr=False)
    check: Callable[[Sequence[str]], str] = field(default=lambda _: "", repr=False)
    dtype: pl.DataType = field(default_factory=pl.Boolean)
    answers_nulls: bool = False
    bits: Bits | None = field(default=None, repr=False)


_COMMENTED = re.compile(
    r"(?P<doc>(?:^--[^\n]*\n)+)CREATE MACRO (?P<name>\w+)\((?P<parameters>[^)]*)\)", re.MULTILINE
)


@cache
def macros_sql() -> str:
    """The statements that create the macros."""
    return (files(__package__) / "macros.sql").read_text(encoding="utf-8")


@cache
def macros() -> Mapping[str, Macro]:
    """The macros by name."""
    found = {}
    for match in _COMMENTED.finditer(macros_sql()):
        doc = " ".join(line.removeprefix("--").strip() for line in match["doc"].splitlines())
        parameters = tuple(parameter.strip() for parameter in match["parameters"].split(","))
        found[match["name"]] = Macro(match["name"], parameters, doc)
    return found


def npi_check_digit_ok(npis: pl.Series) -> pl.Series:
    """Whether each value has ten digits, the first is 1 or 2, and the last is the check digit of the others.

    The check is the Luhn algorithm over the number with the prefix 80840, which adds 24 to the sum.
    Source: 45 CFR 162.406(a); CMS, "Requirements for National Provider Identifier (NPI) and NPI Check Digit".
    """
    number, numeric = numbers(npis.cast(pl.Int64, strict=False))
    length, _ = numbers(npis.str.len_bytes())
    shaped = (length == 10) & (number >= 1_000_000_000) & (number <= 2_999_999_999)
    if numeric is not None:
        shaped &= numeric
    digits = np.where(shaped, number, 0)
    total = np.full(len(npis), 24, dtype=np.int64)
    for place in range(10):
        digit = digits % 10
        digits = digits // 10
        total += np.where(digit > 4, 2 * digit - 9, 2 * digit) if place % 2 else digit
    return column_of(shaped & (total % 10 == 0), present(npis))


def _looked_up(lookup: Lookup) -> ColumnFunction:
    return ColumnFunction(
        lookup.name, lookup.parameters, lookup.doc, lookup.compute, lookup.check, lookup.dtype,
        lookup.answers_nulls, lookup.bits,
    )  # fmt: skip


COLUMN_FUNCTIONS: Mapping[str, ColumnFunction] = {
    function.name: function
    for function in (
        ColumnFunction(
            "npi_check_digit_ok",
            ("npi",),
            "Whether a National Provider Identifier could have been issued: ten digits, the first 1 or 2, "
            "the last the check digit of the others (Luhn's, with 80840 before the number). Source: "
            "45 CFR 162.406(a); CMS, Requirements for National Provider Identifier and NPI Check Digit.",
            lambda _known, _literals, columns: npi_check_digit_ok(columns[0]),
        ),
        *(_looked_up(lookup) for lookup in LOOKUPS.values()),
    )
}
