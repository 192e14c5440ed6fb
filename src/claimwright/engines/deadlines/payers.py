"""The kinds of payer whose deadlines apply, from the claim filing code.

Where a code leaves several kinds open, all are considered, so that the clock that ends first counts.
"""

from __future__ import annotations

import polars as pl

from claimwright.domain.payer_kinds import PAYER_KINDS_OF_FILING


def with_payer_kinds(denials: pl.DataFrame) -> pl.DataFrame:
    """The rows with `payer_kind` and `is_contracted`: one row for each kind that `claim_filing` can mean.

    Whether there is a contract is not known: for Medicare Advantage, whose law has a time for providers
    without one, that time is kept.

    `denials` has `claim_filing`, `category` and `appealable`.
    """
    kinds = pl.DataFrame(
        [(filing, kind) for filing, some in PAYER_KINDS_OF_FILING.items() for kind in some],
        schema={"claim_filing": pl.String, "payer_kind": pl.String}, orient="row",
    )  # fmt: skip
    return denials.join(kinds, on="claim_filing", how="left", maintain_order="left").with_columns(
        pl.col("payer_kind").fill_null("other"),
        is_contracted=pl.when(pl.col("payer_kind") == "medicare_advantage").then(pl.lit(value=False)),
        appealable=pl.col("appealable") & ~is_late_to_medicare(),
    )


def is_late_to_medicare() -> pl.Expr:
    """Whether Original Medicare denied a claim as late: such a denial is no initial determination and has no
    appeal (42 CFR 424.44; Medicare Claims Processing Manual, ch. 1, section 70).
    """
    medicare = [code for code, kinds in PAYER_KINDS_OF_FILING.items() if kinds == ("medicare_ffs",)]
    is_medicare = pl.col("claim_filing").is_in(medicare)
    return (is_medicare & (pl.col("category") == "timely_filing")).fill_null(value=False)
