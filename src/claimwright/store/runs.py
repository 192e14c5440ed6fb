"""Runs and their chunks: planned once, leased to one worker at a time, reassigned when a worker is lost.

A worker holds a session advisory lock while it lives. A chunk whose worker's lock is gone, or whose lease has
expired, can be leased again immediately: after a kill, no worker has to wait for the lease to expire.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from psycopg.types.json import Jsonb

from claimwright.foundation import clock
from claimwright.platform.database import Connection

# The first half of a worker's advisory lock; the second is its number.
_WORKERS = 7_837_004
_PLANNING = 7_837_005


@dataclass(frozen=True)
class Run:
    """A run that is not finished."""

    run_id: int
    as_of: datetime.date
    correlation_id: uuid.UUID
    planned: int
    resumed: bool


@dataclass(frozen=True)
class Lease:
    """The right to process a chunk, for a limited time.

    `turn` counts leases: only the newest one is valid.
    """

    run_id: int
    chunk: int
    first_key: int
    last_key: int
    turn: int
    failures: int
    # The number of workers lost or silent while they held the chunk; and of these, those that held only this
    # chunk.
    crashes: int = 0
    crashes_alone: int = 0


@dataclass(frozen=True)
class ChunkTotals:
    """Totals of a chunk's claims; seconds by stage."""

    claims: int
    produced: int
    review: int
    dead: int
    charge: Decimal
    seconds: Mapping[str, float]


@dataclass(frozen=True)
class RunTotals:
    """Totals of a run's claims."""

    claims: int
    produced: int
    review: int
    dead: int
    elapsed_ms: int


def begin_run(connection: Connection, *, chunk_claims: int, as_of: datetime.date | None = None) -> Run | None:
    """The unfinished run, or a new run over all staged claims; None if nothing is staged.

    Claims staged later with keys in the range of an open chunk are processed with that chunk. `as_of` is the
    evaluation date of a new run; today by default.
    """
    connection.execute("select pg_advisory_xact_lock(%s, hashtext(store.tenant()))", [_PLANNING])
    under_way = open_run(connection)
    if under_way is not None:
        return under_way
    staged = connection.execute("select count(*) from staging.claims").fetchone()
    if staged is None or not staged[0]:
        return None
    day, correlation_id = as_of or clock.today(), uuid.uuid4()
    made = connection.execute(
        "insert into pipeline.runs (as_of, state, correlation_id, planned, started_at) "
        "values (%s, 'running', %s, %s, %s) returning run_id",
        [day, correlation_id, staged[0], clock.now()],
    ).fetchone()
    assert made is not None
    # Chunks of equal size: a last chunk with few claims would have the same fixed cost as a full one.
    connection.execute(_PLAN, {"run": made[0], "chunks": -(-staged[0] // chunk_claims)})
    return Run(made[0], day, correlation_id, staged[0], resumed=False)


def open_run(connection: Connection) -> Run | None:
    """The unfinished run; None if there is none."""
    found = connection.execute(
        "select run_id, as_of, correlation_id, planned from pipeline.runs where state = 'running'"
    ).fetchone()
    if found is None:
        return None
    run_id, judged_on, known_by, planned = found
    return Run(run_id, judged_on, known_by, planned, resumed=True)


def register_worker(connection: Connection, run_id: int) -> int:
    """Register a worker with a run.

    Returns its number. The worker counts as lost when its connection ends.
    """
    row = connection.execute(
        "insert into pipeline.workers (run_id, started_at) values (%s, %s) returning worker_id",
        [run_id, clock.now()],
    ).fetchone()
    assert row is not None
    connection.execute("select pg_advisory_lock(%s, %s)", [_WORKERS, row[0]])
    return int(row[0])


def lease_chunk(connection: Connection, run_id: int, worker: int, *, seconds: float) -> Lease | None:
    """Lease the next chunk that is waiting or whose worker is lost; None if there is none now."""
    row = connection.execute(
        _LEASE,
        {"run": run_id, "worker": worker, "locks": _WORKERS, "seconds": seconds, "now": clock.now()},
    ).fetchone()
    return Lease(run_id, *row) if row else None


def extend_lease(connection: Connection, held: Lease, worker: int, *, seconds: float, alone: bool) -> bool:
    """Extend a lease to a number of seconds from now. False if another worker has the chunk by now.

    `alone`: from now on the worker processes only this chunk, so a crash is attributed to it.
    """
    extended = connection.execute(
        "update pipeline.chunks set leased_until = %s::timestamptz + make_interval(secs => %s), alone = %s "
        "where run_id = %s and chunk = %s and state = 'leased' and worker_id = %s and leases = %s",
        [clock.now(), seconds, alone, held.run_id, held.chunk, worker, held.turn],
    )
    return extended.rowcount == 1


def bisect_chunk(
    connection: Connection, held: Lease, worker: int, keys: Sequence[int], *, crashes_alone: int
) -> None:
    """Bisect a chunk into two waiting chunks with half of the keys each. Does nothing if another worker has
    it by now.

    A half can crash one more worker before it is bisected too. A half with a single claim can crash as many
    as the first chunk (`crashes_alone`), so that a claim is not given up because of a fault of the machine.
    """
    middle = len(keys) // 2
    spared = [0 if count == 1 else crashes_alone - 1 for count in (middle, len(keys) - middle)]
    # A new chunk gets the next number; the lock prevents two from getting the same one.
    connection.execute("select 1 from pipeline.runs where run_id = %s for update", [held.run_id])
    connection.execute(
        _BISECT,
        {
            "run": held.run_id, "chunk": held.chunk, "worker": worker, "turn": held.turn,
            "last": keys[middle] - 1, "next": keys[middle], "end": held.last_key,
            "spared": spared[0], "spared_next": spared[1],
        },
    )  # fmt: skip


def revoke_leases(connection: Connection, run_id: int, worker: int) -> None:
    """Revoke the leases of a worker's old number, after it lost its connection but not its process."""
    connection.execute(
        "update pipeline.chunks set state = 'waiting', worker_id = null, alone = false "
        "where run_id = %s and worker_id = %s and state = 'leased'",
        [run_id, worker],
    )


def release_chunk(
    connection: Connection, held: Lease, worker: int, problem: str | None, retry_at: datetime.datetime | None
) -> None:
    """Release a chunk; it waits until `retry_at`. A `problem` is recorded and counts as a failure."""
    connection.execute(
        "update pipeline.chunks set state = 'waiting', worker_id = null, alone = false, "
        "failures = failures + %s, not_before = %s, problem = %s "
        "where run_id = %s and chunk = %s and state = 'leased' and worker_id = %s and leases = %s",
        [int(problem is not None), retry_at, problem, held.run_id, held.chunk, worker, held.turn],
    )


def open_chunks(connection: Connection, run_id: int) -> int:
    """How many chunks of a run are not completed."""
    row = connection.execute(
        "select count(*) from pipeline.chunks where run_id = %s and state <> 'done'", [run_id]
    ).fetchone()
    assert row is not None
    return int(row[0])


def lock_chunk(connection: Connection, held: Lease, worker: int) -> bool:
    """Lock the row of a chunk until the transaction ends. False if the lease is no longer valid."""
    row = connection.execute(
        "select 1 from pipeline.chunks where run_id = %s and chunk = %s and state = 'leased' "
        "and worker_id = %s and leases = %s for update",
        [held.run_id, held.chunk, worker, held.turn],
    ).fetchone()
    return row is not None


def complete_chunk(connection: Connection, held: Lease, totals: ChunkTotals) -> None:
    """Complete a chunk, with the totals of its claims."""
    connection.execute(
        "update pipeline.chunks set state = 'done', leased_until = null, claims = %s, produced = %s, "
        "review = %s, dead = %s, charge = %s, seconds = %s, finished_at = %s "
        "where run_id = %s and chunk = %s",
        [
            totals.claims, totals.produced, totals.review, totals.dead, totals.charge,
            Jsonb(dict(totals.seconds)), clock.now(), held.run_id, held.chunk,
        ],
    )  # fmt: skip


def take_chunk(connection: Connection, run_id: int, chunk: int) -> Lease | None:
    """Revoke the lease of an uncompleted chunk and return the chunk; None if there is no such chunk.

    A worker that is processing it finds out that its lease is no longer valid.
    """
    row = connection.execute(
        "update pipeline.chunks set state = 'leased', worker_id = null, leases = leases + 1 "
        "where run_id = %s and chunk = %s and state <> 'done' "
        "returning chunk, first_key, last_key, leases, failures",
        [run_id, chunk],
    ).fetchone()
    return Lease(run_id, *row) if row else None


def keys_of_open_chunk(connection: Connection, run_id: int, chunk: int) -> tuple[int, int] | None:
    """The first and the last key of an uncompleted chunk; None if there is no such chunk."""
    row = connection.execute(
        "select first_key, last_key from pipeline.chunks "
        "where run_id = %s and chunk = %s and state <> 'done'",
        [run_id, chunk],
    ).fetchone()
    return (int(row[0]), int(row[1])) if row else None


def run_totals(connection: Connection, run_id: int) -> RunTotals:
    """Totals of a run's completed chunks, and the time from the run's start to the end of the last one."""
    row = connection.execute(
        "select coalesce(sum(claims), 0), coalesce(sum(produced), 0), coalesce(sum(review), 0), "
        "coalesce(sum(dead), 0), "
        "(extract(epoch from max(finished_at) - (select started_at from pipeline.runs r "
        "where r.run_id = c.run_id)) * 1000)::bigint "
        "from pipeline.chunks c where run_id = %s group by run_id",
        [run_id],
    ).fetchone()
    claims, produced, review, dead, elapsed = row or (0, 0, 0, 0, 0)
    return RunTotals(int(claims), int(produced), int(review), int(dead), max(int(elapsed or 0), 0))


def close_run(connection: Connection, run_id: int) -> bool:
    """Mark a run as done if all of its chunks are. Returns whether this call did so."""
    done = connection.execute(
        "update pipeline.runs r set state = 'done', finished_at = %s where run_id = %s and state = 'running' "
        "and not exists (select from pipeline.chunks c where c.run_id = r.run_id and c.state <> 'done')",
        [clock.now(), run_id],
    )
    return done.rowcount == 1


_PLAN = """
insert into pipeline.chunks (run_id, chunk, first_key, last_key)
select %(run)s, chunk, min(claim_key), max(claim_key)
from (
  select claim_key, ntile(%(chunks)s) over (order by claim_key) as chunk from staging.claims
) numbered
group by chunk
"""
# Materialized: a plain subquery could be executed once per row and would then lease every chunk at once.
_LEASE = """
with next as materialized (
  select chunk from pipeline.chunks
  where run_id = %(run)s and (
    state = 'waiting' and (not_before is null or not_before <= %(now)s)
    or state = 'leased' and worker_id <> %(worker)s and (
      leased_until <= %(now)s or not exists (
        select from pg_locks l
        where l.locktype = 'advisory' and l.classid = %(locks)s::oid and l.objid = worker_id::oid
          and l.objsubid = 2 and l.database = (select oid from pg_database where datname = current_database())
      )
    )
  )
  order by chunk limit 1 for update skip locked
)
update pipeline.chunks c
set state = 'leased', worker_id = %(worker)s, leases = leases + 1, problem = null,
  crashes = crashes + (c.state = 'leased')::integer,
  crashes_alone = crashes_alone + (c.state = 'leased' and alone)::integer, alone = false,
  leased_until = %(now)s::timestamptz + make_interval(secs => %(seconds)s)
from next
where c.run_id = %(run)s and c.chunk = next.chunk
returning c.chunk, c.first_key, c.last_key, c.leases, c.failures, c.crashes, c.crashes_alone
"""
_BISECT = """
with half as (
  update pipeline.chunks
  set state = 'waiting', worker_id = null, alone = false, last_key = %(last)s, crashes_alone = %(spared)s
  where run_id = %(run)s and chunk = %(chunk)s and state = 'leased' and worker_id = %(worker)s
    and leases = %(turn)s
  returning crashes
)
insert into pipeline.chunks (run_id, chunk, first_key, last_key, crashes, crashes_alone)
select %(run)s, (select max(chunk) + 1 from pipeline.chunks where run_id = %(run)s), %(next)s, %(end)s,
  half.crashes, %(spared_next)s
from half
"""
