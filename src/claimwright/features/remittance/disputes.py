"""Bulk disputes: the underpayments of a payer as one table, to be sent to it.

A claim's numbers name a patient's record: they are opened only for a stated reason. The audit log keeps it,
and every packet.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

import polars as pl

from claimwright.domain.caller import Caller
from claimwright.foundation.spreadsheets import defused
from claimwright.platform import audit
from claimwright.platform.database import Connection
from claimwright.platform.list_order import after_key
from claimwright.store import underpayments as store
from claimwright.store.sealed_claims import Opens

from .answer_secrets import secrets_of

_AT_ONCE = 1_000
_NAMES = ("payer_claim_number", "claim_id")
PACKET: dict[str, pl.DataType] = {
    "claim_key": pl.Int64(), "payer_claim_number": pl.String(), "claim_number": pl.String(),
    "payer": pl.String(), "line": pl.Int32(), "procedure": pl.String(), "modifiers": pl.String(),
    "service_on": pl.Date(), "paid_on": pl.Date(), "charge": pl.Decimal(18, 2), "expected": pl.Decimal(18, 2),
    "allowed": pl.Decimal(18, 2), "paid": pl.Decimal(18, 2), "difference": pl.Decimal(18, 2),
    "kind": pl.String(), "confidence": pl.String(), "basis": pl.String(),
}  # fmt: skip


def dispute_packet(
    caller: Caller,
    connection: Connection,
    payer: str,
    *,
    facilities: Sequence[str] | None = None,
    opener: Opens | None = None,
    reason: str | None = None,
) -> pl.DataFrame:
    """The underpayments of a payer in force, one row each: the columns of `PACKET`, amounts in dollars.

    With `opener` and `reason`, with the numbers of claims, after the audit log has recorded it; without,
    their columns are left out. No text begins like a formula of a spreadsheet.

    Raises:
        AuditError: the reason is not acceptable; nothing was opened.
        PhiError: an answer can't be opened.
    """
    found: list[store.Underpayment] = []
    after: int | None = None
    while True:
        page = store.list_underpayments(
            connection, payer=payer, facilities=facilities, after=after_key(after), limit=_AT_ONCE
        )
        found += page
        if len(page) < _AT_ONCE:
            break
        after = page[-1].underpayment_id
    correlation_id = str(uuid.uuid4())
    counts = {"findings": len(found), "amount_cents": sum(each.amount_cents for each in found)}
    audit.append(
        caller, connection, action="underpayments.disputed", subject="underpayments:dispute", detail=counts,
        correlation_id=correlation_id,
    )  # fmt: skip
    numbers: dict[int, dict[str, Any]] = {}
    if opener is not None:
        audit.record_phi_access(
            caller, connection, subject="underpayments:dispute", fields=_NAMES, reason=reason or "",
            correlation_id=correlation_id,
        )  # fmt: skip
        numbers = _numbers(caller, connection, opener, found)
    rows = [_row(each, numbers.get(each.answer_id or 0, {})) for each in found]
    packet = pl.DataFrame(rows, schema=PACKET, orient="row")
    if opener is None:
        packet = packet.drop("payer_claim_number", "claim_number")
    texts = [name for name, dtype in packet.schema.items() if dtype == pl.String]
    return packet.with_columns(defused(pl.col(name)).alias(name) for name in texts)


def _numbers(
    caller: Caller, connection: Connection, opener: Opens, found: Sequence[store.Underpayment]
) -> dict[int, dict[str, str | None]]:
    answers = sorted({each.answer_id for each in found if each.answer_id is not None})
    return secrets_of(caller, connection, opener, answers)


def _row(each: store.Underpayment, numbers: dict[str, Any]) -> tuple[object, ...]:
    cents = (each.charge_cents, each.expected_cents, each.allowed_cents, each.paid_cents, each.amount_cents)
    amounts = [None if value is None else store.in_dollars(value) for value in cents]
    return (
        each.claim_key, numbers.get("payer_claim_number"), numbers.get("claim_id"),
        each.payer_name or each.payer_id, each.line, each.procedure, each.modifiers, each.service_from_on,
        each.paid_on, *amounts, each.kind, each.confidence, each.basis.replace("\n", "; "),
    )  # fmt: skip
