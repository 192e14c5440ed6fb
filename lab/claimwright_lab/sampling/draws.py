"""Repeatable draws: each number depends on the seed, what it is for and whom it is for, and on nothing else.

There is no stream to consume, so a claim is the same in a file of forty and in one of a million, and a
draw that is added later leaves all the others alone. NumPy's own generators promise a stable stream of
bits only, not of the numbers made from it, and a seed must give the same file with every version.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache

import numpy as np
import numpy.typing as npt

Bits = npt.NDArray[np.uint64]
Whole = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

# The constants of SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
_STEP = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_LOW_HALF = np.uint64(0xFFFFFFFF)


def _mixed(values: Bits) -> Bits:
    with np.errstate(over="ignore"):
        values = (values ^ (values >> np.uint64(30))) * _MIX_1
        values = (values ^ (values >> np.uint64(27))) * _MIX_2
    return values ^ (values >> np.uint64(31))


@cache
def _purpose_key(seed: int, purpose: str) -> np.uint64:
    digest = hashlib.blake2b(f"{seed}:{purpose}".encode(), digest_size=8).digest()
    return np.uint64(int.from_bytes(digest, "little"))


class Draws:
    """Draws for many owners at once: one number an owner, in the owners' order."""

    def __init__(self, seed: int, owners: Whole) -> None:
        self.seed = seed
        self.owners = owners
        with np.errstate(over="ignore"):
            self._owners = owners.astype(np.uint64) * _STEP

    def __len__(self) -> int:
        """How many owners."""
        return len(self.owners)

    def of(self, rows: Whole | Flags) -> Draws:
        """The draws of these owners alone; an owner's numbers stay what they are."""
        return Draws(self.seed, self.owners[rows])

    def bits(self, purpose: str) -> Bits:
        """64 uniform bits."""
        with np.errstate(over="ignore"):
            return _mixed(_mixed(self._owners + _purpose_key(self.seed, purpose)) + _STEP)

    def below(self, purpose: str, limit: int | Whole) -> Whole:
        """A whole number from 0 to `limit` - 1; `limit` is at most 2³²."""
        wide = np.asarray(limit, dtype=np.uint64)
        high = self.bits(purpose) >> np.uint64(32)
        return ((high * wide) >> np.uint64(32)).astype(np.int64)

    def between(self, purpose: str, low: int | Whole, high: int | Whole) -> Whole:
        """A whole number from `low` to `high`, both included."""
        return low + self.below(purpose, np.asarray(high, dtype=np.int64) - low + 1)

    def chance(self, purpose: str, percent: int | Whole) -> Flags:
        """True for `percent` of a hundred owners."""
        return self.below(purpose, 1_000_000) < np.asarray(percent) * 10_000

    def one_of(self, purpose: str, weights: Sequence[int] | Whole) -> Whole:
        """An index into the weights, each as likely as its weight says."""
        upper = np.cumsum(np.asarray(weights, dtype=np.int64))
        return np.searchsorted(upper, self.below(purpose, int(upper[-1])), side="right")
