"""Counts denials by key (in training, out of fold, as of a day), and looks the counts up.

A key is one integer composed of the codes of its columns. A table has sorted keys with the number of claims
and denials of each, so that a lookup is one binary search for all claims. Counts can be weighted by age, so
they are floats.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import polars as pl

from .catalogue import ENCODINGS, Level
from .facts import Facts
from .priors import Prior

Whole = npt.NDArray[np.int64]
Real = npt.NDArray[np.float64]

_BASE_STRENGTH = 20.0
_USUAL = Prior()
# Up to this number of possible keys (16 megabytes of rates), rates are indexed directly; beyond it, searched.
_DENSE = 2_000_000


def places_of(keys: Whole, wanted: Whole) -> Whole:
    """The position of each wanted key among ascending keys; -1 if it is not there."""
    if not len(keys):
        return np.full(len(wanted), -1, dtype=np.int64)
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    found: Whole = np.where(keys[place] == wanted, place, -1)
    return found


@dataclass(frozen=True)
class Vocabulary:
    """The values seen in training, by column. Code 0 is a value that was not seen."""

    values: dict[str, list[str]]
    _types: dict[str, pl.Enum] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, facts: Facts) -> Vocabulary:
        """All values of the key columns, sorted."""
        values: dict[str, set[str]] = {}
        for encoding in ENCODINGS:
            frame = frame_of(facts, encoding.level)
            for column in encoding.key:
                texts = frame[column].cast(pl.String).drop_nulls().unique()
                values.setdefault(column, set()).update(texts)
        return cls({column: sorted(found) for column, found in values.items()})

    def codes(self, column: str, series: pl.Series) -> Whole:
        """The codes, from 1; 0 if the value is absent or was not seen."""
        if series.dtype == pl.Boolean:
            series = series.cast(pl.String)
        kind = self._types.get(column)
        if kind is None:
            kind = self._types[column] = pl.Enum(self.values[column])
        codes = series.cast(kind, strict=False).to_physical().cast(pl.Int64) + 1
        found: Whole = codes.fill_null(0).to_numpy()
        return found

    def size(self, column: str) -> int:
        """The number of codes, including that of unseen values."""
        return len(self.values[column]) + 1


def frame_of(facts: Facts, level: Level) -> pl.DataFrame:
    """The frame whose rows an encoding of this level counts."""
    return {Level.CLAIM: facts.claims, Level.LINE: facts.lines, Level.PAIR: facts.pairs}[level]


@dataclass(frozen=True)
class Keys:
    """A key and its wider key, by row of an encoding's level."""

    own: Whole
    wider: Whole


def keys_of(facts: Facts, words: Vocabulary) -> dict[str, Keys]:
    """The keys of each row, by encoding; rows are those of the encoding's level."""
    coded: dict[tuple[Level, str], Whole] = {}
    found: dict[str, Keys] = {}
    for encoding in ENCODINGS:
        frame = frame_of(facts, encoding.level)
        key: Whole = np.zeros(frame.height, dtype=np.int64)
        wider = key
        for number, column in enumerate(encoding.key):
            place = (encoding.level, column)
            if place not in coded:
                coded[place] = words.codes(column, frame[column])
            key = key * words.size(column) + coded[place]
            if number + 1 == encoding.wider:
                wider = key
        found[encoding.name] = Keys(key, wider)
    return found


@dataclass(frozen=True)
class Counts:
    """Observations and denials by key, keys ascending."""

    keys: Whole
    total: Real
    denied: Real

    @classmethod
    def of(cls, keys: Whole, denied: npt.NDArray[np.bool_], weights: Real | None = None) -> Counts:
        """Count; weights of 1 where none are given."""
        found, place = np.unique(keys, return_inverse=True)
        weights = np.ones(len(keys)) if weights is None else weights
        return cls(
            found,
            np.bincount(place, weights, len(found)).astype(np.float64),
            np.bincount(place, weights * denied, len(found)).astype(np.float64),
        )

    def plus(self, other: Counts) -> Counts:
        """The sum of both counts."""
        keys, place = np.unique(np.concatenate([self.keys, other.keys]), return_inverse=True)
        summed = (
            np.bincount(place, np.concatenate(each), len(keys)).astype(np.float64)
            for each in ((self.total, other.total), (self.denied, other.denied))
        )
        return Counts(keys, *summed)

    def less(self, other: Counts) -> Counts:
        """The difference: these counts minus others that are part of them."""
        return self.plus(Counts(other.keys, -other.total, -other.denied))

    def look_up(self, keys: Whole) -> tuple[Real, Real]:
        """Observations and denials of each key; 0 if it was never seen."""
        if not len(self.keys):
            return np.zeros(len(keys)), np.zeros(len(keys))
        place = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        known = self.keys[place] == keys
        return np.where(known, self.total[place], 0.0), np.where(known, self.denied[place], 0.0)


@dataclass(frozen=True)
class Tally:
    """Counts of one encoding: by its key, by the wider key, and the overall rate; by key also unweighted.

    Attributes:
        own, wider: weighted by age, for the rate that the model uses.
        base: the overall rate.
        happened: actual numbers of decided and denied, by the same keys as `own`; shown to people.
    """

    own: Counts
    wider: Counts
    base: float
    happened: Counts
    prior: Prior = _USUAL

    @classmethod
    def of(
        cls,
        keys: Keys,
        denied: npt.NDArray[np.bool_],
        weights: Real | None = None,
        prior: Prior = _USUAL,
    ) -> Tally:
        """Count both keys."""
        base = float(np.average(denied, weights=weights)) if len(denied) else 0.0
        own = Counts.of(keys.own, denied, weights)
        happened = own if weights is None else Counts.of(keys.own, denied)
        return cls(own, Counts.of(keys.wider, denied, weights), base, happened, prior)

    def likeliest_prior(self, tail: int) -> Prior:
        """The prior under which the actual counts are likeliest; `tail` is the keys per wider key."""
        wider_rate = _shrunk(self.wider.total, self.wider.denied, self.base)
        table = RateTable(self.wider.keys, wider_rate, self.base, None)
        towards = np.clip(table.look_up(self.own.keys // tail, self.own.keys // tail), 1e-4, 1 - 1e-4)
        return Prior.likeliest(self.happened.total, self.happened.denied, towards, self.base)

    def with_more(self, more: Tally) -> Tally:
        """With further decisions in the rates; what is shown to people stays as it was."""
        return replace(self, own=self.own.plus(more.own), wider=self.wider.plus(more.wider))

    def look_up(self, keys: Keys) -> Found:
        """The evidence for each row."""
        return Found(*self.own.look_up(keys.own), *self.wider.look_up(keys.wider), self.base, self.prior)

    def rates(self, possible: int, tail: int) -> RateTable:
        """The precomputed rate of every key; `possible` is the number of keys, `tail` the number per wider
        key.
        """
        wider_rate = _shrunk(self.wider.total, self.wider.denied, self.base)
        nothing = float(_shrunk(np.zeros(1), np.zeros(1), self.base)[0])
        of_own = RateTable(self.wider.keys, wider_rate, nothing, None).look_up(
            self.own.keys // tail, self.own.keys // tail
        )
        rate = self.prior.rate(self.own.total, self.own.denied, of_own)
        if possible > _DENSE:
            return RateTable(
                self.own.keys, rate, nothing, RateTable(self.wider.keys, wider_rate, nothing, None)
            )
        wide = np.full(-(-possible // tail), nothing)
        wide[self.wider.keys] = wider_rate
        dense = np.repeat(wide, tail)
        dense[self.own.keys] = rate
        return RateTable(None, dense, nothing, None)


@dataclass(frozen=True)
class RateTable:
    """Precomputed rates for lookup.

    Attributes:
        keys: ascending; None if there is a rate for every possible key.
        rate: of each key.
        nothing: the rate if neither the key nor its wider key is known.
        wider: the rates of the wider keys.
    """

    keys: Whole | None
    rate: Real
    nothing: float
    wider: RateTable | None

    def look_up(self, own: Whole, wider: Whole) -> Real:
        """The rate of each row."""
        if self.keys is None:
            return self.rate[own]
        if self.wider is None:
            fallback: Real = np.full(len(own), self.nothing)
        else:
            fallback = self.wider.look_up(wider, wider)
        if not len(self.keys):
            return fallback
        place = np.minimum(np.searchsorted(self.keys, own), len(self.keys) - 1)
        return np.where(self.keys[place] == own, self.rate[place], fallback)


@dataclass(frozen=True)
class Found:
    """Observations and denials of each row's key and wider key."""

    total: Real
    denied: Real
    wider_total: Real
    wider_denied: Real
    base: float
    prior: Prior = _USUAL

    def rate(self) -> Real:
        """The denial rate, shrunk towards that of the wider key, which is shrunk towards the overall rate."""
        wider = _shrunk(self.wider_total, self.wider_denied, self.base)
        return self.prior.rate(self.total, self.denied, wider)

    def with_more(self, more: Found) -> Found:
        """This evidence and other evidence that is no part of it."""
        return Found(
            self.total + more.total,
            self.denied + more.denied,
            self.wider_total + more.wider_total,
            self.wider_denied + more.wider_denied,
            self.base,
            self.prior,
        )

    def without(self, own: Found) -> Found:
        """This evidence minus other evidence that is part of it."""

        # If nothing is left, subtraction leaves a rounding error of a billionth.
        def less(whole: Real, part: Real) -> Real:
            left: Real = np.maximum((whole - part).round(9), 0.0)
            return left

        return Found(
            less(self.total, own.total),
            less(self.denied, own.denied),
            less(self.wider_total, own.wider_total),
            less(self.wider_denied, own.wider_denied),
            self.base,
            self.prior,
        )


def _shrunk(total: Real, denied: Real, base: float) -> Real:
    """The rate of a wider key, shrunk towards the overall rate."""
    return (denied + _BASE_STRENGTH * base) / (total + _BASE_STRENGTH)


@dataclass(frozen=True)
class Timeline:
    """Decisions by key and day of arrival, so that the counts of any period need only two binary searches."""

    stamps: Whole
    total: Real
    denied: Real

    # 2**16 days reach from 1970 to 2149.
    _DAYS = 1 << 16

    @classmethod
    def of(cls, keys: Whole, days: Whole, denied: npt.NDArray[np.bool_]) -> Timeline:
        """From one row per decision; a negative day means that there is no decision."""
        come = days >= 0
        stamps = keys[come] * cls._DAYS + days[come]
        order = np.argsort(stamps, kind="stable")
        summed = np.concatenate([[0.0], np.cumsum(denied[come][order].astype(np.float64))])
        return cls(stamps[order], np.arange(len(order) + 1, dtype=np.float64), summed)

    def between(self, keys: Whole, first: Whole, last: Whole) -> tuple[Real, Real]:
        """Decisions and denials of each key that arrived from `first` to `last`, both included."""
        low = np.searchsorted(self.stamps, keys * self._DAYS + first, side="left")
        high = np.searchsorted(self.stamps, keys * self._DAYS + last, side="right")
        return self.total[high] - self.total[low], self.denied[high] - self.denied[low]
