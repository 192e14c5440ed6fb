"""Anaesthesia: base units plus time units, times a conversion factor of its own.

Source: 42 CFR 414.46; Medicare Claims Processing Manual, ch. 12, 50. Fifteen minutes are one time unit,
counted to one decimal. Modifiers QK, QX and QY, medical direction, pay half; AA, QZ and none pay in full.
AD, supervision of more than four procedures, pays three base units and no time.

Base units are not in CMS's relative value files: a contract gives them for the codes that it prices.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

import polars as pl

from claimwright.reference.fee_schedules import FeeSchedules

from .basis import Basis, code
from .contracts import NATIONAL, Contract
from .money import half_up, whole

# What is billed for anaesthesia: CPT 00100-01999.
_CODE = r"^0[01]\d{3}$"

_TENTHS = 10
_MINUTES_A_UNIT = 15
_MILLI = 1_000

# Tenths of a unit x ten-thousandths of a dollar, in the millionths x thousandths x thousandths of a dollar
# that every other price is counted in.
_TO_GROSS = 10_000_000

# Base units where a physician supervises more than four procedures at once; manual, ch. 12, 50.D.
_SUPERVISION_BASE_UNITS = 3


@cache
def is_anesthesia() -> pl.Expr:
    """Whether a line's procedure is an anaesthesia code."""
    return pl.col("procedure").str.contains(_CODE).fill_null(value=False)


def _base_units(contracts: Sequence[Contract]) -> pl.DataFrame:
    rows: list[Mapping[str, object]] = [
        {"contract": number, "procedure": code, "base_units": units}
        for number, contract in enumerate(contracts)
        for code, units in contract.anesthesia_base_units.items()
    ]
    return pl.DataFrame(rows, schema={"contract": pl.Int32, "procedure": pl.String, "base_units": pl.Int64})


def _factors(lines: pl.DataFrame, schedules: FeeSchedules) -> pl.DataFrame:
    """`on`, `locality`, `qualifying_apm` as they occur, with the anaesthesia factor or null."""
    asked = lines.select("on", "locality", "qualifying_apm").unique()
    local = schedules.anesthesia_factors
    nation = schedules.conversion_factors.filter(pl.col("service") == "anesthesia")
    by_locality = asked.join(local, on="locality")
    status = pl.when("qualifying_apm").then(pl.lit("yes")).otherwise(pl.lit("no"))
    national = (
        asked.filter(pl.col("locality") == NATIONAL)
        .join(nation.rename({"qualifying_apm": "for"}), how="cross")
        .filter((pl.col("for") == "any") | (pl.col("for") == status))
    )
    in_force = pl.col("on").is_between(pl.col("effective_on"), pl.col("expires_on"))
    keys = ["on", "locality", "qualifying_apm"]
    found = pl.concat(
        [part.filter(in_force).select(*keys, anesthesia_factor="amount") for part in (by_locality, national)]
    )
    return asked.join(found, on=keys, how="left")


def price_anesthesia(
    lines: pl.DataFrame, contracts: Sequence[Contract], schedules: FeeSchedules, rules: pl.DataFrame
) -> pl.DataFrame:
    """`lines` with `basis`, `gross`, `role_permille`, `factor` and `adjustment`.

    `gross` is as in `surgical_reductions`, before `role_permille`, what medical direction leaves of it.
    """
    lines = (
        lines.join(_base_units(contracts), on=["contract", "procedure"], how="left")
        .join(_factors(lines, schedules), on=["on", "locality", "qualifying_apm"], how="left")
        .join(rules.select("on", "rule_anesthesia_directed"), on="on", how="left")
        .with_columns(factor=pl.coalesce("own_factor", "anesthesia_factor"))
    )
    supervised = (pl.col("anesthesia_role") == "AD").fill_null(value=False)
    directed = pl.col("anesthesia_role").is_in(["QK", "QX", "QY"]).fill_null(value=False)
    minutes = half_up(pl.col("units_milli") * _TENTHS, _MINUTES_A_UNIT * _MILLI)
    counted = half_up(pl.col("units_milli") * _TENTHS, _MILLI)
    time_tenths = pl.when(pl.col("unit_basis") == "MJ").then(minutes).otherwise(counted).cast(pl.Int64)
    lines = lines.with_columns(
        unit_tenths=pl.when(supervised)
        .then(_SUPERVISION_BASE_UNITS * _TENTHS)
        .otherwise(pl.col("base_units") * _TENTHS + time_tenths),
        role_permille=pl.when(directed).then("rule_anesthesia_directed").otherwise(1_000),
    )
    reason = (
        pl.when(pl.col("base_units").is_null() & ~supervised)
        .then(code(Basis.NO_ANESTHESIA_BASE_UNITS))
        .when(~supervised & ~pl.col("unit_basis").is_in(["MJ", "UN"]).fill_null(value=False))
        .then(code(Basis.NO_ANESTHESIA_TIME))
        .when(pl.col("factor").is_null())
        .then(code(Basis.NO_CONVERSION_FACTOR))
    )
    return lines.with_columns(
        basis=pl.coalesce(reason, code(Basis.ANESTHESIA)),
        gross=pl.when(reason.is_null()).then(
            pl.col("unit_tenths").cast(pl.Int128) * whole("factor") * _TO_GROSS
        ),
        adjustment=pl.when(directed).then(
            pl.concat_str(pl.lit("medical direction "), pl.col("rule_anesthesia_directed") // 10, pl.lit("%"))
        ),
    )
