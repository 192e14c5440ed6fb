"""Finds the contract and the year's schedule for each line.

All lookups are done once for each distinct combination (payer, form and date), not for each
line, and joined back.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import polars as pl

from claimwright.reference.fee_schedules import FeeSchedules

from .basis import BASIS_TYPE, Basis
from .contracts import Contract, ContractKind

MILLIONTHS_A_PERCENT = 10_000

KIND_TYPE = pl.Enum([kind.value for kind in ContractKind])
"""The column type of a contract's kind: comparing numbers takes a tenth of the time of comparing texts."""

_CARRIED = {
    ContractKind.MEDICARE_PFS: Basis.MEDICARE_PFS_CARRIED_FORWARD.value,
    ContractKind.RVU: Basis.RVU_CARRIED_FORWARD.value,
}


def contract_terms(contracts: Sequence[Contract]) -> pl.DataFrame:
    """One row per contract: `contract`, its number, and its terms as columns of whole numbers and codes."""
    rows = [
        {
            "contract": number,
            "contract_name": contract.name,
            "kind": contract.kind.value,
            "priced_basis": contract.kind.value,
            "carried_basis": _CARRIED.get(contract.kind),
            "payer": contract.payer_id,
            "first_on": contract.effective_on,
            "last_on": contract.expires_on,
            "forms": contract.forms,
            "percent_millionths": int(contract.percent * MILLIONTHS_A_PERCENT),
            "own_factor": contract.conversion_factor,
            "own_anesthesia_factor": contract.anesthesia_conversion_factor,
            "own_locality": contract.locality,
            "qualifying_apm": contract.qualifying_apm,
            "schedule_year": contract.schedule_year,
            "carry_forward": contract.carry_forward,
            "lesser_of_charge": contract.lesser_of_charge,
            "setting": contract.setting.value,
            "adjusted": contract.medicare_adjustments,
            "reduced_permille": _permille(contract.reduced_service_percent),
            "discontinued_permille": _permille(contract.discontinued_service_percent),
        }
        for number, contract in enumerate(contracts)
    ]
    return pl.DataFrame(
        rows,
        schema={
            "contract": pl.Int32,
            "contract_name": pl.String,
            "kind": KIND_TYPE,
            "priced_basis": BASIS_TYPE,
            "carried_basis": BASIS_TYPE,
            "payer": pl.String,
            "first_on": pl.Date,
            "last_on": pl.Date,
            "forms": pl.String,
            "percent_millionths": pl.Int64,
            "own_factor": pl.Decimal(10, 4),
            "own_anesthesia_factor": pl.Decimal(10, 4),
            "own_locality": pl.String,
            "qualifying_apm": pl.Boolean,
            "schedule_year": pl.Int16,
            "carry_forward": pl.Int16,
            "lesser_of_charge": pl.Boolean,
            "setting": pl.String,
            "adjusted": pl.Boolean,
            "reduced_permille": pl.Int64,
            "discontinued_permille": pl.Int64,
        },
    )


def _permille(percent: Decimal | None) -> int | None:
    return None if percent is None else int(percent * 10)


_KEY = ("payer_id", "form", "on")


def match_contracts(lines: pl.DataFrame, terms: pl.DataFrame, otherwise: int | None) -> pl.DataFrame:
    """The distinct `payer_id`, `form`, `on` of `lines`, with the `contract` that covers them or null.

    A contract with the payer takes precedence over one for every payer, and both over `otherwise`. A line
    without a date matches only contracts that are open at both ends.
    """
    wanted = lines.select(_KEY).unique()
    offers = terms.select("contract", "payer", "first_on", "last_on", "forms")
    if otherwise is not None:
        offers = offers.filter(pl.col("contract") != otherwise)
    covered = (
        pl.col("forms").str.contains(pl.col("form"), literal=True)
        & pl.coalesce(pl.col("on") >= pl.col("first_on"), pl.col("first_on").is_null())
        & pl.coalesce(pl.col("on") <= pl.col("last_on"), pl.col("last_on").is_null())
    )
    own = wanted.join(offers.drop_nulls("payer"), left_on="payer_id", right_on="payer").filter(covered)
    general = wanted.join(offers.filter(pl.col("payer").is_null()).drop("payer"), how="cross").filter(covered)
    found = pl.concat(
        [own.select(*_KEY, "contract"), general.select(*_KEY, "contract")], how="vertical"
    ).unique(_KEY, keep="first", maintain_order=True)
    chosen = wanted.join(found, on=_KEY, how="left", nulls_equal=True)
    if otherwise is None:
        return chosen
    return chosen.with_columns(
        pl.when(pl.col("form").is_not_null()).then(pl.col("contract").fill_null(otherwise)).alias("contract")
    )


def _in_force(frame: pl.DataFrame, table: pl.DataFrame, day: str) -> pl.DataFrame:
    """Rows of `frame` paired with the rows of `table` that are in force on `day`."""
    return frame.join(table, how="cross").filter(
        pl.col(day).is_between(pl.col("effective_on"), pl.col("expires_on"))
    )


def schedule_calendar(lines: pl.DataFrame, terms: pl.DataFrame, schedules: FeeSchedules) -> pl.DataFrame:
    """The distinct `contract` and `on`, with `year` and `edition` of the values that apply, and the `factor`.

    `carried` states that the contract carries the year forward. `factor` is null if no conversion factor is
    known. The conversion factor is that of the date of service, even if the values are those of an earlier
    year. A contract with a fixed year uses the values and the factor of that year's last day; one that
    carries a year forward uses its last values.
    """
    days = (
        lines.select("contract", "on")
        .unique()
        .drop_nulls()
        .join(
            terms.select("contract", "schedule_year", "carry_forward", "qualifying_apm", "own_factor"),
            on="contract",
        )
    )
    published = _in_force(
        days.select("on").unique(), schedules.schedules.rename({"year": "published"}), "on"
    ).select("on", "published", dated="edition")
    latest = schedules.schedules.sort("effective_on").group_by("year").agg(latest=pl.col("edition").last())
    days = days.join(published, on="on", how="left").with_columns(
        carried=pl.col("schedule_year").is_null()
        & pl.col("published").is_null()
        & (pl.col("on").dt.year() > pl.col("carry_forward")).fill_null(value=False)
    )
    days = days.with_columns(
        year=pl.coalesce("schedule_year", "published", pl.when("carried").then(pl.col("carry_forward"))).cast(
            pl.Int16
        )
    )
    days = days.join(latest, on="year", how="left").with_columns(
        edition=pl.when(pl.col("schedule_year").is_null() & ~pl.col("carried"))
        .then("dated")
        .otherwise("latest")
    )
    factors = schedules.conversion_factors.filter(pl.col("service") == "physician")
    asked = days.with_columns(
        by_date=pl.when(pl.col("schedule_year").is_null()).then("on"),
        by_year=pl.date(pl.col("year"), 12, 31),
    )
    for day in ("by_date", "by_year"):
        known = _in_force(asked.select(day, "qualifying_apm").unique().drop_nulls(), _by_status(factors), day)
        known = known.filter(pl.col("qualifying_apm") == pl.col("for_apm"))
        asked = asked.join(
            known.select(day, "qualifying_apm", pl.col("amount").alias(f"factor_{day}")),
            on=[day, "qualifying_apm"],
            how="left",
        )
    return asked.select(
        "contract",
        "on",
        "year",
        "edition",
        "carried",
        pl.coalesce("own_factor", "factor_by_date", "factor_by_year").alias("factor"),
    )


def _by_status(factors: pl.DataFrame) -> pl.DataFrame:
    """Conversion factors with separate rows for qualifying APM participants (`for_apm`) and for others."""
    return pl.concat(
        factors.filter(pl.col("qualifying_apm").is_in(["any", word]))
        .drop("qualifying_apm")
        .with_columns(for_apm=pl.lit(status))
        for word, status in (("yes", True), ("no", False))
    )


def rules_by_day(days: pl.Series, schedules: FeeSchedules) -> pl.DataFrame:
    """`on` and one column `rule_...` per payment rule, in thousandths: the rules in force on each day."""
    asked = days.unique().drop_nulls().to_frame("on")
    rules = schedules.payment_rules.with_columns(
        rule=pl.lit("rule_") + pl.col("rule"), percent=pl.col("percent").to_physical().cast(pl.Int64)
    )
    known = _in_force(asked, rules, "on")
    names = rules["rule"].unique(maintain_order=True).to_list()
    wide = known.pivot("rule", on_columns=names, index="on", values="percent")
    return asked.join(wide, on="on", how="left")
