"""The ledger entries of a payer's answer: every group of entries adds up to zero.

Frames in: `lines` and `adjustments` of answers, by `answer`; amounts in whole cents. Frames out: `answer`,
`account`, `turn`, `line`, `amount_cents` (debit above zero), `group_code`, `carc`.
"""

from __future__ import annotations

import polars as pl

from .accounts import Account, account_of, provider_account

ENTRIES: dict[str, pl.DataType] = {
    "answer": pl.Int64(),
    "account": pl.String(),
    "turn": pl.String(),
    "line": pl.Int32(),
    "amount_cents": pl.Int64(),
    "group_code": pl.String(),
    "carc": pl.String(),
}


def answer_entries(answers: pl.DataFrame, lines: pl.DataFrame, adjustments: pl.DataFrame) -> pl.DataFrame:
    """The entries of answers that balance.

    `answers` has `answer`, `turn`, `starts_account` and `paid_cents`; `lines` has `answer`, `line` (null:
    the whole claim) and `paid_cents`; `adjustments` has `answer`, `line` (null: the whole claim),
    `group_code`, `carc` and `amount_cents`.

    A second or third payer's answer takes what the payer before left to the patient, and distributes it; or,
    where that was transferred to this payer before (`is_transferred` in `answers`), what this payer owes.
    What it says about earlier payers (CARC 23) is posted already, unless the account starts with it.
    """
    transferred = (pl.col("is_transferred") if "is_transferred" in answers.columns else pl.lit(False)).alias(
        "is_transferred"
    )
    turns = answers.select("answer", "turn", "starts_account", transferred)
    # What a claim's own adjustments take from its lines; without lines, all of it.
    of_lines = lines.group_by("answer").agg(line_cents=pl.col("paid_cents").sum())
    whole = answers.join(of_lines, on="answer", how="left", maintain_order="left").select(
        "answer", pl.lit(None, pl.Int32).alias("line"),
        pl.col("paid_cents") - pl.col("line_cents").fill_null(0),
    )  # fmt: skip
    paid = (
        pl.concat([lines.select("answer", pl.col("line").cast(pl.Int32), "paid_cents"), whole])
        .group_by("answer", "line", maintain_order=True)
        .agg(amount_cents=pl.col("paid_cents").sum())
        .with_columns(
            account=pl.lit(Account.UNAPPLIED.value),
            group_code=pl.lit(None, pl.String),
            carc=pl.lit(None, pl.String),
        )
    )
    adjusted = (
        adjustments.join(turns, on="answer", how="inner", maintain_order="left")
        .with_columns(pl.col("line").cast(pl.Int32), account=account_of(pl.col("group_code"), pl.col("carc")))
        .filter(
            (pl.col("account") != Account.PRIOR_PAYER.value)
            | (pl.col("turn") == "P")
            | pl.col("starts_account")
        )
    )
    given = pl.concat([paid, adjusted.select(paid.columns)]).filter(pl.col("amount_cents") != 0)
    owed = (
        given.group_by("answer", "line", maintain_order=True)
        .agg(amount_cents=-pl.col("amount_cents").sum())
        .with_columns(
            account=pl.lit(Account.PAYER.value),
            group_code=pl.lit(None, pl.String),
            carc=pl.lit(None, pl.String),
        )
        .filter(pl.col("amount_cents") != 0)
    )
    entries = pl.concat([given, owed.select(given.columns)])
    takes_over = (pl.col("turn") != "P") & ~pl.col("starts_account") & ~pl.col("is_transferred")
    is_owed = pl.col("account") == Account.PAYER.value
    return (
        entries.join(turns, on="answer", how="left", maintain_order="left")
        .with_columns(
            account=pl.when(is_owed & takes_over).then(pl.lit(Account.PATIENT.value)).otherwise("account"),
            turn=pl.when(is_owed & ~takes_over).then("turn"),
        )
        .select(list(ENTRIES))
        .sort("answer", maintain_order=True)
    )


def charge_entries(charges: pl.DataFrame) -> pl.DataFrame:
    """The entries of what claims charge: `answer` (any key), `line`, `turn` of the payer who owes,
    `charge_cents`.
    """
    owed = charges.filter(pl.col("charge_cents") != 0).select(
        "answer", pl.col("line").cast(pl.Int32), amount_cents=pl.col("charge_cents"),
        account=pl.lit(Account.PAYER.value), turn="turn",
    )  # fmt: skip
    earned = owed.with_columns(
        amount_cents=-pl.col("amount_cents"),
        account=pl.lit(Account.REVENUE.value),
        turn=pl.lit(None, pl.String),
    )
    none = pl.lit(None, pl.String)
    return pl.concat([owed, earned]).with_columns(group_code=none, carc=none).select(list(ENTRIES))


def provider_entries(adjustments: pl.DataFrame) -> pl.DataFrame:
    """The entries of provider adjustments (PLB): `answer` (the payment), `reason`, `amount_cents`.

    An amount above zero reduces the payment: it was available for claims, but kept back.
    """
    kept = adjustments.filter(pl.col("amount_cents") != 0).select(
        "answer", "amount_cents", account=provider_account(pl.col("reason")), carc="reason"
    )
    available = kept.with_columns(
        amount_cents=-pl.col("amount_cents"),
        account=pl.lit(Account.UNAPPLIED.value),
        carc=pl.lit(None, pl.String),
    )
    return (
        pl.concat([kept, available])
        .with_columns(
            turn=pl.lit(None, pl.String), line=pl.lit(None, pl.Int32), group_code=pl.lit(None, pl.String)
        )
        .select(list(ENTRIES))
    )
