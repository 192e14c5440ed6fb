"""Pairs of lines of the same claim: the frame for rules of the level `pair`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from claimwright.domain.derived import Facts
from claimwright.domain.dictionary import Level
from claimwright.foundation.columns import as_index, gathered, numbers, present
from claimwright.reference.coding import distinct

from .names import PAIR_PREFIX

Rows = npt.NDArray[np.int64]
Keys = npt.NDArray[np.integer[Any]]

# Above this number of pairs per line, there are too many pairs to test all: a claim with 999 lines has a
# million. Matching pairs are then found by sorting.
_MOST = 20


class Neighbours:
    """The pairs of lines of each claim in a block, computed once for all pair rules."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self._keys: dict[str, Keys] = {}

    @cached_property
    def pairs(self) -> tuple[Rows, Rows] | None:
        """All ordered pairs of different lines of the same claim; None if there are too many."""
        claims = self.facts.integers(Level.LINE, "claim")
        order = np.argsort(claims, kind="stable")
        order = order[claims[order] >= 0]
        ordered = claims[order]
        begins = np.searchsorted(ordered, ordered, side="left")
        counts = np.searchsorted(ordered, ordered, side="right") - begins
        if int(counts.sum()) > _MOST * len(order):
            return None
        first, second = _side_by_side(begins, counts)
        return order[first], order[second]

    def key(self, name: str) -> Keys:
        """A column of the lines as numbers that are equal if the values are equal; undefined for nulls."""
        if name not in self._keys:
            column = self.facts.column(Level.LINE, name)
            if column.dtype == pl.String:
                self._keys[name], _ = distinct(column)
            elif column.dtype == pl.Date:
                self._keys[name], _ = numbers(column)
            else:
                self._keys[name] = column.hash().to_numpy()
        return self._keys[name]

    def agreeing(self, names: Sequence[str]) -> tuple[Rows, Rows]:
        """Every ordered pair of different lines of one claim that agree in some fields, none of them null."""
        if self.pairs is None:
            return _by_sorting(self.facts, names)
        first, second = self.pairs
        for name in names:
            key, column = self.key(name), self.facts.column(Level.LINE, name)
            same = key[first] == key[second]
            if column.null_count():
                known = present(column)
                same &= known[first] & known[second]
            first, second = first[same], second[same]
        return first, second


class Pairs:
    """Every ordered pair of different lines of one claim that agree in some fields, none of them null.

    Both orders are there, since the rule may treat the two differently; a rule of two equals adds
    `line < pair_line`.
    """

    def __init__(self, neighbours: Neighbours, agree_on: Sequence[str]) -> None:
        self.facts = neighbours.facts
        self.first, self.second = neighbours.agreeing(agree_on)
        self._first, self._second = as_index(self.first), as_index(self.second)

    def __len__(self) -> int:
        return len(self.first)

    def index(self, *, is_second: bool) -> pl.Series:
        """The rows of the first or the second lines, as an index."""
        return self._second if is_second else self._first

    def column(self, name: str) -> pl.Series:
        """A column of the first line, or of the second where the name begins with `pair_`."""
        own = name.removeprefix(PAIR_PREFIX)
        return gathered(self.facts.column(Level.LINE, own), self.index(is_second=own != name))


def _side_by_side(begins: Rows, counts: Rows) -> tuple[Rows, Rows]:
    """Each place beside every other of its run; of each place where its run begins, and how long it is."""
    first = np.repeat(np.arange(len(begins)), counts)
    within = np.arange(len(first)) - np.repeat(np.cumsum(counts) - counts, counts)
    second = np.repeat(begins, counts) + within
    different = first != second
    return first[different], second[different]


def _by_sorting(facts: Facts, agree_on: Sequence[str]) -> tuple[Rows, Rows]:
    columns = [
        facts.column(Level.LINE, name).alias(f"k{number}") for number, name in enumerate(("claim", *agree_on))
    ]
    frame = pl.DataFrame(columns).with_row_index("row").drop_nulls()
    keys = frame.drop("row").hash_rows().to_numpy()
    rows = frame["row"].cast(pl.Int64).to_numpy()
    order = np.argsort(keys, kind="stable")
    ordered, rows = keys[order], rows[order]
    begins = np.searchsorted(ordered, ordered, side="left")
    counts = np.searchsorted(ordered, ordered, side="right") - begins
    first, second = _side_by_side(begins, counts)
    return rows[first], rows[second]
