"""From a 277CA to denials: claims and lines that a front end rejected before adjudication."""

from __future__ import annotations

import polars as pl

from claimwright.domain.denial import Stage, complete, empty

from .cause import Causes, load_causes
from .resolving import resolve_rejection, unpack

# Status categories that reject: A3 returned as unprocessable, A6 missing information, A7 invalid
# information, A8 relational fields in error. Source: X12 external code list 507.
REJECTED = ("A3", "A6", "A7", "A8")


def classify_rejections(statuses: pl.DataFrame, *, causes: Causes | None = None) -> pl.DataFrame:
    """One row for each rejected claim or line: the columns of `claimwright.domain.denial.SCHEMA`.

    A rejection has no group and no reason code, and no appeal: only a corrected claim helps. Where a claim
    has several statuses, the cause that comes first is its cause, and the others are in `further_causes`.

    Args:
        statuses: `claim`, `line` (null for the claim as a whole), `category` (STC01-1), `status` (STC01-2),
        `entity`
            (STC01-3) and `amount`; a column `segment` is kept.
        causes: other causes than those of the package.
    """
    causes = causes or load_causes()
    rows = statuses.filter(pl.col("category").is_in(REJECTED), pl.col("claim").is_not_null())
    if rows.is_empty():
        return empty()
    pairs = rows.select("status", "entity").unique()
    packed = [resolve_rejection(status, entity, causes) for status, entity in pairs.iter_rows()]
    listed = causes.causes
    words = pl.DataFrame(
        {
            "best": range(len(listed)),
            "root_cause": [cause.code for cause in listed],
            "category": [cause.category.value for cause in listed],
            "preventable": [cause.preventable for cause in listed],
            "responsible": [cause.responsible.value for cause in listed],
            "rules": [list(cause.rules) for cause in listed],
        },
        schema_overrides={"best": pl.Int64(), "rules": pl.List(pl.String())},
    )
    named = (
        rows.drop("category")
        .join(
            pairs.with_columns(best=pl.Series([unpack(number) for number in packed], dtype=pl.Int64)),
            on=["status", "entity"],
            nulls_equal=True,
        )
        .join(words, on="best")
        .sort("claim", "line", "best", nulls_last=False)
    )
    kept = [name for name in ("segment",) if name in named.columns]
    found = named.group_by("claim", "line", maintain_order=True).agg(
        pl.col(*kept, "root_cause", "category", "preventable", "responsible", "rules", "amount").first(),
        further_causes=pl.col("root_cause").unique(maintain_order=True).slice(1),
    )
    return complete(
        found.with_columns(
            stage=pl.lit(Stage.REJECTED_FRONT_END.value), recoverable=pl.lit(value=True),
            appealable=pl.lit(value=False), usual_step=pl.lit("correct_and_resubmit"),
            core_scenario=pl.lit(2), rarcs=pl.lit([], pl.List(pl.String)),
        )
    )  # fmt: skip
