"""Predictions of models for production claims, and the feature distributions of these claims."""

from __future__ import annotations

import datetime

import polars as pl
from psycopg import sql

from claimwright.platform.database import Connection, copy_out

_ANSWERED = {
    "claim_key": pl.Int64(),
    "model": pl.String(),
    "role": pl.String(),
    "probability": pl.Float64(),
    "denied": pl.String(),
}


def answered_predictions(
    connection: Connection, *, since: datetime.date, until: datetime.date
) -> pl.DataFrame:
    """Every model's predictions for claims with an outcome from `since` until before `until`; champions
    first.

    The columns are `claim_key`, `model`, `role`, `probability` and `denied` (true if any line was denied).
    """
    query = sql.SQL(
        "select p.claim_key, p.model, p.role, p.probability, o.denied "
        "from production.predictions p join ("
        "  select claim_key, bool_or(carc is not null) as denied from prediction.outcomes"
        "  where answered_on >= {} and answered_on < {} group by claim_key"
        ") o using (claim_key) order by p.role, p.model, p.claim_key"
    ).format(sql.Literal(since), sql.Literal(until))
    return copy_out(connection, query, _ANSWERED).with_columns(denied=pl.col("denied") == "t")


def spreads_of(connection: Connection, model: str, *, since: datetime.date) -> list[bytes]:
    """The feature distributions of the claims that a model scored since `since`: one per chunk."""
    rows = connection.execute(
        "select spread from production.spreads where model = %s and noted_at >= %s", [model, since]
    ).fetchall()
    return [bytes(row[0]) for row in rows]
