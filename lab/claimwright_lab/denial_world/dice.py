"""Parameters of a world, drawn from its seed: real numbers by name, the same on every machine.

NumPy promises the same stream of bits with every version, not the same numbers, so uniform numbers come from
`Draws`; what is computed from them is rounded before it is used.
"""

from __future__ import annotations

import zlib

import numpy as np
import numpy.typing as npt

from claimwright_lab.sampling import Draws

Real = npt.NDArray[np.float64]
_WIDE = 2**32


class Dice:
    """Draws that belong to one seed and one subject."""

    def __init__(self, seed: int, subject: str) -> None:
        self._seed = seed ^ (zlib.crc32(subject.encode()) >> 1)

    def uniform(self, purpose: str, count: int) -> Real:
        """Numbers from 0 to 1, without the ends."""
        draws = Draws(self._seed, np.arange(count, dtype=np.int64))
        return (draws.below(purpose, _WIDE) + 0.5) / _WIDE

    def between(self, purpose: str, ends: tuple[float, float], count: int) -> Real:
        """Numbers between two ends, each as likely."""
        low, high = ends
        found: Real = np.round(low + (high - low) * self.uniform(purpose, count), 6)
        return found

    def one(self, purpose: str, ends: tuple[float, float]) -> float:
        """One number between two ends."""
        return float(self.between(purpose, ends, 1)[0])

    def whole(self, purpose: str, ends: tuple[int, int], count: int) -> npt.NDArray[np.int64]:
        """Whole numbers from low to high, both included."""
        draws = Draws(self._seed, np.arange(count, dtype=np.int64))
        return draws.between(purpose, *ends)

    def normal(self, purpose: str, count: int) -> Real:
        """Standard normal numbers (Box and Muller 1958)."""
        radius = np.asarray(np.sqrt(-2 * np.log(self.uniform(f"{purpose} radius", count))), np.float64)
        angle = self.uniform(f"{purpose} angle", count) * (2 * np.pi)
        found: Real = np.asarray(np.round(radius * np.cos(angle), 6), dtype=np.float64)
        return found

    def factor(self, purpose: str, spread: float, count: int) -> Real:
        """Positive factors around 1, `spread` being the deviation of their logarithm."""
        found: Real = np.asarray(np.round(np.exp(self.normal(purpose, count) * spread), 6), dtype=np.float64)
        return found


def normal_of(draws: Draws, purpose: str) -> Real:
    """Standard normal numbers, one an owner."""
    first = (draws.below(f"{purpose} radius", _WIDE) + 0.5) / _WIDE
    second = (draws.below(f"{purpose} angle", _WIDE) + 0.5) / _WIDE
    found: Real = np.round(np.sqrt(-2 * np.log(first)) * np.cos(2 * np.pi * second), 6)
    return found
