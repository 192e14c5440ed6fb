"""Which lines of their claims answers cover, and the rows of lines and adjustments that are stored."""

from __future__ import annotations

import polars as pl

from claimwright.engines.remittance import cover_lines
from claimwright.engines.remittance.preparing import Prepared
from claimwright.store import remittance_answers

LINES_DIFFER, CHARGE_DIFFERS = "lines_differ", "charge_differs"


def each_once(frame: pl.DataFrame, key: str, column: str, name: str) -> pl.DataFrame:
    """The values of a column for each key, each once, in order, separated by blanks; empty for none.

    All keys at once: sorting within each of many small groups takes several times as long.
    """
    values = frame.select(key, column).drop_nulls().unique().sort(column)
    texts = values.group_by(key).agg(pl.col(column).cast(pl.String).str.join(" ").alias(name))
    keys = frame.select(key).unique(maintain_order=True)
    return keys.join(texts, on=key, how="left", maintain_order="left").with_columns(
        pl.col(name).fill_null("")
    )


def with_procedures(answers: pl.DataFrame, prepared: Prepared) -> pl.DataFrame:
    """Answers with the procedures of their lines: `procedures`."""
    procedures = each_once(prepared.lines, "answer", "submitted", "procedures")
    return answers.join(procedures, on="answer", how="left", maintain_order="left")


def covered_lines(
    answers: pl.DataFrame, lines: pl.DataFrame, claimed: pl.DataFrame, claims: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The line of the claim for each answered line, and the answers whose lines or charges differ from it."""
    known = answers.filter(pl.col("claim_key").is_not_null()).select(
        "answer", claim="claim_key", answered=pl.col("charge_cents").abs()
    )
    answered = lines.join(known, on="answer", how="inner", maintain_order="left").with_columns(
        pl.col("charge_cents").abs()
    )
    covered = cover_lines(answered, claimed)
    placed = answered.join(covered, on=["answer", "position"], how="left")
    totals = placed.group_by("answer", "claim", "line").agg(answered_cents=pl.col("charge_cents").sum())
    wrong_lines = (
        totals.join(claimed.select("claim", "line", "charge_cents"), on=["claim", "line"], how="left")
        .filter(
            pl.col("line").is_null() | (pl.col("answered_cents") != pl.col("charge_cents")).fill_null(True)
        )
        .select("answer", difference=pl.lit(LINES_DIFFER))
        .unique()
    )
    whole = known.join(lines.select("answer").unique(), on="answer", how="anti")
    wrong_charges = (
        whole.join(claims.select("claim", "claimed_cents"), on="claim", how="left")
        .filter((pl.col("answered") != pl.col("claimed_cents")).fill_null(True))
        .select("answer", difference=pl.lit(CHARGE_DIFFERS))
    )
    return covered, pl.concat([wrong_lines, wrong_charges])


def lines_covered(covered: pl.DataFrame) -> pl.DataFrame:
    """The lines of the claim that each answer covers, as text: `lines_covered`."""
    return each_once(covered.drop_nulls("line"), "answer", "line", "lines_covered")


def stored_lines(lines: pl.DataFrame, covered: pl.DataFrame, answers: pl.DataFrame) -> pl.DataFrame:
    """The rows of `remittance.answer_lines`."""
    return (
        lines.join(covered, on=["answer", "position"], how="left", maintain_order="left")
        .join(answers.select("answer", "answer_id"), on="answer", how="inner", maintain_order="left")
        .select([pl.col(name).cast(dtype) for name, dtype in remittance_answers.ANSWER_LINES.items()])
    )


def stored_adjustments(adjustments: pl.DataFrame, answers: pl.DataFrame) -> pl.DataFrame:
    """The rows of `remittance.adjustments`."""
    return adjustments.join(
        answers.select("answer", "answer_id"), on="answer", how="inner", maintain_order="left"
    ).select([pl.col(name).cast(dtype) for name, dtype in remittance_answers.ADJUSTMENTS.items()])
