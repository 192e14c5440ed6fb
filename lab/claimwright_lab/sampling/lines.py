"""Service lines and diagnoses of planned claims."""

from __future__ import annotations

import numpy as np
import polars as pl

from claimwright.domain.dictionary import Level
from claimwright.reference.fee_schedules import fee_schedules

from . import parties
from .draws import Flags, Whole
from .encounters import prices
from .identifiers import padded
from .payers import MEDICAID
from .plan import Plan, days

Frames = dict[Level, pl.DataFrame]

# A physician charges so many percent of the fee schedule; the others' prices in the catalogue are charges.
_CHARGE_PERCENT = (150, 320)
_OWN_PRICE_PERCENT = (90, 140)
_WHOLE_DOLLAR = 100
_DATED_INPATIENT = ("11", "12", "21")


def money(cents: Whole) -> pl.Series:
    """Cents as dollars, exactly: the decimal point moves and nothing is rounded."""
    hundredth = pl.lit("0.01").cast(pl.Decimal(18, 2))
    return (
        pl.DataFrame({"cents": cents})
        .select((pl.col("cents").cast(pl.Decimal(18, 0)) * hundredth).cast(pl.Decimal(18, 2)))
        .to_series()
    )


def quantity(whole: Whole) -> pl.Series:
    """Whole numbers as quantities."""
    return pl.Series(whole).cast(pl.Decimal(15, 3))


def _facility(plan: Plan) -> Flags:
    codes = fee_schedules().facility_places["place_of_service"].unique()
    return plan.place.is_in(codes.implode()).to_numpy()


def build(plan: Plan, claims: Whole) -> tuple[Frames, Whole]:
    """The lines and teeth of the plan, and the charge of each claim in cents. `claims` are their ordinals."""
    book = plan.catalogue
    width = book.lines.first.shape[1]
    draw = np.stack([plan.draws.below(f"line {slot}", 1_000_000) for slot in range(width)], axis=1)
    there = np.stack([plan.draws.below(f"has line {slot}", 1_000_000) for slot in range(width)], axis=1)
    service, held = book.lines.chosen(plan.encounter, draw, there)
    held[~held.any(axis=1), 0] = True
    row, slot = np.nonzero(held)
    picked = service[row, slot]
    line: Whole = np.cumsum(held, axis=1, dtype=np.int64)[row, slot]
    table = book.services[pl.Series(picked)]
    units = _units(plan, table, row)
    cents = _charges(plan, picked, units, row)
    dated = (
        plan.place.is_in(_DATED_INPATIENT).to_numpy() if plan.form == "I" else np.zeros(len(plan), dtype=bool)
    )
    day = days(plan.first_day[row] + table["_day"].to_numpy())
    lines = table.select(pl.exclude("^_.*$")).with_columns(
        claim=pl.Series(claims[row]),
        line=pl.Series(line).cast(pl.Int32),
        assigned_number=pl.Series(line).cast(pl.Int32),
        line_charge=money(cents),
        units=quantity(units),
        # A stay is dated as a whole (005010X223A2, 2400 DTP 472 is for outpatient lines).
        service_from_on=parties.kept(day, ~dated[row]),
        service_to_on=parties.kept(day, ~dated[row]),
        line_control_number=pl.concat_str(pl.lit("L"), pl.Series(claims[row]), pl.lit("-"), pl.Series(line)),
        ndc_quantity=pl.col("ndc_quantity").cast(pl.Decimal(15, 3)),
    )
    if plan.form != "D":
        drug = lines["ndc"].is_not_null().to_numpy()
        number = padded(plan.draws.of(row).below("prescription", 10**8), 8, "RX")
        lines = lines.with_columns(
            prescription_number_type=parties.constant("XZ", drug),
            prescription_number=parties.kept(number, drug),
        )
    if plan.form == "P":
        lines = lines.drop("revenue_code", "oral_cavity_1", "prosthesis")
        ordering = parties.ordering(plan)
        lines = lines.with_columns(
            values.gather(pl.Series(row)).alias(name) for name, values in ordering.items()
        )
        screened = plan.flag("screening") & (plan.payer_kind == MEDICAID)
        lines = lines.with_columns(epsdt=parties.constant("Y", screened[row] & (line == 1)))
    frames: Frames = {Level.LINE: lines}
    if plan.form == "D":
        frames[Level.LINE] = lines.drop("unit_basis", "revenue_code", "^ndc.*$")
        frames[Level.TOOTH] = _teeth(table, claims[row], line)
    totals = np.zeros(len(plan), dtype=np.int64)
    np.add.at(totals, row, cents)
    return frames, totals


def _units(plan: Plan, table: pl.DataFrame, row: Whole) -> Whole:
    low, high = table["_low"].to_numpy(), table["_high"].to_numpy()
    drawn = plan.draws.of(row).between("units", low, high)
    nights = np.maximum(plan.last_day - plan.first_day, 1)[row]
    return np.where(table["_by_days"].to_numpy(), nights, drawn)


def _charges(plan: Plan, service: Whole, units: Whole, row: Whole) -> Whole:
    """Cents of each line: the price of a unit, times what this provider charges on it, to the dollar."""
    year = int(days(np.array([plan.as_of])).dt.year()[0])
    price = prices(plan.form, year)
    unit = np.where(_facility(plan)[row], price.facility[service], price.nonfacility[service])
    low, high = _CHARGE_PERCENT if plan.form == "P" else _OWN_PRICE_PERCENT
    billing_draws, _ = parties.organization(plan.draws.seed, parties.kinds_of(plan), plan.provider)
    percent = billing_draws.between("charge percent", low, high)[row]
    dollars = (unit * percent // 100 + _WHOLE_DOLLAR - 1) // _WHOLE_DOLLAR
    return dollars * _WHOLE_DOLLAR * units


def _teeth(table: pl.DataFrame, claim: Whole, line: Whole) -> pl.DataFrame:
    return (
        table.select(
            claim=pl.Series(claim),
            line=pl.Series(line).cast(pl.Int32),
            position=pl.lit(1, pl.Int32),
            tooth_system=pl.lit("JP"),
            tooth="_tooth",
            **{f"tooth_surface_{n}": pl.col(f"_surface_{n}") for n in (1, 2, 3, 4)},
        )
    ).filter(pl.col("tooth").is_not_null())


def diagnoses(plan: Plan, claims: Whole) -> pl.DataFrame:
    """The diagnoses in the order in which an 837 has them."""
    book = plan.catalogue
    if not len(book.codes):
        return pl.DataFrame(schema={"claim": pl.Int64})
    width = book.diagnoses.first.shape[1]
    draw = np.stack([plan.lead.below(f"diagnosis {slot}", 1_000_000) for slot in range(width)], axis=1)
    there = np.stack([plan.lead.below(f"has diagnosis {slot}", 1_000_000) for slot in range(width)], axis=1)
    chosen, held = book.diagnoses.chosen(plan.encounter, draw, there)
    row, slot = np.nonzero(held)
    frame = pl.DataFrame(
        {
            "claim": claims[row],
            "order": np.where(slot == 0, 0, 100 + slot),
            "diagnosis_qualifier": np.where(slot == 0, "ABK", "ABF"),
            "diagnosis": book.codes.gather(pl.Series(chosen[row, slot])),
        },
        schema_overrides={"diagnosis_qualifier": pl.String},
    )
    if plan.form == "I":
        frame = pl.concat([frame, *_hospital_diagnoses(plan, claims)]).with_columns(
            poa=_present_on_admission(plan, claims)
        )
    return (
        frame.sort("claim", "order")
        .with_columns(position=pl.int_range(1, pl.len() + 1, dtype=pl.Int32).over("claim"))
        .drop("order")
    )


def _hospital_diagnoses(plan: Plan, claims: Whole) -> list[pl.DataFrame]:
    book = plan.catalogue
    admitting = pl.DataFrame(
        {"claim": claims, "order": 1, "diagnosis_qualifier": "ABJ", "diagnosis": plan.text("admitting")}
    ).filter(pl.col("diagnosis").is_not_null())
    parts = [admitting]
    for encounter, reasons in enumerate(book.lists["reasons"]):
        mine = claims[plan.encounter == encounter]
        parts += [
            pl.DataFrame({"claim": mine, "order": 2 + n, "diagnosis_qualifier": "APR", "diagnosis": reason})
            for n, reason in enumerate(reasons)
            if len(mine)
        ]
    return [part.cast({"order": pl.Int64}) for part in parts]


def _present_on_admission(plan: Plan, claims: Whole) -> pl.Expr:
    """Y on the diagnoses of a stay; codes of chapter Z are exempt (CMS, POA exempt list)."""
    stays = pl.Series(claims[plan.place.is_in(_DATED_INPATIENT).to_numpy()])
    told = (
        pl.col("claim").is_in(stays.implode())
        & pl.col("diagnosis_qualifier").is_in(["ABK", "ABF"])
        & ~pl.col("diagnosis").str.starts_with("Z")
    )
    return pl.when(told).then(pl.lit("Y"))
