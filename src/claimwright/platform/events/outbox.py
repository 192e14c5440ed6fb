"""The outbox: an event is a row, written in the transaction of the change that it tells of.

So it is told if and only if the change is. Whoever waits hears at the commit, by NOTIFY on `CHANNEL`, who and
which, and reads the rest from the table: a notification holds ids alone.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from claimwright.domain.caller import Caller
from claimwright.platform.tenancy import tenancy

from .catalogue import PLATFORM_EVENTS, Catalogue, schema_address

if TYPE_CHECKING:
    import psycopg

CHANNEL = "claimwright_events"


@dataclass(frozen=True, slots=True)
class Event:
    """One event, as it is stored."""

    id: str
    tenant: str
    type: str
    subject: str
    correlation_id: str
    occurred_at: datetime.datetime
    data: Mapping[str, Any]

    def cloud_event(self) -> dict[str, Any]:
        """The event in CloudEvents 1.0, structured mode; the extensions are `tenant` and `correlationid`."""
        return {
            "specversion": "1.0",
            "id": self.id,
            "source": f"/claimwright/{self.tenant}",
            "type": f"claimwright.{self.type}",
            "subject": self.subject,
            "time": self.occurred_at.astimezone(datetime.UTC).isoformat().replace("+00:00", "Z"),
            "datacontenttype": "application/json",
            "dataschema": schema_address(self.type),
            "tenant": self.tenant,
            "correlationid": self.correlation_id,
            "data": dict(self.data),
        }


@dataclass(frozen=True, slots=True)
class Notice:
    """What NOTIFY says."""

    tenant: str
    type: str
    id: str


def publish(
    caller: Caller,
    connection: psycopg.Connection,
    *,
    type: str,  # noqa: A002 - as CloudEvents names it
    subject: str,
    data: Mapping[str, Any],
    correlation_id: str,
    catalogue: Catalogue = PLATFORM_EVENTS,
) -> None:
    """Write an event into the outbox; it is told when the caller's transaction commits.

    Args:
        caller: whose event, and who caused it.
        connection: in a transaction on the caller's behalf.
        type: its name with version, such as `breaker.changed.v1`.
        subject: what it is about: ids alone, as the event's page says.
        data: as the event's schema says.
        correlation_id: of the request or file that began it.
        catalogue: where its schema is.

    Raises:
        EventError: there is no such event, or its schema does not allow the data.
    """
    catalogue.check(type, data)
    # One statement, one round trip: the row, and the notification that names it.
    connection.execute(
        "with written as ("
        " insert into platform.outbox (tenant, type, subject, correlation_id, data)"
        " values (%s, %s, %s, %s, %s::jsonb) returning tenant, type, id"
        ") select pg_notify(%s, json_build_object('tenant', tenant, 'type', type, 'id', id)::text)"
        " from written",
        (caller.tenant, type, subject, str(correlation_id), json.dumps(data, separators=(",", ":")), CHANNEL),
    )


def listen(connection: psycopg.Connection, *, wait_seconds: float | None = None) -> Iterator[Notice]:
    """Notices of events of all tenants, as they are committed, on a connection of its own.

    Ends when none came for `wait_seconds`; without it, never. What was told before is not heard: a
    listener that starts or was cut off reads the table first.
    """
    connection.autocommit = True
    connection.execute(f"listen {CHANNEL}")
    while True:
        heard = list(connection.notifies(timeout=wait_seconds, stop_after=1))
        if not heard:
            return
        for each in heard:
            said = json.loads(each.payload)
            yield Notice(said["tenant"], said["type"], said["id"])


def position_of(caller: Caller, connection: psycopg.Connection, event_id: str | None) -> int:
    """Where an event of the tenant stands in the outbox; the newest, where there is no such event."""
    row = connection.execute(
        "select coalesce("
        "(select position from platform.outbox where tenant = %(tenant)s and id::text = %(id)s), "
        "(select max(position) from platform.outbox where tenant = %(tenant)s), 0)",
        {"tenant": caller.tenant, "id": event_id},
    ).fetchone()
    return 0 if row is None else int(row[0])


def events_after(
    caller: Caller, connection: psycopg.Connection, position: int, *, limit: int = 10_000
) -> list[tuple[int, Event]]:
    """The tenant's events after a position of the outbox, in order, each with its position.

    Positions are given when an event is written and seen when it is committed: one may appear before another
    that is seen already. Who must miss none looks back.
    """
    rows = connection.execute(
        "select position, id::text, tenant, type, subject, correlation_id, occurred_at, data "
        "from platform.outbox where tenant = %s and position > %s order by position limit %s",
        [caller.tenant, position, limit],
    ).fetchall()
    return [(row[0], Event(*row[1:])) for row in rows]


def expire(caller: Caller, connection: psycopg.Connection, *, before: datetime.datetime) -> int:
    """Remove events of the caller's tenant from before that time, with the notes of their delivery.

    Returns how many. What is still to be delivered to somebody stays.
    """
    with tenancy(connection, caller):
        done = connection.execute(
            "delete from platform.outbox o where tenant = %s and occurred_at < %s and not exists"
            " (select from platform.deliveries d where d.event_id = o.id"
            "  and d.delivered_at is null and d.abandoned_at is null)",
            (caller.tenant, before),
        )
        return done.rowcount
