"""Which datasets a lookup asks: it is asked one question of nothing, and what it looks in is noted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from .lookups import LOOKUPS
from .snapshot import Snapshot
from .versions import Version
from .warming import question


class _Noting(Mapping[str, tuple[Version, ...]]):
    """No version of any dataset, and the names of those that were asked for."""

    def __init__(self) -> None:
        self.asked: set[str] = set()

    def __getitem__(self, name: str) -> tuple[Version, ...]:
        self.asked.add(name)
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def datasets_asked(name: str, literals: Sequence[str]) -> frozenset[str]:
    """The names of the datasets in which a lookup looks, called with these literals.

    Raises:
        KeyError: there is no such lookup, or a literal is none that it takes.
    """
    noting = _Noting()
    lookup = LOOKUPS[name]
    lookup.compute(Snapshot(date.max, noting), literals, question(lookup))
    return frozenset(noting.asked)
