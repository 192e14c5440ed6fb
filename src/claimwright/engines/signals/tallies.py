"""Running counts by provider over the blocks of a file. Only counts are kept, no claims."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Sequence
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from claimwright.domain.derived import Facts
from claimwright.domain.dictionary import Form, Level
from claimwright.domain.findings import complete
from claimwright.foundation.columns import first_known, gathered, numbers, truths
from claimwright.reference.coding import distinct

from .judging import TOLD, judge
from .signal import DAY, SHARE, Group, Signal

# The columns of counts. `day` is null for shares; for days, `peers` is null and `marked` is zero.
COUNTS: dict[str, pl.DataType] = {
    "code": pl.String(),
    "group": pl.UInt8(),
    "provider": pl.String(),
    "peers": pl.String(),
    "day": pl.Date(),
    "counted": pl.Int64(),
    "marked": pl.Int64(),
}

# The same during counting, with NPI, taxonomy and day as numbers.
_KEPT = {**COUNTS, "provider": pl.Int64(), "peers": pl.Int32(), "day": pl.Int32()}

Numbers = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]
Mask = npt.NDArray[np.bool_]
# Counts of lines: NPI, taxonomy or day, bits, number.
Counted = tuple[Numbers, Numbers, Numbers, Numbers]

# Number of rows that are buffered before they are added up: some megabytes.
_WAITING = 200_000

# An organization is not a peer of a person: NUCC's group codes begin with 193, those of its non-individual
# section with these digits (Health Care Provider Taxonomy, code structure).
_GROUPS = "193"
_ORGANIZATIONS = ("25", "26", "27", "28", "29", "30", "31", "32", "33", "34", "38")
_PERSON = "1"
# Providers are stored as numbers; a value that is not an NPI is not counted.
_NPI = re.compile("[12][0-9]{9}")

# The key of a line is one number: its NPI, then a taxonomy or a day, then bits.
_BITS_OF_NPI = 32
_BITS_OF_TAXONOMY = 14
_BITS_OF_DAY = 16
_MODIFIERS = ("modifier_1", "modifier_2", "modifier_3", "modifier_4")


class Tallies:
    """Counts of the lines that signals evaluate, accumulated block by block. Thread-safe.

    Memory grows with the number of providers and, for days, of days with timed services; not with the number
    of claims.

    Each group of a signal has bits, and each line has the bits of the groups in which it is counted and
    marked. Lines of a provider with equal bits are one row, regardless of their procedures.
    """

    def __init__(self, signals: Sequence[Signal]) -> None:
        self.signals = tuple(signals)
        self._shares = list(_numbered(self.signals, SHARE))
        self._days = list(_numbered(self.signals, DAY))
        self._bits: dict[str, tuple[int, int]] = {}
        self._taxonomies: dict[str | None, int] = {}
        self._of_shares = _Sum("peers", _BITS_OF_TAXONOMY, 2 * len(self._shares))
        self._of_days = _Sum("day", _BITS_OF_DAY, 2 * len(self._days))
        self._lock = threading.Lock()

    def add(self, known: Facts) -> None:
        """Count the lines of a block."""
        if not self.signals or not known.height(Level.LINE):
            return
        procedures, codes = distinct(known.column(Level.LINE, "procedure"))
        providers, npis = _providers(known)
        of_share, of_day = (bits[procedures] for bits in self._bits_of(codes))
        given = (known.column(Level.LINE, "form") == Form.PROFESSIONAL.value).to_numpy()
        given = given & (npis > 0)[providers]
        with self._lock:
            self._of_shares.add(*self._shares_of(known, given & (of_share > 0), of_share, npis[providers]))
            self._of_days.add(*_days_of(known, given & (of_day > 0), of_day, npis[providers]))

    def _shares_of(self, known: Facts, chosen: Mask, bits: Numbers, npis: Numbers) -> Counted:
        """The lines of each provider, taxonomy and bits."""
        places, taxonomies = distinct(known.column(Level.LINE, "effective_rendering_taxonomy"))
        # The taxonomy can be that of the billing provider, and so of a group or a clinic.
        numbers = self._numbers_of(taxonomies)
        person = np.array([_is_person(each) for each in taxonomies.to_list()], dtype=np.bool_)
        person &= numbers < 1 << _BITS_OF_TAXONOMY
        at = np.flatnonzero(chosen & person[places])
        bits = bits[at] | self._bits_of_modifiers(known)[at]
        return npis[at], numbers[places[at]], bits, np.ones(len(at), np.int64)

    def _numbers_of(self, taxonomies: pl.Series) -> Numbers:
        """A number for each taxonomy, the same in every block."""
        known = self._taxonomies
        return np.array([known.setdefault(each, len(known)) for each in taxonomies], dtype=np.int64)

    def _bits_of(self, codes: pl.Series) -> tuple[Numbers, Numbers]:
        """For each procedure, the bits of the groups that its lines belong to: of shares, and of days."""
        for code in codes.drop_nulls():
            if code not in self._bits:
                self._bits[code] = (_bits(self._shares, code), _bits(self._days, code))
        bits = np.array([self._bits.get(code, (0, 0)) for code in codes], dtype=np.int64)
        return bits[:, 0], bits[:, 1]

    def _bits_of_modifiers(self, known: Facts) -> Numbers:
        bits = np.zeros(known.height(Level.LINE), dtype=np.int64)
        for name in _MODIFIERS:
            column = known.column(Level.LINE, name)
            if column.null_count() < len(column):
                places, modifiers = distinct(column)
                of_each = [self._bits_of_modifier(modifier) for modifier in modifiers.to_list()]
                bits |= np.array(of_each, dtype=np.int64)[places]
        return bits

    def _bits_of_modifier(self, modifier: str | None) -> int:
        return sum(
            _bit(place, marked=True)
            for place, (_, _, group) in enumerate(self._shares)
            if modifier in group.modifiers
        )

    def counts(self) -> pl.DataFrame:
        """The counts so far, see `COUNTS`; they do not depend on the order of the blocks."""
        with self._lock:
            shares, days = self._of_shares.total(), self._of_days.total()
            taxonomies = pl.Series(list(self._taxonomies), dtype=pl.String)
        parts = [
            _grouped(sums, place, code, number)
            for sums, groups in ((shares, self._shares), (days, self._days))
            for place, (code, number, _) in enumerate(groups)
        ]
        whole = pl.concat(parts) if parts else pl.DataFrame(schema=_KEPT)
        named = whole.select(
            "code",
            "group",
            pl.col("provider").cast(pl.String),
            taxonomies.gather(whole["peers"]).alias("peers"),
            pl.col("day").cast(pl.Date),
            "counted",
            "marked",
        )
        return named.sort("code", "group", "provider", "peers", "day", nulls_last=True)

    def findings(self, *, as_of: date) -> pl.DataFrame:
        """The notes of the file, with the columns of `claimwright.domain.findings` and `provider`.

        Sorted by signal, group, and the NPI that they are about, which is `provider`.
        """
        counts = self.counts()
        parts = [judge(signal, counts, as_of=as_of) for signal in self.signals]
        whole = pl.concat(parts) if parts else pl.DataFrame(schema=TOLD)
        return complete(whole).with_columns(whole["provider"])


class _Sum:
    """Counts by NPI, another key and bits; buffered and added up in batches.

    Keys are packed and sorted: eight bytes per key and eight per count, whatever the file contains.
    """

    def __init__(self, key: str, width: int, width_of_bits: int) -> None:
        if _BITS_OF_NPI + width + width_of_bits > 64:
            raise ValueError("There are more groups of signals than can be counted at once")
        self._key, self._width, self._width_of_bits = key, width, width_of_bits
        self._parts: list[tuple[Keys, Numbers]] = []
        self._waiting = 0

    def add(self, npis: Numbers, keys: Numbers, bits: Numbers, counts: Numbers) -> None:
        packed = npis.astype(np.uint64) << np.uint64(self._width)
        packed = (packed | keys.astype(np.uint64)) << np.uint64(self._width_of_bits)
        self._parts.append(_added_up(packed | bits.astype(np.uint64), counts))
        self._waiting += len(self._parts[-1][0])
        if self._waiting > _WAITING:
            self._add_up()

    def total(self) -> pl.DataFrame:
        self._add_up()
        keys, counts = self._parts[0] if self._parts else (np.empty(0, np.uint64), np.empty(0, np.int64))
        rest = keys >> np.uint64(self._width_of_bits)
        return pl.DataFrame(
            {
                "provider": (rest >> np.uint64(self._width)).astype(np.int64),
                self._key: (rest & np.uint64((1 << self._width) - 1)).astype(np.int32),
                "bits": (keys & np.uint64((1 << self._width_of_bits) - 1)).astype(np.int64),
                "counted": counts,
            }
        )

    def _add_up(self) -> None:
        if len(self._parts) > 1:
            keys, counts = zip(*self._parts, strict=True)
            self._parts = [_added_up(np.concatenate(keys), np.concatenate(counts))]
        self._waiting = 0


def _added_up(keys: Keys, counts: Numbers) -> tuple[Keys, Numbers]:
    """Each key once, in order, with the sum of its counts."""
    if not len(keys):
        return keys, counts
    order = np.argsort(keys)
    keys = keys[order]
    starts = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))
    return keys[starts], np.add.reduceat(counts[order], starts)


def _numbered(signals: Sequence[Signal], kind: str) -> Iterator[tuple[str, int, Group]]:
    for signal in signals:
        if signal.kind == kind:
            for number, group in enumerate(signal.groups):
                yield signal.code, number, group


def _bit(place: int, counted: bool = False, marked: bool = False) -> int:
    """Two bits per group: whether a line is counted, and whether it is marked."""
    return (counted << 2 * place) | (marked << 2 * place + 1)


def _is_in(procedure: str, ranges: Sequence[tuple[str, str]]) -> bool:
    return any(first <= procedure <= last for first, last in ranges)


def _bits(groups: Sequence[tuple[str, int, Group]], procedure: str) -> int:
    return sum(
        _bit(place, _is_in(procedure, group.counted), _is_in(procedure, group.marked))
        for place, (_, _, group) in enumerate(groups)
    )


def _is_person(taxonomy: str | None) -> bool:
    return taxonomy is not None and not taxonomy.startswith((_GROUPS, *_ORGANIZATIONS))


def _providers(known: Facts) -> tuple[Numbers, Numbers]:
    """The person who rendered each line; the billing provider if it is a person and no other is named.

    Returns for each line a position in the NPIs, and the NPIs; 0 is none.
    """
    names = ("line_rendering_npi", "rendering_npi", "billing_npi", "billing_entity_type")
    of_line, of_claim, billing, billing_is = (known.column(Level.LINE, name) for name in names)
    alone = billing.set(pl.Series(~truths(billing_is == _PERSON)), None)
    places, npis = distinct(first_known(of_line, of_claim, alone))
    return places, np.array([int(npi) if npi and _NPI.fullmatch(npi) else 0 for npi in npis.to_list()])


def _days_of(known: Facts, chosen: Mask, bits: Numbers, npis: Numbers) -> Counted:
    """The units of each provider, day and bits; fractions of a unit are ignored."""
    days = known.integers(Level.LINE, "effective_service_on")
    at = np.flatnonzero(chosen & (days > 0) & (days < 1 << _BITS_OF_DAY))
    units, given = numbers(gathered(known.column(Level.LINE, "units"), at).cast(pl.Int64))
    return npis[at], days[at], bits[at], units if given is None else np.where(given, units, 0)


def _grouped(sums: pl.DataFrame, place: int, code: str, number: int) -> pl.DataFrame:
    """The counts of one group of a signal, see `_KEPT`."""
    keys = [key for key in sums.columns if key not in {"bits", "counted"}]
    has = (pl.col("bits") & _bit(place, marked=True)) > 0
    mine = sums.filter((pl.col("bits") & _bit(place, counted=True)) > 0)
    made = mine.group_by(keys).agg(
        pl.col("counted").sum(), pl.col("counted").filter(has).sum().alias("marked")
    )
    known = {"code": pl.lit(code), "group": pl.lit(number), **{key: pl.col(key) for key in made.columns}}
    return made.select(known.get(name, pl.lit(None)).cast(dtype).alias(name) for name, dtype in _KEPT.items())
