"""The claims of a chunk out of the store."""

from __future__ import annotations

import polars as pl
from psycopg import sql

from claimwright.platform.database import Connection, copy_out, copy_out_rows

from .chunk import STAGED, Lease, Work

_FINDINGS: dict[str, pl.DataType] = {
    "claim_key": pl.Int64(),
    "line": pl.Int32(),
    "code": pl.String(),
    "severity": pl.String(),
    "snip": pl.Int8(),
    "field": pl.String(),
    "loop": pl.String(),
    "segment_id": pl.String(),
    "segment": pl.Int64(),
    "element": pl.String(),
    "detail": pl.String(),
    "amount": pl.Decimal(18, 2),
}

_RECORDS = sql.SQL("staging.records")
_RECORDS_OF_CLAIMS = sql.SQL("staging.claims join staging.records using (tenant, claim_key, received_on)")


def fetch(connection: Connection, lease: Lease) -> Work:
    """Everything that is staged in the range of the lease, in order of key.

    A claim without a record, which the store should never hold, comes with an empty one: it does not open.
    """
    between = sql.SQL("claim_key between {} and {}").format(
        sql.Literal(lease.first_key), sql.Literal(lease.last_key)
    )
    columns = sql.SQL(", ").join(map(sql.Identifier, STAGED))
    claims = copy_out(
        connection,
        sql.SQL("select {} from staging.claims where {} order by claim_key").format(columns, between),
        STAGED,
    )
    # Few claims of a long range, such as dead letters tried again, are looked up one by one.
    dense = 2 * claims.height > lease.last_key - lease.first_key
    query = sql.SQL(
        "select claim_key, heading_bytes, provider_bytes, sealed from {} where {} order by claim_key"
    ).format(_RECORDS if dense else _RECORDS_OF_CLAIMS, between)
    types = ["int8", "int4", "int4", "bytea"]
    found = {row[0]: row for row in copy_out_rows(connection, query, types)}
    keys = claims["claim_key"].to_list()
    rows = [found.get(key, (key, 0, 0, b"")) for key in keys]
    named = sql.SQL(", ").join(map(sql.Identifier, _FINDINGS))
    findings = copy_out(
        connection,
        sql.SQL("select {} from staging.findings where {} order by claim_key").format(named, between),
        _FINDINGS,
    )
    return Work(
        claims,
        [row[3] for row in rows],
        [row[1] for row in rows],
        [row[2] for row in rows],
        findings.filter(pl.col("claim_key").is_in(claims["claim_key"].implode())),
    )
