"""What is the same in every row of a block: columns without a value, flags that are all true or all false.

Of the columns that the rules read, a third is empty in most files. A scan that is planned with these as
constants reads fewer columns, and DuckDB removes what they decide. The result is the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import polars as pl

from claimwright.foundation.columns import numbers

# A column and the SQL of the value that all its rows have.
Constants = frozenset[tuple[str, str]]

# Shorter blocks are scanned as they are: planning takes as long as scanning some ten thousand rows.
SHORTEST = 5_000
# So many plans of a scan are made; blocks that fit none of them are scanned without constants.
_MOST_PLANS = 3

_NULLS: Mapping[type[pl.DataType], str] = {
    pl.String: "NULL::VARCHAR",
    pl.Boolean: "NULL::BOOLEAN",
    pl.Date: "NULL::DATE",
    pl.Int32: "NULL::INTEGER",
    pl.Int64: "NULL::BIGINT",
    pl.UInt8: "NULL::UTINYINT",
}
_FALSE, _TRUE = "FALSE", "TRUE"
# A text, a quoted name, or a bare name that is not called.
_WORDS = re.compile(r"""'(?:[^']|'')*'|"(?P<quoted>[^"]*)"|\b(?P<bare>[a-z_][a-z0-9_]*)\b(?! *\()""")


def constants_of(frame: pl.DataFrame, bits: Sequence[tuple[str, str, int]]) -> Constants:
    """The constants of a block. `bits` are flags that are bits of a column: name, column and bit."""
    found = {}
    for column in frame.get_columns():
        null = _NULLS.get(type(column.dtype))
        if null and column.null_count() == len(column):
            found[column.name] = null
        elif column.dtype == pl.Boolean() and not column.null_count():
            if not column.any():
                found[column.name] = _FALSE
            elif column.all():
                found[column.name] = _TRUE
    for held in {column for _, column, _ in bits}:
        found |= _of_bits(frame[held], [(name, bit) for name, column, bit in bits if column == held])
    return frozenset(found.items())


def _of_bits(column: pl.Series, flags: Iterable[tuple[str, int]]) -> dict[str, str]:
    if column.null_count():
        all_null = column.null_count() == len(column)
        return dict.fromkeys((name for name, _ in flags), _NULLS[pl.Boolean]) if all_null else {}
    values, _ = numbers(column)
    some, every = int(np.bitwise_or.reduce(values)), int(np.bitwise_and.reduce(values))
    found = {name: _FALSE for name, bit in flags if not some >> bit & 1}
    return found | {name: _TRUE for name, bit in flags if every >> bit & 1}


def with_constants(sql: str, constants: Constants) -> str:
    """An expression in which constants stand in the place of their columns."""
    values = dict(constants)

    def replaced(word: re.Match[str]) -> str:
        return values.get(word["quoted"] or word["bare"] or "", word[0])

    return _WORDS.sub(replaced, sql) if values else sql


class Plans:
    """The constants with which a scan was planned. Blocks of a file are much alike, so few are needed."""

    def __init__(self) -> None:
        self._made: list[Constants] = []
        self.is_used = True

    def fitting(self, frame: pl.DataFrame, bits: Sequence[tuple[str, str, int]]) -> Constants:
        """Constants that hold for a block: those of an earlier plan where one fits."""
        if not self.is_used or frame.height < SHORTEST:
            return frozenset()
        found = constants_of(frame, bits)
        fitting = [plan for plan in self._made if plan <= found]
        if fitting:
            return max(fitting, key=len)
        if len(self._made) == _MOST_PLANS:
            return frozenset()
        # What also holds for the block before is more likely to hold for the next.
        plan = found & self._made[-1] if self._made else found
        self._made.append(plan)
        return plan
