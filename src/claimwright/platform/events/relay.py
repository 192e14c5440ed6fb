"""Carries events from the outbox to a target: at least once, again after a failure, with growing waits.

A target may hear of an event twice, when we were killed between its answer and our note of it; the event's id
is the same both times. Events go out in the order in which they were written, but one that failed is tried
again later and does not hold up those after it.
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
    """Somebody who is told of events."""

    @property
    def name(self) -> str:
        """Under which deliveries to it are noted; it never changes."""

    def deliver(self, event: Event) -> tuple[bool, str]:
        """Hand over one event: whether it was taken, and what was answered in a word. Raises nothing."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """How often an event is tried, and how long to wait between; seconds."""

    attempts: int = 12
    first: float = 1
    longest: float = 300

    def wait(self, tries: int, event_id: str) -> float:
        """Seconds to wait after so many tries: doubled each time, and spread over the upper half.

        The spread comes from the event's id: events that failed together are not tried together again.
        """
        full = float(min(self.first * 2.0 ** (tries - 1), self.longest))
        return full * (0.5 + int(event_id[:8], 16) / 2**33)


@dataclass(frozen=True, slots=True)
class Relayed:
    """What one round did."""

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
    """Deliver what of the caller's tenant is due to the target; returns when all of it was tried once.

    An event that fails waits for a later round, however long this one takes. Each delivery is noted by
    itself. Where another process relays for this tenant and target already,
    nothing is done: it does it.
    """
    backoff = backoff or Backoff()
    connection.autocommit = True
    name = f"relay {caller.tenant} {target.name}"
    taken = connection.execute("select pg_try_advisory_lock(hashtextextended(%s, 0))", (name,)).fetchone()
    if not (taken and taken[0]):
        return Relayed()
    delivered = failed = abandoned = 0
    # Every wait is counted from a later time than this: what fails in this round is not due in it again.
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
    """Give events that were given up another full number of tries; returns how many."""
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
