"""Delivers what is in production and not yet at the target, a batch at a time.

A batch is noted as delivered after the target has committed it. Killed in between, it is delivered again, and
the target, which takes a claim and version once, is as it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl
from psycopg import sql

from claimwright.platform import clock
from claimwright.platform.database import Connection, Database, copy_out
from claimwright.platform.observability import get_logger, scope

from .tables import CLAIMS, LINES, Kind, Table
from .target import Target

_LOG = get_logger("delivery")


@dataclass(frozen=True, slots=True)
class Delivered:
    """One batch: claims that were sent, and those that the target did not have yet."""

    claims: int
    new: int


def deliver(database: Database, target: Target, *, tenant: str, batch: int = 5_000) -> Iterator[Delivered]:
    """Deliver every active production claim of the tenant that is not held for review; yields batch by batch.

    Raises:
        psycopg.Error: the store, or a PostgreSQL target, failed. What was yielded stands.
    """
    with scope(tenant=tenant):
        while True:
            with database.transaction(tenant) as connection:
                keys = _pending(connection, target.name, batch)
                if not keys.height:
                    return
                frames = {table.name: _read(connection, table, keys) for table in (CLAIMS, LINES)}
            new = target.put(frames)
            with database.transaction(tenant) as connection:
                _note(connection, target.name, keys)
            _LOG.info("claims delivered", target=target.name, claims=keys.height, rows=new)
            yield Delivered(keys.height, new)


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
