"""A chunk into production: everything that became of its claims, and that it is done, in one transaction."""

from __future__ import annotations

import datetime
import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

import polars as pl
import psycopg
from psycopg.types.json import Jsonb

from claimwright.foundation import clock
from claimwright.foundation.errors import StoreError
from claimwright.platform.database import Connection, copy_in, partition, partition_of

from .chunk import Dead, Lease, Outcome, Result, Work
from .leasing import Run

_TABLES = {
    "claims": "production.claims",
    "lines": "production.lines",
    "findings": "production.findings",
    "predictions": "production.predictions",
}
_EVENTS = "production.claim_events"


class LeaseLostError(StoreError):
    """The chunk is another worker's by now, or its claims have changed: nothing was written."""


@dataclass(frozen=True)
class Committed:
    """What a chunk came to."""

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
    """How many claims could not be processed, by the class of what went wrong."""

    @property
    def review(self) -> int:
        """How many of them a person sees first."""
        return len(self.reviewed_keys)

    @property
    def dead(self) -> int:
        """How many could not be processed."""
        return len(self.dead_keys)


class Notices(Protocol):
    """Who is told of a chunk, in its transaction: the audit log and the outbox."""

    def __call__(self, connection: Connection, committed: Committed) -> None:
        """Write what there is to tell."""


def prepare_partitions(connection: Connection, work: Work) -> None:
    """Make the partitions that the rows of some work need, in a transaction of its own."""
    days = {day.replace(day=1) for day in work.claims["received_on"].unique().to_list()}
    for table in _TABLES.values():
        for day in days:
            partition(connection, table, day)
    partition(connection, _EVENTS, clock.now().date())


def write(
    connection: Connection,
    run: Run,
    lease: Lease,
    worker: int,
    work: Work,
    outcome: Outcome,
    *,
    again: Callable[[Work], Outcome],
    notices: Notices | None,
) -> Committed:
    """Write a chunk, within the caller's transaction, whose commit makes it so.

    Rows that the database refuses for what is in them are found by halves; `again` computes half of a work.

    Raises:
        LeaseLostError: nothing may be written.
        psycopg.Error: the store failed.
    """
    begun = clock.seconds()
    _hold(connection, lease, worker)
    digest = hashlib.sha256()
    dead = list(outcome.dead)
    results: list[Result] = []
    for part, result in outcome.results:
        _insert(connection, part, result, results, dead, again, digest.update)
    _take(connection, lease, work, dead, run)
    claims = [result.claims for result in results]
    reviewed = [
        key for frame in claims for key in frame.filter(pl.col("route") == "review")["claim_key"].to_list()
    ]
    produced = sum(frame.height for frame in claims)
    # But for the row of the chunk, what is told of it, and the commit, which come after.
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
    _done(connection, lease, committed)
    if notices is not None:
        notices(connection, committed)
    return committed


def _hold(connection: Connection, lease: Lease, worker: int) -> None:
    held = connection.execute(
        "select 1 from pipeline.chunks where run_id = %s and chunk = %s and state = 'leased' "
        "and worker_id = %s and leases = %s for update",
        [lease.run_id, lease.chunk, worker, lease.turn],
    ).fetchone()
    if held is None:
        raise LeaseLostError(f"chunk {lease.chunk}")


def _take(connection: Connection, lease: Lease, work: Work, dead: list[Dead], run: Run) -> None:
    """The claims leave staging: the dead ones to the dead letters, the others are in production by now."""
    if dead:
        moved = connection.execute(
            _BURY,
            {
                "keys": [each.claim_key for each in dead],
                "reasons": [each.reason for each in dead],
                "details": [each.detail for each in dead],
                "run": run.run_id,
                "attempts": lease.failures + 1,
                "now": clock.now(),
            },
        )
        if moved.rowcount != len(dead):
            raise LeaseLostError(f"chunk {lease.chunk}: its claims have changed")
        connection.execute(
            _DEAD_EVENTS,
            {
                "keys": [each.claim_key for each in dead],
                "run": run.run_id,
                "now": clock.now(),
            },
        )
    left = connection.execute(
        "delete from staging.claims where claim_key between %s and %s", [lease.first_key, lease.last_key]
    )
    if left.rowcount != len(work) - len(dead):
        raise LeaseLostError(f"chunk {lease.chunk}: claims were staged in its range meanwhile")


def _insert(
    connection: Connection,
    work: Work,
    result: Result,
    written: list[Result],
    dead: list[Dead],
    again: Callable[[Work], Outcome],
    digested: Callable[[memoryview], None],
) -> None:
    try:
        with connection.transaction():
            encoded = _copy(connection, result)
            _note_spread(connection, result)
    except psycopg.DataError as problem:
        if len(work) == 1:
            dead.append(Dead(int(work.claims["claim_key"][0]), type(problem).__name__, "write"))
            return
        middle = len(work) // 2
        for part in (work.part(0, middle), work.part(middle, len(work))):
            computed = again(part)
            dead += computed.dead
            for half, rows in computed.results:
                _insert(connection, half, rows, written, dead, again, digested)
        return
    for rows_of_table in encoded:
        digested(rows_of_table)
    written.append(result)


def _copy(connection: Connection, result: Result) -> list[memoryview]:
    """Copy the rows of a result in; returns them as they were sent."""
    sent = []
    for name, table in _TABLES.items():
        for month, frame in _by_month(getattr(result, name), "received_on"):
            sent.append(copy_in(connection, partition_of(table, month), frame))
    for month, frame in _by_month(result.events, "happened_on"):
        copy_in(connection, partition_of(_EVENTS, month), frame)
    return sent


def _note_spread(connection: Connection, result: Result) -> None:
    """How the features of these claims are spread: what drift is measured by, without opening a claim."""
    champion = result.predictions.filter(pl.col("role") == "champion").head(1)
    if not champion.height:
        return
    connection.execute(
        "insert into production.spreads (run_id, first_key, model, claims, spread, noted_at) "
        "values (%s, %s, %s, %s, %s, %s)",
        [
            result.claims["run_id"][0], champion["claim_key"][0], champion["model"][0], result.claims.height,
            result.spread, clock.now(),
        ],
    )  # fmt: skip


def _by_month(frame: pl.DataFrame, day: str) -> Iterable[tuple[datetime.date, pl.DataFrame]]:
    if not frame.height:
        return
    first, last = frame[day].min(), frame[day].max()
    assert isinstance(first, datetime.date)
    assert isinstance(last, datetime.date)
    if first.replace(day=1) == last.replace(day=1):
        yield first.replace(day=1), frame
        return
    months = frame[day].dt.truncate("1mo")
    for month in months.unique(maintain_order=True):
        yield month, frame.filter(months == month)


def _done(connection: Connection, lease: Lease, committed: Committed) -> None:
    connection.execute(
        "update pipeline.chunks set state = 'done', leased_until = null, claims = %s, produced = %s, "
        "review = %s, dead = %s, charge = %s, seconds = %s, finished_at = %s "
        "where run_id = %s and chunk = %s",
        [
            committed.claims, committed.produced, committed.review, committed.dead, committed.charge,
            Jsonb(dict(committed.seconds)), clock.now(), lease.run_id, lease.chunk,
        ],
    )  # fmt: skip


def _sum(amounts: pl.Series) -> Decimal:
    return Decimal(str(amounts.sum() or 0))


_BURY = """
with gone as (delete from staging.claims where claim_key = any(%(keys)s) returning *)
insert into pipeline.dead_letters (
  tenant, claim_key, received_on, file_id, position, facility, version, original_key, form, payer_id,
  claim_filing, service_from_on, service_to_on, total_charge, lines, number_occurrence, content_occurrence,
  correlation_id,
  received_at, reason, detail, run_id, attempts, failed_at
)
select gone.*, why.reason, why.detail, %(run)s, %(attempts)s, %(now)s
from gone join unnest(%(keys)s::bigint[], %(reasons)s::text[], %(details)s::text[]) why (key, reason, detail)
  on why.key = gone.claim_key
"""
_DEAD_EVENTS = """
insert into production.claim_events (happened_on, happened_at, claim_key, state, run_id, correlation_id)
select (%(now)s::timestamptz at time zone 'UTC')::date, %(now)s, claim_key, 'dead', %(run)s, correlation_id
from pipeline.dead_letters where claim_key = any(%(keys)s)
"""
