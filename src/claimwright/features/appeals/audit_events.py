"""The records of appeals in the audit log and the outbox, in the transaction of the change, last in it."""

from __future__ import annotations

from collections.abc import Mapping

from claimwright.domain.caller import Caller
from claimwright.platform import audit
from claimwright.platform.database import Connection
from claimwright.store import events
from claimwright.store.appeals import AppealCase


def record_case(
    caller: Caller,
    connection: Connection,
    case: AppealCase,
    what: str,
    detail: Mapping[str, object] | None = None,
) -> None:
    """Record what somebody did with a case."""
    audit.append(
        caller, connection, action=f"appeals.{what}", subject=f"appeal:{case.case_id}",
        detail=dict(detail or {}), correlation_id=str(case.correlation_id),
    )  # fmt: skip


def publish_case(
    caller: Caller, connection: Connection, case: AppealCase, what: str, data: Mapping[str, object]
) -> None:
    """Publish `appeal.WHAT.v1` about a case."""
    events.publish(
        caller, connection, type=f"appeal.{what}.v1", subject=f"appeal:{case.case_id}",
        data={
            "case_id": case.case_id, "denial_id": case.denial_id,
            **{name: value for name, value in data.items() if value is not None},
        },
        correlation_id=str(case.correlation_id),
    )  # fmt: skip
