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

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

import polars as pl

from claimwright.foundation.errors import CatalogError

from .other_schedules import OtherSchedules, other_schedules
from .versions import packaged_versions

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
        anesthesia_factors: dates, `locality`, `amount` in dollars a unit, `qualifying_apm`.
        facility_places: `place_of_service`, dates, `facility_pays_technical`.
        payment_rules: `rule`, dates, `percent`.
        single_locality_states: `state`, `locality`.
        base_units: `procedure`, `base_units` of anesthesia.
        others: the ZIP codes of localities, and the schedules beside that of physicians.
    """

    schedules: pl.DataFrame
    relative_values: Mapping[int, RelativeValues]
    indices: pl.DataFrame
    conversion_factors: pl.DataFrame
    anesthesia_factors: pl.DataFrame
    facility_places: pl.DataFrame
    payment_rules: pl.DataFrame
    single_locality_states: pl.DataFrame
    base_units: pl.DataFrame
    others: OtherSchedules

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

    return RelativeValues(year, lambda: decimals_of(pl.read_parquet(_bytes(folder, name))), procedures)


# The editions of a year are numbered from its hundredfold on.
EDITIONS = 100


def _first_edition() -> pl.Expr:
    return (pl.col("year").cast(pl.Int32) * EDITIONS).alias("edition")


def decimals_of(values: pl.DataFrame) -> pl.DataFrame:
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
            year * EDITIONS: _relative_values(folder, year) for year in schedules["year"].to_list()
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
            *_dates(), "locality", pl.col("amount").cast(FACTOR), pl.lit("any").alias("qualifying_apm")
        ),
        facility_places=_text(folder, "facility_places.csv").select(
            "place_of_service", *_dates(), pl.col("facility_pays_technical") == "yes"
        ),
        payment_rules=_text(folder, "payment_rules.csv").select(
            "rule", *_dates(), pl.col("percent").cast(PERCENT)
        ),
        single_locality_states=_text(folder, "single_locality_states.csv").select("state", "locality"),
        base_units=_text(folder, "anesthesia_base_units.csv")
        .select("procedure", pl.col("base_units").cast(pl.Int64))
        .filter(pl.col("base_units") > 0),
        others=other_schedules(packaged_versions()),
    )


@cache
def fee_schedules() -> FeeSchedules:
    """The fee schedules that came with this installation, read once.

    Raises:
        FeeScheduleError: the installation is damaged.
    """
    return read_fee_schedules(resources.files("claimwright.reference") / "pricing")
