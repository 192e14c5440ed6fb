"""Remittances: files, payments, the payers' answers to claims, and the claims that an answer may be about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl
from psycopg import sql

from claimwright.foundation import clock
from claimwright.platform.database import Connection, copy_out, insert_frame

# The first number of the advisory lock by which files of a tenant are posted one after another.
_LOCK = 8350001
# Why a payment that was held is a duplicate of a later one.
CAME_WHOLE = "came_whole"


def answer_context(tenant: str, answer_id: int) -> bytes:
    """The context of an answer's sealed values."""
    return f"{tenant}:answer:{answer_id}".encode()


def provider_adjustment_context(tenant: str, payment_id: int, ordinal: int) -> bytes:
    """The context of a provider adjustment's sealed reference."""
    return f"{tenant}:provider-adjustment:{payment_id}:{ordinal}".encode()


PAYMENT_COLUMNS = (
    "payment_id", "file_id", "position", "state", "reason", "first_id", "payer_id", "payer_name", "payee_id",
    "method", "trace_number", "amount_cents", "claims_cents", "provider_cents", "paid_on", "produced_on",
    "claims", "identity", "content",
)  # fmt: skip


@dataclass(frozen=True)
class NewFile:
    """A remittance file that is being stored. `source` is 835, csv or paper."""

    file_id: int
    source: str
    digest: bytes
    size: int
    object: str | None
    payments: int
    claims: int
    faults: int
    correlation_id: str


@dataclass(frozen=True)
class KnownPayment:
    """An earlier payment with the same payer, trace number, date, amount and payee."""

    payment_id: int
    content: bytes
    is_posted: bool


def lock_remittances(connection: Connection) -> None:
    """Let the tenant's remittances be posted one after another, until the transaction ends."""
    connection.execute("select pg_advisory_xact_lock(%s, hashtext(store.tenant()))", [_LOCK])


def next_ids(connection: Connection, count: int) -> list[int]:
    """New ids for files, payments, answers and postings, in ascending order."""
    if not count:
        return []
    rows = connection.execute(
        "select array(select nextval('remittance.ids') from generate_series(1, %s))", [count]
    ).fetchone()
    assert rows is not None
    return sorted(rows[0])


def file_with_digest(connection: Connection, digest: bytes) -> int | None:
    """The stored remittance file with this content."""
    row = connection.execute("select file_id from remittance.files where digest = %s", [digest]).fetchone()
    return row[0] if row else None


def insert_file(connection: Connection, file: NewFile, entered_by: str) -> None:
    """Store a file's row."""
    connection.execute(
        "insert into remittance.files (file_id, source, digest, bytes, object, received_at, entered_by, "
        "payments, claims, faults, correlation_id) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [
            file.file_id, file.source, file.digest, file.size, file.object, clock.now(), entered_by,
            file.payments, file.claims, file.faults, file.correlation_id,
        ],
    )  # fmt: skip


def payments_with(connection: Connection, identities: Sequence[bytes]) -> dict[bytes, KnownPayment]:
    """The stored payment of each identity that there is: the posted one, otherwise the first that is held."""
    rows = connection.execute(
        "select distinct on (identity) identity, payment_id, content, state = 'posted' "
        "from remittance.payments where identity = any(%s) and state <> 'duplicate' "
        "order by identity, state = 'posted' desc, payment_id",
        [list(identities)],
    ).fetchall()
    return {bytes(row[0]): KnownPayment(row[1], bytes(row[2]), row[3]) for row in rows}


def replace_held(connection: Connection, by_identity: Mapping[bytes, int]) -> None:
    """Let held payments be duplicates of payments that came whole: those of the same identity."""
    connection.execute(
        "with replaced as (update remittance.payments p set state = 'duplicate', reason = %s, "
        "first_id = w.payment_id from unnest(%s::bytea[], %s::bigint[]) as w(identity, payment_id) "
        "where p.identity = w.identity and p.state = 'held' and p.payment_id <> w.payment_id "
        "returning p.payment_id) "
        "update remittance.answers a set reason = 'payment_duplicate' from replaced r "
        "where a.payment_id = r.payment_id and a.state = 'waiting' and a.reason = 'payment_held'",
        [CAME_WHOLE, list(by_identity), list(by_identity.values())],
    )


def insert_payments(connection: Connection, payments: pl.DataFrame) -> None:
    """Store payments; columns are those of the table."""
    insert_frame(connection, "remittance.payments", payments)


def insert_provider_adjustments(connection: Connection, adjustments: pl.DataFrame) -> None:
    """Store provider adjustments (PLB); columns are those of the table."""
    insert_frame(connection, "remittance.provider_adjustments", adjustments)


def held_reason(connection: Connection, payment_id: int) -> str | None:
    """Why a payment is held; None if there is no such held payment."""
    row = connection.execute(
        "select reason from remittance.payments where payment_id = %s and state = 'held'", [payment_id]
    ).fetchone()
    return row[0] if row else None


def release_payment(connection: Connection, payment_id: int) -> dict[str, int] | None:
    """Let a held payment be posted. Returns its amount; None if there is no such held payment."""
    row = connection.execute(
        "update remittance.payments set state = 'posted', reason = null "
        "where payment_id = %s and state = 'held' returning amount_cents",
        [payment_id],
    ).fetchone()
    return {"amount_cents": row[0]} if row else None


def provider_adjustments_of(connection: Connection, payment_id: int) -> pl.DataFrame:
    """Reasons and amounts of a payment's provider adjustments."""
    query = sql.SQL(
        "select payment_id, reason, amount_cents from remittance.provider_adjustments where payment_id = {} "
        "order by ordinal"
    ).format(sql.Literal(payment_id))
    return copy_out(
        connection, query, {"answer": pl.Int64(), "reason": pl.String(), "amount_cents": pl.Int64()}
    )
