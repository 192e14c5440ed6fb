"""Fee schedules that were loaded, in place of those that the wheel ships."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache

import polars as pl

from .fee_schedules import EDITIONS, FACTOR, FeeSchedules, RelativeValues, decimals_of, fee_schedules
from .other_schedules import OTHERS, other_schedules
from .snapshot import Snapshot
from .tables import read_table
from .versions import Version


@dataclass(frozen=True, slots=True)
class _Edition:
    """Days of one year on which nothing changes, and the loaded versions that hold on them."""

    first: date
    last: date
    values: Version | None
    indices: Version | None


def fee_schedules_of(known: Snapshot) -> FeeSchedules:
    """What was shipped, with what has been loaded in its place.

    A date of service has the relative values, practice cost indices and anesthesia factors of the version in
    force on it; the first release of a year that was loaded holds from the first day of the year
    (`snapshot`). Localities that a loaded list does not have are gone for its days. Where a year has no
    conversion factor among those that are shipped, that of the relative value file holds, for everybody.

    Raises:
        FeeScheduleError: the installation is damaged.
        ReferenceDataError: a loaded table is damaged.
    """
    editions = tuple((year, tuple(_editions(known, year))) for year in _years(known, _VALUES, _INDICES))
    anesthesia = tuple(
        (year, tuple(_editions(known, year, _ANESTHESIA))) for year in _years(known, _ANESTHESIA)
    )
    others = tuple(version for name in OTHERS for version in known.versions(name))
    base_units = known.version(_BASE_UNITS)
    own = base_units if base_units is not None and not base_units.is_of_package else None
    if not editions and not anesthesia and own is None and all(version.is_of_package for version in others):
        return fee_schedules()
    return _with_loaded(editions, anesthesia, own, others)


_VALUES, _INDICES, _ANESTHESIA = "physician_fee_schedule", "practice_cost_indices", "anesthesia_factors"
_BASE_UNITS = "anesthesia_base_units"


def _years(known: Snapshot, *names: str) -> list[int]:
    """The years that loaded versions touch; one that has no end touches that in which it begins."""
    years: set[int] = set()
    for version in (version for name in names for version in known.versions(name)):
        if not version.is_of_package and version.effective_from:
            last = version.effective_to or version.effective_from
            years.update(range(version.effective_from.year, last.year + 1))
    return sorted(years)


def _editions(known: Snapshot, year: int, name: str = _VALUES) -> Iterator[_Edition]:
    """The year cut wherever another version begins to hold."""
    names = (name, _INDICES) if name == _VALUES else (name,)
    turns = {date(year, 1, 1)}
    for version in (version for each in names for version in known.versions(each)):
        turns.update(day for day in (version.effective_from, _day_after(version.effective_to)) if day)
    starts = sorted(day for day in turns if day.year == year)

    def loaded(each: str, day: date) -> Version | None:
        version = known.version(each, day)
        return version if version and not version.is_of_package and version.covers(day) else None

    for first, following in zip(starts, [*starts[1:], date(year + 1, 1, 1)], strict=True):
        indices = loaded(_INDICES, first) if name == _VALUES else None
        yield _Edition(first, following - timedelta(days=1), loaded(name, first), indices)


def _day_after(day: date | None) -> date | None:
    return None if day is None or day == date.max else day + timedelta(days=1)


_Years = tuple[tuple[int, tuple[_Edition, ...]], ...]


@lru_cache(maxsize=8)
def _with_loaded(
    editions: _Years, anesthesia: _Years, base_units: Version | None, others: tuple[Version, ...]
) -> FeeSchedules:
    schedules = replace(fee_schedules(), others=other_schedules(others))
    if base_units is not None:
        units = read_table(base_units).select("procedure", pl.col("base_units").cast(pl.Int64))
        schedules = replace(schedules, base_units=units.filter(pl.col("base_units") > 0))
    for year, of_year in editions:
        schedules = _with_year(schedules, year, of_year)
    for year, of_year in anesthesia:
        schedules = _with_anesthesia(schedules, year, of_year)
    return schedules


def _with_year(schedules: FeeSchedules, year: int, editions: Sequence[_Edition]) -> FeeSchedules:
    """The schedules with the editions of a year in place of those that were shipped."""
    of_year = pl.col("year") == year
    shipped = replace(
        schedules,
        schedules=schedules.schedules.filter(of_year),
        relative_values=_of_year(schedules.relative_values, year),
        indices=schedules.indices.filter(of_year),
    )
    dated = [schedules.schedules.filter(~of_year)]
    values = {edition: held for edition, held in schedules.relative_values.items() if held.year != year}
    indices = [schedules.indices.filter(~of_year)]
    for place, edition in enumerate(editions):
        number = pl.lit(year * EDITIONS + place, pl.Int32).alias("edition")
        row, own = _values_of(shipped, edition, year)
        dated.append(row.with_columns(number).select(dated[0].columns))
        if own is not None:
            values[year * EDITIONS + place] = own
        indices.append(_indices_of(shipped, edition, year).with_columns(number).select(indices[0].columns))
    return replace(
        schedules,
        schedules=pl.concat(dated).sort("effective_on"),
        relative_values=values,
        indices=pl.concat(indices),
        conversion_factors=_with_factors(schedules.conversion_factors, year, editions),
    )


def _of_year(values: Mapping[int, RelativeValues], year: int) -> dict[int, RelativeValues]:
    return {edition: held for edition, held in values.items() if held.year == year}


def _values_of(
    shipped: FeeSchedules, edition: _Edition, year: int
) -> tuple[pl.DataFrame, RelativeValues | None]:
    """The row of the calendar and the relative values of an edition; none where no version has any."""
    if edition.values is None:
        within = shipped.schedules.with_columns(
            pl.max_horizontal("effective_on", pl.lit(edition.first)),
            pl.min_horizontal("expires_on", pl.lit(edition.last)),
        ).filter(pl.col("effective_on") <= pl.col("expires_on"))
        return within, next(iter(shipped.relative_values.values()), None)
    row = {"year": [year], "effective_on": [edition.first], "expires_on": [edition.last]}
    release = {"release": [edition.values.version], "edition": [None]}
    return pl.DataFrame({**row, **release}, schema=shipped.schedules.schema), _loaded_values(
        edition.values, year
    )


def _loaded_values(version: Version, year: int) -> RelativeValues:
    return RelativeValues(
        year,
        lambda: decimals_of(read_table(version).drop("conversion_factor")),
        lambda: read_table(version)["procedure"],
    )


def _indices_of(shipped: FeeSchedules, edition: _Edition, year: int) -> pl.DataFrame:
    if edition.indices is None:
        return shipped.indices
    return read_table(edition.indices).select(
        pl.lit(year, pl.Int16).alias("year"),
        "locality",
        "state",
        "area",
        work_gpci="work",
        pe_gpci="practice_expense",
        malpractice_gpci="malpractice",
    )


def _with_factors(factors: pl.DataFrame, year: int, editions: Sequence[_Edition]) -> pl.DataFrame:
    """The conversion factors with those of relative value files, where none is shipped for the year."""
    if factors.filter(pl.col("service") == "physician", pl.col("effective_on").dt.year() == year).height:
        return factors
    rows = [factors]
    for edition in editions:
        published = read_table(edition.values)["conversion_factor"] if edition.values else pl.Series([0])
        given = published.filter(published > 0).unique()
        if len(given) == 1:
            days = {"effective_on": [edition.first], "expires_on": [edition.last]}
            row = {"service": ["physician"], **days, "qualifying_apm": ["any"], "amount": [given[0]]}
            rows.append(pl.DataFrame(row, schema=factors.schema))
    return pl.concat(rows)


def _with_anesthesia(schedules: FeeSchedules, year: int, editions: Sequence[_Edition]) -> FeeSchedules:
    factors = schedules.anesthesia_factors
    shipped = factors.filter(pl.col("effective_on").dt.year() == year)
    made = [factors.filter(pl.col("effective_on").dt.year() != year)]
    for edition in editions:
        first, last = pl.lit(edition.first), pl.lit(edition.last)
        if edition.values is None:
            within = shipped.with_columns(
                pl.max_horizontal("effective_on", first), pl.min_horizontal("expires_on", last)
            )
            made.append(within.filter(pl.col("effective_on") <= pl.col("expires_on")))
            continue
        table = read_table(edition.values)
        apm = "amount_qualifying_apm"
        kinds = (("no", "amount"), ("yes", apm)) if table[apm].count() else (("any", "amount"),)
        made += [
            table.select(
                first.alias("effective_on"),
                last.alias("expires_on"),
                "locality",
                pl.col(amount).cast(FACTOR).alias("amount"),
                pl.lit(kind).alias("qualifying_apm"),
            )
            for kind, amount in kinds
        ]
    return replace(schedules, anesthesia_factors=pl.concat(made))
