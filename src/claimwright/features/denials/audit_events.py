"""The records of alerts and rejections in the audit log and the outbox, in the transaction of the change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from claimwright.domain.caller import Caller
from claimwright.platform import audit
from claimwright.platform.database import Connection
from claimwright.store import events


def tell_alerts(
    caller: Caller, connection: Connection, alerts: Sequence[Mapping[str, Any]], correlation_id: str
) -> None:
    """Publish each alert, and record how many there were."""
    for each in alerts:
        data = {
            "denial_id": each["denial"], "claim_key": each["claim_key"], "clock": each["clock"],
            "due_on": each["due_on"].isoformat(), "days_left": each["days_left"],
            "threshold": each["threshold"], "amount_cents": each["amount_cents"],
        }  # fmt: skip
        events.publish(
            caller,
            connection,
            type="denial.deadline_near.v1",
            subject=f"denial:{each['denial']}",
            data={name: value for name, value in data.items() if value is not None},
            correlation_id=correlation_id,
        )
    audit.append(
        caller,
        connection,
        action="denials.alerted",
        subject="denials",
        detail={"events": len(alerts)},
        correlation_id=correlation_id,
    )


def tell_rejections(
    caller: Caller,
    connection: Connection,
    file_id: int,
    rejections: int,
    matched: int,
    unnamed: int,
    correlation_id: str,
) -> None:
    """Record that a file of rejections was posted."""
    subject = f"rejections:{file_id}"
    events.publish(
        caller,
        connection,
        type="rejections.posted.v1",
        subject=subject,
        data={"file_id": file_id, "rejections": rejections, "matched": matched, "unnamed": unnamed},
        correlation_id=correlation_id,
    )
    audit.append(
        caller,
        connection,
        action="rejections.posted",
        subject=subject,
        detail={"file_id": file_id, "claims": rejections, "found": matched},
        correlation_id=correlation_id,
    )
