"""Looks through the audit log of a tenant, and raises an alert for each unusual access, once."""

from __future__ import annotations

import datetime
import uuid

from claimwright.domain.caller import Caller
from claimwright.platform.access import Alert, raise_alert
from claimwright.platform.audit import accesses
from claimwright.platform.database import Connection, Database
from claimwright.store import events

from .detection import PAST_DAYS, unusual_accesses


def watch_accesses(
    caller: Caller, database: Database, *, until: datetime.datetime, days: int = 2
) -> list[Alert]:
    """Look at the last `days` days (UTC), today with what there is of it. Returns the new alerts, in order.

    An alert of one kind, person and day is raised once, however often this runs.
    """
    last = until.astimezone(datetime.UTC).date()
    first = last - datetime.timedelta(days=days - 1 + PAST_DAYS)
    since = datetime.datetime.combine(first, datetime.time(), datetime.UTC)
    with database.connect() as connection:
        found = accesses(caller, connection, since=since, until=until)
    unusual = [
        each
        for number in range(days)
        for each in unusual_accesses(found, last - datetime.timedelta(days=days - 1 - number))
    ]
    if not unusual:
        return []
    with database.transaction(caller) as connection:
        raised = [
            raise_alert(
                connection,
                kind=each.kind,
                actor=each.actor,
                day=each.day,
                counted=each.counted,
                usual=each.usual,
            )
            for each in unusual
        ]
        new = [each for each in raised if each is not None]
        for alert in new:
            _tell(caller, connection, alert)
    return new


def _tell(caller: Caller, connection: Connection, alert: Alert) -> None:
    events.publish(
        caller,
        connection,
        type="access.unusual.v1",
        subject=f"alert:{alert.alert_id}",
        data={
            "alert_id": alert.alert_id, "kind": alert.kind, "day": alert.day.isoformat(),
            "counted": alert.counted, "usual": alert.usual,
        },
        correlation_id=str(uuid.uuid4()),
    )  # fmt: skip
