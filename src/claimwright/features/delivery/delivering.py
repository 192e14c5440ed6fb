"""Delivers what is in production and not yet at the target, a batch at a time.

A batch is noted as delivered after the target has committed it. Killed in between, it is delivered again, and
the target, which takes a claim and version once, is as it was.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import polars as pl
import psycopg
from psycopg import sql
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
    wait_random_exponential,
)

from claimwright.domain.caller import Caller
from claimwright.foundation import clock
from claimwright.platform.database import Connection, Database, copy_out
from claimwright.platform.observability import METRICS, get_logger, scope, span

from .tables import CLAIMS, LINES, Kind, Table
from .target import Target

_LOG = get_logger("delivery")


# What passes by itself: a target that restarts, is full, or is cut off. A driver of SQL Server raises others.
TRANSIENT = (psycopg.OperationalError, psycopg.InterfaceError, psycopg.InternalError, OSError, RuntimeError)


@dataclass(frozen=True, slots=True)
class Patience:
    """How often a failing target is tried in a row, and how long to wait between; seconds."""

    attempts: int = 5
    first_seconds: float = 1
    longest_seconds: float = 300


@dataclass(frozen=True, slots=True)
class Delivered:
    """One batch: claims that were sent, and those that the target did not have yet."""

    claims: int
    new: int


def deliver(caller: Caller, database: Database, target: Target, *, batch: int = 5_000) -> Iterator[Delivered]:
    """Deliver every active production claim of the tenant that is not held for review; yields batch by batch.

    Raises:
        psycopg.Error: the store, or a PostgreSQL target, failed. What was yielded stands.
    """
    with scope(tenant=caller.tenant):
        while True:
            with database.transaction(caller) as connection:
                keys = _pending(connection, target.name, batch)
                if not keys.height:
                    return
                frames = {table.name: _read(connection, table, keys) for table in (CLAIMS, LINES)}
            with span("delivery.batch", target=target.name, claims=keys.height):
                new = target.put(frames)
            with database.transaction(caller) as connection:
                _note(connection, target.name, keys)
            _LOG.info("claims delivered", target=target.name, claims=keys.height, rows=new)
            yield Delivered(keys.height, new)


def deliver_patiently(
    caller: Caller,
    database: Database,
    open_again: Callable[[], Target],
    *,
    batch: int = 5_000,
    patience: Patience | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[Delivered]:
    """As `deliver`, but a target that fails is connected to anew, after waits that grow and are spread.

    Raises:
        what the target raised, after `attempts` failures with nothing delivered between them.
    """
    patience = patience or Patience()
    progress = [0]

    def connected() -> Iterator[Delivered]:
        with open_again() as target:
            yield from deliver(caller, database, target, batch=batch)

    while True:
        before = progress[0]
        waits = Retrying(
            retry=retry_if_exception_type(TRANSIENT),
            stop=stop_after_attempt(patience.attempts),
            wait=wait_random_exponential(multiplier=patience.first_seconds, max=patience.longest_seconds),
            sleep=sleep,
            before_sleep=_told_of_retry,
            reraise=True,
        )
        for attempt in waits:
            with attempt:
                try:
                    for done in connected():
                        progress[0] += 1
                        yield done
                except TRANSIENT:
                    if progress[0] == before:
                        raise
                    # Something was delivered: the count of failures in a row begins anew.
                    break
                return


def _told_of_retry(state: RetryCallState) -> None:
    problem = state.outcome.exception() if state.outcome else None
    METRICS().retried(type(problem).__name__)
    _LOG.warning("the target failed", error_class=type(problem).__name__, attempt=state.attempt_number)


def undelivered(connection: Connection, target: str) -> int:
    """How many claims of the tenant wait to be delivered to a target."""
    row = connection.execute(
        "select count(*) from production.claims c"
        " where c.status = 'active' and c.route = 'production' and not exists"
        " (select from production.deliveries d where d.tenant = c.tenant and d.target = %s"
        "  and d.claim_key = c.claim_key and d.version = c.version)",
        [target],
    ).fetchone()
    return int(row[0]) if row else 0


def _pending(connection: Connection, target: str, limit: int) -> pl.DataFrame:
    query = sql.SQL(
        "select c.claim_key, c.version, c.received_on from production.claims c"
        " where c.status = 'active' and c.route = 'production' and not exists"
        " (select from production.deliveries d where d.tenant = c.tenant and d.target = {target}"
        "  and d.claim_key = c.claim_key and d.version = c.version)"
        " order by c.claim_key limit {limit}"
    ).format(target=sql.Literal(target), limit=sql.Literal(limit))
    schema: dict[str, pl.DataType] = {
        "claim_key": pl.Int64(), "version": pl.Int32(), "received_on": pl.Date(),
    }  # fmt: skip
    return copy_out(connection, query, schema)


def _read(connection: Connection, table: Table, keys: pl.DataFrame) -> pl.DataFrame:
    chosen = sql.Literal(keys["claim_key"].to_list())
    first, last = (sql.Literal(each) for each in (keys["received_on"].min(), keys["received_on"].max()))
    columns = sql.SQL(", ").join(
        sql.SQL("to_char({} at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')").format(
            sql.Identifier("c", each.name)
        )
        if each.kind is Kind.INSTANT
        else sql.Identifier("k" if table is LINES and each.name == "version" else "c", each.name)
        for each in table.columns
    )
    source = sql.Identifier("production", table.name)
    joined = sql.SQL("")
    if table is LINES:
        joined = sql.SQL(
            " join production.claims k on k.tenant = c.tenant and k.claim_key = c.claim_key"
            " and k.received_on = c.received_on"
        )
    query = sql.SQL(
        "select {columns} from {source} c{joined}"
        " where c.claim_key = any({chosen}) and c.received_on between {first} and {last}"
    ).format(columns=columns, source=source, joined=joined, chosen=chosen, first=first, last=last)
    return copy_out(connection, query, {each.name: each.kind.dtype for each in table.columns})


def _note(connection: Connection, target: str, keys: pl.DataFrame) -> None:
    connection.execute(
        "insert into production.deliveries (target, claim_key, version, delivered_at)"
        " select %s, claim_key, version, %s"
        " from unnest(%s::bigint[], %s::integer[]) as k (claim_key, version)"
        " on conflict do nothing",
        (target, clock.now(), keys["claim_key"].to_list(), keys["version"].to_list()),
    )
