"""Interest that a payer owes for a late payment and did not pay, as findings."""

from __future__ import annotations

import polars as pl

from claimwright.domain.payer_kinds import PAYER_KINDS_OF_FILING

from .finding import FINDINGS, dollars
from .kinds import Confidence, Kind

_KINDS = {filing: kinds[0] for filing, kinds in PAYER_KINDS_OF_FILING.items()}


def payer_kinds(filing: pl.Expr) -> pl.Expr:
    """The likeliest kind of payer by claim filing code: a name of `engines/deadlines` `PAYER_KINDS`."""
    return filing.replace_strict(_KINDS, default="other", return_dtype=pl.String)


def interest_findings(claims: pl.DataFrame) -> pl.DataFrame:
    """The findings of claims that were paid late: the columns of `FINDINGS`; `line` is null.

    `claims` has `answer`, `payment_id`, `payer_kind`, `received_on` (by the payer), `is_stated` (the payer
    states that day: DTM*050), `paid_on`, `paid_cents`, `charge_cents`, `interest_cents` (paid with the claim:
    AMT*I) and `settled_cents` (paid with the payment, for all its claims: PLB L6), which counts for the late
    claims by what is owed for each; and what `engines/deadlines` `interest_owed` adds.
    """
    if not claims.height:
        return pl.DataFrame(schema=FINDINGS)
    due = pl.sum_horizontal(pl.col("interest", "penalty").fill_null(0) * 100).cast(pl.Int64)
    in_payment = pl.col("expected_cents").sum().over("payment_id")
    rows = (
        claims.with_columns(expected_cents=due)
        .filter(pl.col("interest").is_not_null(), pl.col("expected_cents") > 0)
        .with_columns(
            allowed_cents=pl.col("interest_cents").fill_null(0)
            + pl.col("settled_cents").fill_null(0) * pl.col("expected_cents") // in_payment
        )
        .filter(pl.col("expected_cents") - pl.col("allowed_cents") > 1)
    )
    is_commercial = pl.col("payer_kind") == "erisa_insured"
    texts = [
        "\n".join(
            [
                f"received on {row['received_on']} "
                + ("(DTM*050)" if row["is_stated"] else "(the day of delivery; the payer states none)"),
                f"due by {row['due_on']}, paid on {row['paid_on']}: {row['days_late']} days late",
                f"{row['law']}: {row['basis']}",
                f"interest owed {dollars(row['expected_cents'])}, paid {dollars(row['allowed_cents'])}",
            ]
            + (
                ["the law of the State is for insured plans; a self-funded plan owes none"]
                if row["payer_kind"] == "erisa_insured"
                else []
            )
        )
        for row in rows.iter_rows(named=True)
    ]
    return rows.with_columns(
        kind=pl.lit(Kind.INTEREST_OWED.value),
        confidence=pl.when(~pl.col("is_stated") | is_commercial)
        .then(pl.lit(Confidence.LOW.value))
        .otherwise(pl.lit(Confidence.HIGH.value)),
        amount_cents=pl.col("expected_cents") - pl.col("allowed_cents"), contract=pl.lit(None, pl.String),
        line=pl.lit(None, pl.Int32), procedure=pl.lit(None, pl.String), modifiers=pl.lit(None, pl.String),
        service_from_on=pl.lit(None, pl.Date), basis=pl.Series(texts, dtype=pl.String),
    ).select([pl.col(name).cast(dtype) for name, dtype in FINDINGS.items()])  # fmt: skip
