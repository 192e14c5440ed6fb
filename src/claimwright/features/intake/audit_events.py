"""The records of a file in the audit log and the outbox, written in the file's transaction."""

from __future__ import annotations

from claimwright.domain.caller import Caller
from claimwright.platform import audit
from claimwright.platform.database import Connection
from claimwright.store import events
from claimwright.store.returned_files import ReturnableFile

from .staging import Staged


def tell(caller: Caller, connection: Connection, staged: Staged) -> None:
    """Record that a file was staged."""
    subject, correlation = f"file:{staged.file_id}", str(staged.correlation_id)
    counts = {
        "staged": staged.staged,
        "refused": sum(staged.refused.values()),
        "charge_cents": int(staged.charge * 100),
    }
    events.publish(
        caller,
        connection,
        type="claims.staged.v1",
        subject=subject,
        data={"file_id": staged.file_id, **counts, "faults": staged.faults},
        correlation_id=correlation,
    )
    audit.append(
        caller,
        connection,
        action="claims.staged",
        subject=subject,
        detail={"facility": staged.facility, "claims": staged.claims, **counts},
        correlation_id=correlation,
    )


def tell_returned(
    caller: Caller, connection: Connection, found: ReturnableFile, reason: str | None = None
) -> None:
    """Record that the intake of a file was undone, and why if somebody said so."""
    subject, correlation = f"file:{found.file_id}", str(found.correlation_id)
    counts = {"returned": found.going, "kept": found.staying}
    events.publish(
        caller,
        connection,
        type="file.returned.v1",
        subject=subject,
        data={"file_id": found.file_id, **counts},
        correlation_id=correlation,
    )
    audit.append(
        caller,
        connection,
        action="file.returned",
        subject=subject,
        detail={"facility": found.facility, **counts} | ({"reason": reason} if reason else {}),
        correlation_id=correlation,
    )
