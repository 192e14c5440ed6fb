"""Overviews for people: runs and their progress, queue lengths, and the place of one claim."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from claimwright.platform.database import Connection
from claimwright.platform.list_order import ListOrder, Place


@dataclass(frozen=True)
class Holdings:
    """File and claim counts of a tenant, and the time of the last change according to the audit log."""

    files: int
    claims: int
    changed_at: datetime.datetime | None


@dataclass(frozen=True)
class RunView:
    """A run, with totals over its completed chunks."""

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


RUN_ORDERS = ListOrder("run_id", {}, "r.run_id")


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


@dataclass(frozen=True)
class ClaimPlace:
    """The place of a claim: `place` is staged, production, review or dead; `why` is a word for the reason."""

    place: str
    why: str | None
    facility: str
    file_id: int
    position: int


def runs(
    connection: Connection,
    *,
    run_id: int | None = None,
    sort: str = "-run_id",
    after: Place | None = None,
    limit: int = 20,
) -> list[RunView]:
    """Runs in one of `RUN_ORDERS` after a place of it, newest first; or the run with a given number."""
    beyond, order, place = RUN_ORDERS.clauses(sort, after)
    rows = connection.execute(
        f"""
        select r.run_id, r.state, r.as_of, r.started_at, r.finished_at, r.planned, count(c.chunk),
          count(*) filter (where c.state = 'done'), coalesce(sum(c.claims), 0), coalesce(sum(c.produced), 0),
          coalesce(sum(c.review), 0), coalesce(sum(c.dead), 0), coalesce(sum(c.charge), 0)
        from pipeline.runs r left join pipeline.chunks c using (tenant, run_id)
        where (%(run)s::bigint is null or r.run_id = %(run)s)
          and {beyond}
        group by r.run_id, r.state, r.as_of, r.started_at, r.finished_at, r.planned
        order by {order} limit %(limit)s
        """.encode(),  # noqa: S608 - of this module
        {"run": run_id, "limit": limit, **place},
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


def waiting(connection: Connection, facilities: Sequence[str] | None = None) -> dict[str, int]:
    """Queue lengths: staged claims, unfinished chunks, dead letters, claims in review.

    Of the tenant, or of some of its facilities; chunks have claims of any.
    """
    row = connection.execute(
        "select (select count(*) from staging.claims where %(all)s or facility = any(%(own)s)),"
        " (select count(*) from pipeline.chunks where state <> 'done'),"
        " (select count(*) from pipeline.dead_letters"
        "  where state = 'dead' and (%(all)s or facility = any(%(own)s))),"
        " (select count(*) from production.claims where status <> 'superseded' and route = 'review'"
        "  and (%(all)s or facility = any(%(own)s)))",
        {"all": facilities is None, "own": list(facilities or ())},
    ).fetchone()
    counts = row or (0, 0, 0, 0)
    return dict(zip(("staged", "chunks", "dead_letters", "review"), map(int, counts), strict=True))


def count_dead_letters(connection: Connection, facilities: Sequence[str] | None = None) -> int:
    """How many claims could not be processed and wait for a person, of the tenant or of some facilities."""
    row = connection.execute(
        "select count(*) from pipeline.dead_letters"
        " where state = 'dead' and (%(own)s::text[] is null or facility = any(%(own)s))",
        {"own": None if facilities is None else list(facilities)},
    ).fetchone()
    return int(row[0]) if row else 0


def place_of(connection: Connection, claim_key: int) -> ClaimPlace | None:
    """The place of a claim; None if the tenant has no claim with this key."""
    row = connection.execute(_PLACE, {"key": claim_key}).fetchone()
    return ClaimPlace(*row) if row else None


_PLACE = """
select 'staged', null, facility, file_id, position from staging.claims where claim_key = %(key)s
union all
select route, route_reason, facility, file_id, position from production.claims where claim_key = %(key)s
union all
select state, reason, facility, file_id, position from pipeline.dead_letters where claim_key = %(key)s
"""


def holdings(connection: Connection) -> Holdings:
    """How many files and claims of a tenant the store has."""
    row = connection.execute(
        "select (select count(*) from staging.files), (select count(*) from staging.claim_keys), "
        "(select max(at) from platform.audit_log)"
    ).fetchone()
    assert row is not None
    return Holdings(*row)
