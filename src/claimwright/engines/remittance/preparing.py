"""The frames of a remittance as the ledger needs them: whole cents, one row an answer, a line, an adjustment.

`answers`: `answer` (CLP, from 1 in the file), `payment`, `position` (in its payment), `claim_id`,
`claim_status`, `is_reversal`, `charge_cents`, `paid_cents`, `patient_cents`, `payer_claim_number`,
`frequency`, days, names. `lines`: `answer`, `position`, `control`, `submitted`, `procedure`, `modifiers`,
`original_procedure`, `revenue_code`, `units`, `charge_cents`, `paid_cents`, `service_from_on`, `remarks`.
`adjustments`: `answer`, `position` (null: the claim), `ordinal`, `group_code`, `carc`, `amount_cents`,
`quantity`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import polars as pl

from .accounts import Account, account_of

REVERSAL = "22"  # CLP02
# Not an adjudication: a predetermination (25), a claim sent on to another payer (23).
NOTED = ("23", "25")
OUT_OF_BALANCE, UNREADABLE, UNKNOWN_GROUP = "out_of_balance", "unreadable", "unknown_group"
# CAS01: who owes the amount depends on it, so that nothing is assumed of another one.
GROUPS = ("CO", "OA", "PI", "PR")


@dataclass(frozen=True)
class Prepared:
    """The answers of some payments; see the module for the columns."""

    answers: pl.DataFrame
    lines: pl.DataFrame
    adjustments: pl.DataFrame


def cents(column: str) -> pl.Expr:
    """An amount in whole cents."""
    return (pl.col(column) * 100).cast(pl.Int64)


def prepare(
    claims: pl.DataFrame, lines: pl.DataFrame, adjustments: pl.DataFrame, remarks: pl.DataFrame
) -> Prepared:
    """The frames of a read 835, or of what is equal to one, prepared; nothing is left out."""
    submitted = pl.coalesce("original_procedure", "procedure", "revenue_code")
    modifiers = pl.concat_str([f"modifier_{n}" for n in range(1, 5)], separator=" ", ignore_nulls=True)
    said = (
        remarks.filter(pl.col("line").is_not_null())
        .group_by("claim", "line", maintain_order=True)
        .agg(remarks=pl.col("code").str.join(" "))
    )
    days = claims.select("claim", claim_from_on="service_from_on")
    prepared_lines = (
        lines.join(said, on=["claim", "line"], how="left", maintain_order="left")
        .join(days, on="claim", how="left", maintain_order="left")
        .select(
            "control", "procedure", "original_procedure", "revenue_code", "remarks",
            answer="claim", position=pl.col("line").cast(pl.Int32), submitted=submitted,
            modifiers=pl.when(modifiers != "").then(modifiers), units="paid_units",
            charge_cents=cents("charge"), paid_cents=cents("paid"),
            service_from_on=pl.coalesce("service_from_on", "claim_from_on"),
        )
    )  # fmt: skip
    prepared_adjustments = adjustments.select(
        answer="claim", position=pl.col("line").cast(pl.Int32), group_code="group", carc="reason",
        amount_cents=cents("amount"), quantity=pl.col("quantity"),
        ordinal=pl.int_range(1, pl.len() + 1, dtype=pl.Int32).over("claim"),
    )  # fmt: skip
    first_days = prepared_lines.group_by("answer").agg(line_from_on=pl.col("service_from_on").min())
    answers = claims.rename({"claim": "answer"}).join(
        first_days, on="answer", how="left", maintain_order="left"
    ).with_columns(
        service_from_on=pl.coalesce("service_from_on", "line_from_on"),
        charge_cents=cents("charge"), paid_cents=cents("paid"),
        patient_cents=cents("patient_responsibility").fill_null(0),
        is_reversal=(pl.col("claim_status") == REVERSAL).fill_null(False),
    )  # fmt: skip
    problems = problems_of(answers, prepared_lines, prepared_adjustments)
    answers = answers.join(problems, on="answer", how="left", maintain_order="left").join(
        totals_of(prepared_adjustments), on="answer", how="left", maintain_order="left"
    )
    return Prepared(
        answers.with_columns(
            pl.col("charge_cents", "paid_cents", "owed_cents", "prior_cents").fill_null(0),
            signature=signatures_of(answers, prepared_lines, prepared_adjustments),
        ),
        prepared_lines.with_columns(pl.col("charge_cents", "paid_cents").fill_null(0)),
        prepared_adjustments.with_columns(pl.col("amount_cents").fill_null(0)),
    )


def totals_of(adjustments: pl.DataFrame) -> pl.DataFrame:
    """By answer: what the patient owes, and what earlier payers are said to have paid or adjusted."""
    account = account_of(pl.col("group_code"), pl.col("carc"))

    def of(wanted: Account) -> pl.Expr:
        return pl.when((account == wanted.value).fill_null(False)).then("amount_cents").otherwise(0)

    return (
        adjustments.select("answer", owed_cents=of(Account.PATIENT), prior_cents=of(Account.PRIOR_PAYER))
        .group_by("answer")
        .agg(pl.all().sum())
    )


def problems_of(answers: pl.DataFrame, lines: pl.DataFrame, adjustments: pl.DataFrame) -> pl.DataFrame:
    """The answers that can't be posted by themselves: `answer`, `problem`.

    Charge less adjustments is what is paid, by line (SVC02, SVC03) and by claim (CLP03, CLP04); the lines
    add up to their claim, if it has lines. Source: 005010X221A1, 1.10.2.
    """
    by_line = adjustments.group_by("answer", "position").agg(
        adjusted=pl.col("amount_cents").sum(), unreadable=pl.col("amount_cents").null_count() > 0,
        strange=pl.col("group_code").is_in(GROUPS).not_().fill_null(False).any(),
    )  # fmt: skip
    of_lines = lines.join(by_line, on=["answer", "position"], how="left").select(
        "answer", "charge_cents", "paid_cents",
        wrong=pl.col("charge_cents") - pl.col("adjusted").fill_null(0) != pl.col("paid_cents"),
        unreadable=pl.col("charge_cents").is_null() | pl.col("paid_cents").is_null(),
    )  # fmt: skip
    totals = of_lines.group_by("answer").agg(
        line_charge=pl.col("charge_cents").sum(), line_paid=pl.col("paid_cents").sum(),
        wrong=pl.col("wrong").any(), unreadable=pl.col("unreadable").any(),
    )  # fmt: skip
    own = pl.when(pl.col("position").is_null()).then("adjusted").otherwise(0)
    adjusted = by_line.with_columns(of_claim=own).group_by("answer").agg(
        adjusted=pl.col("adjusted").sum(), bad=pl.col("unreadable").any(), strange=pl.col("strange").any(),
        of_claim=pl.col("of_claim").sum(),
    )  # fmt: skip
    joined = (
        answers.select("answer", "charge_cents", "paid_cents")
        .join(totals, on="answer", how="left")
        .join(adjusted, on="answer", how="left")
    )
    of_claim = pl.col("of_claim").fill_null(0)
    has_lines = pl.col("line_charge").is_not_null()
    out = (
        (pl.col("charge_cents") - pl.col("adjusted").fill_null(0) != pl.col("paid_cents"))
        | pl.col("wrong").fill_null(False)
        | (has_lines & (pl.col("line_charge") != pl.col("charge_cents")))
        | (has_lines & (pl.col("line_paid") - of_claim != pl.col("paid_cents")))
    )
    unreadable = (
        pl.col("charge_cents").is_null()
        | pl.col("paid_cents").is_null()
        | pl.col("unreadable").fill_null(False)
        | pl.col("bad").fill_null(False)
    )
    problem = (
        pl.when(unreadable)
        .then(pl.lit(UNREADABLE))
        .when(out)
        .then(pl.lit(OUT_OF_BALANCE))
        .when(pl.col("strange"))
        .then(pl.lit(UNKNOWN_GROUP))
    )
    return joined.select("answer", problem=problem).drop_nulls("problem")


def signatures_of(answers: pl.DataFrame, lines: pl.DataFrame, adjustments: pl.DataFrame) -> pl.Series:
    """SHA-256 of what an answer says about its lines and adjustments: equal for equal answers."""
    texts = [
        lines.select(
            "answer",
            text=pl.format(
                "L{} {} {} {} {}", pl.col("submitted").fill_null(""), pl.col("modifiers").fill_null(""),
                pl.col("service_from_on").cast(pl.String).fill_null(""),
                pl.col("charge_cents").fill_null(0), pl.col("paid_cents").fill_null(0),
            ),
        ),
        adjustments.select(
            "answer",
            text=pl.format(
                "A{} {} {} {}", pl.col("position").cast(pl.String).fill_null(""),
                pl.col("group_code").fill_null(""), pl.col("carc").fill_null(""),
                pl.col("amount_cents").fill_null(0),
            ),
        ),
    ]  # fmt: skip
    joined = pl.concat(texts).group_by("answer").agg(pl.col("text").sort().str.join("\n"))
    heads = pl.format(
        "{} {} {}", pl.col("charge_cents").fill_null(0), pl.col("paid_cents").fill_null(0),
        pl.col("text").fill_null(""),
    )  # fmt: skip
    whole = answers.join(joined, on="answer", how="left", maintain_order="left").select(heads).to_series()
    return pl.Series("signature", [hashlib.sha256(each.encode()).digest() for each in whole], dtype=pl.Binary)
