"""Overturn rates of earlier decisions by what a case is about: all that the appeal-outcome model looks at.

Decisions are in the order of their case number. A rate counts earlier decisions only, a recent one more than
an old one (its weight halves every 500, 1,500 or 5,000 cases), and none of the last `LAG` cases: those were
not decided yet when the case came. With few decisions a rate is close to that of the wider group.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

Real = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

# The patient's sex is in the public file but not used.
FIELDS = (
    "diagnosis_category", "diagnosis_sub_category", "treatment_category", "treatment_sub_category", "type",
    "age_range",
)  # fmt: skip
_D, _DS, _T, _TS, _K, _A = range(6)

# Cases between a case and the newest decision that is known of: three to four months.
LAG = 400
# In cases. They and the weights of wider groups were chosen on decisions of 2010 to 2013.
HALF_LIVES = (500.0, 1500.0, 5000.0)
# A wider group counts like this many decisions of the group itself.
PRIOR, _PRIOR_OF_ALL, FIRST_RATE = 5.0, 20.0, 0.42

# Groups of cases, each with the place of its wider group; None: all cases.
GROUPS: tuple[tuple[tuple[int, ...], int | None], ...] = (
    ((_K,), None), ((_A,), None), ((_D,), None), ((_T,), None), ((_DS,), 2), ((_TS,), 3), ((_T, _K), 3),
    ((_TS, _K), 5), ((_TS, _DS), 5), ((_T, _D), 3), ((_TS, _A), 5), ((_DS, _A), 4), ((_DS, _K), 4),
    ((_TS, _DS, _K), 8), ((_D, _K), 2), ((_T, _A), 3), ((_D, _A), 2), ((_T, _D, _K), 9),
)  # fmt: skip
# With sub categories, and without.
DETAILED = tuple(range(14))
BROAD = (0, 1, 2, 3, 6, 9, 14, 15, 16, 17)


@dataclass(frozen=True)
class GroupCounts:
    """Decisions of one kind of group: sorted `keys`, weighted counts by half-life, and plain ones."""

    keys: Whole
    overturned: Real
    decided: Real
    plain_overturned: Whole
    plain_decided: Whole

    def places(self, keys: Whole) -> Whole:
        """The place of each key; -1 if there was no such decision."""
        if not len(self.keys):
            return np.full(len(keys), -1)
        place = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where((keys >= 0) & (self.keys[place] == keys), place, -1)


@dataclass(frozen=True)
class RateTables:
    """Counts of all decisions, as of the newest; `counts[0]` are those of all cases, then of `GROUPS`."""

    words: dict[int, list[str]]
    counts: tuple[GroupCounts, ...]

    def rates(self, codes: Whole) -> Real:
        """Log odds of the rates: case, group (all cases first, then `GROUPS`), half-life."""
        sums = []
        for counts, keys in zip(self.counts, all_keys(codes, self.words), strict=True):
            place = counts.places(keys)
            known = (place >= 0)[:, None]
            sums.append((counts.overturned[place] * known, counts.decided[place] * known))
        return _shrunk(sums)

    def plain(self, codes: Whole) -> tuple[Whole, Whole]:
        """Overturned and decided cases of each group that a case is in: one column per group."""
        overturned, decided = [], []
        for counts, keys in zip(self.counts, all_keys(codes, self.words), strict=True):
            place = counts.places(keys)
            overturned.append(np.where(place >= 0, counts.plain_overturned[place], 0))
            decided.append(np.where(place >= 0, counts.plain_decided[place], 0))
        return np.stack(overturned, axis=1), np.stack(decided, axis=1)

    @classmethod
    def of(cls, codes: Whole, words: dict[int, list[str]], overturned: Flags) -> RateTables:
        """Count decisions in order, as for a case that comes `LAG` cases after the newest."""
        now, at = len(codes) - 1 + LAG, np.arange(len(codes))
        weights = np.stack([2.0 ** ((at - now) / half) for half in HALF_LIVES], axis=1)
        found = []
        for keys in all_keys(codes, words):
            own, place = np.unique(keys[keys >= 0], return_inverse=True)
            rows = np.flatnonzero(keys >= 0)
            decided = np.zeros((len(own), len(HALF_LIVES)))
            won = np.zeros_like(decided)
            np.add.at(decided, place, weights[rows])
            np.add.at(won, place, weights[rows] * overturned[rows, None])
            plain = np.bincount(place, minlength=len(own))
            plain_won = np.bincount(place, overturned[rows], len(own)).astype(np.int64)
            found.append(GroupCounts(own, won, decided, plain_won, plain))
        return cls(words, tuple(found))


def words_of(cases: pl.DataFrame) -> dict[int, list[str]]:
    """The words of each field, sorted."""
    return {number: sorted(cases[name].drop_nulls().unique()) for number, name in enumerate(FIELDS)}


def codes_of(cases: pl.DataFrame, words: dict[int, list[str]]) -> Whole:
    """One row per case, one column per field: the word's place from 1; 0 for null, and for an unseen word."""
    found = np.empty((cases.height, len(FIELDS)), dtype=np.int64)
    for number, name in enumerate(FIELDS):
        places = {word: place for place, word in enumerate(words[number], start=1)}
        column = cases[name].cast(pl.String).replace_strict(places, default=0, return_dtype=pl.Int64)
        found[:, number] = column.fill_null(0).to_numpy()
    return found


def all_keys(codes: Whole, words: dict[int, list[str]]) -> list[Whole]:
    """For all cases together and for each of `GROUPS`: the key of each case; -1 if a field is not known."""
    found: list[Whole] = [np.zeros(len(codes), dtype=np.int64)]
    for fields, _ in GROUPS:
        key = np.zeros(len(codes), dtype=np.int64)
        for field in fields:
            key = key * (len(words[field]) + 1) + codes[:, field]
        found.append(np.where((codes[:, list(fields)] > 0).all(axis=1), key, -1))
    return found


def running_rates(
    codes: Whole,
    words: dict[int, list[str]],
    overturned: Flags,
    usable: Flags | None = None,
    *,
    both_ways: bool = False,
) -> Real:
    """The rates that were known when each case came, from `usable` decisions (default: all).

    `both_ways`, for cross-validation: of decisions before and after, all but the case's own.
    """
    count = len(codes)
    use = np.ones(count, dtype=bool) if usable is None else usable
    lag = 1 if both_ways else LAG
    sums = []
    for keys in all_keys(codes, words):
        own, every = _earlier(keys, overturned, use, lag)
        if both_ways:
            later, later_every = _earlier(keys[::-1], overturned[::-1], use[::-1], lag)
            own, every = own + later[::-1], every + later_every[::-1]
        sums.append((own, every))
    return _shrunk(sums)


def _earlier(keys: Whole, overturned: Flags, use: Flags, lag: int) -> tuple[Real, Real]:
    """Weighted counts of decisions of the same key at least `lag` cases earlier, by half-life."""
    at, count = np.arange(len(keys)), len(keys)
    order = np.lexsort((at, keys))
    order = order[use[order] & (keys[order] >= 0)]
    # One ascending number for key and position finds a prefix of a key's decisions.
    ranks = keys[order] * (count + 1) + at[order]
    first = np.searchsorted(ranks, keys * (count + 1))
    last = np.maximum(
        np.searchsorted(ranks, keys * (count + 1) + np.maximum(at - lag, -1), side="right"), first
    )
    known = keys >= 0
    won: list[Real] = []
    every: list[Real] = []
    for half in HALF_LIVES:
        weight = 2.0 ** (at[order] / half)
        back = np.where(known, 2.0 ** (-at / half), 0.0)
        for summed, values in ((won, weight * overturned[order]), (every, weight)):
            running = np.concatenate([[0.0], np.cumsum(values)])
            summed.append((running[last] - running[first]) * back)
    return np.stack(won, axis=1), np.stack(every, axis=1)


def _shrunk(sums: list[tuple[Real, Real]]) -> Real:
    """Rates shrunk toward those of wider groups, as log odds."""
    own, every = sums[0]
    rates = [(own + _PRIOR_OF_ALL * FIRST_RATE) / (every + _PRIOR_OF_ALL)]
    for (own, every), (_, parent) in zip(sums[1:], GROUPS, strict=True):
        wider = rates[0] if parent is None else rates[parent + 1]
        rates.append((own + PRIOR * wider) / (every + PRIOR))
    found = np.stack(rates, axis=1)
    return np.log(found / (1 - found))
