"""The catalogue as columns: encounters, the services and the diagnoses that they may have.

An encounter is a row; its line slots and diagnosis slots are matrices of indices into two flat tables,
so that choosing for ten thousand claims is a few gathers.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from claimwright.foundation.located_yaml import read_mapping
from claimwright.reference.fee_schedules import FeeSchedules, fee_schedules

from .draws import Whole
from .notation import CatalogueError, Service, Slot, read_diagnosis, read_line, read_range

FILES = {"P": "professional.yaml", "I": "institutional.yaml", "D": "dental.yaml"}

# What an encounter may say, and what holds where it doesn't.
_SAYS: dict[str, Any] = {
    "weight": 1,
    "ages": "18..80",
    "sex": "",
    "taxonomy": None,
    "places": ["11"],
    "billing": "",
    "payer": "",
    "never": "",
    "repeats": "0%",
    "stay": "0",
    "newborn": False,
    "cause": None,
    "clia": False,
    "screening": False,
    "mammography": False,
    "referring": False,
    "ordering": False,
    "operating": False,
    "ambulance": False,
    "first_treatment": False,
    "within_month": False,
    "authorization": "0%",
    "menstrual_period": 0,
    "anesthesia_for": None,
    "orthodontic_months": 0,
    "bill": None,
    "admission": None,
    "source": "1",
    "drg": None,
    "admitting": None,
    "reasons": [],
    "procedures": [],
    "conditions": [],
    "values": [],
    "occurrences": [],
    "diagnoses": [],
    "lines": [],
}
_BILLING = {"P": "group", "I": "hospital", "D": "dental"}
_AS_TEXT = ("sex", "taxonomy", "payer", "never", "cause", "anesthesia_for", "bill", "admission", "source",
            "drg", "admitting")  # fmt: skip
_FLAGS = ("newborn", "clia", "screening", "mammography", "referring", "ordering", "operating", "ambulance",
          "first_treatment", "within_month")  # fmt: skip
# The components of the fee schedule that a modifier names.
_COMPONENTS = {"26": 1, "TC": 2}


@dataclass(frozen=True)
class Slots:
    """Matrices of one row an encounter and one column a slot. `first` is -1 where there is no slot."""

    first: Whole
    choices: Whole
    percent: Whole

    def chosen(self, encounter: Whole, draw: Whole, there: Whole) -> tuple[Whole, npt.NDArray[np.bool_]]:
        """Rows of the flat table by owner and slot, and which are there, for draws of 0 to 999,999."""
        first, choices = self.first[encounter], self.choices[encounter]
        picked = first + draw * choices // 1_000_000
        return picked, (first >= 0) & (there < self.percent[encounter] * 10_000)


@dataclass(frozen=True)
class Prices:
    """Cents of one unit of each service, outside and inside a facility."""

    nonfacility: Whole
    facility: Whole


@dataclass(frozen=True)
class Catalogue:
    """All encounters of one form."""

    form: str
    names: tuple[str, ...]
    weights: Whole
    ages: Whole
    """Lowest and highest, by encounter."""
    stay: Whole
    latest_day: Whole
    """How many days after the first the last service of an outpatient encounter can be."""
    repeats: Whole
    authorization: Whole
    menstrual_period: Whole
    orthodontic_months: Whole
    places: Whole
    """First row and number of rows in `place_codes`."""
    place_codes: pl.Series
    table: pl.DataFrame
    """Texts and flags of the encounters, by the names in the YAML, `billing` among them."""
    services: pl.DataFrame
    lines: Slots
    codes: pl.Series
    diagnoses: Slots
    lists: dict[str, tuple[tuple[str, ...], ...]]
    """`reasons`, `procedures`, `conditions`, `values`, `occurrences`, by encounter."""

    def number(self, name: str) -> int:
        """The row of an encounter."""
        return self.names.index(name)

    def flag(self, name: str, encounter: Whole) -> npt.NDArray[np.bool_]:
        """A yes or no of each of these encounters."""
        flags: npt.NDArray[np.bool_] = self.table[name].to_numpy()[encounter]
        return flags

    def text(self, name: str, encounter: Whole) -> pl.Series:
        """A text of each of these encounters."""
        return self.table[name].gather(pl.Series(encounter))


@cache
def catalogue(form: str) -> Catalogue:
    """The encounters of a form, P, I or D.

    Raises:
        CatalogueError: the file says something that can't be read.
    """
    folder = resources.files("claimwright_lab.sampling") / "catalogue"
    entries = read_mapping((folder / FILES[form]).read_text(encoding="utf-8"), FILES[form])
    return build(form, {str(name): _complete(str(name), said) for name, said in entries.items()})


def _complete(name: str, said: dict[str, Any]) -> dict[str, Any]:
    unknown = set(said) - set(_SAYS)
    if unknown:
        raise CatalogueError(f"{name}: {', '.join(sorted(unknown))}")
    return {**_SAYS, **said}


def build(form: str, entries: dict[str, dict[str, Any]]) -> Catalogue:
    """The catalogue of these encounters, each complete with everything that `_SAYS` names."""
    values = list(entries.values())
    services: list[Service] = []
    codes: list[str] = []
    places = [[str(place).zfill(2) for place in entry["places"]] for entry in values]
    table = {
        **{name: [entry[name] and str(entry[name]) for entry in values] for name in _AS_TEXT},
        **{name: [bool(entry[name]) for entry in values] for name in _FLAGS},
        "billing": [entry["billing"] or _BILLING[form] for entry in values],
    }
    lists = ("reasons", "procedures", "conditions", "values", "occurrences")
    return Catalogue(
        form=form,
        names=tuple(entries),
        weights=np.array([entry["weight"] for entry in values], dtype=np.int64),
        ages=np.array([_ends(entry["ages"]) for entry in values], dtype=np.int64),
        stay=np.array([_ends(entry["stay"]) for entry in values], dtype=np.int64),
        repeats=_percents(values, "repeats"),
        authorization=_percents(values, "authorization"),
        menstrual_period=np.array([entry["menstrual_period"] for entry in values], dtype=np.int64),
        orthodontic_months=np.array([entry["orthodontic_months"] for entry in values], dtype=np.int64),
        latest_day=np.array([_latest_day(entry["lines"]) for entry in values], dtype=np.int64),
        places=_spans([len(each) for each in places]),
        place_codes=pl.Series([code for each in places for code in each], dtype=pl.String),
        table=pl.DataFrame(table, schema_overrides=dict.fromkeys(_AS_TEXT, pl.String)),
        lines=_slots([[read_line(str(text)) for text in entry["lines"]] for entry in values], services),
        diagnoses=_slots(
            [[read_diagnosis(str(text)) for text in entry["diagnoses"]] for entry in values], codes
        ),
        services=_service_table(services, form),
        codes=pl.Series(codes, dtype=pl.String),
        lists={name: tuple(tuple(map(str, entry[name])) for entry in values) for name in lists},
    )


def _ends(text: object) -> tuple[int, int]:
    return read_range(str(text))


def _latest_day(lines: list[object]) -> int:
    services: list[Service] = []
    _slots([[read_line(str(text)) for text in lines]], services)
    return max((service.day for service in services), default=0)


def _percents(entries: list[dict[str, Any]], name: str) -> Whole:
    return np.array([int(str(entry[name]).rstrip("%")) for entry in entries], dtype=np.int64)


def _spans(lengths: list[int]) -> Whole:
    ends = np.cumsum(np.array(lengths, dtype=np.int64))
    return np.stack([ends - lengths, np.array(lengths, dtype=np.int64)], axis=1)


def _slots(entries: list[list[Slot]], flat: list[Any]) -> Slots:
    """The matrices; every way in which a slot can turn out is added to `flat`."""
    width = max(len(slots) for slots in entries)
    first = np.full((len(entries), width), -1, dtype=np.int64)
    choices = np.zeros((len(entries), width), dtype=np.int64)
    percent = np.zeros((len(entries), width), dtype=np.int64)
    for row, slots in enumerate(entries):
        for column, slot in enumerate(slots):
            first[row, column], choices[row, column] = len(flat), len(slot.choices)
            percent[row, column] = slot.percent
            flat.extend(slot.choices)
    return Slots(first, choices, percent)


_QUALIFIER = {"P": "HC", "I": "HC", "D": "AD"}


def _service_table(services: list[Service], form: str) -> pl.DataFrame:
    """Fields of a line as the dictionary names them, and what they are drawn from, prefixed with `_`."""

    def nth(values: tuple[Any, ...] | str, n: int) -> Any:
        return values[n - 1] if n <= len(values) else None

    columns: dict[str, tuple[Any, Any]] = {
        "procedure": (pl.String, [each.procedure for each in services]),
        "procedure_qualifier": (
            pl.String,
            [_QUALIFIER[form] if each.procedure else None for each in services],
        ),
        "unit_basis": (pl.String, [None if form == "D" else each.unit_basis for each in services]),
        "procedure_description": (pl.String, [each.description for each in services]),
        "revenue_code": (pl.String, [each.revenue_code for each in services]),
        "ndc_qualifier": (pl.String, ["N4" if each.ndc else None for each in services]),
        "ndc": (pl.String, [each.ndc for each in services]),
        "ndc_quantity": (pl.Int64, [each.ndc_quantity for each in services]),
        "ndc_unit": (pl.String, [each.ndc_unit for each in services]),
        "oral_cavity_1": (pl.String, [each.area for each in services]),
        "prosthesis": (pl.String, [each.prosthesis for each in services]),
        "_low": (pl.Int64, [each.units[0] for each in services]),
        "_high": (pl.Int64, [each.units[1] for each in services]),
        "_by_days": (pl.Boolean, [each.by_days for each in services]),
        "_day": (pl.Int64, [each.day for each in services]),
        "_price": (pl.Int64, [each.price_cents for each in services]),
        "_tooth": (pl.String, [each.tooth for each in services]),
    }
    for n in (1, 2, 3, 4):
        columns[f"modifier_{n}"] = pl.String, [nth(each.modifiers, n) for each in services]
        if form == "P":
            columns[f"diagnosis_pointer_{n}"] = pl.Int32, [nth(each.pointers, n) for each in services]
        columns[f"_surface_{n}"] = pl.String, [nth(each.surfaces, n) for each in services]
    return pl.DataFrame({name: pl.Series(values, dtype=dtype) for name, (dtype, values) in columns.items()})


def prices(form: str, year: int) -> Prices:
    """What one unit of each service is charged from, under the fee schedule of a year.

    A year that has no schedule takes the nearest that has.

    Raises:
        CatalogueError: a service has neither a price of its own nor one in the schedule.
    """
    return _prices(form, _nearest(fee_schedules(), year))


def _nearest(schedules: FeeSchedules, year: int) -> int:
    return min(schedules.years, key=lambda known: (abs(known - year), -known))


@cache
def _prices(form: str, year: int) -> Prices:
    table = catalogue(form).services
    schedules = fee_schedules()
    factors = schedules.conversion_factors.filter(
        (pl.col("service") == "physician")
        & (pl.col("effective_on").dt.year() <= year)
        & (pl.col("expires_on").dt.year() >= year)
    )
    factor = factors.sort("effective_on")["amount"][-1]
    [values] = [held.table() for held in schedules.relative_values.values() if held.year == year]
    component = pl.coalesce(
        *(pl.when(pl.col("modifier_1") == modifier).then(number) for modifier, number in _COMPONENTS.items()),
        0,
    )
    joined = table.select(
        "procedure", "_price", component.cast(values["component"].dtype).alias("component")
    ).join(values, on=["procedure", "component"], how="left", maintain_order="left")
    found = {}
    for expense in ("pe_nonfacility", "pe_facility"):
        # Hundredths of a relative value unit times ten-thousandths of a dollar: a millionth of a dollar.
        units = (joined["work"] + joined[expense] + joined["malpractice"]) * 100
        millionths = units.cast(pl.Int64) * int(factor * 10_000)
        cents = (
            pl.DataFrame({"own": joined["_price"], "schedule": millionths // 10_000})
            .select(pl.coalesce("own", pl.when(pl.col("schedule") > 0).then("schedule")))
            .to_series()
        )
        if cents.null_count():
            lacking = table.filter(cents.is_null())["procedure"].unique().to_list()
            raise CatalogueError(f"no price: {', '.join(map(str, lacking))}")
        found[expense] = cents.to_numpy()
    return Prices(found["pe_nonfacility"], found["pe_facility"])
