"""Pricing by contracts that need no fee schedule: a percentage of the charge, and a rate per unit.

Rates by procedure may be reduced for several procedures of a day, as payers do with tables of rates for
surgery and for surgery centers (Medicare's own rule for these: 42 CFR 416.172(e)).
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import polars as pl

from .basis import Basis, code
from .carve_outs import Selector
from .contracts import Contract, ContractKind

# Factors from cents, thousandths and ten-thousandths to the common scale of prices:
# millionths of a dollar x thousandths of a unit x thousandths.
_CENT_TO_GROSS = 10_000 * 1_000 * 1_000
_RATE_TO_GROSS = 100 * 1_000
# A whole, in hundredths of a percent. `_RATE_TO_GROSS` is a multiple of it, so shares of a rate are exact.
_WHOLE = 10_000


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
    priced = lines.with_columns(
        basis=pl.coalesce(reason, code(Basis.PER_UNIT)),
        gross=pl.when(reason.is_null()).then(rate.cast(pl.Int128) * pl.col("units_milli") * _RATE_TO_GROSS),
        unit_micros=rate * 100,
    )
    for number, contract in enumerate(contracts):
        if contract.multiple_procedures or contract.bilateral_percent is not None:
            priced = _ranked(priced, number, contract)
    return priced


def _ranked(lines: pl.DataFrame, number: int, contract: Contract) -> pl.DataFrame:
    """`lines`, those of one contract paid by side and by rank among the procedures of their claim and day.

    A procedure on both sides is one procedure. Every other unit is a procedure of its own, the units of a
    line after each other. Equal rates rank in the order of the lines.
    """
    own = (
        (pl.col("contract") == number)
        & pl.col("gross").is_not_null()
        & pl.col("procedure_rate").is_not_null()
    )
    chosen = lines.with_row_index("place_in_file").filter(own)
    if chosen.is_empty():
        return lines
    modifiers = pl.concat_list("modifier_1", "modifier_2", "modifier_3", "modifier_4")
    both = modifiers.list.contains("50") | (modifiers.list.contains("RT") & modifiers.list.contains("LT"))
    sides = int((contract.bilateral_percent or 0) * 100)
    chosen = chosen.with_columns(
        both=both.fill_null(value=False) & pl.lit(contract.bilateral_percent is not None)
    ).with_columns(
        # Of one procedure, in hundredths of a percent of the rate.
        of_rate=pl.when("both").then(sides).otherwise(_WHOLE),
        procedures=pl.when("both")
        .then(1)
        .when(pl.col("units_milli") % 1000 == 0)
        .then(pl.col("units_milli") // 1000)
        .otherwise(1),
    )
    rule = contract.multiple_procedures
    ranked = chosen.select(pl.lit(value=False).alias("ranked"))["ranked"]
    if rule:
        fits = Selector(procedures=rule.procedures).fits(chosen)
        ranked = pl.Series(fits) & ~chosen["procedure"].is_in(list(rule.exempt))
    chosen = chosen.with_columns(ranked=ranked, worth=pl.col("procedure_rate") * pl.col("of_rate"))
    chosen = chosen.sort(
        "claim", "on", "ranked", "worth", descending=[False, False, True, True], maintain_order=True
    )
    until = pl.col("procedures").cum_sum().over("claim", "on", "ranked")
    percents = [int(percent * 100) for percent in (rule.percents if rule else (Decimal(100),))]
    share = pl.when("ranked").then(_paid(until, percents) - _paid(until - pl.col("procedures"), percents))
    chosen = chosen.with_columns(share=share.otherwise(pl.col("procedures") * _WHOLE))
    units = pl.when("both").then(1000).otherwise(pl.col("units_milli"))
    gross = pl.col("procedure_rate").cast(pl.Int128) * units * _RATE_TO_GROSS * pl.col("of_rate") // _WHOLE
    average = pl.col("share") // pl.col("procedures")
    said = pl.concat_str(
        pl.when("both").then(pl.lit("both sides ")),
        pl.when(pl.col("share") != pl.col("procedures") * _WHOLE).then(
            pl.concat_str(pl.lit("multiple procedures: "), _percent(average))
        ),
        pl.when(pl.col("both") & (pl.col("share") == pl.col("procedures") * _WHOLE)).then(
            _percent(pl.col("of_rate"))
        ),
        ignore_nulls=True,
    )
    changed = chosen.select(
        "place_in_file",
        gross_new=gross * pl.col("share") // (pl.col("procedures") * _WHOLE),
        reduction_new=pl.when(said != "").then(said),
    )
    joined = lines.with_row_index("place_in_file").join(
        changed, on="place_in_file", how="left", maintain_order="left"
    )
    made = [pl.coalesce("gross_new", "gross").alias("gross")]
    earlier = "reduction" if "reduction" in lines.columns else None
    made.append(pl.coalesce("reduction_new", *([earlier] if earlier else [])).alias("reduction"))
    return joined.with_columns(made).drop("place_in_file", "gross_new", "reduction_new")


def _paid(procedures: pl.Expr, percents: Sequence[int]) -> pl.Expr:
    """What the first so many procedures are paid together, in hundredths of a percent of one."""
    *first, last = percents
    total: pl.Expr = (procedures - len(first)).clip(lower_bound=0) * last
    for rank, percent in enumerate(first):
        total = total + (procedures - rank).clip(lower_bound=0, upper_bound=1) * percent
    return total


def _percent(hundredths: pl.Expr) -> pl.Expr:
    return pl.concat_str(
        hundredths // 100, pl.lit("."), (hundredths % 100).cast(pl.String).str.zfill(2), pl.lit("%")
    )


# Thousandths of a unit. No service is billed with 10,000 units on a line; more is a data entry error, and
# 128-bit exact arithmetic has room for this much.
MOST_UNITS = 10_000_000
