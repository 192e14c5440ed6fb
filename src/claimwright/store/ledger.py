"""The ledger: postings and their entries. Append-only; the database refuses changes and what does not
balance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl
from psycopg import sql

from claimwright.platform.database import Connection, bigints, copy_out, insert_frame

POSTINGS: dict[str, pl.DataType] = {
    "posting_id": pl.Int64(), "kind": pl.String(), "account_key": pl.Int64(), "claim_key": pl.Int64(),
    "payment_id": pl.Int64(),
    "answer_id": pl.Int64(), "undoes_id": pl.Int64(), "posted_by": pl.String(), "approved_by": pl.String(),
    "reason": pl.String(), "posted_at": pl.Datetime("us", "UTC"),
}  # fmt: skip
ENTRIES: dict[str, pl.DataType] = {
    "posting_id": pl.Int64(), "account": pl.String(), "turn": pl.String(), "line": pl.Int32(),
    "amount_cents": pl.Int64(), "group_code": pl.String(), "carc": pl.String(),
}  # fmt: skip


@dataclass(frozen=True)
class Balance:
    """What an account of the ledger amounts to; `account_key` is null for what belongs to no claim."""

    account: str
    turn: str | None
    amount_cents: int


def insert_postings(connection: Connection, postings: pl.DataFrame, entries: pl.DataFrame) -> None:
    """Add postings with their entries.

    Raises:
        psycopg.errors.CheckViolation: a posting does not add up to zero.
    """
    insert_frame(connection, "remittance.postings", postings.select(list(POSTINGS)))
    insert_frame(connection, "remittance.entries", entries.select(list(ENTRIES)))


def live_charges(connection: Connection, accounts: Sequence[int]) -> dict[int, tuple[int, int]]:
    """By account: the posting of its charge that is not undone, and the version of the claim that it
    charges.
    """
    # Key by key, as wherever a file in one transaction reads what it wrote: such rows have no statistics yet,
    # and for a list of keys the planner would read all rows of the tenant, more with each block.
    rows = connection.execute(
        sql.SQL(
            "select k.account_key, p.posting_id, p.claim_key from unnest({}) as k(account_key) "
            "cross join lateral (select p.posting_id, p.claim_key from remittance.postings p "
            "where p.account_key = k.account_key and p.kind = 'charge' and not exists "
            "(select from remittance.postings u where u.undoes_id = p.posting_id) offset 0) p"
        ).format(bigints(accounts))
    ).fetchall()
    return {account: (posting, claim) for account, posting, claim in rows}


def live_postings(connection: Connection, answers: Sequence[int]) -> dict[int, int]:
    """The posting of each answer that is not undone."""
    rows = connection.execute(
        sql.SQL(
            "select p.answer_id, p.posting_id from remittance.postings p where p.kind = 'answer' "
            "and p.answer_id = any({}) "
            "and not exists (select from remittance.postings u where u.undoes_id = p.posting_id)"
        ).format(bigints(answers))
    ).fetchall()
    return dict(rows)


def payments_of_undoing(connection: Connection, answers: Sequence[int]) -> dict[int, int]:
    """By answer: the payment to which the last undoing of its postings belongs."""
    rows = connection.execute(
        sql.SQL(
            "select p.answer_id, u.payment_id from remittance.postings p "
            "join remittance.postings u on u.undoes_id = p.posting_id "
            "where p.kind = 'answer' and p.answer_id = any({}) and u.payment_id is not null "
            "order by u.posting_id"
        ).format(bigints(answers))
    ).fetchall()
    return dict(rows)


def postings_of(connection: Connection, postings: Sequence[int]) -> pl.DataFrame:
    """Postings: id, account and payment."""
    query = sql.SQL(
        "select posting_id, account_key, payment_id from remittance.postings where posting_id = any({})"
    ).format(bigints(postings))
    return copy_out(
        connection, query, {name: POSTINGS[name] for name in ("posting_id", "account_key", "payment_id")}
    )


def entries_of(connection: Connection, postings: Sequence[int]) -> pl.DataFrame:
    """The entries of postings."""
    query = sql.SQL("select {} from remittance.entries where posting_id = any({})").format(
        sql.SQL(", ").join(map(sql.Identifier, ENTRIES)), bigints(postings)
    )
    return copy_out(connection, query, ENTRIES)


def balances_of(connection: Connection, accounts: Sequence[int]) -> dict[int, list[Balance]]:
    """The balances of claims' accounts, by account key; zero balances are left out."""
    rows = connection.execute(
        "select p.account_key, e.account, e.turn, sum(e.amount_cents)::bigint from remittance.postings p "
        "join remittance.entries e using (posting_id) where p.account_key = any(%s) "
        "group by 1, 2, 3 having sum(e.amount_cents) <> 0 order by 1, 2, 3",
        [list(accounts)],
    ).fetchall()
    found: dict[int, list[Balance]] = {}
    for key, account, turn, cents in rows:
        found.setdefault(key, []).append(Balance(account, turn, cents))
    return found
