"""Routing: which claims are released automatically, and which go to manual review."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import polars as pl


@dataclass(frozen=True)
class Thresholds:
    """Thresholds for manual review. Each is a setting (`pipeline.*`).

    `review_probability` is used for predictions without their own threshold.
    """

    high_value_cents: int = 1_000_000
    review_probability: float = 0.5
    confidence_floor: float = 0.5


def routes(claims: pl.DataFrame, thresholds: Thresholds) -> pl.DataFrame:
    """`route` and `route_reason` of each claim: `production`, or `review` with the most serious reason.

    Reads `severity`, `total_charge`, `denial_probability`, `confidence`, `needs_approval`, `is_worth_review`
    (the model's decision by expected gain) and `review_from` (without such a decision, the probability from
    which claims of that payer are reviewed). A finding of severity note is not a reason for review. A claim
    whose charge can't be read is reviewed.
    """
    review_from = pl.col("review_from").fill_null(thresholds.review_probability)
    reasons = {
        "blocked": pl.col("severity") == "block",
        "warned": pl.col("severity") == "warn",
        "likely_denied": pl.coalesce("is_worth_review", pl.col("denial_probability") >= review_from),
        "low_confidence": pl.col("confidence") < thresholds.confidence_floor,
        "high_value": pl.col("total_charge") >= Decimal(thresholds.high_value_cents) / 100,
        "no_charge": pl.col("total_charge").is_null(),
        "to_be_approved": pl.col("needs_approval"),
    }
    reason = pl.coalesce(
        pl.when(condition.fill_null(False)).then(pl.lit(name)) for name, condition in reasons.items()
    )
    return claims.select(route_reason=reason).select(
        pl.when(pl.col("route_reason").is_null())
        .then(pl.lit("production"))
        .otherwise(pl.lit("review"))
        .alias("route"),
        "route_reason",
    )
