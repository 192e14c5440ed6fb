"""A person gives up a chunk that keeps failing: its claims become dead letters, and the run continues.

ChunkNotOpenError   the run has no such chunk, or it is completed
"""

from __future__ import annotations

from decimal import Decimal

from claimwright.domain.caller import Caller
from claimwright.features.pipeline import AuditEvents
from claimwright.foundation.errors import NotFoundError
from claimwright.platform import audit
from claimwright.platform.database import Connection
from claimwright.store.dead_letters import Dead, move_to_dead_letters
from claimwright.store.metric_counts import add_counts
from claimwright.store.runs import (
    ChunkTotals,
    close_run,
    complete_chunk,
    keys_of_open_chunk,
    open_run,
    take_chunk,
)
from claimwright.store.staged_claims import keys_between

_REASON, _STAGE = "GivenUp", "chunk"
_NOT_OPEN = "run {run} has no open chunk {chunk}. See: claimwright runs show {run}."


class ChunkNotOpenError(NotFoundError):
    """There is no such chunk, or it is completed."""


def give_up_chunk(caller: Caller, connection: Connection, run_id: int, chunk: int, *, reason: str) -> int:
    """Move the claims of a chunk to the dead letters. Returns how many. `dead-letters retry` stages them
    again.

    Call it in a transaction on the caller's behalf. A worker that is processing the chunk can no longer write
    it.

    Raises:
        ChunkNotOpenError: the open run has no such chunk, or it is completed.
        AuditError: the reason is not acceptable.
    """
    run = open_run(connection)
    lease = take_chunk(connection, run_id, chunk) if run is not None and run.run_id == run_id else None
    if run is None or lease is None:
        raise ChunkNotOpenError(_NOT_OPEN.format(run=run_id, chunk=chunk))
    keys = keys_between(connection, lease.first_key, lease.last_key)
    move_to_dead_letters(
        connection,
        [Dead(key, _REASON, _STAGE) for key in keys],
        run_id=run_id,
        attempts=max(lease.failures, 1),
    )
    complete_chunk(connection, lease, ChunkTotals(len(keys), 0, 0, len(keys), Decimal(0), {}))
    add_counts(connection, {("failed", _REASON): len(keys)})
    if close_run(connection, run_id):
        AuditEvents(caller).finished(connection, run)
    audit.append(
        caller,
        connection,
        action="chunk.given_up",
        subject=f"run:{run_id}/chunk:{chunk}",
        detail={"reason": reason, "claims": len(keys), "from_key": lease.first_key, "to_key": lease.last_key},
        correlation_id=str(run.correlation_id),
    )
    return len(keys)


def staged_in_chunk(connection: Connection, run_id: int, chunk: int) -> int:
    """How many claims of a chunk are waiting.

    Raises:
        ChunkNotOpenError: the run has no such chunk, or it is completed.
    """
    keys = keys_of_open_chunk(connection, run_id, chunk)
    if keys is None:
        raise ChunkNotOpenError(_NOT_OPEN.format(run=run_id, chunk=chunk))
    return len(keys_between(connection, *keys))
