"""Claims in production: the rows that a chunk writes, each into the partition of its month."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import polars as pl

from claimwright.foundation import clock
from claimwright.platform.database import Connection, copy_in, partition, partition_of

from .columns import PRODUCED_CLAIM, PRODUCED_FINDING, PRODUCED_LINE, shaped

_EVENTS = "production.claim_events"
_BULK = ("production.claims", "production.lines", "production.findings", "production.predictions")


@dataclass(frozen=True)
class ProductionRows:
    """Rows for production, by table, all of the same claims.

    `predictions` has one row per claim and model. `spread` is the distribution of the champion's features
    over the claims; empty if there is no champion.
    """

    claims: pl.DataFrame
    lines: pl.DataFrame
    findings: pl.DataFrame
    events: pl.DataFrame
    predictions: pl.DataFrame
    spread: bytes = b""

    def by_table(self) -> Iterable[tuple[str, pl.DataFrame]]:
        """The rows of each table for a result of the run, with the columns of the table."""
        yield _BULK[0], shaped(self.claims.select(PRODUCED_CLAIM.written))
        yield _BULK[1], shaped(self.lines.select(PRODUCED_LINE.written))
        yield _BULK[2], self.findings.select(PRODUCED_FINDING.written)
        yield _BULK[3], self.predictions


def prepare_partitions(connection: Connection, days: Iterable[datetime.date]) -> None:
    """Create the partitions for claims that arrived on these dates, in a separate transaction.

    Their history is written later, which may be after midnight: it has a place tomorrow as well.
    """
    months = {day.replace(day=1) for day in days}
    for table in _BULK:
        for month in months:
            partition(connection, table, month)
    today = clock.now().date()
    for day in (today, today + datetime.timedelta(days=1)):
        partition(connection, _EVENTS, day)


def insert_rows(connection: Connection, rows: ProductionRows) -> list[memoryview]:
    """Write the rows and the feature distribution. Returns what was sent, except the history.

    Raises:
        psycopg.DataError: the database refuses a row because of its content.
    """
    sent = []
    for table, frame in rows.by_table():
        for month, part in _by_month(frame, "received_on"):
            sent.append(copy_in(connection, partition_of(table, month), part))
    for month, part in _by_month(rows.events, "happened_on"):
        copy_in(connection, partition_of(_EVENTS, month), part)
    _insert_spread(connection, rows)
    return sent


def insert_events(connection: Connection, keys: Sequence[int], state: str, *, correlation_id: object) -> None:
    """One history row per claim, with its new state."""
    now = clock.now()
    partition(connection, _EVENTS, now.date())
    connection.execute(
        "insert into production.claim_events (happened_on, happened_at, claim_key, state, correlation_id) "
        "select (%(now)s::timestamptz at time zone 'UTC')::date, %(now)s, key, %(state)s, %(correlation)s "
        "from unnest(%(keys)s::bigint[]) key",
        {"now": now, "state": state, "keys": list(keys), "correlation": correlation_id},
    )


def is_in_production(connection: Connection, claim_key: int) -> bool:
    """Whether there is a claim with this key in production."""
    row = connection.execute("select 1 from production.claims where claim_key = %s", [claim_key]).fetchone()
    return row is not None


def newest_claims(
    connection: Connection, *, facilities: Sequence[str] | None = None, limit: int
) -> list[int]:
    """The keys of the newest claims, of these facilities or of all, in order of key."""
    rows = connection.execute(
        "select claim_key from production.claims "
        "where %(own)s::text[] is null or facility = any(%(own)s) order by claim_key desc limit %(limit)s",
        {"own": None if facilities is None else list(facilities), "limit": limit},
    ).fetchall()
    return sorted(row[0] for row in rows)


def _insert_spread(connection: Connection, rows: ProductionRows) -> None:
    """Store the feature distribution of these claims, to measure drift without opening claims."""
    champion = rows.predictions.filter(pl.col("role") == "champion").head(1)
    if not champion.height:
        return
    connection.execute(
        "insert into production.spreads (run_id, first_key, model, claims, spread, noted_at) "
        "values (%s, %s, %s, %s, %s, %s)",
        [
            rows.claims["run_id"][0], champion["claim_key"][0], champion["model"][0], rows.claims.height,
            rows.spread, clock.now(),
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
