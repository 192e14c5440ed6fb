"""Running counts by provider over the blocks of a file. Nothing of a claim is kept but how often."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from claimwright.domain.derived import Facts
from claimwright.domain.dictionary import Form, Level
from claimwright.domain.findings import complete
from claimwright.reference.coding import distinct

from .judging import TOLD, judge
from .signal import DAY, SHARE, Group, Signal

# What a count is kept by. `day` is null for shares; `peers` is null, and `marked` nothing, for days.
COUNTS: dict[str, pl.DataType] = {
    "code": pl.String(),
    "group": pl.UInt8(),
    "provider": pl.String(),
    "peers": pl.String(),
    "day": pl.Date(),
    "counted": pl.Int64(),
    "marked": pl.Int64(),
}

Numbers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

# So many rows may wait before they are added up: some megabytes.
_WAITING = 200_000

# An organization is no peer of a person: NUCC's codes of groups begin with 193, those of its non-individual
# section with these digits (Health Care Provider Taxonomy, code structure).
_GROUPS = "193"
_ORGANIZATIONS = ["25", "26", "27", "28", "29", "30", "31", "32", "33", "34", "38"]
_PERSON = "1"
_MODIFIERS = ("modifier_1", "modifier_2", "modifier_3", "modifier_4")


class Tallies:
    """Counts of the lines that signals are about, added up while blocks pass by; safe from any thread.

    Memory grows with providers, and for days with the days on which they gave timed services; not with
    claims.

    Each group of a signal has a bit, and each line the bits of the groups that it is counted and marked in:
    lines of a provider whose bits agree are one row, whatever their procedures.
    """

    def __init__(self, signals: Sequence[Signal]) -> None:
        self.signals = tuple(signals)
        self._shares = list(_numbered(self.signals, SHARE))
        self._days = list(_numbered(self.signals, DAY))
        self._bits: dict[str, tuple[int, int]] = {}
        self._of_shares = _Sum(["provider", "peers", "bits"])
        self._of_days = _Sum(["provider", "day", "bits"])
        self._lock = threading.Lock()

    def add(self, known: Facts) -> None:
        """Count the lines of a block."""
        if not self.signals or not known.height(Level.LINE):
            return
        procedures, codes = distinct(known.column(Level.LINE, "procedure"))
        providers, npis = distinct(_providers(known))
        of_share, of_day = (bits[procedures] for bits in self._bits_of(codes))
        given = (known.column(Level.LINE, "form") == Form.PROFESSIONAL.value).to_numpy()
        given = given & (providers < len(npis) - 1)
        shares = self._shares_of(known, given & (of_share > 0), of_share, providers, npis)
        days = _days_of(known, given & (of_day > 0), of_day, providers, npis)
        with self._lock:
            self._of_shares.add(shares)
            self._of_days.add(days)

    def _shares_of(
        self, known: Facts, chosen: Mask, bits: Numbers, providers: Numbers, npis: pl.Series
    ) -> pl.DataFrame:
        """How many lines of each provider, taxonomy and bits there are."""
        taxonomies, peers = distinct(known.column(Level.LINE, "effective_rendering_taxonomy"))
        # The taxonomy may be that of the billing provider, and then of a group or a clinic.
        person = ~(peers.str.starts_with(_GROUPS) | peers.str.head(2).is_in(_ORGANIZATIONS))
        chosen = chosen & person.fill_null(value=False).to_numpy()[taxonomies]
        bits = bits | self._bits_of_modifiers(known)
        size, width = len(peers), 2 * len(self._shares)
        keys = ((providers * size + taxonomies) << width | bits)[chosen]
        met, counted = np.unique(keys, return_counts=True)
        whom, marks = met >> width, met & (1 << width) - 1
        return pl.DataFrame(
            {
                "provider": npis.gather(whom // size),
                "peers": peers.gather(whom % size),
                "bits": marks,
                "counted": counted,
            }
        )

    def _bits_of(self, codes: pl.Series) -> tuple[Numbers, Numbers]:
        """For each procedure, the bits of the groups in which its lines stand: of shares, and of days."""
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
                for place, (_, _, group) in enumerate(self._shares):
                    has = modifiers.is_in(sorted(group.modifiers)).fill_null(value=False).to_numpy()
                    bits |= has[places].astype(np.int64) * _bit(place, marked=True)
        return bits

    def counts(self) -> pl.DataFrame:
        """What was counted so far, see `COUNTS`; the order of the blocks makes no difference."""
        with self._lock:
            parts = [
                _grouped(self._of_shares.total(), place, code, number)
                for place, (code, number, _) in enumerate(self._shares)
            ] + [
                _grouped(self._of_days.total(), place, code, number)
                for place, (code, number, _) in enumerate(self._days)
            ]
        whole = pl.concat([pl.DataFrame(schema=COUNTS), *parts])
        return whole.sort("code", "group", "provider", "peers", "day", nulls_last=True)

    def findings(self, *, as_of: date) -> pl.DataFrame:
        """The notes of the file as `claimwright.domain.findings` has them, and beside them `provider`.

        By signal, what is counted, and the NPI that they are about, which is `provider`.
        """
        counts = self.counts()
        parts = [judge(signal, counts, as_of=as_of) for signal in self.signals]
        whole = pl.concat(parts) if parts else pl.DataFrame(schema=TOLD)
        return complete(whole).with_columns(whole["provider"])


class _Sum:
    """Counts by some keys, added up when many have come together."""

    def __init__(self, keys: list[str]) -> None:
        self.keys = keys
        self._parts: list[pl.DataFrame] = []
        self._waiting = 0

    def add(self, counts: pl.DataFrame) -> None:
        self._parts.append(counts)
        self._waiting += counts.height
        if self._waiting > _WAITING:
            self._parts, self._waiting = [self._summed()], 0

    def total(self) -> pl.DataFrame | None:
        return self._summed() if self._parts else None

    def _summed(self) -> pl.DataFrame:
        return pl.concat(self._parts).group_by(self.keys).agg(pl.col("counted").sum())


def _numbered(signals: Sequence[Signal], kind: str) -> Iterator[tuple[str, int, Group]]:
    for signal in signals:
        if signal.kind == kind:
            for number, group in enumerate(signal.groups):
                yield signal.code, number, group


def _bit(place: int, counted: bool = False, marked: bool = False) -> int:
    """Two bits a group: that a line is counted, and that it is marked."""
    return (counted << 2 * place) | (marked << 2 * place + 1)


def _is_in(procedure: str, ranges: Sequence[tuple[str, str]]) -> bool:
    return any(first <= procedure <= last for first, last in ranges)


def _bits(groups: Sequence[tuple[str, int, Group]], procedure: str) -> int:
    return sum(
        _bit(place, _is_in(procedure, group.counted), _is_in(procedure, group.marked))
        for place, (_, _, group) in enumerate(groups)
    )


def _providers(known: Facts) -> pl.Series:
    """The NPI of the person who gave each line: the billing provider's where it is one and names no other."""
    names = ("line_rendering_npi", "rendering_npi", "billing_npi", "billing_entity_type")
    frame = pl.DataFrame([known.column(Level.LINE, name).alias(name) for name in names])
    alone = pl.when(pl.col("billing_entity_type") == _PERSON).then("billing_npi")
    return frame.select(pl.coalesce("line_rendering_npi", "rendering_npi", alone)).to_series()


def _days_of(known: Facts, chosen: Mask, bits: Numbers, providers: Numbers, npis: pl.Series) -> pl.DataFrame:
    """How many units of each provider, day and bits there are; parts of a unit make no day longer."""
    days = known.column(Level.LINE, "effective_service_on")
    chosen = chosen & days.is_not_null().to_numpy()
    at = np.flatnonzero(chosen)
    units = known.column(Level.LINE, "units").gather(at).cast(pl.Int64).fill_null(0)
    rows = pl.DataFrame(
        {"provider": npis.gather(providers[at]), "day": days.gather(at), "bits": bits[at], "counted": units}
    )
    return rows.group_by("provider", "day", "bits").agg(pl.col("counted").sum()) if len(at) else rows


def _grouped(sums: pl.DataFrame | None, place: int, code: str, number: int) -> pl.DataFrame:
    """The counts of one group of a signal, see `COUNTS`."""
    if sums is None:
        return pl.DataFrame(schema=COUNTS)
    keys = [key for key in sums.columns if key not in {"bits", "counted"}]
    has = (pl.col("bits") & _bit(place, marked=True)) > 0
    mine = sums.filter((pl.col("bits") & _bit(place, counted=True)) > 0)
    made = mine.group_by(keys).agg(
        pl.col("counted").sum(), pl.col("counted").filter(has).sum().alias("marked")
    )
    known = {"code": pl.lit(code), "group": pl.lit(number), **{key: pl.col(key) for key in made.columns}}
    return made.select(
        known.get(name, pl.lit(None)).cast(dtype).alias(name) for name, dtype in COUNTS.items()
    )
