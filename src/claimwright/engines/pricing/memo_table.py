"""Memo tables: lookups by values that many lines share, computed once per distinct combination.

A hundred thousand claims have only a few payers, places, states and modifiers. Lookups by these are the
same from batch to batch, so results are kept, and a batch computes only new combinations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from threading import Lock

import numpy as np
import numpy.typing as npt
import polars as pl

from claimwright.foundation.columns import taken

Numbers = npt.NDArray[np.int64]

NONE, OTHER = 0, 1
"""The numbers of an absent value, and of a value that does not affect prices."""

# Stands for every unknown value; longer than any code, so that it can't equal one.
_ANY_OTHER = "any other value"

_NO_KEY = np.iinfo(np.int64).max


class Codes:
    """Numbers for the values of a column that affect prices; all others have the number `OTHER`."""

    def __init__(self, column: str, known: Iterable[str] | pl.Series) -> None:
        """Number `known`, the values of `column` that affect prices."""
        if not isinstance(known, pl.Series):
            known = pl.Series([*known], dtype=pl.String)
        values = known.drop_nulls().unique(maintain_order=True)
        self.name = f"{column}_code"
        self.count = len(values) + 2
        self._values = pl.concat([pl.Series([None, _ANY_OTHER], dtype=pl.String), values])
        self._type = pl.Enum(values)
        self.numbers = self.numbers_of(pl.col(column)).alias(self.name)
        """The numbers of a frame's column, under `name`."""

    def numbers_of(self, column: pl.Expr) -> pl.Expr:
        """The numbers of any column of such values."""
        number = column.cast(self._type, strict=False).to_physical().cast(pl.Int64) + 2
        return number.fill_null(column.is_not_null().cast(pl.Int64))

    def values(self, numbers: Numbers) -> pl.Series:
        """The values of `numbers`."""
        return self._values[numbers]


class Remembered:
    """A table of results, one row per distinct combination; row 0 is all null, for no lookup."""

    def __init__(self, answer: Callable[..., pl.DataFrame], *counts: int) -> None:
        """Use `answer` to compute new combinations of numbers, one per element of `counts` and below it.

        `answer` takes one array per number and returns one row per element, in order.
        """
        self._answer = answer
        self._counts = counts
        self._adding = Lock()
        self._known: tuple[Numbers, Numbers] = (np.array([_NO_KEY]), np.zeros(1, dtype=np.int64))
        self._table: pl.DataFrame | None = None
        self._numbers: dict[str, Numbers] = {}

    @property
    def table(self) -> pl.DataFrame:
        """The results so far. It grows, but rows never move: read it after calling `rows`."""
        if self._table is None:
            self._ask(np.empty(0, dtype=np.int64))
        assert self._table is not None
        return self._table

    def rows(self, *numbers: Numbers) -> Numbers:
        """The row of each combination in `table`. Thread-safe."""
        key = numbers[0]
        for count, further in zip(self._counts[1:], numbers[1:], strict=True):
            key = key * count + further
        while True:
            keys, rows = self._known
            place = np.searchsorted(keys, key)
            new = keys[place] != key
            if not new.any():
                return rows[place]
            self._ask(np.unique(key[new]))

    def numbers(self, column: str) -> Numbers:
        """A column of `table` as whole numbers, 0 for null."""
        table, made = self.table, self._numbers.get(column)
        if made is None or len(made) != table.height:
            made = table[column].cast(pl.Int64).fill_null(0).to_numpy()
            self._numbers[column] = made
        return made

    def _ask(self, keys: Numbers) -> None:
        with self._adding:
            known, rows = self._known
            keys = np.setdiff1d(keys, known, assume_unique=True)  # another thread may have added them
            if self._table is not None and not len(keys):
                return
            parts, rest = [], keys
            for count in reversed(self._counts[1:]):
                rest, part = np.divmod(rest, count)
                parts.append(part)
            found = self._answer(rest, *reversed(parts))
            table = with_null_first(found) if self._table is None else self._table.vstack(found).rechunk()
            together = np.concatenate([known, keys])
            order = np.argsort(together)
            rows = np.concatenate([rows, np.arange(table.height - len(keys), table.height)])
            self._table = table
            self._known = (together[order], rows[order])


def with_null_first(table: pl.DataFrame) -> pl.DataFrame:
    """`table` after a row of nulls, so that row number 0 means missing."""
    return table.clear(1).vstack(table).rechunk()


def spread_out(found: pl.DataFrame, height: int) -> pl.DataFrame:
    """`found` without its `row`, expanded to `height` rows: each at its `row`, the others null."""
    rows = np.full(height, -1, dtype=np.int64)
    rows[found["row"].to_numpy()] = np.arange(found.height)
    return taken(found[[name for name in found.columns if name != "row"]], rows)
