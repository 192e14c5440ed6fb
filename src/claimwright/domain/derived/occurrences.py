"""Which claims of a file have come before: counts that run over the blocks of a stream."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Keys = npt.NDArray[np.uint64]


class SeenClaims:
    """What earlier blocks held, as 64-bit hashes: eight bytes a claim and kind of key.

    Two different claims share a hash with a chance of 3 in 100 million among a million claims (n² / 2⁶⁵).
    Hashes hold for one run of one version of the program and are never stored.
    """

    def __init__(self) -> None:
        self._runs: dict[str, list[Keys]] = {}

    def occurrences(self, kind: str, keys: Keys) -> npt.NDArray[np.int32]:
        """For each key, its occurrence number, from 1; the keys then count as seen."""
        order = np.argsort(keys, kind="stable")
        ordered = keys[order]
        first = np.searchsorted(ordered, ordered, side="left")
        counted = np.arange(len(keys), dtype=np.int32) - first.astype(np.int32) + 1
        # Keys in order are found one beside the other, and few of them are there at all.
        for run in self._runs.get(kind, ()):
            begins = np.searchsorted(run, ordered)
            again = np.flatnonzero(run[np.minimum(begins, len(run) - 1)] == ordered)
            ends = np.searchsorted(run, ordered[again], side="right")
            counted[again] += (ends - begins[again]).astype(np.int32)
        ordinal = np.empty(len(keys), dtype=np.int32)
        ordinal[order] = counted
        self._remember(kind, ordered)
        return ordinal

    def _remember(self, kind: str, ordered: Keys) -> None:
        # Runs are merged when the last is no longer than what comes: each key is then merged a number of
        # times that grows with the logarithm of the file, not with the number of its blocks.
        runs = self._runs.setdefault(kind, [])
        if not len(ordered):
            return
        while runs and len(runs[-1]) <= len(ordered):
            ordered = np.sort(np.concatenate([runs.pop(), ordered]), kind="stable")
        runs.append(ordered)


class KnownOccurrences(SeenClaims):
    """What was counted before, for claims that are not read in the order of their file, or are of several.

    `number` and `content` are, for each claim of the batch, the occurrence of its number and its content.
    """

    def __init__(self, number: npt.ArrayLike, content: npt.ArrayLike) -> None:
        super().__init__()
        self._known = {"number": np.asarray(number, np.int32), "content": np.asarray(content, np.int32)}

    def occurrences(self, kind: str, keys: Keys) -> npt.NDArray[np.int32]:  # noqa: ARG002
        """The counts that are known; the keys are ignored."""
        return self._known[kind]
