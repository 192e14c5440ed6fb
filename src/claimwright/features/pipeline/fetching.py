"""The claims of a chunk out of the store."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl
from psycopg import sql

from claimwright.platform.database import Connection, copy_out, copy_out_records

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

_AS_WRITTEN = {**STAGED, "received_at": pl.String()}
_WRITTEN = "%Y-%m-%d %H:%M:%S%.f%#z"
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
        _AS_WRITTEN,
    ).with_columns(pl.col("received_at").str.to_datetime(_WRITTEN, time_unit="us"))
    # Few claims of a long range, such as dead letters tried again, are looked up one by one.
    dense = 2 * claims.height > lease.last_key - lease.first_key
    query = sql.SQL(
        "select claim_key, heading_bytes, provider_bytes, sealed from {} where {} order by claim_key"
    ).format(_RECORDS if dense else _RECORDS_OF_CLAIMS, between)
    (found, headings, providers), sealed = copy_out_records(connection, query, ["int8", "int4", "int4"])
    keys = claims["claim_key"].to_numpy()
    if not np.array_equal(found, keys):
        # Claims that left staging have their records still.
        place = np.searchsorted(found, keys)
        there = place < len(found)
        there[there] = found[place[there]] == keys[there]
        sealed = [sealed[at] if known else b"" for at, known in zip(place, there, strict=True)]
        headings, providers = (_taken(column, place, there) for column in (headings, providers))
    named = sql.SQL(", ").join(map(sql.Identifier, _FINDINGS))
    findings = copy_out(
        connection,
        sql.SQL("select {} from staging.findings where {} order by claim_key").format(named, between),
        _FINDINGS,
    )
    before = copy_out(
        connection,
        sql.SQL("select claim_key, times from staging.sent_before where {}").format(between),
        {"claim_key": pl.Int64(), "sent_before": pl.Int32()},
    )
    claims = claims.join(before, on="claim_key", how="left", maintain_order="left").with_columns(
        pl.col("sent_before").fill_null(0)
    )
    return Work(
        claims,
        sealed,
        headings.tolist(),
        providers.tolist(),
        findings.filter(pl.col("claim_key").is_in(claims["claim_key"].implode())),
    )


def _taken(
    column: npt.NDArray[np.int64], place: npt.NDArray[np.int64], there: npt.NDArray[np.bool_]
) -> npt.NDArray[np.int64]:
    """The values at these places, 0 where there is none."""
    values = np.zeros(len(place), dtype=np.int64)
    values[there] = column[place[there]]
    return values
