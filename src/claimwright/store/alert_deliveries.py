"""Targets of alerts, and the messages to them: what waits, what was sent, what failed and why."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from psycopg.rows import class_row

from claimwright.platform.database import Connection


@dataclass(frozen=True)
class StoredTarget:
    """Where messages go; its addresses and its secret are sealed."""

    target_id: int
    name: str
    kind: str
    shown: str
    is_on: bool
    changed_by: str
    changed_at: datetime.datetime
    sealed: bytes


@dataclass(frozen=True)
class AlertDelivery:
    """A message to a target: waiting, sent, given_up after its attempts, or dropped as no longer true."""

    delivery_id: int
    target: str
    definition: str | None
    what: str
    incidents: list[int]
    message_id: uuid.UUID
    state: str
    attempts: int
    created_at: datetime.datetime
    due_at: datetime.datetime
    held_until: datetime.datetime | None
    tried_at: datetime.datetime | None
    sent_at: datetime.datetime | None
    last_error: str | None


_TARGET = ", ".join(StoredTarget.__dataclass_fields__)
_DELIVERY = ", ".join(AlertDelivery.__dataclass_fields__)


def target_context(tenant: str, target_id: int) -> bytes:
    """The context of a sealed target: it can be opened only as this target of this tenant."""
    return f"{tenant}:alert-target:{target_id}".encode()


def list_targets(connection: Connection) -> list[StoredTarget]:
    """All targets, by name."""
    cursor = connection.cursor(row_factory=class_row(StoredTarget))
    return cursor.execute(f"select {_TARGET} from alerting.targets order by name".encode()).fetchall()  # noqa: S608


def target_named(connection: Connection, name: str) -> StoredTarget | None:
    """The target with a name."""
    cursor = connection.cursor(row_factory=class_row(StoredTarget))
    statement = f"select {_TARGET} from alerting.targets where name = %s"  # noqa: S608 - names of a class
    return cursor.execute(statement.encode(), [name]).fetchone()


def next_target_id(connection: Connection) -> int:
    """The number of a target to be."""
    row = connection.execute("select nextval('alerting.ids')").fetchone()
    assert row is not None
    return int(row[0])


def store_target(
    connection: Connection, target_id: int, name: str, kind: str, shown: str, sealed: bytes, *, is_on: bool
) -> None:
    """Store a target, in place of the one with its number."""
    connection.execute(
        "insert into alerting.targets (target_id, name, kind, shown, sealed, is_on) "
        "values (%s, %s, %s, %s, %s, %s) on conflict (tenant, target_id) do update set "
        "kind = excluded.kind, shown = excluded.shown, sealed = excluded.sealed, is_on = excluded.is_on, "
        "changed_by = store.actor(), changed_at = clock_timestamp()",
        [target_id, name, kind, shown, sealed, is_on],
    )


def remove_target(connection: Connection, name: str) -> bool:
    """Remove a target. False if there is none."""
    return bool(connection.execute("delete from alerting.targets where name = %s", [name]).rowcount)


def add_delivery(
    connection: Connection,
    *,
    target: str,
    definition: str | None,
    what: str,
    incidents: Sequence[int],
    now: datetime.datetime,
    held_until: datetime.datetime | None = None,
) -> int:
    """Store a message that waits; until `held_until`, if stated."""
    row = connection.execute(
        "insert into alerting.deliveries (target, definition, what, incidents, message_id, state, "
        "created_at, due_at, held_until) values (%s, %s, %s, %s, %s, 'waiting', %s, %s, %s) "
        "returning delivery_id",
        [target, definition, what, list(incidents), uuid.uuid4(), now, held_until or now, held_until],
    ).fetchone()
    assert row is not None
    return int(row[0])


def take_due(
    connection: Connection,
    now: datetime.datetime,
    lease_until: datetime.datetime,
    *,
    only: int | None = None,
    passed_over: Collection[str] = (),
) -> AlertDelivery | None:
    """The next message that is due, which other processes leave alone until `lease_until`.

    Its attempt counts from now on, so that one who dies while sending does not send for ever. `only`: this
    one, whenever it is due. `passed_over`: no message to these targets.
    """
    cursor = connection.cursor(row_factory=class_row(AlertDelivery))
    return cursor.execute(
        # Materialized: a subquery that is planned as a loop would lock, and take, one row after another.
        "with next as materialized (select delivery_id from alerting.deliveries "  # noqa: S608 - of a class
        "where state = 'waiting' "
        "and (delivery_id = %(only)s or (%(only)s::bigint is null and due_at <= %(now)s)) "
        "and target <> all(%(passed_over)s) "
        "order by due_at, delivery_id limit 1 for update skip locked) "
        "update alerting.deliveries d set attempts = attempts + 1, tried_at = %(now)s, due_at = %(lease)s "
        f"from next where d.delivery_id = next.delivery_id returning {_qualified()}".encode(),
        {"now": now, "lease": lease_until, "only": only, "passed_over": list(passed_over)},
    ).fetchone()


def _qualified() -> str:
    return ", ".join(f"d.{name}" for name in AlertDelivery.__dataclass_fields__)


def note_outcome(
    connection: Connection,
    delivery_id: int,
    state: str,
    now: datetime.datetime,
    *,
    due_at: datetime.datetime | None = None,
    error: str | None = None,
) -> None:
    """Store what became of an attempt: sent, waiting until `due_at`, given_up or dropped."""
    connection.execute(
        "update alerting.deliveries set state = %(state)s, due_at = coalesce(%(due)s, due_at), "
        "sent_at = case when %(state)s = 'sent' then %(now)s end, last_error = %(error)s "
        "where delivery_id = %(id)s",
        {"id": delivery_id, "state": state, "now": now, "due": due_at, "error": error},
    )


def retry_delivery(connection: Connection, delivery_id: int, now: datetime.datetime) -> bool:
    """Give a message that was given up new attempts. False if there is none such."""
    return bool(
        connection.execute(
            "update alerting.deliveries set state = 'waiting', attempts = 0, due_at = %s "
            "where delivery_id = %s and state = 'given_up'",
            [now, delivery_id],
        ).rowcount
    )


def drop_held(connection: Connection, incident_id: int, now: datetime.datetime) -> list[str]:
    """Drop what was held in quiet hours and is only about this incident, which is over. Returns to whom."""
    rows = connection.execute(
        "update alerting.deliveries set state = 'dropped' where state = 'waiting' and attempts = 0 "
        "and held_until > %s and incidents = array[%s::bigint] returning target",
        [now, incident_id],
    ).fetchall()
    return [row[0] for row in rows]


def told_targets(connection: Connection, incident_id: int) -> set[str]:
    """The targets that were told of an incident, or will be."""
    rows = connection.execute(
        "select distinct target from alerting.deliveries where incidents @> array[%s::bigint] "
        "and state in ('waiting', 'sent') and what <> 'resolved'",
        [incident_id],
    ).fetchall()
    return {row[0] for row in rows}


def list_deliveries(
    connection: Connection,
    *,
    before: int | None = None,
    limit: int = 100,
    incident_id: int | None = None,
    only_failing: bool = False,
) -> list[AlertDelivery]:
    """Messages, newest first; of one incident; only those that failed, if asked."""
    cursor = connection.cursor(row_factory=class_row(AlertDelivery))
    return cursor.execute(
        f"select {_DELIVERY} from alerting.deliveries "  # noqa: S608 - names of a class
        "where (%(before)s::bigint is null or delivery_id < %(before)s) "
        "and (%(incident)s::bigint is null or incidents @> array[%(incident)s::bigint]) "
        "and (not %(failing)s or last_error is not null and state <> 'sent') "
        "order by delivery_id desc limit %(limit)s".encode(),
        {"before": before, "incident": incident_id, "failing": only_failing, "limit": limit},
    ).fetchall()


def delivery_by_id(connection: Connection, delivery_id: int) -> AlertDelivery | None:
    """One message."""
    cursor = connection.cursor(row_factory=class_row(AlertDelivery))
    statement = f"select {_DELIVERY} from alerting.deliveries where delivery_id = %s"  # noqa: S608
    return cursor.execute(statement.encode(), [delivery_id]).fetchone()
