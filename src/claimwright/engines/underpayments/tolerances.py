"""How much less than expected is no finding: a share or an amount, whichever is larger, by contract.

ToleranceError    a tolerance can't be read
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

import polars as pl

from claimwright.foundation.errors import ConfigurationError

_FORM = re.compile(r"\s*(\d{1,2}(?:\.\d{1,4})?)\s*%\s*(?:or\s+(\d{1,9}(?:\.\d{1,2})?))?\s*", re.ASCII)
# Hundredths of a percent, so that shares are whole numbers.
_UNITS = 10_000


class ToleranceError(ConfigurationError):
    """A tolerance can't be read; the message says what it should look like."""


@dataclass(frozen=True)
class Tolerance:
    """`percent` of the expected amount, or `cents`; the larger one counts."""

    percent: Decimal = Decimal(1)
    cents: int = 100

    @classmethod
    def read(cls, text: str) -> Tolerance:
        """A tolerance such as `1 % or 1.00`; without an amount, only the share.

        Raises:
            ToleranceError: the text is something else.
        """
        found = _FORM.fullmatch(text)
        if found is None:
            raise ToleranceError(f"{text!r} is no tolerance. Write it as `1 % or 1.00`.")
        return cls(Decimal(found[1]), int(Decimal(found[2] or 0) * 100))


@dataclass(frozen=True)
class Tolerances:
    """The tolerance of each contract, by its name or the payer's ID, in any case; `otherwise` for others."""

    otherwise: Tolerance = Tolerance()
    by_name: Mapping[str, Tolerance] = field(default_factory=dict)

    def cents(self, expected: pl.Expr, *names: str) -> pl.Expr:
        """The tolerance in cents; of the columns `names`, the first one that has a tolerance counts."""
        known = {name.upper(): each for name, each in self.by_name.items()}
        share: list[pl.Expr] = []
        least: list[pl.Expr] = []
        if known:
            for column in names:
                name = pl.col(column).str.to_uppercase()
                share.append(_of(name, {key: _share(each) for key, each in known.items()}))
                least.append(_of(name, {key: each.cents for key, each in known.items()}))
        share.append(pl.lit(_share(self.otherwise), pl.Int64))
        least.append(pl.lit(self.otherwise.cents, pl.Int64))
        return pl.max_horizontal(expected * pl.coalesce(share) // (100 * _UNITS), pl.coalesce(least))


def _share(tolerance: Tolerance) -> int:
    return int(tolerance.percent * _UNITS)


def _of(name: pl.Expr, values: Mapping[str, int]) -> pl.Expr:
    return name.replace_strict(dict(values), default=None, return_dtype=pl.Int64)
