"""Pricing by contracts that need no fee schedule: a percentage of the charge, and a rate per unit."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from .basis import Basis, code
from .contracts import Contract, ContractKind

# Factors from cents, thousandths and ten-thousandths to the common scale of prices:
# millionths of a dollar x thousandths of a unit x thousandths.
_CENT_TO_GROSS = 10_000 * 1_000 * 1_000
_RATE_TO_GROSS = 100 * 1_000


def price_by_share(lines: pl.DataFrame) -> pl.DataFrame:
    """`lines` with `basis` and `gross`, the charge; the contract's percentage is applied later."""
    charged = pl.col("charge_cents") >= 0
    return lines.with_columns(
        basis=pl.when(charged.fill_null(value=False))
        .then(code(Basis.PERCENT_OF_CHARGE))
        .otherwise(code(Basis.NO_CHARGE)),
        gross=pl.when(charged).then(pl.col("charge_cents").cast(pl.Int128) * _CENT_TO_GROSS),
    )


def _rates(contracts: Sequence[Contract], which: str, named: str) -> pl.DataFrame:
    rows = [
        {"contract": number, named: name, f"{named}_rate": int(rate * 10_000)}
        for number, contract in enumerate(contracts)
        if contract.kind is ContractKind.PER_UNIT
        for name, rate in getattr(contract, which).items()
    ]
    return pl.DataFrame(rows, schema={"contract": pl.Int32, named: pl.String, f"{named}_rate": pl.Int64})


def price_by_rate(lines: pl.DataFrame, contracts: Sequence[Contract]) -> pl.DataFrame:
    """`lines` with `basis` and `gross`; a procedure's rate takes precedence over its revenue code's."""
    for which, named in (("rates", "procedure"), ("revenue_rates", "revenue_code")):
        lines = lines.join(
            _rates(contracts, which, named), on=["contract", named], how="left", maintain_order="left"
        )
    rate = pl.coalesce("procedure_rate", "revenue_code_rate")
    reason = (
        pl.when(rate.is_null())
        .then(code(Basis.NOT_IN_CONTRACT))
        .when((pl.col("units_milli") > 0).fill_null(value=False).not_())
        .then(code(Basis.NO_UNITS))
        .when(pl.col("units_milli") > MOST_UNITS)
        .then(code(Basis.UNITS_OUT_OF_RANGE))
    )
    return lines.with_columns(
        basis=pl.coalesce(reason, code(Basis.PER_UNIT)),
        gross=pl.when(reason.is_null()).then(rate.cast(pl.Int128) * pl.col("units_milli") * _RATE_TO_GROSS),
        unit_micros=rate * 100,
    )


# Thousandths of a unit. No service is billed with 10,000 units on a line; more is a data entry error, and
# 128-bit exact arithmetic has room for this much.
MOST_UNITS = 10_000_000
