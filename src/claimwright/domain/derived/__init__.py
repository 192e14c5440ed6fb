"""Names that a rule may use beside the dictionary's fields, computed from the batch.

`DERIVED` is the one list of them: name, level, type, meaning and what computes it. `facts(batch, as_of=...)`
gives any column of a batch by name, derived or not; `with_names` adds some to a frame, for a notebook.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache

import polars as pl

from claimwright.domain.batch import ClaimBatch
from claimwright.domain.dictionary import DICTIONARY, KEYS, Level, Phi

from . import claim_names, duplicate_names, line_names, repeating_names, tallies
from .facts import ABOVE, Derived, Facts, positions
from .occurrences import KnownOccurrences, SeenClaims

__all__ = [
    "ABOVE", "DERIVED", "Derived", "Facts", "KnownOccurrences", "Name", "SeenClaims", "facts",
    "names_at", "positions", "tallies", "with_names",
]  # fmt: skip

DERIVED: tuple[Derived, ...] = (
    *claim_names.NAMES,
    *line_names.NAMES,
    *duplicate_names.NAMES,
    *repeating_names.NAMES,
)

# The keys of a frame that mean something to the writer of a rule.
_KEY_MEANINGS = {
    "form": "P professional, I institutional, D dental",
    "line": "number of the line in the claim, from 1; null for what belongs to the claim as a whole",
    "position": "its 1-based position among its kind in the claim or line",
    "other_payer": "its 1-based position among the other payers of the claim",
    "adjudication": "its 1-based position among the adjudications of the line",
}


@dataclass(frozen=True, slots=True)
class Name:
    """A name as a rule sees it: where it belongs, its type and what it means."""

    name: str
    level: Level
    dtype: pl.DataType
    meaning: str
    phi: Phi
    is_derived: bool


@cache
def names_at(level: Level) -> dict[str, Name]:
    """Every name that may be used bare at a level: its own, and those of what its rows belong to."""
    names: dict[str, Name] = {}
    for owner in (level, *ABOVE[level]):
        for name in _names_of(owner):
            names.setdefault(name.name, name)
    return names


@cache
def _names_of(level: Level) -> tuple[Name, ...]:
    """The names of a level itself."""
    return (
        *(
            Name(key, level, dtype, _KEY_MEANINGS[key], Phi.NONE, False)
            for key, dtype in KEYS[level].items()
            if key in _KEY_MEANINGS
        ),
        *(
            Name(field.name, level, field.dtype, field.meaning, field.phi, False)
            for field in DICTIONARY
            if field.level is level
        ),
        *(
            Name(derived.name, level, derived.dtype, derived.meaning, derived.phi, True)
            for derived in DERIVED
            if derived.level is level
        ),
    )


_BY_KEY = {(derived.level, derived.name): derived for derived in DERIVED}


def facts(
    batch: ClaimBatch, *, as_of: date, seen: SeenClaims | None = None, scope: pl.Series | None = None
) -> Facts:
    """The columns of a batch by name; see `Facts` for the arguments."""
    return Facts(batch, _BY_KEY, as_of=as_of, seen=seen, scope=scope)


def with_names(batch: ClaimBatch, level: Level, names: Iterable[str], *, as_of: date) -> pl.DataFrame:
    """The frame of a level with further columns, derived or of what its rows belong to.

    Raises:
        KeyError: neither the level nor one above it has the name.
    """
    known = facts(batch, as_of=as_of)
    return batch.frame(level).with_columns(known.column(level, name).alias(name) for name in names)
