"""What models said of claims in production, and how the features of these claims were spread."""

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
    """Every model's prediction of claims answered from `since` on and before `until`; champions first.

    The columns are `claim_key`, `model`, `role`, `probability` and `denied`, which is whether any line was.
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
    """How the features of claims were spread that a model scored from `since` on: one a chunk."""
    rows = connection.execute(
        "select spread from production.spreads where model = %s and noted_at >= %s", [model, since]
    ).fetchall()
    return [bytes(row[0]) for row in rows]
