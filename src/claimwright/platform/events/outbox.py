"""The outbox: an event is a row, written in the transaction of the change that it reports.

So it is published if and only if the change is committed. At the commit, listeners get a NOTIFY on `CHANNEL`
with the ids, and read the event from the table: a notification contains only ids.
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
    """One stored event."""

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
    """Write an event into the outbox; it is published when the caller's transaction commits.

    Args:
        caller: its tenant owns the event; its actor caused it.
        connection: in a transaction on the caller's behalf.
        type: its name with version, such as `breaker.changed.v1`.
        subject: what it is about: only ids, as the event's page says.
        data: as the event's schema says.
        correlation_id: of the request or file that caused it.
        catalogue: contains its schema.

    Raises:
        EventError: there is no such event, or its schema does not allow the data.
    """
    catalogue.check(type, data)
    # One statement, one round trip: the row and its notification.
    connection.execute(
        "with written as ("
        " insert into platform.outbox (tenant, type, subject, correlation_id, data)"
        " values (%s, %s, %s, %s, %s::jsonb) returning tenant, type, id"
        ") select pg_notify(%s, json_build_object('tenant', tenant, 'type', type, 'id', id)::text)"
        " from written",
        (caller.tenant, type, subject, str(correlation_id), json.dumps(data, separators=(",", ":")), CHANNEL),
    )


def listen(connection: psycopg.Connection, *, wait_seconds: float | None = None) -> Iterator[Notice]:
    """Yield a notice for each event of any tenant when it is committed, on a dedicated connection.

    Ends when none arrives for `wait_seconds`; without it, never. Earlier events are not repeated: after a
    start or a lost connection, a listener reads the table first.
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


@dataclass(frozen=True, slots=True)
class Bookmark:
    """Up to where a reader has read the outbox.

    Attributes:
        seen: the snapshot of the database that has been read; None for a reader who goes on by position.
        event: position and transaction of the event after which the reader resumes: the rest of its
            transaction is still to be read, though the snapshot before it has none of it.
    """

    seen: str | None
    event: tuple[int, str | None] = (0, None)


def bookmark_after(caller: Caller, connection: psycopg.Connection, event_id: str | None) -> Bookmark:
    """A bookmark after an event of the tenant; at the present where there is no such event.

    What was committed while the event was being written may be read a second time, under the same id.
    """
    row = connection.execute(
        "select position, written_in::text, seen_then::text from platform.outbox "
        "where tenant = %s and id::text = %s",
        [caller.tenant, event_id],
    ).fetchone()
    return Bookmark(_present(connection)) if row is None else Bookmark(row[2], (row[0], row[1]))


def events_since(
    caller: Caller, connection: psycopg.Connection, bookmark: Bookmark, *, limit: int = 10_000
) -> tuple[list[Event], Bookmark]:
    """The tenant's events that were committed since a bookmark, each once, and the bookmark after them.

    Neither a long transaction nor one that overtakes another hides an event: what is visible now and was not
    in the snapshot before is new. Read in a transaction that sees what others commit (read committed).
    """
    present, found, after = _present(connection), [], 0
    position, transaction = bookmark.event
    while True:
        rows = connection.execute(
            _SINCE if bookmark.seen else _BEHIND,
            {
                "tenant": caller.tenant, "seen": bookmark.seen, "present": present, "position": position,
                "transaction": transaction, "after": after, "limit": limit,
            },
        ).fetchall()  # fmt: skip
        found += [Event(*row[1:]) for row in rows]
        if len(rows) < limit:
            return found, Bookmark(present)
        after = rows[-1][0]


def _present(connection: psycopg.Connection) -> str:
    row = connection.execute("select pg_current_snapshot()::text").fetchone()
    assert row is not None
    return str(row[0])


_COLUMNS = "position, id::text, tenant, type, subject, correlation_id, occurred_at, data"
_PAGE = " and position > %(after)s order by position limit %(limit)s"
# Found by transaction, then put in order: the index of positions would be walked from its beginning.
_SINCE = (
    "with fresh as materialized (select * from platform.outbox where tenant = %(tenant)s"  # noqa: S608 - constants
    " and written_in >= pg_snapshot_xmin(%(seen)s::pg_snapshot)"
    " and not pg_visible_in_snapshot(written_in, %(seen)s::pg_snapshot)"
    " and pg_visible_in_snapshot(written_in, %(present)s::pg_snapshot)"
    " and (written_in is distinct from %(transaction)s::xid8 or position > %(position)s))"
    f" select {_COLUMNS} from fresh where true{_PAGE}"
)
# After an event that was written before there were snapshots.
_BEHIND = (
    f"select {_COLUMNS} from platform.outbox where tenant = %(tenant)s and position > %(position)s"  # noqa: S608 - constants
    " and (written_in is null or pg_visible_in_snapshot(written_in, %(present)s::pg_snapshot))" + _PAGE
)


def events_after(
    caller: Caller, connection: psycopg.Connection, position: int, *, limit: int = 10_000
) -> list[tuple[int, Event]]:
    """The tenant's events after a position of the outbox, in order, each with its position.

    Positions are assigned when an event is written, but become visible at commit: an event can appear with a
    lower position than one already seen. A reader that must not miss any uses `events_since`.
    """
    rows = connection.execute(
        "select position, id::text, tenant, type, subject, correlation_id, occurred_at, data "
        "from platform.outbox where tenant = %s and position > %s order by position limit %s",
        [caller.tenant, position, limit],
    ).fetchall()
    return [(row[0], Event(*row[1:])) for row in rows]


def expire(caller: Caller, connection: psycopg.Connection, *, before: datetime.datetime) -> int:
    """Delete events of the caller's tenant from before a time, with their delivery records.

    Returns how many. Events that are still to be delivered to a target stay.
    """
    with tenancy(connection, caller):
        done = connection.execute(
            "delete from platform.outbox o where tenant = %s and occurred_at < %s and not exists"
            " (select from platform.deliveries d where d.event_id = o.id"
            "  and d.delivered_at is null and d.abandoned_at is null)",
            (caller.tenant, before),
        )
        return done.rowcount
