"""What a remittance did not pay, and why: the lines, and the claims without lines, that were denied."""

from __future__ import annotations

import polars as pl

from claimwright.engines.x12 import Remittance

# Reasons that reduce a payment without a denial: contract (45, 253), patient responsibility (1-3), interest
# etc.
NOT_DENIALS = (
    *("1", "2", "3", "44", "45", "59", "66", "90", "94", "104", "131", "144", "161", "223", "237", "253"),
)
_NOTHING = pl.lit(None, pl.Int64)


def denied_units(remittance: Remittance) -> pl.DataFrame:
    """One row per denied line, or per denied claim without lines, in file order.

    Denied: a charge, nothing paid, and an adjustment that is neither patient responsibility nor contractual.
    Columns: payment, claim, line (null for a whole claim), segment, claim_id, procedure, charge, group and
    reason of the largest such adjustment, and remarks, a list of codes.
    """
    claims = remittance.claims.select("claim", "claim_id")
    lines = remittance.lines.select("payment", "claim", "line", "segment", "procedure", "charge", "paid")
    bare = remittance.claims.join(lines.select("claim"), on="claim", how="anti").select(
        "payment",
        "claim",
        _NOTHING.alias("line"),
        "segment",
        pl.lit(None, pl.String).alias("procedure"),
        "charge",
        "paid",
    )
    unpaid = pl.concat([lines, bare]).filter(pl.col("charge") > 0, pl.col("paid") <= 0)
    denying = remittance.adjustments.filter(
        pl.col("group") != "PR", ~pl.col("reason").is_in(NOT_DENIALS)
    ).sort("amount", descending=True, maintain_order=True)
    own = denying.unique(["claim", "line"], keep="first", maintain_order=True).select(
        "claim", "line", "group", "reason"
    )
    # A reason of the whole claim is that of its lines that have none.
    of_claim = own.filter(pl.col("line").is_null()).select(
        "claim", claim_group="group", claim_reason="reason"
    )
    remarks = remittance.remarks.group_by("claim", "line", maintain_order=True).agg(remarks="code")
    return (
        unpaid.join(own, on=["claim", "line"], how="left", nulls_equal=True)
        .join(of_claim, on="claim", how="left")
        .with_columns(
            group=pl.coalesce("group", "claim_group"), reason=pl.coalesce("reason", "claim_reason")
        )
        .filter(pl.col("reason").is_not_null())
        .join(remarks, on=["claim", "line"], how="left", nulls_equal=True)
        .join(claims, on="claim", how="left")
        .sort("segment")
        .select(
            "payment", "claim", "line", "segment", "claim_id", "procedure", "charge", "group", "reason",
            "remarks",
        )
    )  # fmt: skip
