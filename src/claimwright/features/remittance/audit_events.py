"""The records of remittances in the audit log and the outbox, written in the transaction of the change."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from claimwright.domain.caller import Caller
from claimwright.platform import audit
from claimwright.platform.database import Connection
from claimwright.store import events

from .posting_files import PostedFile


def tell(caller: Caller, connection: Connection, posted: PostedFile) -> None:
    """Record that a remittance file was posted."""
    subject = f"remittance:{posted.file_id}"
    states = posted.answers.states
    counts = {
        "payments": posted.payments.height,
        "held": posted.payments.filter(posted.payments["state"] != "posted").height,
        "answers": sum(states.values()),
        "posted": states.get("posted", 0),
        "waiting": states.get("waiting", 0),
        "amount_cents": int(posted.payments["amount_cents"].sum()),
    }
    events.publish(
        caller,
        connection,
        type="remittance.posted.v1",
        subject=subject,
        data={"file_id": posted.file_id, **counts},
        correlation_id=posted.correlation_id,
    )
    audit.append(
        caller,
        connection,
        action="remittance.posted",
        subject=subject,
        detail=counts,
        correlation_id=posted.correlation_id,
    )


def tell_decided(
    caller: Caller,
    connection: Connection,
    subject: str,
    decision: str,
    reason: str,
    *,
    claim_key: int | None = None,
) -> None:
    """Record what a person decided about a waiting answer or a held payment."""
    detail: dict[str, Any] = {"reason": reason}
    if claim_key is not None:
        detail["claim_key"] = claim_key
    audit.append(
        caller,
        connection,
        action=f"remittance.{decision}",
        subject=subject,
        detail=detail,
        correlation_id=str(uuid.uuid4()),
    )


def tell_retried(caller: Caller, connection: Connection, counts: Mapping[str, int]) -> None:
    """Record that waiting answers were looked at again, and what became of them."""
    audit.append(
        caller,
        connection,
        action="remittance.retried",
        subject=f"tenant:{caller.tenant}",
        detail={"answers": sum(counts.values()), "posted": counts.get("posted", 0)},
        correlation_id=str(uuid.uuid4()),
    )
