"""Alerts of unusual access, kept until a person has looked at each.

AlertNotFoundError   the tenant has no such alert, or somebody has reviewed it
"""

from __future__ import annotations

import datetime
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from claimwright.domain.caller import Caller
from claimwright.foundation.errors import NotFoundError
from claimwright.platform import audit

if TYPE_CHECKING:
    from claimwright.platform.database import Connection

_COLUMNS = "alert_id, kind, actor, day, counted, usual, found_at, reviewed_at, reviewed_by"


class AlertNotFoundError(NotFoundError):
    """There is no such alert, or somebody has reviewed it."""


@dataclass(frozen=True)
class Alert:
    """Unusual access of an actor on a day (UTC); `usual` is up to how much would have been usual."""

    alert_id: int
    kind: str
    actor: str
    day: datetime.date
    counted: int
    usual: int
    found_at: datetime.datetime
    reviewed_at: datetime.datetime | None
    reviewed_by: str | None


def raise_alert(
    connection: Connection,
    *,
    kind: str,
    actor: str,
    day: datetime.date,
    counted: int,
    usual: int,
) -> Alert | None:
    """Store an alert; None if there was one of this kind, actor and day. The caller tells of it."""
    row = connection.execute(
        "insert into platform.access_alerts (kind, actor, day, counted, usual) "  # noqa: S608
        "values (%s, %s, %s, %s, %s) on conflict (tenant, kind, actor, day) do nothing "
        f"returning {_COLUMNS}".encode(),
        [kind, actor, day, counted, usual],
    ).fetchone()
    if row is None:
        return None
    return Alert(*row)


def alerts_after(
    connection: Connection, *, after: int = 0, limit: int = 100, only_open: bool = False
) -> list[Alert]:
    """The next alerts after a number, in order; only those that nobody has reviewed, if asked."""
    rows = connection.execute(
        f"select {_COLUMNS} from platform.access_alerts where alert_id > %s "  # noqa: S608 - of this module
        "and (not %s or reviewed_at is null) order by alert_id limit %s".encode(),
        [after, only_open, limit],
    ).fetchall()
    return [Alert(*row) for row in rows]


def review_alert(caller: Caller, connection: Connection, alert_id: int, *, reason: str) -> Alert:
    """Close an alert with what was found about it, which the audit log keeps.

    Raises:
        AlertNotFoundError: there is none with this number, it is about the caller, or it was reviewed.
        AuditError: the reason is too short or too long.
    """
    reason = audit.stated_reason(reason, "the alert is closed")
    row = connection.execute(
        "update platform.access_alerts set reviewed_at = clock_timestamp(), "  # noqa: S608
        "reviewed_by = store.actor() where alert_id = %s and reviewed_at is null and actor <> store.actor() "
        f"returning {_COLUMNS}".encode(),
        [alert_id],
    ).fetchone()
    if row is None:
        raise AlertNotFoundError(
            "there is no open alert with this number. Nobody reviews an alert about their own access."
        )
    audit.append(
        caller,
        connection,
        action="alert.reviewed",
        subject=f"alert:{alert_id}",
        detail={"reason": reason},
        correlation_id=str(uuid.uuid4()),
    )
    return Alert(*row)
