"""What follows once answers are posted, by a file or by a person's decision.

Decisions on claims go to the training of predictions, the next payer is found, and underpayments and money
that was taken back are looked for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

import polars as pl

from claimwright.engines.remittance import denied_lines
from claimwright.store import remittance_answers
from claimwright.store.feedback import insert_outcomes
from claimwright.store.next_claims import insert_next_claims
from claimwright.store.sealed_claims import Opens
from claimwright.store.underpayments import STATED, answered_by, insert_underpayments

from .ledger_writer import LedgerWriter
from .next_payer import find_next_payers, next_claims_of
from .opened_claims import OpenedClaims
from .underpayments import UnderpaymentSearch


@dataclass(frozen=True)
class FirstAnswers:
    """Answers that are posted and the first of their claims, with the columns of their tables."""

    answers: pl.DataFrame
    lines: pl.DataFrame
    adjustments: pl.DataFrame
    stated: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=STATED))


# A file may have a million: their lines are held for so many.
_ANSWERS_AT_ONCE = 50_000


def follow_postings(
    writer: LedgerWriter, opener: Opens, search: UnderpaymentSearch, *, payments: Sequence[int] = ()
) -> None:
    """Do what follows from the answers that this writer posted, and from these payments, whether or not an
    answer of theirs was posted. Called last in their transaction: a reversal takes money back only once it
    is in force.
    """
    writer = writer.at_once()
    connection, answers = writer.connection, sorted(set(writer.posted))
    if answers:
        _add_outcomes(writer, answers)
        opened = OpenedClaims(writer.caller, connection, opener)
        find_next_payers(connection, opened, writer.now, answers=answers)
        search.search(writer.caller, connection, opener, writer.now, answers=answers)
    # A posting brings reversals of earlier payments into force that waited for it.
    reversing = remittance_answers.payments_of_reversals(connection, list(writer.settled))
    touched = sorted({*payments, *reversing})
    if touched:
        search.find_takebacks(connection, touched, writer.now)


def follow_first_answers(
    writer: LedgerWriter, opened: OpenedClaims, search: UnderpaymentSearch, posted: FirstAnswers,
    *, evidence: bytes, before_search: Callable[[], object],
) -> None:  # fmt: skip
    """Do what follows from answers of a file that are the first of their claims, while all of it is at hand:
    the same as `follow_postings`. `evidence` is the digest of the file.

    Everything of the answers that the search reads is given to the writer before; `before_search` gives it
    the rest, which it writes while underpayments are looked for.
    """
    connection = writer.connection
    outcomes = denied_lines(_outcomes(posted))
    new = posted.answers.filter(
        pl.col("turn") == "P", pl.col("owed_cents") > 0, pl.col("claim_key").is_not_null()
    )
    following = next_claims_of(
        new.select(
            "answer_id", "claim_key", "account_key", "facility", "claim_status", amount_cents="owed_cents"
        ),
        opened,
        writer.now,
    )  # fmt: skip
    writer.writes.wait()
    of_first = posted.answers.filter(pl.col("turn") == "P").select("answer_id")
    said = answered_by(connection, of_first["answer_id"].to_list(), *_said(posted, of_first))
    before_search()
    if outcomes.height:
        writer.writes.add(
            partial(insert_outcomes, connection, outcomes, evidence=evidence, told_by=writer.caller.actor)
        )
    writer.writes.add(partial(insert_next_claims, connection, following))
    found = search.found_in(said, opened, writer.now)
    writer.writes.add(partial(insert_underpayments, connection, found))


def _said(posted: FirstAnswers, answers: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Lines and adjustments of answers, as underpayments are found from them."""
    stated = posted.stated.filter(pl.col("position") > 0).select("answer_id", "position", "allowed_cents")
    lines = posted.lines.join(stated, on=["answer_id", "position"], how="left", maintain_order="left")
    return (
        lines.join(answers, on="answer_id", how="semi", maintain_order="left").rename(
            {"answer_id": "answer"}
        ),
        posted.adjustments.join(answers, on="answer_id", how="semi", maintain_order="left").rename(
            {"answer_id": "answer"}
        ),
    )


def _outcomes(posted: FirstAnswers) -> pl.DataFrame:
    """The lines of claims that answers decided, with their adjustments: what `denied_lines` reads."""
    deciding = posted.answers.filter(
        pl.col("paid_on").is_not_null(),
        (pl.col("turn") == "P") | (pl.col("claim_key") != pl.col("account_key")) | ~pl.col("has_first_payer"),
    ).select("answer_id", "claim_key", "paid_on")
    placed = posted.lines.filter(pl.col("line").is_not_null()).join(
        deciding, on="answer_id", how="inner", maintain_order="left"
    )
    lines = placed.group_by("answer_id", "line", maintain_order=True).agg(
        pl.col("claim_key", "paid_on").first(), pl.col("charge_cents", "paid_cents").sum(),
        rarc=pl.col("remarks").drop_nulls().str.join(" "), said=pl.col("remarks").is_not_null().any(),
    )  # fmt: skip
    adjusted = posted.adjustments.join(
        placed.select("answer_id", "position", "line"), on=["answer_id", "position"], how="inner",
        maintain_order="left",
    ).select("answer_id", "line", "ordinal", "group_code", "carc")  # fmt: skip
    return (
        lines.join(adjusted, on=["answer_id", "line"], how="left", maintain_order="left_right")
        .sort("claim_key", "line", "ordinal", maintain_order=True)
        .select(
            "line", "charge_cents", "paid_cents", "group_code", "carc", claim="claim_key",
            answered_on="paid_on", rarc=pl.when("said").then("rarc"),
        )
    )  # fmt: skip


def _add_outcomes(writer: LedgerWriter, answers: Sequence[int]) -> None:
    """Give decisions on claims as they were sent to the training of predictions; the first of a line
    counts.
    """
    for evidence, of_file in remittance_answers.answers_by_file(writer.connection, answers).items():
        for first in range(0, len(of_file), _ANSWERS_AT_ONCE):
            part = of_file[first : first + _ANSWERS_AT_ONCE]
            outcomes = remittance_answers.outcomes_of(writer.connection, part)
            if outcomes.height:
                insert_outcomes(
                    writer.connection, denied_lines(outcomes), evidence=evidence, told_by=writer.caller.actor
                )
