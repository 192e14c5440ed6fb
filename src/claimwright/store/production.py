"""Claims in production: the rows that a chunk writes, each table through the partition of its month."""

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

    `predictions` has a row a claim and model; `spread` is how the champion's features are spread over the
    claims, empty where there is no champion.
    """

    claims: pl.DataFrame
    lines: pl.DataFrame
    findings: pl.DataFrame
    events: pl.DataFrame
    predictions: pl.DataFrame
    spread: bytes = b""

    def by_table(self) -> Iterable[tuple[str, pl.DataFrame]]:
        """The rows of each table that a result of the run is made of, with the columns of the table."""
        yield _BULK[0], shaped(self.claims.select(PRODUCED_CLAIM.written))
        yield _BULK[1], shaped(self.lines.select(PRODUCED_LINE.written))
        yield _BULK[2], self.findings.select(PRODUCED_FINDING.written)
        yield _BULK[3], self.predictions


def prepare_partitions(connection: Connection, days: Iterable[datetime.date]) -> None:
    """Make the partitions for claims that came in on these days, in a transaction of its own."""
    months = {day.replace(day=1) for day in days}
    for table in _BULK:
        for month in months:
            partition(connection, table, month)
    partition(connection, _EVENTS, clock.now().date())


def insert_rows(connection: Connection, rows: ProductionRows) -> list[memoryview]:
    """Copy the rows in, and note how features are spread; returns what was sent, but for the history.

    Raises:
        psycopg.DataError: the database refuses a row for what is in it.
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
    """A row of history for each claim: the state that it is in from now on."""
    partition(connection, _EVENTS, clock.now().date())
    connection.execute(
        "insert into production.claim_events (happened_on, happened_at, claim_key, state, correlation_id) "
        "select (%(now)s::timestamptz at time zone 'UTC')::date, %(now)s, key, %(state)s, %(correlation)s "
        "from unnest(%(keys)s::bigint[]) key",
        {"now": clock.now(), "state": state, "keys": list(keys), "correlation": correlation_id},
    )


def is_in_production(connection: Connection, claim_key: int) -> bool:
    """Whether there is a claim of this key in production."""
    row = connection.execute("select 1 from production.claims where claim_key = %s", [claim_key]).fetchone()
    return row is not None


def _insert_spread(connection: Connection, rows: ProductionRows) -> None:
    """How the features of these claims are spread: what drift is measured by, without opening a claim."""
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
