"""The facts of figures and their sums, as they are stored; see `engines/kpis` for what they are."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

import polars as pl
from psycopg import sql

from claimwright.platform.database import Connection, copy_in, copy_out

FACTS: dict[str, pl.DataType] = {
    "fact": pl.String(), "valid_on": pl.Date(), "known_at": pl.Datetime("us", "UTC"), "facility": pl.String(),
    "account_key": pl.Int64(), "item_id": pl.Int64(), "claim_key": pl.Int64(), "anchor_on": pl.Date(),
    "wait_days": pl.Int32(), "category": pl.String(), "cause": pl.String(), "department": pl.String(),
    "staff": pl.String(), "items": pl.Int64(), "cents": pl.Int64(), "net_cents": pl.Int64(),
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
    """Delete all facts, sums and breakdowns of the tenant, which are made anew."""
    for table in ("facts", "rollups", "claims"):
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
    _insert(connection, "analytics.claims", claims, "on conflict do nothing")


def replace_facts(connection: Connection, unit: str, units: Sequence[int], facts: pl.DataFrame) -> None:
    """Store the facts of accounts or items in place of theirs."""
    if units:
        connection.execute(
            sql.SQL("delete from analytics.facts where {} = any(%s)").format(sql.Identifier(unit)),
            [list(units)],
        )
    _insert(connection, "analytics.facts", facts.select(list(FACTS)))


def add_to_rollups(connection: Connection, rollup: pl.DataFrame) -> None:
    """Add sums to the stored ones."""
    measures = ("items", "cents", "net_cents", "lines", "quantity")
    added = ", ".join(f"{name} = rollups.{name} + excluded.{name}" for name in measures)
    _insert(
        connection,
        "analytics.rollups",
        rollup,
        "on conflict (tenant, dimension, fact, grain, on_day, facility, value, bucket) do update set "
        + added,
    )


def _insert(connection: Connection, table: str, frame: pl.DataFrame, conflict: str = "") -> None:
    """COPY does not go through row-level security: rows go through a temporary table."""
    if not frame.height:
        return
    names = sql.SQL(", ").join(map(sql.Identifier, frame.columns))
    schema, _, base = table.partition(".")
    target = sql.Identifier(schema, base)
    temporary = f"arriving_{base}"
    connection.execute(
        sql.SQL("create temporary table if not exists {} on commit drop as select {} from {} limit 0").format(
            sql.Identifier(temporary), names, target
        )
    )
    copy_in(connection, temporary, frame)
    connection.execute(
        sql.SQL("insert into {} as {} ({}) select {} from {} {}").format(
            target, sql.Identifier(base), names, names, sql.Identifier(temporary), sql.SQL(conflict)
        )
    )
    connection.execute(sql.SQL("truncate {}").format(sql.Identifier(temporary)))
