"""Price lines by relative values: Medicare's physician fee schedule, and contracts built on it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import polars as pl

from claimwright.reference.fee_schedules import FeeSchedules

from .adjustments import unpaid_reason, with_adjustments
from .anesthesia import is_anesthesia, price_anesthesia
from .basis import Basis, code, first_reason
from .components import component_reductions, therapy_reductions
from .contracts import NATIONAL, Contract, ContractKind
from .fee_amounts import with_relative_values, with_unit_amounts
from .matching import rules_by_day, schedule_calendar
from .modifiers import MODIFIERS, WHOLE, read_modifiers
from .place import practice_costs, settings
from .rates import MOST_UNITS
from .surgery import surgical_reductions


def price_by_schedule(
    lines: pl.DataFrame, terms: pl.DataFrame, contracts: Sequence[Contract], schedules: FeeSchedules
) -> pl.DataFrame:
    """`lines` with `basis`, `gross`, the factors of their modifiers, and everything that explains them.

    Rows come back in any order, none lost.
    """
    lines = lines.with_columns(basis=_cannot_look_up())
    closed, open_ = _split(lines)
    open_ = open_.join(
        schedule_calendar(open_, terms, schedules), on=["contract", "on"], how="left", maintain_order="left"
    )
    late, open_ = _split(open_.with_columns(basis=_cannot_date()))
    open_ = _with_place(open_, schedules)
    lost, open_ = _split(open_.with_columns(basis=_cannot_place()))
    rules = rules_by_day(open_["on"], schedules)
    asleep = open_.filter(is_anesthesia())
    parts = [closed, late, lost]
    if asleep.height:
        parts.append(price_anesthesia(asleep, contracts, schedules, rules))
        open_ = open_.filter(~is_anesthesia())
    valued = with_unit_amounts(with_relative_values(open_, schedules))
    return pl.concat([*parts, _priced(_unpaid(valued, schedules), schedules, rules)], how="diagonal")


def _split(lines: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Lines that have a `basis` already, and those that have none yet (without the column)."""
    if lines["basis"].null_count() == lines.height:
        return lines.clear(), lines.drop("basis")
    return lines.filter(pl.col("basis").is_not_null()), lines.filter(pl.col("basis").is_null()).drop("basis")


@cache
def _cannot_look_up() -> pl.Expr:
    positive = (pl.col("units_milli") > 0).fill_null(value=False)
    return first_reason(
        (pl.col("form") == "I", Basis.INSTITUTIONAL),
        (pl.col("form") == "D", Basis.DENTAL),
        (pl.col("procedure").is_null(), Basis.NO_PROCEDURE),
        (pl.col("on").is_null(), Basis.NO_DATE),
        (~positive, Basis.NO_UNITS),
        (pl.col("units_milli") > MOST_UNITS, Basis.UNITS_OUT_OF_RANGE),
    )


@cache
def _cannot_date() -> pl.Expr:
    return first_reason((pl.col("year").is_null(), Basis.NO_SCHEDULE_FOR_DATE))


@cache
def _cannot_place() -> pl.Expr:
    return first_reason((pl.col("work_gpci").is_null(), Basis.UNKNOWN_LOCALITY))


def _with_place(lines: pl.DataFrame, schedules: FeeSchedules) -> pl.DataFrame:
    # The indices of an `rvu` contract are all 1.000: its factor is the same everywhere.
    lines = lines.with_columns(
        own_locality=pl.when(pl.col("kind") == ContractKind.RVU.value)
        .then(pl.lit(NATIONAL))
        .otherwise("own_locality")
    )
    for table, keys in (
        (settings(lines, schedules), ["place", "on", "setting"]),
        (practice_costs(lines, schedules), ["own_locality", "state", "edition"]),
        (read_modifiers(lines), list(MODIFIERS)),
    ):
        lines = lines.join(table, on=keys, how="left", nulls_equal=True, maintain_order="left")
    return lines.drop(MODIFIERS, "place", "state", "setting")


def _unpaid(lines: pl.DataFrame, schedules: FeeSchedules) -> pl.DataFrame:
    """`lines` with `unpaid`, why the schedule has no price for a line, or null."""
    factorless = first_reason((pl.col("factor").is_null(), Basis.NO_CONVERSION_FACTOR))
    reason = pl.coalesce(unpaid_reason(pl.col("adjusted")), factorless)
    lines = lines.with_columns(unpaid=reason)
    missing = lines.filter(pl.col("status").is_null()).select("row", "edition", "procedure")
    if missing.is_empty():
        return lines
    codes = schedules.relative_values.filter(pl.col("component") == WHOLE).select("edition", "procedure")
    split = missing.join(codes, on=["edition", "procedure"], how="semi").get_column("row").implode()
    unlisted = missing.select(
        "row",
        unlisted=first_reason(
            (pl.col("procedure").str.contains(r"^D\d{4}$"), Basis.DENTAL),
            (pl.col("row").is_in(split), Basis.COMPONENT_NOT_AVAILABLE),
            (pl.lit(True), Basis.UNKNOWN_CODE),
        ),
    )
    return lines.join(unlisted, on="row", how="left", maintain_order="left").with_columns(
        unpaid=pl.coalesce("unlisted", "unpaid")
    )


# What the reductions read; the rest of a line's columns stay behind while they rank.
_REDUCTION_COLUMNS = (
    "row", "claim", "on", "edition", "procedure", "component", "kind", "adjusted", "facility", "factor",
    "work_gpci", "pe_gpci", "malpractice_gpci", "work", "practice_expense", "malpractice",
    "unit_micros", "uncapped_micros", "cap_micros", "units_milli", "multiple_procedure", "endoscopic_base",
    "professional_technical", "bilateral", "bilateral_claimed", "assistant_role", "further_procedure",
    "separate_session",
)  # fmt: skip

# The same for the adjustments of a line by itself.
_ADJUSTMENT_COLUMNS = (
    "row", "on", "component", "bilateral", "bilateral_claimed", "co_surgeon", "co_surgeon_claimed",
    "assistant", "assistant_role", "reduced", "reduced_permille", "discontinued", "discontinued_permille",
    "surgical_care_only", "postoperative_only", "preoperative_only", "return_to_room",
    "preoperative", "intraoperative", "postoperative",
)  # fmt: skip


def _priced(lines: pl.DataFrame, schedules: FeeSchedules, rules: pl.DataFrame) -> pl.DataFrame:
    lines = _bundled_same_day(lines)
    paid = pl.col("adjusted") & pl.col("unpaid").is_null()
    several = lines.filter(paid & pl.col("multiple_procedure").is_between(2, 7)).select(_REDUCTION_COLUMNS)
    alone = lines.filter(paid & "changes_price").select(_ADJUSTMENT_COLUMNS)
    several, alone = (
        part.join(rules, on="on", how="left", maintain_order="left") for part in (several, alone)
    )
    reductions = pl.concat(
        [
            surgical_reductions(several, schedules),
            component_reductions(several, schedules),
            therapy_reductions(several),
        ]
    ).rename({"gross": "reduced_gross"})
    for found in (reductions, with_adjustments(alone)):
        lines = lines.join(found, on="row", how="left", maintain_order="left")
    price = pl.col("unit_micros").cast(pl.Int128) * pl.col("units_milli") * 1_000
    return lines.with_columns(
        basis=pl.coalesce("unpaid", pl.when("carried").then("carried_basis"), "priced_basis"),
        gross=pl.when(pl.col("unpaid").is_null()).then(pl.coalesce("reduced_gross", price)),
    )


def _bundled_same_day(lines: pl.DataFrame) -> pl.DataFrame:
    """`lines` with status T unpaid where anything else of the claim and day is paid."""
    paid = pl.col("unpaid").is_null() & (pl.col("status") != "T")
    injections = lines.filter((pl.col("status") == "T") & pl.col("adjusted") & pl.col("unpaid").is_null())
    if injections.is_empty():
        return lines
    others = lines.filter(paid).select("claim", "on").unique()
    bundled = injections.join(others, on=["claim", "on"], how="semi")
    return lines.with_columns(
        unpaid=pl.when(pl.col("row").is_in(bundled["row"].implode()))
        .then(code(Basis.BUNDLED_SAME_DAY))
        .otherwise("unpaid")
    )
