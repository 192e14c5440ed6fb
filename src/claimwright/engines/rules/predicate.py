"""A checked predicate, and what it calls. `predicate_compiler.py` creates it from a text.

The modules are separate so that rules with compiled predicates do not need the SQL parser.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import polars as pl

from claimwright.foundation.columns import nulls
from claimwright.foundation.errors import ConfigurationError
from claimwright.reference import Snapshot

from .functions import ColumnFunction

# How sure a repair is: it follows from the claim alone, almost always does, or a person has to look.
Confidence = Literal["high", "medium", "low"]
CONFIDENCES: tuple[Confidence, ...] = get_args(Confidence)


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

    @property
    def shared(self) -> tuple[Lookup, int] | None:
        """The lookup that answers this one together with others of its kind, and the bit of this one in its
        result; None if it is computed alone.
        """
        bits = self.function.bits
        if bits is None:
            return None
        names = tuple(bits.names())
        part, bit = divmod(names.index(self.literals[0]), bits.most)
        name = f"{self.function.name}__bits_{part}"
        function = ColumnFunction(
            name, self.function.parameters, self.function.doc, bits.compute, dtype=pl.Int64()
        )
        literals = names[part * bits.most : (part + 1) * bits.most]
        return Lookup("__".join((name, *self.names)), function, literals, self.names), bit

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


@dataclass(frozen=True, slots=True)
class Repair:
    """What a rule proposes where it fires: new values of fields of its level, and why they are right.

    `changes` gives a value by field; null leaves the field as it is, and an empty text removes it. `removes`
    are fields that lose their value. `where`, if there is one, limits the repair to some of the rows on which
    the rule fires.
    """

    changes: tuple[tuple[str, Predicate], ...]
    removes: tuple[str, ...]
    because: str
    confidence: Confidence
    where: Predicate | None = None

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that the repair may change."""
        return (*(name for name, _ in self.changes), *self.removes)

    def described(self) -> list[str]:
        """The changes in words, one line each, with the limit of the repair last."""
        lines = [f"{name} becomes {value.sql}" for name, value in self.changes]
        lines += [f"{name} is removed" for name in self.removes]
        return lines if self.where is None else [*lines, f"where {self.where.sql}"]

    @property
    def expressions(self) -> tuple[Predicate, ...]:
        """Everything that is computed for it."""
        values = tuple(value for _, value in self.changes)
        return values if self.where is None else (*values, self.where)
