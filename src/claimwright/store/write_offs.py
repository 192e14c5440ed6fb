"""Write-offs: proposed by one person, approved or refused by another one."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from psycopg.rows import class_row

from claimwright.platform.database import Connection

WriteOffState = Literal["waiting", "approved", "refused"]


@dataclass(frozen=True)
class StoredWriteOff:
    """A write-off; `posting_id` is set once it is approved. `source` is what is given up."""

    write_off_id: int
    claim_key: int
    account_key: int
    amount_cents: int
    source: Literal["denied", "payer", "patient"]
    reason: str
    proposed_by: str
    proposed_at: datetime.datetime
    state: WriteOffState
    decided_by: str | None
    decided_at: datetime.datetime | None
    posting_id: int | None


_COLUMNS = (
    "w.write_off_id, w.claim_key, w.account_key, w.amount_cents, w.source, w.reason, w.proposed_by, "
    "w.proposed_at, w.state, w.decided_by, w.decided_at, w.posting_id"
)


def of_own(table: str) -> str:
    """The condition that the account of a row is of the facilities `own`, or that these are null."""
    return (
        "(%(own)s::text[] is null or exists (select from staging.claim_keys k "
        f"where k.claim_key = {table}.account_key and k.facility = any(%(own)s)))"
    )


def insert_write_off(
    connection: Connection, claim_key: int, account_key: int, amount_cents: int, source: str, reason: str
) -> StoredWriteOff:
    """Store a proposal of the actor of the transaction."""
    row = (
        connection.cursor(row_factory=class_row(StoredWriteOff))
        .execute(
            "insert into remittance.write_offs as w (claim_key, "  # noqa: S608 - columns of this module
            "account_key, amount_cents, source, reason) "
            f"values (%s, %s, %s, %s, %s) returning {_COLUMNS}".encode(),
            [claim_key, account_key, amount_cents, source, reason],
        )
        .fetchone()
    )
    assert row is not None
    return row


def decide_write_off(
    connection: Connection, write_off_id: int, state: WriteOffState, posting_id: int | None = None
) -> StoredWriteOff:
    """Set the state of one that waits; the actor of the transaction decides it.

    Raises:
        psycopg.errors.CheckViolation: it is approved by who proposed it, or by a service.
    """
    row = (
        connection.cursor(row_factory=class_row(StoredWriteOff))
        .execute(
            "update remittance.write_offs w set state = %s, posting_id = %s "  # noqa: S608 - of this module
            "where write_off_id = %s "
            f"returning {_COLUMNS}".encode(),
            [state, posting_id, write_off_id],
        )
        .fetchone()
    )
    assert row is not None
    return row


def list_write_offs(
    connection: Connection,
    *,
    write_off_id: int | None = None,
    state: WriteOffState | None = None,
    facilities: Sequence[str] | None = None,
    before: int | None = None,
    limit: int = 100,
) -> list[StoredWriteOff]:
    """Write-offs before a number, newest first."""
    return (
        connection.cursor(row_factory=class_row(StoredWriteOff))
        .execute(
            f"select {_COLUMNS} from remittance.write_offs w "  # noqa: S608 - texts of this module
            "where (%(id)s::bigint is null or w.write_off_id = %(id)s) "
            "and (%(state)s::text is null or w.state = %(state)s) "
            "and (%(before)s::bigint is null or w.write_off_id < %(before)s) "
            f"and {of_own('w')} order by w.write_off_id desc limit %(limit)s".encode(),
            {
                "id": write_off_id, "state": state, "before": before, "limit": limit,
                "own": None if facilities is None else list(facilities),
            },
        )
        .fetchall()
    )  # fmt: skip
