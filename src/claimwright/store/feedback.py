"""What became of claims in production: answers of payers and corrections of people, for training."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence

import polars as pl
from psycopg import sql

from claimwright.foundation import clock
from claimwright.platform.database import Connection, copy_out

# One row of `outcomes_by_claim` and `corrections`: key, payer, denied or to be denied, who said so, and when.
Feedback = tuple[str, str | None, bool, str, datetime.datetime]


def claims_with_numbers(
    connection: Connection, numbers: Sequence[bytes], facility: str | None
) -> list[tuple[bytes, str, int, bool]]:
    """Blind number, facility, key, and whether it is answered, of claims in production; newest version first.

    Of the claims of one facility where one is named.
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
    """Keep what a remittance answers to lines that had no answer; returns to how many.

    `lines` has `claim` (its key), `line`, `carc`, `charge_cents`, `paid_cents` and `answered_on`.
    """
    columns = [lines[name].to_list() for name in ("claim", "line", "carc", "charge_cents", "paid_cents")]
    return connection.execute(
        "insert into prediction.outcomes "
        "(claim_key, line, carc, charge_cents, paid_cents, answered_on, evidence, told_by, told_at) "
        "select *, %s::bytea, %s, %s from unnest(%s::bigint[], %s::integer[], %s::text[], %s::bigint[], "
        "%s::bigint[], %s::date[]) on conflict (tenant, claim_key, line) do nothing",
        [evidence, told_by, clock.now(), *columns, lines["answered_on"].to_list()],
    ).rowcount


def insert_correction(connection: Connection, claim_key: int, *, label: bool, said_by: str) -> int:
    """Keep what a person says will become of a claim; returns the number of the correction."""
    row = connection.execute(
        "insert into prediction.corrections (claim_key, label, said_by, said_at) values (%s, %s, %s, %s) "
        "returning correction_id",
        [claim_key, label, said_by, clock.now()],
    ).fetchone()
    assert row is not None
    return int(row[0])


def outcomes_by_claim(connection: Connection) -> list[Feedback]:
    """The answer to each claim in production that has one: denied where any line was."""
    return connection.execute(
        "select o.claim_key::text, c.payer_id, bool_or(o.carc is not null), min(o.told_by), max(o.told_at) "
        "from prediction.outcomes o join production.claims c using (tenant, claim_key) "
        "group by o.claim_key, c.payer_id order by o.claim_key"
    ).fetchall()


def corrections(connection: Connection) -> list[Feedback]:
    """Every correction of a claim in production, in the order in which they were made."""
    return connection.execute(
        "select k.claim_key::text, c.payer_id, k.label, k.said_by, k.said_at "
        "from prediction.corrections k join production.claims c using (tenant, claim_key) "
        "order by k.correction_id"
    ).fetchall()


def answers_to(
    connection: Connection, keys: Sequence[int], schema: Mapping[str, pl.DataType]
) -> pl.DataFrame:
    """Key, line, CARC, cents charged and paid, and day of the answers to these claims, typed as `schema`."""
    query = sql.SQL(
        "select claim_key, line, carc, charge_cents, paid_cents, answered_on from prediction.outcomes "
        "where claim_key = any({}) order by claim_key, line"
    ).format(sql.Literal(list(keys)))
    return copy_out(connection, query, schema)
