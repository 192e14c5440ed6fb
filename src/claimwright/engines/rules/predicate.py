"""A checked predicate, and what it calls. `predicate_compiler.py` creates it from a text.

The modules are separate so that rules with compiled predicates do not need the SQL parser.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from claimwright.foundation.columns import nulls
from claimwright.foundation.errors import ConfigurationError
from claimwright.reference import Snapshot

from .functions import ColumnFunction


class PredicateError(ConfigurationError, ValueError):
    """A predicate is not allowed: `what` is wrong, `do` says what to do, `line` is the 1-based line in it."""

    def __init__(self, what: str, do: str, line: int = 1) -> None:
        super().__init__(f"{what}; {do}")
        self.what, self.do, self.line = what, do, line


@dataclass(frozen=True, slots=True)
class Lookup:
    """A call of a column function: the column with its result, and the inputs of the computation."""

    column: str
    function: ColumnFunction
    literals: tuple[str, ...]
    names: tuple[str, ...]

    def answer(self, reference: Snapshot, columns: Sequence[pl.Series]) -> pl.Series:
        """The column that the predicate reads, computed from those of `names`."""
        value = columns[0]
        if value.null_count() == len(value) and not self.function.answers_nulls:
            return nulls(len(value), self.function.dtype)
        return self.function.compute(reference, self.literals, columns)


@dataclass(frozen=True, slots=True)
class Predicate:
    """A checked predicate: the SQL that runs, the names that it reads and what it calls."""

    sql: str
    names: frozenset[str]
    lookups: frozenset[Lookup]
    macros: frozenset[str]
