"""Delivers events from the outbox to a target: at least once, with retries and increasing waits.

A target can receive an event twice if this process is killed after the target's response and before recording
it; the event's id is the same both times. Events are sent in the order in which they were written, but a
failed one is retried later and does not delay those after it.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from claimwright.domain.caller import Caller
from claimwright.foundation import clock
from claimwright.platform.tenancy import tenancy

from .outbox import Event

if TYPE_CHECKING:
    import psycopg

_BATCH = 100


class Target(Protocol):
    """A receiver of events."""

    @property
    def name(self) -> str:
        """The name under which deliveries to it are recorded; it never changes."""

    def deliver(self, event: Event) -> tuple[bool, str]:
        """Send one event. Returns whether it was accepted, and the response in one word. Raises nothing."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """How many delivery attempts an event gets, and the waits between them, in seconds."""

    attempts: int = 12
    first: float = 1
    longest: float = 300

    def wait(self, tries: int, event_id: str) -> float:
        """Seconds to wait after a number of attempts: doubled each time, with jitter over the upper half.

        The jitter comes from the event's id, so that events that failed together are not retried together.
        """
        full = float(min(self.first * 2.0 ** (tries - 1), self.longest))
        return full * (0.5 + int(event_id[:8], 16) / 2**33)


@dataclass(frozen=True, slots=True)
class Relayed:
    """The result of one delivery round."""

    delivered: int = 0
    failed: int = 0
    abandoned: int = 0


def relay(
    caller: Caller,
    connection: psycopg.Connection,
    target: Target,
    *,
    backoff: Backoff | None = None,
    now: Callable[[], datetime.datetime] = clock.now,
) -> Relayed:
    """Deliver the due events of the caller's tenant to the target; returns after one attempt for each.

    A failed event is retried in a later round, however long this one takes. Each delivery is recorded
    separately. Does nothing if another process is already delivering for this tenant and target.
    """
    backoff = backoff or Backoff()
    connection.autocommit = True
    name = f"relay {caller.tenant} {target.name}"
    taken = connection.execute("select pg_try_advisory_lock(hashtextextended(%s, 0))", (name,)).fetchone()
    if not (taken and taken[0]):
        return Relayed()
    delivered = failed = abandoned = 0
    # All waits start later than this, so an event that fails in this round is not due again in it.
    began = now()
    try:
        while due := _due(caller, connection, target.name, began):
            for event, tries in due:
                took, answer = target.deliver(event)
                gone = not took and tries + 1 >= backoff.attempts
                at = now()
                again = at + datetime.timedelta(seconds=backoff.wait(tries + 1, event.id))
                _note(caller, connection, event, target.name, tries + 1, took, gone, answer, at, again)
                delivered += took
                failed += not took
                abandoned += gone
    finally:
        connection.execute("select pg_advisory_unlock(hashtextextended(%s, 0))", (name,))
    return Relayed(delivered, failed, abandoned)


def retry_abandoned(caller: Caller, connection: psycopg.Connection, target: str) -> int:
    """Give abandoned events a full number of new attempts; returns how many."""
    with tenancy(connection, caller):
        return connection.execute(
            "update platform.deliveries set abandoned_at = null, attempts = 0, due_at = %s"
            " where tenant = %s and target = %s and abandoned_at is not null",
            (clock.now(), caller.tenant, target),
        ).rowcount


def _due(
    caller: Caller, connection: psycopg.Connection, target: str, by: datetime.datetime
) -> list[tuple[Event, int]]:
    with tenancy(connection, caller):
        rows = connection.execute(
            "select o.id::text, o.tenant, o.type, o.subject, o.correlation_id, o.occurred_at, o.data,"
            " coalesce(d.attempts, 0) from platform.outbox o"
            " left join platform.deliveries d on d.event_id = o.id and d.target = %s"
            " where o.tenant = %s and (d.event_id is null or"
            "  (d.delivered_at is null and d.abandoned_at is null and d.due_at <= %s))"
            " order by o.position limit %s",
            (target, caller.tenant, by, _BATCH),
        ).fetchall()
    return [(Event(*row[:-1]), int(row[-1])) for row in rows]


def _note(
    caller: Caller,
    connection: psycopg.Connection,
    event: Event,
    target: str,
    tries: int,
    took: bool,
    gone: bool,
    answer: str,
    at: datetime.datetime,
    again: datetime.datetime,
) -> None:
    with tenancy(connection, caller):
        connection.execute(
            "insert into platform.deliveries as d"
            " (tenant, event_id, target, attempts, due_at, delivered_at, abandoned_at, last_answer)"
            " values (%s, %s, %s, %s, %s, %s, %s, %s)"
            " on conflict (event_id, target) do update set attempts = excluded.attempts,"
            " due_at = excluded.due_at, delivered_at = excluded.delivered_at,"
            " abandoned_at = excluded.abandoned_at, last_answer = excluded.last_answer",
            (
                event.tenant, event.id, target, tries, again,
                at if took else None, at if gone else None, answer[:60],
            ),
        )  # fmt: skip
