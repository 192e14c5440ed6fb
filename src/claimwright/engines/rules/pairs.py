"""Two lines of one claim side by side: the frame of rules of the level `pair`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from claimwright.domain.columns import as_index, gathered
from claimwright.domain.derived import Facts
from claimwright.domain.dictionary import Level

from .names import PAIR_PREFIX

Rows = npt.NDArray[np.int64]


class Pairs:
    """Every ordered pair of different lines of one claim that agree in some fields, none of them null.

    Both orders are there, since the rule may treat the two differently; a rule of two equals adds
    `line < pair_line`. The number of pairs is quadratic only within lines that agree.
    """

    def __init__(self, facts: Facts, agree_on: Sequence[str]) -> None:
        self.facts = facts
        self.first, self.second = _pairs(facts, agree_on)
        self._first, self._second = as_index(self.first), as_index(self.second)

    def __len__(self) -> int:
        return len(self.first)

    def column(self, name: str) -> pl.Series:
        """A column of the first line, or of the second where the name begins with `pair_`."""
        own = name.removeprefix(PAIR_PREFIX)
        rows = self._first if own == name else self._second
        return gathered(self.facts.column(Level.LINE, own), rows)


def _pairs(facts: Facts, agree_on: Sequence[str]) -> tuple[Rows, Rows]:
    columns = [
        facts.column(Level.LINE, name).alias(f"k{number}") for number, name in enumerate(("claim", *agree_on))
    ]
    frame = pl.DataFrame(columns).with_row_index("row").drop_nulls()
    keys = frame.drop("row").hash_rows().to_numpy()
    rows = frame["row"].cast(pl.Int64).to_numpy()
    ordered = np.sort(keys)
    paired = np.isin(keys, ordered[1:][ordered[1:] == ordered[:-1]])
    keys, rows = keys[paired], rows[paired]
    order = np.argsort(keys, kind="stable")
    ordered, rows = keys[order], rows[order]
    begins = np.searchsorted(ordered, ordered, side="left")
    equals = np.searchsorted(ordered, ordered, side="right") - begins
    first = np.repeat(np.arange(len(rows)), equals)
    within = np.arange(len(first)) - np.repeat(np.cumsum(equals) - equals, equals)
    second = np.repeat(begins, equals) + within
    different = first != second
    return rows[first[different]], rows[second[different]]
