"""The dated fee schedules that the wheel ships, and those that were loaded, as frames.

The files stand in `reference/pricing`: CMS's relative values, practice cost indices and anaesthesia factors
by year (built by `scripts/build_fee_schedules.py`), and by hand, each row with its source, the conversion
factors, the places of service that are paid the facility rate, and the percentages of the payment rules.

Numbers are decimals of the scale in which CMS publishes them: relative values two places, indices three,
conversion factors four.

Errors:
    FeeScheduleError    a file is missing, or is not what it should be
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, lru_cache
from importlib import resources
from importlib.resources.abc import Traversable

import polars as pl

from .snapshot import Snapshot
from .tables import read_table
from .versions import Version

RELATIVE_VALUE = pl.Decimal(10, 2)
INDEX = pl.Decimal(6, 3)
FACTOR = pl.Decimal(10, 4)
PERCENT = pl.Decimal(5, 1)

_RELATIVE_VALUES = ("work", "pe_nonfacility", "pe_facility", "malpractice")
_OPPS_VALUES = ("opps_pe_nonfacility", "opps_pe_facility", "opps_malpractice")

# A row without a last day is in force until somebody writes one.
FOREVER = "9999-12-31"


class FeeScheduleError(Exception):
    """The fee schedule data cannot be read."""


@dataclass(frozen=True)
class FeeSchedules:
    """Everything that pricing looks up. Both ends of every range of dates are included.

    Attributes:
        schedules: `year`, `effective_on`, `expires_on`, `release`: which year's values a date has.
        relative_values: `year`, `procedure`, `component` (0 whole, 1 professional, 2 technical,
            3 discontinued), `status`, relative values, and the payment indicators.
        indices: `year`, `locality`, `state`, `area`, `work_gpci`, `pe_gpci`, `malpractice_gpci`.
        conversion_factors: `service` (physician, anesthesia), dates, `qualifying_apm` (any, yes, no),
            `amount` in dollars.
        anesthesia_factors: dates, `locality`, `amount` in dollars a unit.
        facility_places: `place_of_service`, dates, `facility_pays_technical`.
        payment_rules: `rule`, dates, `percent`.
        single_locality_states: `state`, `locality`.
    """

    schedules: pl.DataFrame
    relative_values: pl.DataFrame
    indices: pl.DataFrame
    conversion_factors: pl.DataFrame
    anesthesia_factors: pl.DataFrame
    facility_places: pl.DataFrame
    payment_rules: pl.DataFrame
    single_locality_states: pl.DataFrame

    @property
    def years(self) -> tuple[int, ...]:
        """The years that have relative values, earliest first."""
        return tuple(sorted(self.schedules["year"].to_list()))

    @property
    def localities(self) -> frozenset[str]:
        """Every payment locality of any year: contractor and number, as in 13202-01."""
        return frozenset(self.indices["locality"].to_list())


def _text(folder: Traversable, name: str) -> pl.DataFrame:
    return pl.read_csv(_bytes(folder, name), infer_schema=False)


def _bytes(folder: Traversable, name: str) -> bytes:
    try:
        return (folder / name).read_bytes()
    except OSError as error:
        raise FeeScheduleError(f"fee schedule data: {name} cannot be read: {error.strerror}") from error


def _dates() -> list[pl.Expr]:
    return [
        pl.col("effective_on").str.to_date(),
        pl.col("expires_on").fill_null(FOREVER).str.to_date(),
    ]


def _relative_values(folder: Traversable, year: int) -> pl.DataFrame:
    values = pl.read_parquet(_bytes(folder, f"relative_values_{year}.parquet"))
    return _decimals(values, year)


def _decimals(values: pl.DataFrame, year: int) -> pl.DataFrame:
    """The values of a year in decimals. They are kept in hundredths."""
    hundredths = [name for name in values.columns if name in {*_RELATIVE_VALUES, *_OPPS_VALUES}]
    # A hundredth is exact in a decimal: multiplying by 0.01 moves the point and rounds nothing.
    point = pl.lit("0.01").cast(pl.Decimal(3, 2))
    return values.select(
        pl.lit(year, pl.Int16).alias("year"),
        pl.all().exclude(hundredths),
        *((pl.col(name).cast(RELATIVE_VALUE) * point).cast(RELATIVE_VALUE) for name in hundredths),
    )


def read_fee_schedules(folder: Traversable) -> FeeSchedules:
    """The fee schedules of a folder that is laid out as `reference/pricing` is.

    Raises:
        FeeScheduleError: a file is missing, or a column is, or a value is of the wrong kind.
    """
    try:
        return _read(folder)
    except pl.exceptions.PolarsError as error:
        raise FeeScheduleError(f"fee schedule data is not as it should be: {error}") from error


def _read(folder: Traversable) -> FeeSchedules:
    schedules = _text(folder, "schedules.csv").select(
        pl.col("year").cast(pl.Int16), *_dates(), pl.col("release")
    )
    return FeeSchedules(
        schedules=schedules,
        relative_values=pl.concat([_relative_values(folder, year) for year in schedules["year"].to_list()]),
        indices=_text(folder, "gpci.csv").select(
            pl.col("year").cast(pl.Int16),
            "locality",
            "state",
            "area",
            pl.col("work").cast(INDEX).alias("work_gpci"),
            pl.col("practice_expense").cast(INDEX).alias("pe_gpci"),
            pl.col("malpractice").cast(INDEX).alias("malpractice_gpci"),
        ),
        conversion_factors=_text(folder, "conversion_factors.csv").select(
            "service", *_dates(), "qualifying_apm", pl.col("amount").cast(FACTOR)
        ),
        anesthesia_factors=_text(folder, "anesthesia_conversion_factors.csv").select(
            *_dates(), "locality", pl.col("amount").cast(FACTOR)
        ),
        facility_places=_text(folder, "facility_places.csv").select(
            "place_of_service", *_dates(), pl.col("facility_pays_technical") == "yes"
        ),
        payment_rules=_text(folder, "payment_rules.csv").select(
            "rule", *_dates(), pl.col("percent").cast(PERCENT)
        ),
        single_locality_states=_text(folder, "single_locality_states.csv").select("state", "locality"),
    )


@cache
def fee_schedules() -> FeeSchedules:
    """The fee schedules that came with this installation, read once.

    Raises:
        FeeScheduleError: the installation is damaged.
    """
    return read_fee_schedules(resources.files("claimwright.reference") / "pricing")


def fee_schedules_of(known: Snapshot) -> FeeSchedules:
    """What was shipped, with what has been loaded in its place.

    A year's relative values, practice cost indices and anesthesia factors are each those of the version that
    is in force on the last day of the year: every release of a year repeats the whole of it. Localities that
    a loaded list does not have are gone for its year. Where a year has no conversion factor among those that
    are shipped, that of the relative value file holds, for everybody.

    Raises:
        FeeScheduleError: the installation is damaged.
        ReferenceDataError: a loaded table is damaged.
    """
    chosen = tuple(
        (name, year, version)
        for name in _PUT_IN
        for year in _years(known.versions(name))
        if (version := known.version(name, date(year, 12, 31))) is not None and not version.is_of_package
    )
    return _with_loaded(chosen) if chosen else fee_schedules()


def _years(versions: tuple[Version, ...]) -> list[int]:
    """The years that loaded versions touch; one that has no end touches that in which it begins."""
    years: set[int] = set()
    for version in versions:
        if not version.is_of_package and version.effective_from:
            last = version.effective_to or version.effective_from
            years.update(range(version.effective_from.year, last.year + 1))
    return sorted(years)


@lru_cache(maxsize=8)
def _with_loaded(chosen: tuple[tuple[str, int, Version], ...]) -> FeeSchedules:
    schedules = fee_schedules()
    for name, year, version in chosen:
        schedules = _PUT_IN[name](schedules, year, version)
    return schedules


def _with_relative_values(schedules: FeeSchedules, year: int, version: Version) -> FeeSchedules:
    table = read_table(version)
    days = _days(version, year)
    dated = schedules.schedules
    row = pl.DataFrame({"year": [year], **days, "release": [version.version]}, schema=dated.schema)
    values = schedules.relative_values
    own = _decimals(table.drop("conversion_factor"), year)
    own = own.select(pl.col(name).cast(dtype) for name, dtype in values.schema.items())
    return replace(
        schedules,
        schedules=pl.concat([dated.filter(pl.col("year") != year), row]).sort("year"),
        relative_values=pl.concat([values.filter(pl.col("year") != year), own]),
        conversion_factors=_with_factor(schedules.conversion_factors, year, table["conversion_factor"]),
    )


def _with_factor(factors: pl.DataFrame, year: int, published: pl.Series) -> pl.DataFrame:
    of_year = (pl.col("service") == "physician") & (pl.col("effective_on").dt.year() == year)
    given = published.filter(published > 0).unique().sort()
    if factors.filter(of_year).height or len(given) != 1:
        return factors
    whole_year = {"effective_on": [date(year, 1, 1)], "expires_on": [date(year, 12, 31)]}
    row = {"service": ["physician"], **whole_year, "qualifying_apm": ["any"], "amount": [given[0]]}
    return pl.concat([factors, pl.DataFrame(row, schema=factors.schema)])


def _with_indices(schedules: FeeSchedules, year: int, version: Version) -> FeeSchedules:
    indices = schedules.indices
    own = read_table(version).select(
        pl.lit(year, pl.Int16).alias("year"),
        "locality",
        "state",
        "area",
        work_gpci="work",
        pe_gpci="practice_expense",
        malpractice_gpci="malpractice",
    )
    return replace(schedules, indices=pl.concat([indices.filter(pl.col("year") != year), own]))


def _with_anesthesia(schedules: FeeSchedules, year: int, version: Version) -> FeeSchedules:
    factors = schedules.anesthesia_factors
    own = read_table(version).select(
        *(pl.lit(day[0], pl.Date).alias(name) for name, day in _days(version, year).items()),
        "locality",
        pl.col("amount").cast(FACTOR),
    )
    others = factors.filter(pl.col("effective_on").dt.year() != year)
    return replace(schedules, anesthesia_factors=pl.concat([others, own]))


def _days(version: Version, year: int) -> dict[str, list[date]]:
    """The days of the year on which a version is in force."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    return {
        "effective_on": [max(version.effective_from or first, first)],
        "expires_on": [min(version.effective_to or last, last)],
    }


_PUT_IN: dict[str, Callable[[FeeSchedules, int, Version], FeeSchedules]] = {
    "physician_fee_schedule": _with_relative_values,
    "practice_cost_indices": _with_indices,
    "anesthesia_factors": _with_anesthesia,
}
