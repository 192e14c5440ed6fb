"""Caches the results of column functions for a block: each is computed once, at the level of its columns."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from claimwright.domain.derived import Facts
from claimwright.domain.dictionary import Level
from claimwright.foundation.columns import gathered
from claimwright.reference import Snapshot

from .names import PAIR_PREFIX
from .pairs import Pairs
from .predicate import Lookup

# Up to this number, looking up pairs is faster than looking up all lines of the block.
_FEW = 0.25


class Answers:
    """Lookup results, cached while the block is evaluated.

    A lookup on claim columns is computed once per claim, and one on a line's columns once per line,
    regardless of the number of lines or pairs.
    """

    def __init__(self, known: Facts, reference: Snapshot) -> None:
        self.known = known
        self.reference = reference
        self._made: dict[tuple[Level, str, tuple[str, ...], tuple[str, ...]], pl.Series] = {}

    def of(self, level: Level, lookup: Lookup) -> pl.Series:
        """The result column of a lookup at a level."""
        owners = {self.known.owner(level, name) for name in lookup.names}
        home = Level.CLAIM if owners == {Level.CLAIM} else level
        key = home, lookup.function.name, lookup.literals, lookup.names
        made = self._made.get(key)
        if made is None:
            columns = [self.known.column(home, name) for name in lookup.names]
            made = self._made[key] = lookup.answer(self.reference, columns)
        return made if home is level else self.known.lowered(made, level, home)

    def of_pairs(self, pairs: Pairs, lookup: Lookup) -> pl.Series:
        """The result column of a lookup for pairs of lines."""
        of_second = {name.startswith(PAIR_PREFIX) for name in lookup.names}
        if len(of_second) > 1 or len(pairs) < _FEW * self.known.height(Level.LINE):
            return lookup.answer(self.reference, [pairs.column(name) for name in lookup.names])
        own = replace(lookup, names=tuple(name.removeprefix(PAIR_PREFIX) for name in lookup.names))
        return gathered(self.of(Level.LINE, own), pairs.index(is_second=of_second.pop()))
