"""What a remittance denied, reduced or took back, and why, for people who read the file."""

from __future__ import annotations

import polars as pl

from claimwright.engines.denials import classify, load_causes
from claimwright.engines.x12 import Remittance


def denied_units(remittance: Remittance) -> pl.DataFrame:
    """One row per denied, reduced or recouped line, or claim as a whole, in file order.

    Columns: payment, claim, line (null for a whole claim), segment, claim_id, procedure, cause (the name of
    the denial's cause), denied (dollars), group and reason of the adjustment that decided, remarks (a list
    of codes).
    """
    names = {code: cause.name for code, cause in load_causes().by_code.items()}
    lines = remittance.lines.select("claim", "line", "procedure")
    claims = remittance.claims.select("claim", "claim_id", claim_segment="segment")
    return (
        classify(remittance)
        .join(lines, on=["claim", "line"], how="left", nulls_equal=True, maintain_order="left")
        .join(claims, on="claim", how="left", maintain_order="left")
        .select(
            "payment", "claim", "line", pl.coalesce("segment", "claim_segment").alias("segment"), "claim_id",
            "procedure", "group", pl.col("root_cause").replace_strict(names, default="").alias("cause"),
            pl.col("amount").fill_null(0).alias("denied"), reason="carc", remarks="rarcs",
        )
        .sort("segment", maintain_order=True)
    )  # fmt: skip
