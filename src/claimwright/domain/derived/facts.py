"""`Facts`: any column of a batch by its name, whether of the dictionary, derived, or of a level above."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from claimwright.domain.batch import ClaimBatch
from claimwright.domain.dictionary import Level, Phi, schema
from claimwright.foundation.columns import as_index, gathered, numbers

from .occurrences import SeenClaims

Rows = npt.NDArray[np.int64]

# What a row of each level belongs to, nearest first: their names may be used at the level bare.
ABOVE: dict[Level, tuple[Level, ...]] = {
    Level.TRANSACTION: (),
    Level.CLAIM: (Level.TRANSACTION,),
    Level.LINE: (Level.CLAIM, Level.TRANSACTION),
    Level.DIAGNOSIS: (Level.CLAIM, Level.TRANSACTION),
    Level.PROCEDURE: (Level.CLAIM, Level.TRANSACTION),
    Level.INSTITUTIONAL_CODE: (Level.CLAIM, Level.TRANSACTION),
    Level.OTHER_PAYER: (Level.CLAIM, Level.TRANSACTION),
    Level.ADJUDICATION: (Level.LINE, Level.CLAIM, Level.TRANSACTION),
    Level.ADJUSTMENT: (Level.OTHER_PAYER, Level.LINE, Level.CLAIM, Level.TRANSACTION),
    Level.ATTACHMENT: (Level.LINE, Level.CLAIM, Level.TRANSACTION),
    Level.NOTE: (Level.LINE, Level.CLAIM, Level.TRANSACTION),
    Level.CERTIFICATION: (Level.LINE, Level.CLAIM, Level.TRANSACTION),
    Level.TOOTH: (Level.LINE, Level.CLAIM, Level.TRANSACTION),
    Level.SEGMENT: (),
}

# The columns by which the rows below name a row of these levels.
_IDENTIFYING: dict[Level, tuple[str, ...]] = {
    Level.TRANSACTION: ("transaction",),
    Level.CLAIM: ("claim",),
    Level.LINE: ("claim", "line"),
    Level.OTHER_PAYER: ("claim", "other_payer"),
}

# Second half of a composite key; a claim has at most 999 lines (005010X223A2, loop 2400).
_SHIFT = 20


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


class Facts:
    """The columns of one batch, computed when first asked for and kept.

    `as_of` is the day on which the claim is judged. `seen` carries what earlier blocks of the same file
    held, so that the second of two equal claims is known as such; without it a block stands alone.
    `scope`, one integer a claim, keeps claims of different scopes apart when they are compared.
    """

    def __init__(
        self,
        batch: ClaimBatch,
        derived: Mapping[tuple[Level, str], Derived],
        *,
        as_of: date,
        seen: SeenClaims | None = None,
        scope: pl.Series | None = None,
    ) -> None:
        self.batch = batch
        self.derived = derived
        self.as_of = as_of
        self.seen = seen
        self.scope = scope
        self._columns: dict[tuple[Level, str], pl.Series] = {}
        self._rows: dict[tuple[Level, Level], Rows] = {}
        self._indices: dict[tuple[Level, Level], pl.Series] = {}

    def height(self, level: Level) -> int:
        """How many rows the level has."""
        return self.batch.frame(level).height

    def owner(self, level: Level, name: str) -> Level:
        """The level that a name used at `level` belongs to: itself, or the nearest one above.

        Raises:
            KeyError: neither the level nor one above it has the name.
        """
        for candidate in (level, *ABOVE[level]):
            if (candidate, name) in self.derived or name in schema(candidate):
                return candidate
        raise KeyError(name)

    def column(self, level: Level, name: str) -> pl.Series:
        """The column of a name, of the height of the level.

        Raises:
            KeyError: neither the level nor one above it has the name.
        """
        key = level, name
        made = self._columns.get(key)
        if made is None:
            owner = self.owner(level, name)
            if owner is level:
                self._make(level, name)
                made = self._columns[key]
            else:
                made = self._columns[key] = self.lowered(self.column(owner, name), level, owner)
        return made

    def lowered(self, column: pl.Series, level: Level, owner: Level) -> pl.Series:
        """A column of a level above, for the rows of this one."""
        index = self._indices.get((level, owner))
        if index is None:
            index = self._indices[level, owner] = as_index(self.rows(level, owner))
        return gathered(column, index)

    def _make(self, level: Level, name: str) -> None:
        derived = self.derived.get((level, name))
        if derived is None:
            self._columns[level, name] = self.batch.frame(level)[name]
            return
        for computed, column in derived.compute(self).items():
            dtype = self.derived[level, computed].dtype
            self._columns[level, computed] = column if column.dtype == dtype else column.cast(dtype)

    def count_occurrences(self, seen: SeenClaims) -> pl.Series:
        """Count the claims among those seen now, so that the rest may wait until later ones are counted."""
        self.seen = seen
        return self.column(Level.CLAIM, "claim_occurrence")

    def forget(self) -> None:
        """Release the columns; the batch stays usable."""
        self._columns.clear()
        self._rows.clear()
        self._indices.clear()

    def integers(self, level: Level, name: str) -> npt.NDArray[np.int64]:
        """A column of whole numbers as an array, -1 where null."""
        values, present = numbers(self.column(level, name))
        return values if present is None else np.where(present, values, -1)

    def rows(self, level: Level, above: Level) -> Rows:
        """For every row of `level`, the row of `above` that it belongs to; -1 where there is none."""
        key = level, above
        if key not in self._rows:
            keys = _IDENTIFYING[above]
            self._rows[key] = positions(self._composite(level, keys), self._composite(above, keys))
        return self._rows[key]

    def _composite(self, level: Level, names: tuple[str, ...]) -> npt.NDArray[np.int64]:
        key = self.integers(level, names[0])
        for name in names[1:]:
            part = self.integers(level, name)
            key = np.where((part < 0) | (key < 0), -1, (key << _SHIFT) | part)
        return key


def positions(keys: npt.NDArray[np.int64], of: npt.NDArray[np.int64]) -> Rows:
    """Where each key stands in `of`; -1 where it doesn't, or is negative. `of` need not be sorted."""
    if not len(of):
        return np.full(len(keys), -1, dtype=np.int64)
    if of[-1] - of[0] == len(of) - 1 and bool((of[1:] > of[:-1]).all()):
        found = keys - of[0]
        inside = (found >= 0) & (found < len(of)) & (keys >= 0)
        return found if bool(inside.all()) else np.where(inside, found, -1)
    order = np.argsort(of, kind="stable")
    place = np.searchsorted(of, keys, sorter=order)
    found = order[np.minimum(place, len(of) - 1)]
    return np.where((of[found] == keys) & (keys >= 0), found, -1)
