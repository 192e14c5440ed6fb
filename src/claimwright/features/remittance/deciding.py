"""What people decide about answers that wait: which claim, none, or that a held payment is right after all.

AnswerNotFoundError    no such answer waits
PaymentNotFoundError   no such payment is held
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from claimwright.domain.caller import Caller
from claimwright.engines.remittance import NOT_RELEASED, Account, explain_payment, provider_entries
from claimwright.engines.remittance.preparing import Prepared, problems_of, signatures_of, totals_of
from claimwright.foundation import clock
from claimwright.foundation.errors import NotFoundError
from claimwright.platform import audit
from claimwright.platform.database import Connection
from claimwright.store import remittance_answers, remittance_candidates, remittances

from .answer_secrets import line_controls, stored_secrets
from .audit_events import tell_decided, tell_retried
from .finding_claims import candidates_of
from .following import follow_postings
from .ledger_writer import LedgerWriter
from .manual_postings import PostingRefusedError
from .posting_answers import AnswerPoster, SealsAndFinds
from .underpayments import UnderpaymentSearch


class AnswerNotFoundError(NotFoundError):
    """No such answer waits."""


class PaymentNotFoundError(NotFoundError):
    """No such payment is held."""


def candidates_for(
    caller: Caller, connection: Connection, sealer: SealsAndFinds, answer_id: int
) -> pl.DataFrame:
    """The claims that a waiting answer may be about, best first: `claim_key`, `score`, `score_reasons`.

    Raises:
        AnswerNotFoundError: no such answer waits.
    """
    prepared = _stored(caller, connection, sealer, answers=[answer_id])
    if not prepared.answers.height:
        raise AnswerNotFoundError(
            f"no answer {answer_id} waits. `claimwright remittances waiting` lists those that do."
        )
    procedures = prepared.lines.group_by("answer").agg(
        procedures=pl.col("submitted").drop_nulls().unique().sort().str.join(" ")
    )
    answers = prepared.answers.join(procedures, on="answer", how="left", maintain_order="left")
    return candidates_of(caller, connection, sealer, answers, facility=None)


def assign_answer(
    caller: Caller,
    connection: Connection,
    sealer: SealsAndFinds,
    answer_id: int,
    claim_key: int,
    *,
    search: UnderpaymentSearch,
    reason: str = "chosen by a person",
) -> tuple[str, str | None]:
    """Post a waiting answer to the claim that a person chose. Returns its state, and why if it still waits.

    Raises:
        AnswerNotFoundError: no such answer waits, or there is no such claim in production.
        AuditError: the reason is not acceptable.
    """
    reason = audit.stated_reason(reason, "the claim is chosen")
    remittances.lock_remittances(connection)
    prepared = _stored(caller, connection, sealer, answers=[answer_id])
    if not prepared.answers.height:
        raise AnswerNotFoundError(
            f"no answer {answer_id} waits. `claimwright remittances waiting` lists those that do."
        )
    if remittance_candidates.facility_of(connection, claim_key) is None:
        raise AnswerNotFoundError(f"there is no claim {claim_key} in production.")
    writer = LedgerWriter(connection, caller, clock.now())
    states = _post_again(writer, sealer, search, prepared, claim_key=claim_key)
    tell_decided(caller, connection, f"answer:{answer_id}", "assigned", reason, claim_key=claim_key)
    return states["state"][0], states["reason"][0]


def dismiss_answer(caller: Caller, connection: Connection, answer_id: int, reason: str) -> None:
    """Set a waiting answer aside for good. Its money stays unapplied, until it is paid back.

    Raises:
        AnswerNotFoundError: no such answer waits.
        AuditError: the reason is not acceptable.
    """
    reason = audit.stated_reason(reason, "the answer is dismissed")
    remittances.lock_remittances(connection)
    if not remittance_answers.set_state(connection, answer_id, "dismissed", reason):
        raise AnswerNotFoundError(
            f"no answer {answer_id} waits. `claimwright remittances waiting` lists those that do."
        )
    tell_decided(caller, connection, f"answer:{answer_id}", "dismissed", reason)


def release_payment(
    caller: Caller,
    connection: Connection,
    sealer: SealsAndFinds,
    payment_id: int,
    *,
    search: UnderpaymentSearch,
    reason: str = "released by a person",
) -> dict[str, int]:
    """Post a held payment all the same. Returns its answers, counted by state.

    Raises:
        PaymentNotFoundError: no such payment is held.
        PostingRefusedError: it can only be posted from a whole file.
        AuditError: the reason is not acceptable.
    """
    reason = audit.stated_reason(reason, "the payment is released")
    remittances.lock_remittances(connection)
    held_for = remittances.held_reason(connection, payment_id)
    if held_for in NOT_RELEASED:
        means, do = explain_payment("held", held_for)
        raise PostingRefusedError(f"payment {payment_id} is not released: {means}. {do}")
    payment = remittances.release_payment(connection, payment_id)
    if payment is None:
        raise PaymentNotFoundError(f"no payment {payment_id} is held.")
    writer = LedgerWriter(connection, caller, clock.now())
    entries = provider_entries(remittances.provider_adjustments_of(connection, payment_id))
    if entries.height:
        writer.add("provider", entries, payment_id=payment_id)
    cents = payment["amount_cents"]
    if cents:
        money = pl.DataFrame(
            {"account": [Account.CASH.value, Account.UNAPPLIED.value], "amount_cents": [cents, -cents]}
        )
        writer.add("payment", money, payment_id=payment_id)
    prepared = _stored(caller, connection, sealer, payment_id=payment_id)
    tell_decided(caller, connection, f"payment:{payment_id}", "released", reason)
    if not prepared.answers.height:
        follow_postings(writer, sealer, search, payments=[payment_id])
        return {}
    states = _post_again(writer, sealer, search, prepared)
    return dict(states.group_by("state").agg(pl.len()).sort("state").iter_rows())


def reconsider_waiting(
    caller: Caller, connection: Connection, sealer: SealsAndFinds, *, search: UnderpaymentSearch
) -> dict[str, int]:
    """Look for the claims of answers that came before their claims were processed. Returns counts by
    state.
    """
    remittances.lock_remittances(connection)
    prepared = _stored(caller, connection, sealer, reasons=("unknown_claim", "ambiguous", "below_threshold"))
    if not prepared.answers.height:
        return {}
    states = _post_again(LedgerWriter(connection, caller, clock.now()), sealer, search, prepared)
    counts = dict(states.group_by("state").agg(pl.len()).sort("state").iter_rows())
    tell_retried(caller, connection, counts)
    return counts


def _post_again(
    writer: LedgerWriter,
    sealer: SealsAndFinds,
    search: UnderpaymentSearch,
    prepared: Prepared,
    *,
    claim_key: int | None = None,
) -> pl.DataFrame:
    states = AnswerPoster(writer, sealer, None).post_again(prepared, claim_key=claim_key)
    follow_postings(writer, sealer, search, payments=prepared.answers["payment_id"].unique().to_list())
    return states


def _stored(
    caller: Caller,
    connection: Connection,
    sealer: SealsAndFinds,
    *,
    answers: Sequence[int] | None = None,
    payment_id: int | None = None,
    reasons: Sequence[str] | None = None,
) -> Prepared:
    """Waiting answers as they were prepared when they came."""
    rows = remittance_answers.waiting_answers(
        connection, answers=answers, payment_id=payment_id, reasons=reasons
    )
    ids = [row["answer_id"] for row in rows]
    lines, adjustments = remittance_answers.lines_of_answers(connection, ids)
    known = stored_secrets(caller, connection, sealer, ids)
    lines = (
        lines.drop("line")
        .join(line_controls(known), on=["answer_id", "position"], how="left", maintain_order="left")
        .rename({"answer_id": "answer"})
        .with_columns(submitted=pl.coalesce("original_procedure", "procedure", "revenue_code"))
    )
    adjustments = adjustments.rename({"answer_id": "answer"})
    frame = pl.DataFrame(
        [_row(row, known.get(key, {})) for row, key in zip(rows, ids, strict=True)],
        schema=_STORED,
        orient="row",
    )
    days = lines.group_by("answer").agg(service_from_on=pl.col("service_from_on").min())
    frame = (
        frame.join(days, on="answer", how="left", maintain_order="left")
        .join(problems_of(frame, lines, adjustments), on="answer", how="left", maintain_order="left")
        .join(totals_of(adjustments), on="answer", how="left", maintain_order="left")
        .with_columns(pl.col("owed_cents", "prior_cents").fill_null(0))
    )
    return Prepared(
        frame.with_columns(signature=signatures_of(frame, lines, adjustments)), lines, adjustments
    )


_STORED: dict[str, pl.DataType] = {
    "answer": pl.Int64(), "answer_id": pl.Int64(), "payment_id": pl.Int64(), "position": pl.Int32(),
    "is_reversal": pl.Boolean(), "claim_status": pl.String(), "frequency": pl.String(),
    "charge_cents": pl.Int64(), "paid_cents": pl.Int64(), "patient_cents": pl.Int64(), "paid_on": pl.Date(),
    "payer_id": pl.String(), "payer_name": pl.String(), "payee_npi": pl.String(), "held": pl.String(),
    "claim_id": pl.String(),
    "payer_claim_number": pl.String(), "patient_last_name": pl.String(), "patient_first_name": pl.String(),
    "patient_id": pl.String(), "subscriber_id": pl.String(),
}  # fmt: skip


def _row(row: dict[str, Any], secrets: dict[str, str | None]) -> tuple[object, ...]:
    held = None if row["payment_state"] == "posted" else f"payment_{row['payment_state']}"
    found = {**row, **secrets, "answer": row["answer_id"], "payee_npi": row["payee_id"], "held": held}
    return tuple(found.get(name) for name in _STORED)
