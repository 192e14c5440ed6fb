"""Outcomes of production claims: payer decisions and people's corrections, for training."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence

import polars as pl
from psycopg import sql

from claimwright.foundation import clock
from claimwright.platform.database import Connection, bigints, copy_out, insert_frame

# One row of `outcomes_by_claim` and `corrections`: key, payer, denied or not, who said so, and when.
Feedback = tuple[str, str | None, bool, str, datetime.datetime]


def claims_with_numbers(
    connection: Connection, numbers: Sequence[bytes], facility: str | None
) -> list[tuple[bytes, str, int, bool]]:
    """Blind index of the number, facility, key and whether there is an outcome, of production claims.

    Newest version first. If a facility is named, only its claims.
    """
    rows = connection.execute(
        "select k.number, k.facility, k.claim_key, "
        "exists (select from prediction.outcomes o where o.claim_key = c.claim_key) "
        "from staging.claim_keys k join production.claims c using (tenant, claim_key) "
        "where k.number = any(%s) and (%s::text is null or k.facility = %s) order by k.version desc",
        [list(numbers), facility, facility],
    ).fetchall()
    return [(bytes(number), place, int(key), is_answered) for number, place, key, is_answered in rows]


def insert_outcomes(connection: Connection, lines: pl.DataFrame, *, evidence: bytes, told_by: str) -> int:
    """Store a remittance's outcomes for lines that had none. Returns how many.

    `lines` has `claim` (its key), `line`, `carc`, `rarc`, `charge_cents`, `paid_cents` and `answered_on`.
    """
    rows = lines.select(
        claim_key=pl.col("claim").cast(pl.Int64), line=pl.col("line").cast(pl.Int32), carc="carc",
        rarc="rarc", charge_cents=pl.col("charge_cents").cast(pl.Int64),
        paid_cents=pl.col("paid_cents").cast(pl.Int64),
        answered_on=pl.col("answered_on").cast(pl.Date), evidence=pl.lit(evidence), told_by=pl.lit(told_by),
        told_at=pl.lit(clock.now()).cast(pl.Datetime("us", "UTC")),
    )  # fmt: skip
    return insert_frame(connection, "prediction.outcomes", rows, unless_known=("tenant", "claim_key", "line"))


def insert_correction(connection: Connection, claim_key: int, *, label: bool, said_by: str) -> int:
    """Store a person's expectation for a claim. Returns the number of the correction."""
    row = connection.execute(
        "insert into prediction.corrections (claim_key, label, said_by, said_at) values (%s, %s, %s, %s) "
        "returning correction_id",
        [claim_key, label, said_by, clock.now()],
    ).fetchone()
    assert row is not None
    return int(row[0])


def outcomes_by_claim(connection: Connection) -> list[Feedback]:
    """The outcome of each production claim that has one: denied if any line was denied."""
    return connection.execute(
        "select o.claim_key::text, c.payer_id, bool_or(o.carc is not null), min(o.told_by), max(o.told_at) "
        "from prediction.outcomes o join production.claims c using (tenant, claim_key) "
        "group by o.claim_key, c.payer_id order by o.claim_key"
    ).fetchall()


def corrections(connection: Connection) -> list[Feedback]:
    """All corrections of production claims, in the order in which they were made."""
    return connection.execute(
        "select k.claim_key::text, c.payer_id, k.label, k.said_by, k.said_at "
        "from prediction.corrections k join production.claims c using (tenant, claim_key) "
        "order by k.correction_id"
    ).fetchall()


def answers_to(
    connection: Connection, keys: Sequence[int], schema: Mapping[str, pl.DataType]
) -> pl.DataFrame:
    """Outcomes of these claims by line, with the columns of `schema`: `claim` (its key), `line`, `carc`,
    `rarc`, `charge_cents`, `paid_cents` and `answered_on`, or some of them.
    """
    columns = [sql.Identifier("claim_key" if each == "claim" else each) for each in schema]
    query = sql.SQL(
        "select {} from prediction.outcomes where claim_key = any({}) order by claim_key, line"
    ).format(sql.SQL(", ").join(columns), bigints(keys))
    return copy_out(connection, query, schema)
