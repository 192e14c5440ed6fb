"""The records of remittances in the audit log and the outbox, written in the transaction of the change."""

from __future__ import annotations

import uuid

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


def tell_decided(caller: Caller, connection: Connection, answer_id: int, decision: str, reason: str) -> None:
    """Record what a person decided about a waiting answer."""
    audit.append(
        caller,
        connection,
        action=f"remittance.{decision}",
        subject=f"answer:{answer_id}",
        detail={"reason": reason} if reason else {},
        correlation_id=str(uuid.uuid4()),
    )
