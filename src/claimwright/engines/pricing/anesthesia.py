"""Anesthesia: base units plus time units, times the anesthesia conversion factor.

Source: 42 CFR 414.46; Medicare Claims Processing Manual, ch. 12, 50. One time unit is fifteen minutes,
computed to one decimal. Modifiers QK, QX and QY, medical direction, pay half; AA, QZ and none pay in full.
AD, supervision of more than four procedures, pays three base units and no time.

Base units are not in CMS's relative value files. They are from CMS's own list of 2022, which has every
code that is anesthesia in 2026; a contract may give others. The factor is that of the locality. If none is
available, as for 2026, the national factor is used, and the price says so. A contract's conversion factor for
relative values does not apply to anesthesia, which has its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

import polars as pl

from claimwright.reference.fee_schedules import FeeSchedules

from .basis import Basis, code, first_reason
from .contracts import NATIONAL, Contract
from .money import half_up, whole

# Anesthesia codes: CPT 00100-01999.
_CODE = r"^0[01]\d{3}$"

_TENTHS = 10
_MINUTES_A_UNIT = 15
_MILLI = 1_000

# Tenths of a unit x ten-thousandths of a dollar, converted to the scale of all other prices: millionths x
# thousandths x thousandths of a dollar.
_TO_GROSS = 10_000_000

# Base units if a physician supervises more than four procedures at once; manual, ch. 12, 50.D.
_SUPERVISION_BASE_UNITS = 3


@cache
def is_anesthesia() -> pl.Expr:
    """Whether a line's procedure is an anesthesia code."""
    return pl.col("procedure").str.contains(_CODE).fill_null(value=False)


def base_units(contracts: Sequence[Contract], schedules: FeeSchedules) -> pl.DataFrame:
    """`contract`, its number, `procedure` and `base_units`: of the contract if it has the code, else CMS."""
    rows: list[Mapping[str, object]] = [
        {"contract": number, "procedure": code, "base_units": units}
        for number, contract in enumerate(contracts)
        for code, units in contract.anesthesia_base_units.items()
    ]
    own = pl.DataFrame(rows, schema={"contract": pl.Int32, "procedure": pl.String, "base_units": pl.Int64})
    every = pl.DataFrame({"contract": range(len(contracts))}, schema={"contract": pl.Int32})
    published = every.join(schedules.base_units.select("procedure", "base_units"), how="cross")
    both = pl.concat([own, published])
    return both.unique(["contract", "procedure"], keep="first", maintain_order=True)


def anesthesia_factors(lines: pl.DataFrame, schedules: FeeSchedules) -> pl.DataFrame:
    """The distinct `on`, `locality`, `qualifying_apm`, with `anesthesia_factor` or null, and `nationwide` if
    it is the national factor because the locality has none.
    """
    asked = lines.select("on", "locality", "qualifying_apm").unique()
    local = schedules.anesthesia_factors
    nation = schedules.conversion_factors.filter(pl.col("service") == "anesthesia")
    status = pl.when("qualifying_apm").then(pl.lit("yes")).otherwise(pl.lit("no"))
    of_status = (pl.col("for") == "any") | (pl.col("for") == status)
    in_force = pl.col("on").is_between(pl.col("effective_on"), pl.col("expires_on"))
    by_locality = asked.join(local.rename({"qualifying_apm": "for"}), on="locality")
    national = asked.join(nation.rename({"qualifying_apm": "for"}), how="cross")
    keys = ["on", "locality", "qualifying_apm"]
    for part, name in ((by_locality, "own"), (national, "nation")):
        there = part.filter(in_force & of_status).select(*keys, pl.col("amount").alias(name))
        asked = asked.join(there, on=keys, how="left")
    fallen_back = pl.col("own").is_null() & pl.col("nation").is_not_null()
    return asked.select(
        *keys,
        anesthesia_factor=pl.coalesce("own", "nation"),
        nationwide=fallen_back & (pl.col("locality") != NATIONAL),
    )


def price_anesthesia(lines: pl.DataFrame, base_units: pl.DataFrame) -> pl.DataFrame:
    """`row`, `asleep_basis`, `asleep_gross`, `asleep_factor`, `role_permille` and `adjustment`.

    `asleep_gross` has the unit of `gross` in `surgical_reductions`, before `role_permille`, the share for
    medical direction. Reads `anesthesia_factor` and `rule_anesthesia_directed` of the line's day.
    """
    lines = lines.join(base_units, on=["contract", "procedure"], how="left", maintain_order="left")
    return lines.with_columns(_units()).with_columns(_reason()).select(_prices())


def _supervised() -> pl.Expr:
    return (pl.col("anesthesia_role") == "AD").fill_null(value=False)


def _directed() -> pl.Expr:
    return pl.col("anesthesia_role").is_in(["QK", "QX", "QY"]).fill_null(value=False)


@cache
def _units() -> list[pl.Expr]:
    """`factor`, and `unit_tenths`, base and time units in tenths."""
    minutes = half_up(pl.col("units_milli") * _TENTHS, _MINUTES_A_UNIT * _MILLI)
    counted = half_up(pl.col("units_milli") * _TENTHS, _MILLI)
    time_tenths = pl.when(pl.col("unit_basis") == "MJ").then(minutes).otherwise(counted).cast(pl.Int64)
    tenths = (
        pl.when(_supervised())
        .then(_SUPERVISION_BASE_UNITS * _TENTHS)
        .otherwise(pl.col("base_units") * _TENTHS + time_tenths)
    )
    return [
        pl.coalesce("own_anesthesia_factor", "anesthesia_factor").alias("factor"),
        tenths.alias("unit_tenths"),
    ]


@cache
def _reason() -> pl.Expr:
    """`reason`: why there is no price, or null."""
    timed = pl.col("unit_basis").is_in(["MJ", "UN"]).fill_null(value=False)
    return first_reason(
        (pl.col("base_units").is_null() & ~_supervised(), Basis.NO_ANESTHESIA_BASE_UNITS),
        (~_supervised() & ~timed, Basis.NO_ANESTHESIA_TIME),
        (pl.col("factor").is_null(), Basis.NO_CONVERSION_FACTOR),
    ).alias("reason")


@cache
def _prices() -> list[pl.Expr]:
    share = pl.col("rule_anesthesia_directed")
    amount = pl.col("unit_tenths").cast(pl.Int128) * whole("factor") * _TO_GROSS
    direction = pl.concat_str(pl.lit("medical direction "), share // 10, pl.lit("%"))
    return [
        pl.col("row"),
        pl.when(_directed()).then(share).otherwise(1_000).alias("role_permille"),
        pl.coalesce("reason", code(Basis.ANESTHESIA)).alias("asleep_basis"),
        pl.col("factor").alias("asleep_factor"),
        pl.when(pl.col("reason").is_null()).then(amount).alias("asleep_gross"),
        pl.concat_str(
            pl.when(_directed()).then(direction),
            pl.when("nationwide", pl.col("own_anesthesia_factor").is_null()).then(
                pl.lit("national anesthesia factor, for want of that of the locality")
            ),
            separator="; ",
            ignore_nulls=True,
        ).alias("adjustment"),
    ]
