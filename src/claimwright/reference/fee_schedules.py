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

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache, lru_cache
from importlib import resources
from importlib.resources.abc import Traversable

import polars as pl

from claimwright.foundation.errors import CatalogError

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


class FeeScheduleError(CatalogError):
    """The fee schedule data cannot be read."""


@dataclass(frozen=True, slots=True)
class RelativeValues:
    """The relative values of an edition, which are read whenever they are asked for: claims are of one or two
    years, and each has some 18,000 rows.

    `table` gives `procedure`, `component` (0 whole, 1 professional, 2 technical, 3 discontinued), `status`,
    relative values and the payment indicators; `procedures` only the first of these.
    """

    year: int
    table: Callable[[], pl.DataFrame]
    procedures: Callable[[], pl.Series]


@dataclass(frozen=True, eq=False)
class FeeSchedules:
    """Everything that pricing looks up. Both ends of every range of dates are included.

    One is equal to none but itself, so that what is made of it can be kept.

    Attributes:
        schedules: `year`, `effective_on`, `expires_on`, `release`, `edition`: which values a date has. A
            year has one edition, or several where quarterly releases of it were loaded.
        relative_values: by edition.
        indices: `year`, `locality`, `state`, `area`, `work_gpci`, `pe_gpci`, `malpractice_gpci`, `edition`.
        conversion_factors: `service` (physician, anesthesia), dates, `qualifying_apm` (any, yes, no),
            `amount` in dollars.
        anesthesia_factors: dates, `locality`, `amount` in dollars a unit.
        facility_places: `place_of_service`, dates, `facility_pays_technical`.
        payment_rules: `rule`, dates, `percent`.
        single_locality_states: `state`, `locality`.
    """

    schedules: pl.DataFrame
    relative_values: Mapping[int, RelativeValues]
    indices: pl.DataFrame
    conversion_factors: pl.DataFrame
    anesthesia_factors: pl.DataFrame
    facility_places: pl.DataFrame
    payment_rules: pl.DataFrame
    single_locality_states: pl.DataFrame

    @property
    def years(self) -> tuple[int, ...]:
        """The years that have relative values, earliest first."""
        return tuple(sorted(set(self.schedules["year"].to_list())))

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


def _relative_values(folder: Traversable, year: int) -> RelativeValues:
    name = f"relative_values_{year}.parquet"

    def procedures() -> pl.Series:
        return pl.read_parquet(_bytes(folder, name), columns=["procedure"])["procedure"]

    return RelativeValues(year, lambda: _decimals(pl.read_parquet(_bytes(folder, name))), procedures)


# The editions of a year are numbered from its hundredfold on.
_EDITIONS = 100


def _first_edition() -> pl.Expr:
    return (pl.col("year").cast(pl.Int32) * _EDITIONS).alias("edition")


def _decimals(values: pl.DataFrame) -> pl.DataFrame:
    """The values in decimals. They are kept in hundredths."""
    hundredths = [name for name in values.columns if name in {*_RELATIVE_VALUES, *_OPPS_VALUES}]
    # A hundredth is exact in a decimal: multiplying by 0.01 moves the point and rounds nothing.
    point = pl.lit("0.01").cast(pl.Decimal(3, 2))
    return values.select(
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
    schedules = (
        _text(folder, "schedules.csv")
        .select(pl.col("year").cast(pl.Int16), *_dates(), pl.col("release"))
        .with_columns(_first_edition())
    )
    return FeeSchedules(
        schedules=schedules,
        relative_values={
            year * _EDITIONS: _relative_values(folder, year) for year in schedules["year"].to_list()
        },
        indices=_text(folder, "gpci.csv")
        .select(
            pl.col("year").cast(pl.Int16),
            "locality",
            "state",
            "area",
            pl.col("work").cast(INDEX).alias("work_gpci"),
            pl.col("practice_expense").cast(INDEX).alias("pe_gpci"),
            pl.col("malpractice").cast(INDEX).alias("malpractice_gpci"),
        )
        .with_columns(_first_edition()),
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
    return _with_loaded(editions, anesthesia) if editions or anesthesia else fee_schedules()


_VALUES, _INDICES, _ANESTHESIA = "physician_fee_schedule", "practice_cost_indices", "anesthesia_factors"


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
def _with_loaded(editions: _Years, anesthesia: _Years) -> FeeSchedules:
    schedules = fee_schedules()
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
        number = pl.lit(year * _EDITIONS + place, pl.Int32).alias("edition")
        row, own = _values_of(shipped, edition, year)
        dated.append(row.with_columns(number).select(dated[0].columns))
        if own is not None:
            values[year * _EDITIONS + place] = own
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
        lambda: _decimals(read_table(version).drop("conversion_factor")),
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
        made.append(
            read_table(edition.values).select(
                first.alias("effective_on"),
                last.alias("expires_on"),
                "locality",
                pl.col("amount").cast(FACTOR),
            )
        )
    return replace(schedules, anesthesia_factors=pl.concat(made))
