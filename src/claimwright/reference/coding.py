"""Columns of codes as numbers of few distinct codes: what is asked of a column is asked of each code once.

A column is encoded once and remembered as long as it lives, since many lookups ask about the same one.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import polars as pl

from claimwright.foundation import columns

from .packing import Keys, pack_codes, pack_pairs, pack_procedures

Ordinals = npt.NDArray[np.int64]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Coded:
    """A column of codes.

    Attributes:
        ordinals: for each row, the place of its code among the distinct ones.
        keys: the distinct codes, packed; 0 for what is null or no such code.
    """

    ordinals: Ordinals
    keys: Keys

    def __len__(self) -> int:
        return len(self.ordinals)

    def spread(self, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """What was found for each distinct code, for each row."""
        return values[self.ordinals]

    @property
    def packed(self) -> Keys:
        """The packed code of each row."""
        return self.keys[self.ordinals]


_remembered: dict[tuple[int, Hashable], tuple[weakref.ref[pl.Series], Any]] = {}


def remembered(column: pl.Series, what: Hashable, make: Callable[[pl.Series], T]) -> T:
    """What is made of a column, made once as long as the column lives."""
    key = id(column), what
    held = _remembered.get(key)
    if held is not None and held[0]() is column:
        found: T = held[1]
        return found
    made = make(column)
    _remembered[key] = weakref.ref(column, lambda _: _remembered.pop(key, None)), made
    return made


def distinct(column: pl.Series) -> tuple[Ordinals, pl.Series]:
    """For each row the place of its value among the distinct ones, and these; the last of them is null."""
    return remembered(column, "distinct", lambda values: columns.distinct(values.cast(pl.String)))


def _coded(column: pl.Series, pack: Callable[[pl.Series], Keys]) -> Coded:
    ordinals, values = distinct(column)
    return Coded(ordinals, pack(values))


def coded(column: pl.Series) -> Coded:
    """A column of codes of up to seven characters."""
    return remembered(column, "coded", lambda values: _coded(values, pack_codes))


def coded_procedures(column: pl.Series) -> Coded:
    """A column of CPT and HCPCS codes."""
    return remembered(column, "procedures", lambda values: _coded(values, pack_procedures))


# Up to so many pairs for each row it is quicker to ask about each two distinct codes than to sort the rows.
_DENSE = 1


def coded_pairs(first: Coded, second: Coded) -> Coded:
    """The pairs of two columns of procedures."""
    width = len(second.keys)
    pairs = first.ordinals * width + second.ordinals
    if len(first.keys) * width <= _DENSE * len(pairs) + 1_000:
        return Coded(pairs, pack_pairs(np.repeat(first.keys, width), np.tile(second.keys, len(first.keys))))
    met, ordinals = np.unique(pairs, return_inverse=True)
    return Coded(ordinals.astype(np.int64), pack_pairs(first.keys[met // width], second.keys[met % width]))
