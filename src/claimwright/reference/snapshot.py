"""What is known on a day: for each dataset its versions, which of them is in force, and their tables.

    known = snapshot(date(2026, 11, 22), store=Path("reference"))
    known.table("hcpcs")                        # the version in force on that day, as a lazy frame
    known.version("hcpcs", on=date(2025, 6, 1)) # the one that a service of that day is judged by
    known.describe()                            # every dataset: how much of it there is, and whose

A snapshot is cheap: it reads manifests. Tables are read when they are first needed, and shared by every
snapshot of the process.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl

from .ages import Age, age_of, stale_sentence
from .coding import remembered
from .datasets import dataset, datasets
from .packing import Days, pack_day, pack_days
from .tables import scan
from .versions import Coverage, Version, checksum, in_force, packaged_versions, stored_versions


@dataclass(frozen=True)
class Timeline:
    """Which version applies from which day on.

    Attributes:
        starts: the packed days on which another version begins to apply, the first of them 0.
        versions: the version from each of these days; None where there is none yet.
    """

    starts: Days
    versions: tuple[Version | None, ...]

    def at(self, days: Days) -> Days:
        """For each packed day, the place in `versions` of the one that applies."""
        return np.searchsorted(self.starts, days, side="right") - 1


def _timeline(versions: Sequence[Version]) -> Timeline:
    turns = {date.min}
    for version in versions:
        if version.effective_from:
            turns.add(version.effective_from)
        if version.effective_to and version.effective_to < date.max:
            turns.add(version.effective_to + timedelta(days=1))
    starts: list[int] = []
    chosen: list[Version | None] = []
    for day in sorted(turns):
        applies = in_force(versions, day)
        if not chosen or applies != chosen[-1]:
            starts.append(pack_day(day, 0) if chosen else 0)
            chosen.append(applies)
    return Timeline(np.array(starts, dtype=np.int64), tuple(chosen))


@dataclass(frozen=True, eq=False)
class Snapshot:
    """What is known of every dataset. `as_of` is the day by which a row without a date is judged."""

    as_of: date
    known: Mapping[str, tuple[Version, ...]] = field(repr=False)
    store: Path | None = None
    _timelines: dict[str, Timeline] = field(default_factory=dict, init=False, repr=False)

    def versions(self, name: str) -> tuple[Version, ...]:
        """Every version of a dataset.

        Raises:
            KeyError: there is no such dataset.
        """
        return self.known.get(dataset(name).name, ())

    def version(self, name: str, on: date | None = None) -> Version | None:
        """The version by which a day is judged, `as_of` where none is given; None where there is none.

        Raises:
            KeyError: there is no such dataset.
        """
        return in_force(self.versions(name), on or self.as_of)

    def timeline(self, name: str) -> Timeline:
        """Which version of a dataset applies from which day on."""
        found = self._timelines.get(name)
        if found is None:
            found = self._timelines[name] = _timeline(self.versions(name))
        return found

    def days(self, days: pl.Series) -> Days:
        """Dates as packed days; `as_of` where there is none."""
        return remembered(days, self.as_of_day, lambda column: pack_days(column, self.as_of_day))

    @cached_property
    def as_of_day(self) -> int:
        """`as_of` as a packed day."""
        return pack_day(self.as_of, 0)

    def table(self, name: str, on: date | None = None) -> pl.LazyFrame:
        """The table of the version by which a day is judged; without rows where there is none.

        Raises:
            KeyError: there is no such dataset.
            ReferenceDataError: the table cannot be read.
        """
        version = self.version(name, on)
        return pl.LazyFrame(schema=dataset(name).schema) if version is None else scan(version)

    def coverage(self, name: str) -> Coverage:
        """How much there is of a dataset on the day of the snapshot."""
        version = self.version(name)
        return Coverage.NONE if version is None else version.coverage

    def ages(self) -> tuple[Age, ...]:
        """The age of every dataset that there is something of, on the day of the snapshot."""
        found = (self.version(name) for name in datasets())
        return tuple(age_of(version, self.as_of) for version in found if version is not None)

    def stale(self) -> str:
        """Which editions have ended, for every report; empty where none has."""
        return stale_sentence(self.ages())

    def sentence(self) -> str:
        """How much there is, and what of it is stale, for the end of a report."""
        named = {
            coverage: [name for name in datasets() if self.coverage(name) is coverage]
            for coverage in Coverage
        }
        told = [f"{len(named[Coverage.FULL])} datasets in full"]
        for coverage, words in ((Coverage.STARTER, "starter pack of"), (Coverage.PARTIAL, "partial")):
            if named[coverage]:
                told.append(f"{words} {', '.join(named[coverage])}")
        if named[Coverage.NONE]:
            told.append(f"not loaded {', '.join(named[Coverage.NONE])}")
        stale = self.stale()
        return f"Reference data: {'; '.join(told)}." + (f" {stale}" if stale else "")

    def describe(self) -> pl.DataFrame:
        """One row a dataset: what is in force on the day of the snapshot.

        `coverage` is full, starter, partial or none; `is_current` says whether the version covers the day,
        or is the newest of those that have ended.
        """
        return pl.DataFrame([self._described(name) for name in datasets()], schema=_DESCRIPTION, orient="row")

    def _described(self, name: str) -> tuple[object, ...]:
        about, version = dataset(name), self.version(name)
        if version is None:
            return name, about.title, Coverage.NONE.value, *[None] * 9
        return (
            name,
            about.title,
            version.coverage.value,
            version.version,
            version.effective_from,
            version.effective_to,
            version.covers(self.as_of),
            age_of(version, self.as_of).days,
            version.rows if version.rows >= 0 else scan(version).select(pl.len()).collect().item(),
            "package" if version.is_of_package else "store",
            "; ".join(version.sources),
            version.sha256 or checksum(version.path),
        )


_DESCRIPTION: dict[str, pl.DataType] = {
    "dataset": pl.String(),
    "title": pl.String(),
    "coverage": pl.String(),
    "version": pl.String(),
    "effective_from": pl.Date(),
    "effective_to": pl.Date(),
    "is_current": pl.Boolean(),
    "age_days": pl.Int64(),
    "rows": pl.Int64(),
    "origin": pl.String(),
    "source": pl.String(),
    "sha256": pl.String(),
}


def snapshot(as_of: date, store: Path | None = None) -> Snapshot:
    """What the package and a store know, as of a day.

    Args:
        as_of: the day on which claims are judged.
        store: the folder of the user's versions; the package alone where it is left out.

    Raises:
        ReferenceDataError: a version of the store is damaged.
    """
    known: dict[str, tuple[Version, ...]] = {}
    for version in (*packaged_versions(), *(stored_versions(store) if store else ())):
        if version.dataset in datasets():
            known[version.dataset] = (*known.get(version.dataset, ()), version)
    for name in _REPEATING_THEIR_YEAR:
        known[name] = tuple(_from_new_year(known.get(name, ())))
    return Snapshot(as_of, known, store)


# Each quarterly release repeats the values of its whole year, but for what changed.
_REPEATING_THEIR_YEAR = ("physician_fee_schedule", "practice_cost_indices", "anesthesia_factors")


def _from_new_year(versions: Sequence[Version]) -> Iterator[Version]:
    """The versions, the first of each year that was loaded holding from the first day of the year.

    If only the July release is loaded, it is the best source for the months before; if January's is loaded
    too, each quarter has its own.
    """
    firsts: dict[int, date] = {}
    for version in versions:
        began = version.effective_from
        if began and not version.is_of_package:
            firsts[began.year] = min(began, firsts.get(began.year, began))
    for version in versions:
        began = version.effective_from
        if began and not version.is_of_package and began == firsts[began.year]:
            yield replace(version, effective_from=date(began.year, 1, 1))
        else:
            yield version
