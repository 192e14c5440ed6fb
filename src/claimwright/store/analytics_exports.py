"""The semantic tables as they are exported: every column that has a meaning outside of the store."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
from psycopg import sql

from claimwright.platform.database import Connection, copy_out

_INSTANT = pl.Datetime("us", "UTC")
TABLES: dict[str, dict[str, pl.DataType]] = {
    "claims": {
        "claim_key": pl.Int64(), "account_key": pl.Int64(), "version": pl.Int16(), "facility": pl.String(),
        "form": pl.String(), "payer": pl.String(), "plan": pl.String(), "provider": pl.String(),
        "specialty": pl.String(), "procedure_group": pl.String(), "diagnosis_group": pl.String(),
        "service_to_on": pl.Date(), "received_at": _INSTANT, "charge_cents": pl.Int64(),
    },
    "facts": {
        "fact": pl.String(), "valid_on": pl.Date(), "known_at": _INSTANT, "facility": pl.String(),
        "account_key": pl.Int64(), "item_id": pl.Int64(), "claim_key": pl.Int64(), "anchor_on": pl.Date(),
        "wait_days": pl.Int32(), "category": pl.String(), "cause": pl.String(), "department": pl.String(),
        "staff": pl.String(), "level": pl.String(), "items": pl.Int64(), "cents": pl.Int64(),
        "net_cents": pl.Int64(),
        "lines": pl.Int64(), "quantity": pl.Int64(),
    },
}  # fmt: skip


def read_table(connection: Connection, table: str, facilities: Sequence[str] | None) -> pl.DataFrame:
    """A semantic table, of these facilities; None for all."""
    schema = TABLES[table]
    columns = sql.SQL(", ").join(
        sql.SQL("(extract(epoch from {}) * 1000000)::bigint").format(sql.Identifier(name))
        if dtype == _INSTANT
        else sql.Identifier(name)
        for name, dtype in schema.items()
    )
    own = sql.Literal(None if facilities is None else list(facilities))
    query = sql.SQL("select {} from {} where ({}::text[] is null or facility = any({}))").format(
        columns, sql.Identifier("analytics", table), own, own
    )
    read = {name: pl.Int64() if dtype == _INSTANT else dtype for name, dtype in schema.items()}
    found = copy_out(connection, query, read)
    return found.with_columns(
        pl.col(name).cast(_INSTANT) for name, dtype in schema.items() if dtype == _INSTANT
    )
