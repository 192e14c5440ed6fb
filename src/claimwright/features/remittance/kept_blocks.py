"""Blocks of a remittance that are used twice, without being read twice while they are few."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from claimwright.engines.x12 import Remittance

# Frames of some 100,000 claims: a larger file is read a second time, so that memory does not grow with it.
KEPT_BYTES = 160 << 20


@dataclass
class KeptBlocks:
    """Hands blocks on and keeps them, as long as all of them together are no larger than `most_bytes`."""

    most_bytes: int = KEPT_BYTES
    _kept: deque[Remittance] | None = field(default_factory=deque)
    _bytes: int = 0

    def passing(self, blocks: Iterable[Remittance]) -> Iterator[Remittance]:
        """The blocks, unchanged."""
        for block in blocks:
            if self._kept is not None:
                self._bytes += block.estimated_bytes()
                self._kept.append(block)
                if self._bytes > self.most_bytes:
                    self._kept = None
            yield block
            del block

    def again(self) -> Iterator[Remittance] | None:
        """The same blocks, each let go as it is taken; None if they were too large to be kept."""
        return None if self._kept is None else _taken(self._kept)


def _taken(kept: deque[Remittance]) -> Iterator[Remittance]:
    while kept:
        yield kept.popleft()
