"""Runs as people look at them: how far they are, what they came to, where the time went."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from decimal import Decimal

from claimwright.platform.database import Connection


@dataclass(frozen=True)
class RunView:
    """A run and the sums over its chunks that are done."""

    run_id: int
    state: str
    as_of: datetime.date
    started_at: datetime.datetime
    finished_at: datetime.datetime | None
    planned: int
    chunks: int
    chunks_done: int
    claims: int
    produced: int
    review: int
    dead: int
    charge: Decimal


@dataclass(frozen=True)
class ChunkView:
    """A chunk of a run; `seconds` by stage."""

    chunk: int
    state: str
    worker: int | None
    leases: int
    failures: int
    crashes: int
    problem: str | None
    claims: int | None
    produced: int | None
    review: int | None
    dead: int | None
    seconds: dict[str, float]


def runs(connection: Connection, *, run_id: int | None = None, limit: int = 20) -> list[RunView]:
    """The newest runs, or the one with that number."""
    rows = connection.execute(
        """
        select r.run_id, r.state, r.as_of, r.started_at, r.finished_at, r.planned, count(c.chunk),
          count(*) filter (where c.state = 'done'), coalesce(sum(c.claims), 0), coalesce(sum(c.produced), 0),
          coalesce(sum(c.review), 0), coalesce(sum(c.dead), 0), coalesce(sum(c.charge), 0)
        from pipeline.runs r left join pipeline.chunks c using (tenant, run_id)
        where %(run)s::bigint is null or r.run_id = %(run)s
        group by r.run_id, r.state, r.as_of, r.started_at, r.finished_at, r.planned
        order by r.run_id desc limit %(limit)s
        """,
        {"run": run_id, "limit": limit},
    ).fetchall()
    return [RunView(*row) for row in rows]


def chunks(connection: Connection, run_id: int) -> list[ChunkView]:
    """The chunks of a run, in order."""
    rows = connection.execute(
        "select chunk, state, worker_id, leases, failures, crashes, problem, claims, produced, review, dead, "
        "coalesce(seconds, '{}') from pipeline.chunks where run_id = %s order by chunk",
        [run_id],
    ).fetchall()
    return [ChunkView(*row) for row in rows]


def waiting(connection: Connection) -> dict[str, int]:
    """How much of the tenant waits where: claims for a run, chunks for a worker, letters for a person."""
    row = connection.execute(
        "select (select count(*) from staging.claims),"
        " (select count(*) from pipeline.chunks where state <> 'done'),"
        " (select count(*) from pipeline.dead_letters where state = 'dead'),"
        " (select count(*) from production.claims where status = 'active' and route = 'review')"
    ).fetchone()
    counts = row or (0, 0, 0, 0)
    return dict(zip(("staged", "chunks", "dead_letters", "review"), map(int, counts), strict=True))
