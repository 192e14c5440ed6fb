"""Deliveries: which production claims a target database has, and which are still to be delivered."""

from __future__ import annotations

import polars as pl
from psycopg import sql

from claimwright.foundation import clock
from claimwright.platform.database import Connection, copy_out

from .columns import CLAIM, DELIVERED, LINE, Column, Columns, Kind

_TENANT = Column("tenant", Kind.CODE, frozenset({"required"}))
_VERSION = next(each for each in CLAIM.columns if each.name == "version")


def _with_key_first(columns: Columns) -> Columns:
    """Tenant, day and claim key, then the version (together the target's primary key), then the other
    columns.
    """
    first, others = columns.columns[:2], [each for each in columns.columns[2:] if each.name != "version"]
    return Columns((_TENANT, *first, _VERSION, *others))


DELIVERED_CLAIM = _with_key_first(CLAIM.of(DELIVERED))
DELIVERED_LINE = _with_key_first(LINE.of(DELIVERED))

# Instants are delivered as text; probabilities and versions in a type that every kind of target accepts.
_DELIVERED_AS: dict[Kind, pl.DataType] = {
    Kind.SMALL: pl.Int32(),
    Kind.INSTANT: pl.String(),
    Kind.SHARE: pl.Float64(),
}
# In force or a void, not held for review, and not yet recorded as delivered to the target.
_WAITS = sql.SQL(
    "c.status <> 'superseded' and c.route = 'production' and not exists"
    " (select from production.deliveries d where d.tenant = c.tenant and d.target = {target}"
    "  and d.claim_key = c.claim_key and d.version = c.version)"
)


def count_undelivered(connection: Connection, target: str) -> int:
    """How many claims of the tenant wait to be delivered to a target."""
    query = sql.SQL("select count(*) from production.claims c where {}").format(
        _WAITS.format(target=sql.Literal(target))
    )
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0


def next_undelivered(connection: Connection, target: str, limit: int, *, after: int = 0) -> pl.DataFrame:
    """`claim_key`, `version` and `received_on` of the next claims after a key that wait to be delivered."""
    query = sql.SQL(
        "select c.claim_key, c.version, c.received_on from production.claims c where {}"
        " and c.claim_key > {} order by c.claim_key limit {}"
    ).format(_WAITS.format(target=sql.Literal(target)), sql.Literal(after), sql.Literal(limit))
    schema: dict[str, pl.DataType] = {
        "claim_key": pl.Int64(), "version": pl.Int32(), "received_on": pl.Date(),
    }  # fmt: skip
    return copy_out(connection, query, schema)


def claims_to_deliver(connection: Connection, keys: pl.DataFrame) -> pl.DataFrame:
    """The rows of claims returned by `next_undelivered`, with the columns of `DELIVERED_CLAIM`."""
    return _read(connection, sql.SQL("production.claims c"), DELIVERED_CLAIM, keys, version_of="c")


def lines_to_deliver(connection: Connection, keys: pl.DataFrame) -> pl.DataFrame:
    """The lines of these claims, with the columns of `DELIVERED_LINE`."""
    joined = sql.SQL(
        "production.lines c join production.claims k on k.tenant = c.tenant and k.claim_key = c.claim_key"
        " and k.received_on = c.received_on"
    )
    return _read(connection, joined, DELIVERED_LINE, keys, version_of="k")


def _read(
    connection: Connection, source: sql.SQL, columns: Columns, keys: pl.DataFrame, *, version_of: str
) -> pl.DataFrame:
    chosen = sql.Literal(keys["claim_key"].to_list())
    first, last = (sql.Literal(each) for each in (keys["received_on"].min(), keys["received_on"].max()))
    named = sql.SQL(", ").join(
        sql.SQL("to_char({} at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')").format(
            sql.Identifier("c", each.name)
        )
        if each.kind is Kind.INSTANT
        else sql.Identifier(version_of if each.name == "version" else "c", each.name)
        for each in columns.columns
    )
    query = sql.SQL(
        "select {columns} from {source}"
        " where c.claim_key = any({chosen}) and c.received_on between {first} and {last}"
    ).format(columns=named, source=source, chosen=chosen, first=first, last=last)
    schema = {each.name: _DELIVERED_AS.get(each.kind, each.kind.dtype) for each in columns.columns}
    return copy_out(connection, query, schema)


def note_delivered(connection: Connection, target: str, keys: pl.DataFrame) -> None:
    """Record that a target has these claims, in these versions."""
    connection.execute(
        "insert into production.deliveries (target, claim_key, version, delivered_at)"
        " select %s, claim_key, version, %s"
        " from unnest(%s::bigint[], %s::integer[]) as k (claim_key, version)"
        " on conflict do nothing",
        (target, clock.now(), keys["claim_key"].to_list(), keys["version"].to_list()),
    )
