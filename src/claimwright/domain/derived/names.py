"""How a derived name is declared: its level, its type, what it means, and what computes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from claimwright.domain.dictionary import Level, Phi

if TYPE_CHECKING:
    from .facts import Facts

CODE: pl.DataType = pl.String()
CODES: pl.DataType = pl.List(pl.String())
DATE: pl.DataType = pl.Date()
AMOUNT: pl.DataType = pl.Decimal(18, 2)
QUANTITY: pl.DataType = pl.Decimal(15, 3)
COUNT: pl.DataType = pl.Int32()
FLAG: pl.DataType = pl.Boolean()

Compute = Callable[["Facts"], Mapping[str, pl.Series]]


@dataclass(frozen=True, slots=True)
class Derived:
    """A name that a rule may use like a field, computed from the fields of the batch.

    `compute` returns a column for this name, of the height of its level's frame; it may return those of
    the names that are computed together with it as well.
    """

    name: str
    level: Level
    dtype: pl.DataType
    meaning: str
    compute: Compute = field(compare=False, repr=False)
    phi: Phi = Phi.NONE
    expression: pl.Expr | None = field(default=None, compare=False, repr=False)
    """What computes it, where it is an expression over names of its level or of those above it."""
    roots: tuple[str, ...] = ()
    """The names that the expression is over."""


class Derivations:
    """Collects the derived names of one level, so that an entry is one readable line."""

    def __init__(self, level: Level) -> None:
        self.level = level
        self.names: list[Derived] = []

    def __call__(
        self, name: str, dtype: pl.DataType, meaning: str, expression: pl.Expr, phi: Phi = Phi.NONE
    ) -> None:
        """Add a name that an expression over names of the same level, or of those above it, computes."""
        needed = tuple(dict.fromkeys(expression.meta.root_names()))
        level = self.level

        def compute(facts: Facts) -> dict[str, pl.Series]:
            columns = [facts.column(level, root).alias(root) for root in needed]
            return {name: pl.DataFrame(columns).select(expression.alias(name)).to_series()}

        self.names.append(Derived(name, level, dtype, meaning, compute, phi, expression, needed))

    def together(self, compute: Compute, entries: Mapping[str, tuple[pl.DataType, str]]) -> None:
        """Add names that one function computes in one pass."""
        self.names.extend(
            Derived(name, self.level, dtype, meaning, compute) for name, (dtype, meaning) in entries.items()
        )
