"""Claims that could not be processed: list, retry or discard them, with an audit record."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from claimwright.domain.caller import Caller
from claimwright.platform import audit
from claimwright.platform.database import Connection
from claimwright.store import events
from claimwright.store.dead_letters import DeadLetter, mark_discarded, read_dead_letters, stage_again
from claimwright.store.production import insert_events

from .review import demand_approval


def dead_letters(
    connection: Connection,
    *,
    facilities: Sequence[str] | None = None,
    after: tuple[int, int] | None = None,
    limit: int = 100,
) -> list[DeadLetter]:
    """Dead letters, claims that arrived last first, discarded ones after all others."""
    return read_dead_letters(connection, facilities=facilities, after=after, limit=limit)


def retry(caller: Caller, connection: Connection, keys: Sequence[int] | None) -> list[int]:
    """Stage dead letters again for the next run: those with the keys, or all. Returns their keys."""
    moved = stage_again(connection, keys)
    _record(caller, connection, "retried", moved)
    return moved


def discard(caller: Caller, connection: Connection, keys: Sequence[int] | None, *, reason: str) -> list[int]:
    """Discard dead letters, with a reason for the audit log. They stay in the table, marked as discarded.

    Raises:
        ApprovalNeededError: the work item of one of them needs an approval; none was discarded.
    """
    demand_approval(connection, "dead_letter", keys)
    discarded = mark_discarded(connection, keys)
    _record(caller, connection, "discarded", discarded, reason=reason)
    return discarded


def _record(
    caller: Caller, connection: Connection, what: str, keys: list[int], reason: str | None = None
) -> None:
    if not keys:
        return
    correlation = uuid.uuid4()
    insert_events(connection, keys, what, correlation_id=correlation)
    events.publish(
        caller,
        connection,
        type=f"dead_letters.{what}.v1",
        subject=f"tenant:{caller.tenant}",
        data={"count": len(keys), "claim_keys": keys},
        correlation_id=str(correlation),
    )
    detail = {"count": len(keys), "claim_keys": keys}
    audit.append(
        caller,
        connection,
        action=f"dead_letters.{what}",
        subject=f"tenant:{caller.tenant}",
        detail=detail if reason is None else {**detail, "reason": reason},
        correlation_id=str(correlation),
    )
