"""Claims to the next payer: which first payers' answers leave something to the patient, and who is next."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
from psycopg import sql
from psycopg.rows import class_row

from claimwright.platform.database import Connection, bigints, copy_out, insert_frame

NEXT_CLAIMS: dict[str, pl.DataType] = {
    "answer_id": pl.Int64(), "claim_key": pl.Int64(), "account_key": pl.Int64(), "facility": pl.String(),
    "state": pl.String(), "payer_id": pl.String(), "payer_name": pl.String(), "amount_cents": pl.Int64(),
    "found_at": pl.Datetime("us", "UTC"),
}  # fmt: skip
_NEW: dict[str, pl.DataType] = {
    "answer_id": pl.Int64(), "claim_key": pl.Int64(), "account_key": pl.Int64(), "facility": pl.String(),
    "claim_status": pl.String(), "amount_cents": pl.Int64(),
}  # fmt: skip
_LINES: dict[str, pl.DataType] = {
    "claim": pl.Int64(), "line": pl.Int32(), "paid_cents": pl.Int64(), "procedure": pl.String(),
    "modifiers": pl.String(), "revenue_code": pl.String(), "units": pl.Decimal(15, 3), "paid_on": pl.Date(),
}  # fmt: skip
_ADJUSTED: dict[str, pl.DataType] = {
    "claim": pl.Int64(), "line": pl.Int32(), "group_code": pl.String(), "carc": pl.String(),
    "amount_cents": pl.Int64(), "quantity": pl.Decimal(15, 3),
}  # fmt: skip


@dataclass(frozen=True)
class NextClaim:
    """What a first payer leaves to the patient, and the payer that is next. Amounts are whole cents."""

    answer_id: int
    claim_key: int
    account_key: int
    facility: str | None
    state: str
    payer_id: str | None
    payer_name: str | None
    amount_cents: int
    paid_on: datetime.date | None
    released_at: datetime.datetime | None
    released_by: str | None


@dataclass(frozen=True)
class PatientBalance:
    """What the patient owes for a claim by the ledger, where no second payer is to be billed first."""

    account_key: int
    claim_key: int
    facility: str | None
    amount_cents: int


@dataclass(frozen=True)
class FirstAnswers:
    """What the first payer said of some claims, in force. `whole` has `claim`, `answer_id`, `paid_cents`,
    `owed_cents`, `paid_on` and `sealed`.
    """

    whole: pl.DataFrame
    lines: pl.DataFrame
    adjustments: pl.DataFrame


def new_answers(connection: Connection, answers: Sequence[int]) -> pl.DataFrame:
    """Those of the answers that are of first payers, in force, leave something to the patient and are new
    here.
    """
    query = sql.SQL(
        "select a.answer_id, a.claim_key, a.account_key, a.facility, a.claim_status, a.owed_cents "
        "from remittance.answers a where a.state = 'posted' and a.turn = 'P' and not a.is_reversal "
        "and a.owed_cents > 0 and a.claim_key is not null "
        "and a.answer_id = any({among}) "
        "and not exists (select from remittance.next_claims n where n.answer_id = a.answer_id) order by 1"
    ).format(among=bigints(answers))
    return copy_out(connection, query, _NEW)


def insert_next_claims(connection: Connection, found: pl.DataFrame) -> None:
    """Store them; columns are those of `NEXT_CLAIMS`."""
    insert_frame(connection, "remittance.next_claims", found.select(list(NEXT_CLAIMS)))


def list_next_claims(
    connection: Connection,
    *,
    state: str | None = "waiting",
    claims: Sequence[int] | None = None,
    facilities: Sequence[str] | None = None,
    after: int = 0,
    limit: int = 1_000,
) -> list[NextClaim]:
    """Those whose answers are in force, in order of the first payer's answers, after one of them.

    A waiting one counts only as long as the second payer has not answered by itself.
    """
    cursor = connection.cursor(row_factory=class_row(NextClaim))
    return cursor.execute(
        "select n.answer_id, n.claim_key, n.account_key, n.facility, n.state, n.payer_id, n.payer_name, "
        "n.amount_cents, a.paid_on, n.released_at, n.released_by "
        "from remittance.next_claims n join remittance.answers a using (answer_id) "
        "where a.state = 'posted' and (%(state)s::text is null or n.state = %(state)s) "
        "and (%(claims)s::bigint[] is null or n.claim_key = any(%(claims)s)) "
        "and (%(own)s::text[] is null or n.facility = any(%(own)s)) and n.answer_id > %(after)s "
        "and (n.state <> 'waiting' or not exists (select from remittance.answers s "
        "where s.account_key = n.account_key and s.turn = 'S' and s.state = 'posted' and not s.is_reversal)) "
        "order by n.answer_id limit %(limit)s",
        {
            "state": state,
            "claims": _listed(claims),
            "own": _listed(facilities),
            "after": after,
            "limit": limit,
        },
    ).fetchall()


def patient_balances(
    connection: Connection, *, facilities: Sequence[str] | None = None, limit: int = 1_000
) -> list[PatientBalance]:
    """What patients owe by the ledger, most first: without claims that wait for a second payer."""
    cursor = connection.cursor(row_factory=class_row(PatientBalance))
    return cursor.execute(
        "select b.account_key, coalesce(n.claim_key, b.account_key) as claim_key, "
        "coalesce(n.facility, k.facility) as facility, b.amount_cents "
        "from remittance.patient_balances b "
        "left join lateral (select n.claim_key, n.facility from remittance.next_claims n "
        "where n.account_key = b.account_key order by n.answer_id desc limit 1) n on true "
        "left join staging.claim_keys k on k.claim_key = b.account_key "
        "where b.amount_cents > 0 "
        "and not exists (select from remittance.next_claims w join remittance.answers a using (answer_id) "
        "where w.account_key = b.account_key and w.state in ('waiting', 'forwarded') and a.state = 'posted' "
        "and not exists (select from remittance.answers s where s.account_key = w.account_key "
        "and s.turn = 'S' and s.state = 'posted' and not s.is_reversal)) "
        "and (%(own)s::text[] is null or coalesce(n.facility, k.facility) = any(%(own)s)) "
        "order by b.amount_cents desc, b.account_key limit %(limit)s",
        {"own": _listed(facilities), "limit": limit},
    ).fetchall()


def first_answers(connection: Connection, claims: Sequence[int]) -> FirstAnswers:
    """What first payers said of these claims, as far as it is in force. A line that was split is one line."""
    keys = bigints(claims)
    in_force = sql.SQL(
        "a.claim_key = any({}) and a.turn = 'P' and a.state = 'posted' and not a.is_reversal"
    ).format(keys)
    whole = copy_out(
        connection,
        sql.SQL(
            "select claim_key, max(answer_id), sum(paid_cents)::bigint, sum(owed_cents)::bigint, "
            "max(paid_on) from remittance.answers a where {} group by 1 order by 1"
        ).format(in_force),
        {
            "claim": pl.Int64(), "answer_id": pl.Int64(), "paid_cents": pl.Int64(), "owed_cents": pl.Int64(),
            "paid_on": pl.Date(),
        },
    )  # fmt: skip
    lines = copy_out(
        connection,
        sql.SQL(
            "select a.claim_key, l.line, sum(l.paid_cents)::bigint, min(l.procedure), min(l.modifiers), "
            "min(l.revenue_code), sum(l.units), max(a.paid_on) from remittance.answers a "
            "join remittance.answer_lines l using (answer_id) where {} and l.line is not null "
            "group by 1, 2 order by 1, 2"
        ).format(in_force),
        _LINES,
    )
    adjustments = copy_out(
        connection,
        sql.SQL(
            "select a.claim_key, l.line, j.group_code, j.carc, sum(j.amount_cents)::bigint, sum(j.quantity) "
            "from remittance.answers a join remittance.adjustments j using (answer_id) "
            "left join remittance.answer_lines l on l.answer_id = j.answer_id and l.position = j.position "
            "where {} group by 1, 2, 3, 4 order by 1, 2, 3, 4"
        ).format(in_force),
        _ADJUSTED,
    )
    return FirstAnswers(whole, lines, adjustments)


def transferred_answers(connection: Connection, answers: Sequence[int], turn: str = "S") -> set[int]:
    """Those of the answers whose transfer to this payer is posted and not undone. A split claim has several
    answers, each with a transfer of its own.
    """
    rows = connection.execute(
        "select distinct p.answer_id from remittance.postings p join remittance.entries e using (posting_id) "
        "where p.kind = 'transfer' and p.answer_id = any(%s) and e.account = 'payer' and e.turn = %s "
        "and not exists (select from remittance.postings u where u.undoes_id = p.posting_id)",
        [list(answers), turn],
    ).fetchall()
    return {row[0] for row in rows}


def ended_transfers(connection: Connection, accounts: Sequence[int]) -> list[int]:
    """Transfers, not undone, of answers that are no longer in force, where the next payer has no answer in
    force either.
    """
    rows = connection.execute(
        "select p.posting_id from remittance.postings p join remittance.answers a using (answer_id) "
        "where p.kind = 'transfer' and p.account_key = any(%s) and a.state <> 'posted' "
        "and not exists (select from remittance.postings u where u.undoes_id = p.posting_id) "
        "and not exists (select from remittance.answers s where s.account_key = p.account_key "
        "and s.turn <> 'P' and s.state = 'posted' and not s.is_reversal) order by 1",
        [list(accounts)],
    ).fetchall()
    return [row[0] for row in rows]


def set_released(connection: Connection, answers: Sequence[int], by: str, at: datetime.datetime) -> None:
    """Mark claims to next payers as released."""
    connection.execute(
        "update remittance.next_claims set state = 'released', released_by = %s, released_at = %s "
        "where answer_id = any(%s)",
        [by, at, list(answers)],
    )


def _listed(values: Sequence[Any] | None) -> list[Any] | None:
    return None if values is None else list(values)
