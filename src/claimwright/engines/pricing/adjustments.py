"""Adjustments of a line's own price by its modifiers: bilateral, surgeons, parts of a service.

Each factor is a whole number of its own unit, so that their product is exact. Reductions that depend on
other lines, such as multiple-procedure reductions, are in `surgery.py` and `components.py`.
"""

from __future__ import annotations

from functools import cache

import polars as pl

from .basis import Basis, first_reason
from .modifiers import DISCONTINUED
from .money import whole

# Units of the factors that `with_adjustments` adds.
TENTHS, PERMILLE, HUNDREDTHS = 10, 1_000, 100


def unpaid_reason(adjusted: pl.Expr) -> pl.Expr:
    """Why the schedule's row of a line has no price, as a `Basis`; null if it has one.

    Statuses A, R and T are paid if they have values. If a contract uses relative values without Medicare's
    rules (`adjusted` false), every row with values is priced.
    """
    listed = pl.col("status").is_not_null()
    valued = (pl.col("work") + pl.col("practice_expense") + pl.col("malpractice")).to_physical() > 0
    # Physicians' services (PC/TC 0 and 2) that are rarely performed in a facility are paid there too; for any
    # other service the facility is paid for the technical component.
    technical = ~pl.col("professional_technical").is_in([0, 2])
    in_facility = pl.col("facility") & pl.col("facility_pays_technical") & pl.col("facility_na") & technical
    lone_assistant = (pl.col("assistant_role") > 0) & ~pl.col("assistant").is_in([0, 2])
    lone_surgeon = pl.col("co_surgeon_claimed") & ~pl.col("co_surgeon").is_in([1, 2])
    no_team = ~pl.col("team_surgeon").is_in([1, 2])
    reasons = (
        (adjusted & pl.col("not_covered_claimed"), Basis.BILLED_AS_NOT_COVERED),
        (listed & ~valued & (pl.col("status") == "R"), Basis.CARRIER_PRICED),
        (listed & ~valued, Basis.NO_RELATIVE_VALUES),
        (adjusted & in_facility, Basis.NOT_PAID_IN_FACILITY),
        (adjusted & pl.col("team_claimed") & no_team, Basis.TEAM_SURGERY_NOT_PAYABLE),
        (adjusted & pl.col("team_claimed"), Basis.TEAM_SURGERY_BY_REPORT),
        (adjusted & lone_surgeon, Basis.CO_SURGEON_NOT_PAYABLE),
        (adjusted & lone_assistant, Basis.ASSISTANT_NOT_PAYABLE),
    )
    return pl.coalesce(pl.when(adjusted | ~valued).then("status_basis"), first_reason(*reasons))


@cache
def side_tenths() -> pl.Expr:
    """Tenths of the fee for one or both sides of the body; requires the payment rules of the day."""
    claimed = pl.col("bilateral_claimed")
    return (
        pl.when(claimed & (pl.col("bilateral") == 1))
        .then(pl.col("rule_bilateral") // (PERMILLE // TENTHS))
        .when(claimed & (pl.col("bilateral") == 3))
        .then(pl.col("rule_bilateral_each_side") // (PERMILLE // TENTHS))
        .otherwise(TENTHS)
    )


def with_adjustments(lines: pl.DataFrame) -> pl.DataFrame:
    """`row`, the factors from its modifiers, and `adjustment`, which names them.

    `side_tenths` (bilateral), `role_permille` (co-surgeon, assistant), `part_permille` (reduced or
    discontinued service) and `period_hundredths` (surgical, postoperative or preoperative care only).

    Source: Medicare Claims Processing Manual, ch. 12: 20.4.3 (assistants), 40.4 (parts of the global
    package, return to the operating room), 40.7 (bilateral), 40.8 (co-surgeons).
    """
    return lines.with_columns(_factors()).select(
        "row", "side_tenths", "role_permille", "part_permille", "period_hundredths", _names()
    )


@cache
def _factors() -> list[pl.Expr]:
    role = (
        pl.when("co_surgeon_claimed")
        .then("rule_co_surgeon")
        .when(pl.col("assistant_role") == 1)
        .then("rule_assistant")
        .when(pl.col("assistant_role") == 2)
        .then("rule_assistant_nonphysician")
        .otherwise(PERMILLE)
    )
    part = (
        pl.when("reduced")
        .then(pl.coalesce("reduced_permille", "rule_reduced_service"))
        .when(pl.col("discontinued") & (pl.col("component") != DISCONTINUED))
        .then(pl.coalesce("discontinued_permille", "rule_discontinued_service"))
        .otherwise(PERMILLE)
    )
    return [
        side_tenths().alias("side_tenths"),
        role.alias("role_permille"),
        part.alias("part_permille"),
        _period().alias("period_hundredths"),
    ]


def _period() -> pl.Expr:
    """The share of the global package that was rendered; all of it if the schedule does not split it."""
    before, during, after = whole("preoperative"), whole("intraoperative"), whole("postoperative")
    share = (
        pl.when("surgical_care_only")
        .then(before + during)
        .when("postoperative_only")
        .then(after)
        .when("preoperative_only")
        .then(before)
        .when("return_to_room")
        .then(during)
        .otherwise(HUNDREDTHS)
    )
    return pl.when(during > 0).then(share).otherwise(HUNDREDTHS)


def _share(name: str, column: str, unit: int) -> pl.Expr:
    """`name 62.5%` if the factor is not 100%, else null."""
    tenths = pl.col(column) * (PERMILLE // unit)
    whole_percent, rest = tenths // 10, tenths % 10
    percent = (
        pl.when(rest == 0)
        .then(whole_percent.cast(pl.String))
        .otherwise(pl.concat_str(whole_percent, pl.lit("."), rest))
    )
    return pl.when(pl.col(column) != unit).then(pl.concat_str(pl.lit(f"{name} "), percent, pl.lit("%")))


@cache
def _names() -> pl.Expr:
    """`adjustment`: the factors that are not 100%, in words."""
    by_report = pl.lit(" of the fee assumed, priced by report")
    documented = pl.lit(" if documentation supports it")
    return pl.concat_str(
        _share("bilateral", "side_tenths", TENTHS),
        pl.when("co_surgeon_claimed")
        .then(
            pl.concat_str(
                _share("co-surgeon", "role_permille", PERMILLE),
                pl.when(pl.col("co_surgeon") == 1).then(documented).otherwise(pl.lit("")),
            )
        )
        .when(pl.col("assistant_role") > 0)
        .then(
            pl.concat_str(
                _share("assistant", "role_permille", PERMILLE),
                pl.when(pl.col("assistant") == 0).then(documented).otherwise(pl.lit("")),
            )
        ),
        _share("reduced or discontinued", "part_permille", PERMILLE) + by_report,
        _share("part of the global package", "period_hundredths", HUNDREDTHS),
        separator="; ",
        ignore_nulls=True,
    ).alias("adjustment")
