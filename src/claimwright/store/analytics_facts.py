"""The facts of figures and their sums, as they are stored; see `engines/kpis` for what they are."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

import polars as pl
from psycopg import sql

from claimwright.platform.database import Connection, copy_out, insert_frame

FACTS: dict[str, pl.DataType] = {
    "fact": pl.String(), "valid_on": pl.Date(), "known_at": pl.Datetime("us", "UTC"), "facility": pl.String(),
    "account_key": pl.Int64(), "item_id": pl.Int64(), "claim_key": pl.Int64(), "anchor_on": pl.Date(),
    "wait_days": pl.Int32(), "category": pl.String(), "cause": pl.String(), "department": pl.String(),
    "staff": pl.String(), "level": pl.String(), "items": pl.Int64(), "cents": pl.Int64(),
    "net_cents": pl.Int64(),
    "lines": pl.Int64(), "quantity": pl.Int64(),
}  # fmt: skip
# The first number of the advisory lock by which a tenant's figures are brought up to date one after another.
_LOCK = 7837021


def lock_figures(connection: Connection) -> None:
    """Bring figures up to date one after another, until the transaction ends."""
    connection.execute("select pg_advisory_xact_lock(%s, hashtext(store.tenant()))", [_LOCK])


def last_refresh(connection: Connection) -> tuple[str, datetime.datetime] | None:
    """By which definition the facts are made, and when they were brought up to date; None before the
    first.
    """
    row = connection.execute("select definition, refreshed_at from analytics.refreshes").fetchone()
    return (row[0], row[1]) if row else None


def changes_waiting(connection: Connection) -> bool:
    """Whether something changed since."""
    row = connection.execute("select exists (select from analytics.changes)").fetchone()
    return bool(row and row[0])


def note_refresh(connection: Connection, definition: str, now: datetime.datetime) -> None:
    """The facts are up to date."""
    connection.execute(
        "insert into analytics.refreshes (definition, refreshed_at) values (%(definition)s, %(now)s) "
        "on conflict (tenant) do update set definition = %(definition)s, refreshed_at = %(now)s",
        {"definition": definition, "now": now},
    )


def forget_facts(connection: Connection) -> None:
    """Delete all facts and breakdowns of the tenant, which are made anew."""
    for table in ("facts", "claims"):
        connection.execute(sql.SQL("delete from analytics.{}").format(sql.Identifier(table)))


def stored_facts(connection: Connection, unit: str) -> pl.DataFrame:
    """The stored facts of the accounts of `refreshing`, or of the items of `refreshing_items`."""
    source = {
        "account_key": "select distinct account_key from refreshing",
        "item_id": "select item_id from refreshing_items",
    }[unit]
    read = {name: pl.Int64() if name == "known_at" else dtype for name, dtype in FACTS.items()}
    columns = ", ".join(
        "(extract(epoch from f.known_at) * 1000000)::bigint" if name == "known_at" else f"f.{name}"
        for name in FACTS
    )
    query = f"select {columns} from ({source}) r join analytics.facts f using ({unit})"  # noqa: S608
    found = copy_out(connection, sql.SQL(query), read)
    return found.with_columns(pl.col("known_at").cast(FACTS["known_at"]))


def stored_claims(connection: Connection, schema: dict[str, pl.DataType], keys: pl.Series) -> pl.DataFrame:
    """What the figures of these claims are broken down by, of those that are stored."""
    read = {name: dtype for name, dtype in schema.items() if name != "received_at"}
    query = sql.SQL("select {} from analytics.claims where claim_key = any({})").format(
        sql.SQL(", ").join(map(sql.Identifier, read)), sql.Literal(keys.drop_nulls().unique().to_list())
    )
    return copy_out(connection, query, read)


def write_claims(connection: Connection, claims: pl.DataFrame) -> None:
    """Store what figures are broken down by, for claims that are not stored yet."""
    insert_frame(connection, "analytics.claims", claims, unless_known=("tenant", "claim_key"))


def replace_facts(connection: Connection, unit: str, units: Sequence[int], facts: pl.DataFrame) -> None:
    """Store the facts of accounts or items in place of theirs."""
    if units:
        connection.execute(
            sql.SQL("delete from analytics.facts where {} = any(%s)").format(sql.Identifier(unit)),
            [list(units)],
        )
    insert_frame(connection, "analytics.facts", facts.select(list(FACTS)).sort(unit, "fact"))
