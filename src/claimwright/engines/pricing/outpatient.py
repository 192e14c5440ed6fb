"""Hospital outpatient services under Medicare's outpatient prospective payment system (OPPS).

A line has the rate of its ambulatory payment classification (APC), by the status indicator of its procedure:

    S, V, P, J2        the rate times the units
    T                  the same; of several, the highest in full, others and further units at half
    J1                 comprehensive: the highest pays the whole claim, with a higher APC if Addendum J has
                       the pair; every other line is packaged except status G
    Q1, Q2, Q3         packaged with S, T, V or J (Q1), with T or J (Q2); else the highest at its rate
    Q4                 laboratory: packaged with paid services, else by the laboratory schedule
    G, K, K1, R, U     drugs, blood, brachytherapy: the rate times the units
    N                  packaged
    C                  paid for inpatients only

The contract gives the wage index; it applies to 60 percent of the rates, except drugs, blood and
brachytherapy sources. Modifiers 52 and 73 halve a procedure. Not implemented, since the data is not
available: composite APCs (Q3 is priced alone), observation as a comprehensive service (J2 is priced as a
visit), outliers, device credits, pass-through devices, provider-based departments (PO, PN), additions of
rural and cancer hospitals.

Source: 42 CFR 419.31-419.44; Medicare Claims Processing Manual, ch. 4, 10; CMS, OPPS Addenda B, D1 and J.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl

from claimwright.foundation.columns import taken

from .basis import Basis, code
from .contracts import ContractKind
from .memo_table import spread_out
from .modifiers import MODIFIERS
from .money import half_up
from .price_book import PriceBook

# First two digits of the type of bill: hospital outpatient, inpatient Part B, laboratory for nonpatients.
_HOSPITAL = ["12", "13", "14"]
_NON_PATIENT = "14"

_BY_WAGE = ["S", "T", "V", "P", "J1", "J2", "Q1", "Q2", "Q3"]
_ALWAYS_BY_UNIT = ["G", "K", "K1", "R", "U"]
_PAID_ALONE = ["S", "V", "P", "J2", "Q3"]

# Shares in thousandths: of a further procedure, of one that was reduced or stopped before anesthesia, and the
# share of a rate to which the wage index applies. Source: 42 CFR 419.44; 419.43(c).
_HALF, _LABOR = 500, 600
_PERMILLE = 1_000
_MICROS_PER_CENT = 10_000

_ASKED = ["row", "claim", "on", "procedure", "units_milli", "facility_type", "contract"]


def price_outpatient(lines: pl.DataFrame, book: PriceBook) -> pl.DataFrame:
    """`lines` with `basis`, `gross`, `unit_micros` and `reduction` of hospital outpatient lines."""
    chosen = np.flatnonzero(lines.select(_of_hospitals()).to_series())
    if not len(chosen):
        return lines
    # The lines of a claim are decided together; only claims with such a line are read.
    numbers = (lines[f"{name}_code"].to_numpy()[chosen] for name in MODIFIERS)
    reduced = taken(book.modifiers.table, book.modifiers.rows(*numbers))["reduced_outpatient"]
    asked = taken(lines[_ASKED], chosen).with_columns(halved=reduced.fill_null(value=False))
    indices = {number: one.wage_index for number, one in enumerate(book.contracts)}
    asked = asked.with_columns(
        wage=pl.col("contract").replace_strict(
            {number: int(index * 10_000) for number, index in indices.items()}, return_dtype=pl.Int64
        )
    )
    priced = _decided(_comprehensive(_rated(asked, book), book)).select(_columns())
    spread = spread_out(priced, lines.height)
    return lines.hstack(spread).with_columns(_with_outpatient()).drop(spread.columns)


@cache
def _of_hospitals() -> pl.Expr:
    medicare = (pl.col("kind") == ContractKind.MEDICARE_PFS.value) & pl.col("adjusted")
    there = pl.col("procedure").is_not_null() & pl.col("on").is_not_null() & (pl.col("units_milli") > 0)
    unpriced = pl.col("basis") == Basis.INSTITUTIONAL.value
    return (medicare & unpriced & there & pl.col("facility_type").is_in(_HOSPITAL)).fill_null(value=False)


def _rated(asked: pl.DataFrame, book: PriceBook) -> pl.DataFrame:
    """`asked` with `status`, `apc` and `rate` (millionths of a dollar, wage-adjusted) of its day, and `fee`,
    the rate of the laboratory schedule.
    """
    others = book.schedules.others
    day = pl.col("on").is_between(pl.col("effective_on"), pl.col("expires_on"))
    keys = asked.select("procedure", "on").unique()
    groups = (
        keys.join(others.outpatient, on="procedure")
        .filter(day)
        .sort("rank")
        .unique(["procedure", "on"], keep="first")
    )
    fees = (
        keys.join(others.laboratory.filter(pl.col("modifier") == ""), on="procedure")
        .filter(day)
        .sort("rank")
        .unique(["procedure", "on"], keep="first")
    )
    found = asked.join(
        groups.select("procedure", "on", "status", "apc", rate=_micros("amount")),
        on=["procedure", "on"],
        how="left",
    ).join(fees.select("procedure", "on", fee=_micros("amount")), on=["procedure", "on"], how="left")
    return found.with_columns(_wages(), years=pl.lit(value=groups.height > 0))


def _micros(amount: str) -> pl.Expr:
    return pl.col(amount).cast(pl.Decimal(18, 4)).to_physical().cast(pl.Int64) * 100


def _wages() -> pl.Expr:
    """The rate with the wage index applied to its share, rounded to the cent as rates are published."""
    by_wage = pl.col("rate").cast(pl.Int128) * (_LABOR * pl.col("wage") + (_PERMILLE - _LABOR) * 10_000)
    adjusted = half_up(by_wage, 10_000 * _PERMILLE * _MICROS_PER_CENT).cast(pl.Int64) * _MICROS_PER_CENT
    return (
        pl.when(pl.col("status").is_in(_BY_WAGE) & (pl.col("wage") != 10_000))
        .then(adjusted)
        .otherwise("rate")
        .alias("rate")
    )


def _comprehensive(rated: pl.DataFrame, book: PriceBook) -> pl.DataFrame:
    """`rated` with `leads`, the comprehensive line that pays a claim; if Addendum J has the pair, at the
    rate of the higher APC.
    """
    claims = rated.filter(pl.col("status") == "J1")
    leaders = claims.sort("rate", "row", descending=[True, False], nulls_last=True).unique(
        "claim", keep="first"
    )
    pairs = leaders.select("claim", "row", primary="procedure").join(
        rated.select("claim", other="row", secondary="procedure", units="units_milli"), on="claim"
    )
    twice = (pl.col("row") != pl.col("other")) | (pl.col("units") > _PERMILLE)
    higher = pairs.filter(twice).join(book.schedules.others.complexity, on=["primary", "secondary"])
    rates = rated.filter(pl.col("status") == "J1")
    listed = book.schedules.others.outpatient.filter(pl.col("status") == "J1").select(
        "apc", listed=_micros("amount")
    )
    higher = (
        higher.join(listed.unique("apc"), on="apc").group_by("row").agg(complex_rate=pl.col("listed").max())
    )
    wage = rates.select("row", "wage").unique("row")
    higher = (
        higher.join(wage, on="row")
        .with_columns(status=pl.lit("J1"), rate="complex_rate")
        .with_columns(_wages())
    )
    return (
        rated.join(leaders.select("row", leads=pl.lit(value=True)), on="row", how="left")
        .join(higher.select("row", complex_rate="rate"), on="row", how="left")
        .with_columns(rate=pl.coalesce("complex_rate", "rate"), leads=pl.col("leads").fill_null(value=False))
    )


def _decided(rated: pl.DataFrame) -> pl.DataFrame:
    """`rated` with `state`, the result for the line: paid, packaged, laboratory, or why not; and `share`."""
    status = pl.col("status")

    def beside(*kinds: str) -> pl.Expr:
        return status.is_in(kinds).fill_null(value=False).any().over("claim")

    comprehensive = pl.col("leads").any().over("claim")
    first_of_kind = pl.int_range(pl.len()).over("claim", "status") == 0
    any_paid = beside("S", "T", "V", "P", "J1", "J2", "Q1", "Q2", "Q3")
    q1 = (
        pl.when(beside("S", "T", "V", "J1", "J2") | ~first_of_kind)
        .then(pl.lit("packaged"))
        .otherwise(pl.lit("paid"))
    )
    q2 = pl.when(beside("T", "J1") | ~first_of_kind).then(pl.lit("packaged")).otherwise(pl.lit("paid"))
    laboratory = (
        pl.when(pl.col("fee").is_not_null()).then(pl.lit("laboratory")).otherwise(pl.lit("elsewhere"))
    )
    ordered = rated.sort("rate", "row", descending=[True, False], nulls_last=True)
    state = (
        pl.when((pl.col("facility_type") == _NON_PATIENT) & pl.col("fee").is_not_null())
        .then(pl.lit("laboratory"))
        .when(status.is_null() & ~pl.col("years"))
        .then(pl.lit("undated"))
        .when(status.is_null())
        .then(pl.lit("unlisted"))
        .when(status == "C")
        .then(pl.lit("inpatient"))
        .when(status.is_in(["E1", "E2"]))
        .then(pl.lit("uncovered"))
        .when(status.is_in(["B", "M"]))
        .then(pl.lit("invalid"))
        .when("leads")
        .then(pl.lit("paid"))
        .when((comprehensive & (status != "G")) | (status == "N"))
        .then(pl.lit("packaged"))
        .when(status == "Q4")
        .then(pl.when(any_paid).then(pl.lit("packaged")).otherwise(laboratory))
        .when(status == "Q1")
        .then(q1)
        .when(status == "Q2")
        .then(q2)
        .when(status == "A")
        .then(laboratory)
        .when(status.is_in([*_PAID_ALONE, *_ALWAYS_BY_UNIT, "T"]))
        .then(pl.lit("paid"))
        .otherwise(pl.lit("elsewhere"))
    )
    ordered = ordered.with_columns(
        state=state, first=pl.int_range(pl.len()).over("claim", "on", "status") == 0
    )
    return ordered.with_columns(
        state=pl.when((pl.col("state") == "paid") & pl.col("rate").is_null())
        .then(pl.lit("elsewhere"))
        .otherwise("state")
    )


_BASES = {
    "paid": Basis.OUTPATIENT_SCHEDULE,
    "laboratory": Basis.LABORATORY_SCHEDULE,
    "packaged": Basis.PACKAGED,
    "inpatient": Basis.INPATIENT_ONLY,
    "uncovered": Basis.NOT_COVERED,
    "invalid": Basis.NOT_VALID_FOR_MEDICARE,
    "undated": Basis.NO_SCHEDULE_FOR_DATE,
    "unlisted": Basis.UNKNOWN_CODE,
    "elsewhere": Basis.INSTITUTIONAL,
}


@cache
def _columns() -> list[pl.Expr]:
    """`row`, and the columns that replace those of a line."""
    is_surgery, paid, lab = (
        pl.col("status") == "T",
        pl.col("state") == "paid",
        pl.col("state") == "laboratory",
    )
    one = pl.min_horizontal("units_milli", pl.lit(_PERMILLE))
    units = pl.when("leads").then(pl.lit(_PERMILLE)).otherwise("units_milli")
    full = pl.when(is_surgery).then(pl.when("first").then(one).otherwise(0)).otherwise(units)
    part = pl.when("halved", pl.col("status").is_in(_BY_WAGE)).then(_HALF).otherwise(_PERMILLE)
    rest = pl.when(is_surgery).then(pl.col("units_milli") - full).otherwise(0)
    gross = pl.col("rate").cast(pl.Int128) * (full * _PERMILLE + rest * _HALF) * part // _PERMILLE
    text = pl.concat_str(
        pl.when(paid & is_surgery & (rest > 0)).then(pl.lit("further procedures 50%")),
        pl.when(paid & (part < _PERMILLE)).then(pl.lit("reduced service 50%")),
        pl.when(paid & pl.col("complex_rate").is_not_null()).then(pl.lit("complexity adjustment")),
        pl.when("leads", paid).then(pl.lit("comprehensive: the whole claim")),
        pl.when(paid & (pl.col("status") == "Q3")).then(pl.lit("composite groups not considered")),
        separator="; ",
        ignore_nulls=True,
    )
    basis = code(Basis.INSTITUTIONAL)
    for state, found in _BASES.items():
        basis = pl.when(pl.col("state") == state).then(code(found)).otherwise(basis)
    return [
        pl.col("row"),
        basis.alias("hospital_basis"),
        pl.when(paid)
        .then(gross)
        .when(lab)
        .then(pl.col("fee").cast(pl.Int128) * pl.col("units_milli") * _PERMILLE)
        .alias("hospital_gross"),
        pl.when(paid).then("rate").when(lab).then("fee").alias("hospital_micros"),
        pl.when(text != "").then(text).alias("hospital_reduction"),
    ]


@cache
def _with_outpatient() -> list[pl.Expr]:
    return [
        pl.coalesce("hospital_basis", "basis").alias("basis"),
        pl.coalesce("hospital_gross", "gross").alias("gross"),
        pl.coalesce("hospital_micros", "unit_micros").alias("unit_micros"),
        pl.coalesce("hospital_reduction", "reduction").alias("reduction"),
    ]
