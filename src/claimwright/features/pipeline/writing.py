"""Writes a chunk to production: all results of its claims and its completion, in one transaction."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

import polars as pl
import psycopg

from claimwright.foundation import clock
from claimwright.foundation.errors import StoreError
from claimwright.platform.database import Connection
from claimwright.store.dead_letters import Dead, move_to_dead_letters
from claimwright.store.metric_counts import Counts, add_counts, latency_counts
from claimwright.store.production import ProductionRows, insert_rows
from claimwright.store.runs import ChunkTotals, Lease, Run, complete_chunk, lock_chunk
from claimwright.store.staged_claims import StagedClaims, remove_between
from claimwright.store.versions import settle_versions

from .chunk import Outcome


class LeaseLostError(StoreError):
    """The chunk was reassigned to another worker, or its claims have changed: nothing was written."""


@dataclass(frozen=True)
class Committed:
    """The results of a chunk."""

    run: Run
    chunk: int
    first_key: int
    last_key: int
    claims: int
    produced: int
    reviewed_keys: Sequence[int]
    dead_keys: Sequence[int]
    charge: Decimal
    expected: Decimal
    digest: str
    seconds: Mapping[str, float]
    dead_reasons: Mapping[str, int]
    """How many claims could not be processed, by error class."""

    @property
    def review(self) -> int:
        """How many of them go to manual review."""
        return len(self.reviewed_keys)

    @property
    def dead(self) -> int:
        """How many could not be processed."""
        return len(self.dead_keys)

    @property
    def totals(self) -> ChunkTotals:
        """The totals for the row of the chunk."""
        return ChunkTotals(self.claims, self.produced, self.review, self.dead, self.charge, self.seconds)


class Notices(Protocol):
    """Records a chunk, in its transaction: in the audit log and the outbox."""

    def __call__(self, connection: Connection, committed: Committed) -> None:
        """Write the records."""


def commit(
    connection: Connection,
    run: Run,
    lease: Lease,
    worker: int,
    work: StagedClaims,
    outcome: Outcome,
    *,
    again: Callable[[StagedClaims], Outcome],
    notices: Notices | None,
) -> Committed:
    """Write all results of a chunk, in the caller's transaction.

    Rows that the database refuses because of their content are found by bisection; `again` computes a half.

    Raises:
        LeaseLostError: nothing must be written.
        psycopg.Error: the store failed.
    """
    begun = clock.seconds()
    if not lock_chunk(connection, lease, worker):
        raise LeaseLostError(f"chunk {lease.chunk}")
    digest = hashlib.sha256()
    dead = list(outcome.dead)
    results: list[ProductionRows] = []
    for part, rows in outcome.results:
        _insert(connection, part, rows, results, dead, again, digest.update)
    _leave_staging(connection, lease, work, dead, run)
    later = work.claims.filter(pl.col("version") > 1)["claim_key"].to_list()
    settle_versions(connection, lease.first_key, lease.last_key, later, run.run_id)
    claims = [rows.claims for rows in results]
    reviewed = [
        key for frame in claims for key in frame.filter(pl.col("route") == "review")["claim_key"].to_list()
    ]
    produced = sum(frame.height for frame in claims)
    # Does not include the row of the chunk, its audit records and the commit, which follow.
    outcome.spent("write", clock.seconds() - begun)
    committed = Committed(
        run,
        lease.chunk,
        lease.first_key,
        lease.last_key,
        len(work),
        produced - len(reviewed),
        reviewed,
        [each.claim_key for each in dead],
        _sum(work.claims["total_charge"]),
        sum((_sum(frame["expected"]) for frame in claims), Decimal(0)),
        digest.hexdigest(),
        {stage: round(seconds, 4) for stage, seconds in outcome.seconds.items()},
        Counter(each.reason for each in dead),
    )
    complete_chunk(connection, lease, committed.totals)
    _count(connection, committed, work)
    if notices is not None:
        notices(connection, committed)
    return committed


def _count(connection: Connection, done: Committed, work: StagedClaims) -> None:
    """Add the chunk to what was processed since the beginning."""
    in_time = work.claims.filter(~pl.col("claim_key").is_in(list(done.dead_keys)))
    counts: Counts = {
        ("claims", "production"): done.produced,
        ("claims", "review"): done.review,
        ("charge_cents", ""): int(done.charge * 100),
        ("expected_cents", ""): int(done.expected * 100),
        **{("failed", reason): count for reason, count in done.dead_reasons.items()},
        **latency_counts(in_time["received_at"], clock.now()),
    }
    for stage, seconds in done.seconds.items():
        counts["stage_seconds", stage] = Decimal(str(seconds))
        counts["stage_chunks", stage] = 1
    add_counts(connection, counts)


def _leave_staging(
    connection: Connection, lease: Lease, work: StagedClaims, dead: list[Dead], run: Run
) -> None:
    """Remove the claims from staging: failed ones go to the dead letters; the others are already in
    production.
    """
    if dead:
        moved = move_to_dead_letters(connection, dead, run_id=run.run_id, attempts=lease.failures + 1)
        if moved != len(dead):
            raise LeaseLostError(f"chunk {lease.chunk}: its claims have changed")
    removed = remove_between(connection, lease.first_key, lease.last_key)
    if removed != len(work) - len(dead):
        raise LeaseLostError(f"chunk {lease.chunk}: claims were staged in its range in the meantime")


def _insert(
    connection: Connection,
    work: StagedClaims,
    rows: ProductionRows,
    written: list[ProductionRows],
    dead: list[Dead],
    again: Callable[[StagedClaims], Outcome],
    digested: Callable[[memoryview], None],
) -> None:
    try:
        with connection.transaction():
            sent = insert_rows(connection, rows)
    except (psycopg.DataError, psycopg.IntegrityError) as problem:
        if len(work) == 1:
            dead.append(Dead(int(work.claims["claim_key"][0]), type(problem).__name__, "write"))
            return
        middle = len(work) // 2
        for part in (work.part(0, middle), work.part(middle, len(work))):
            computed = again(part)
            dead += computed.dead
            for half, made in computed.results:
                _insert(connection, half, made, written, dead, again, digested)
        return
    for rows_of_table in sent:
        digested(rows_of_table)
    written.append(rows)


def _sum(amounts: pl.Series) -> Decimal:
    return Decimal(str(amounts.sum() or 0))
