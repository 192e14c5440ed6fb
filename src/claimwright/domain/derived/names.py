"""How a derived name is declared: its level, its type, what it means, and what computes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl

from claimwright.domain.dictionary import Level, Phi

from .facts import Compute, Derived, Facts

CODE: pl.DataType = pl.String()
CODES: pl.DataType = pl.List(pl.String())
DATE: pl.DataType = pl.Date()
AMOUNT: pl.DataType = pl.Decimal(18, 2)
QUANTITY: pl.DataType = pl.Decimal(15, 3)
COUNT: pl.DataType = pl.Int32()
FLAG: pl.DataType = pl.Boolean()


class Derivations:
    """Collects the derived names of one level, so that an entry is one readable line."""

    def __init__(self, level: Level) -> None:
        self.level = level
        self.names: list[Derived] = []

    def __call__(
        self,
        name: str,
        dtype: pl.DataType,
        meaning: str,
        of: tuple[str, ...],
        computed: Callable[..., pl.Series],
        phi: Phi = Phi.NONE,
    ) -> None:
        """Add a name that is computed from the columns of others, of the same level or of those above it."""
        level = self.level

        def compute(facts: Facts) -> dict[str, pl.Series]:
            return {name: computed(*(facts.column(level, each) for each in of))}

        self.names.append(Derived(name, level, dtype, meaning, compute, phi))

    def together(self, compute: Compute, entries: Mapping[str, tuple[pl.DataType, str]]) -> None:
        """Add names that one function computes in one pass."""
        self.names.extend(
            Derived(name, self.level, dtype, meaning, compute) for name, (dtype, meaning) in entries.items()
        )
