"""Waivers of a tenant."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from claimwright.platform.database import Connection

_COLUMNS = (
    "waiver_key, waiver_id, rules, claim_filing, payer_ids, providers, valid_from, valid_to, owner, reason, "
    "created_at, created_by, ended_at, ended_by"
)


@dataclass(frozen=True)
class StoredWaiver:
    """A waiver with who added it and, if it has been ended, who ended it and when.

    Empty lists of payers and providers mean all of them.
    """

    waiver_key: int
    waiver_id: str
    rules: list[str]
    claim_filing: list[str]
    payer_ids: list[str]
    providers: list[str]
    valid_from: datetime.date
    valid_to: datetime.date
    owner: str
    reason: str
    created_at: datetime.datetime
    created_by: str
    ended_at: datetime.datetime | None
    ended_by: str | None


def insert_waiver(
    connection: Connection,
    *,
    waiver_id: str,
    rules: list[str],
    claim_filing: list[str],
    payer_ids: list[str],
    providers: list[str],
    valid_from: datetime.date,
    valid_to: datetime.date,
    owner: str,
    reason: str,
) -> StoredWaiver | None:
    """Store a waiver; None if the tenant has one with this id, in force or not."""
    row = connection.execute(
        "insert into pipeline.waivers (waiver_id, rules, claim_filing, payer_ids, "  # noqa: S608
        "providers, valid_from, valid_to, owner, reason) values (%s, %s, %s, %s, %s, %s, %s, %s, %s) "
        f"on conflict (tenant, waiver_id) do nothing returning {_COLUMNS}".encode(),
        [waiver_id, rules, claim_filing, payer_ids, providers, valid_from, valid_to, owner, reason],
    ).fetchone()
    return None if row is None else StoredWaiver(*row)


def waivers_after(connection: Connection, after: int, limit: int) -> list[StoredWaiver]:
    """The next waivers after a key, in order of key, whether in force or not."""
    rows = connection.execute(
        f"select {_COLUMNS} from pipeline.waivers where waiver_key > %s "  # noqa: S608 - of this module
        "order by waiver_key limit %s".encode(),
        [after, limit],
    ).fetchall()
    return [StoredWaiver(*row) for row in rows]


def waivers_on(connection: Connection, day: datetime.date) -> list[StoredWaiver]:
    """The waivers in force on a day that nobody has ended, oldest first."""
    rows = connection.execute(
        f"select {_COLUMNS} from pipeline.waivers "  # noqa: S608 - of this module
        "where ended_at is null and %s between valid_from and valid_to order by waiver_key".encode(),
        [day],
    ).fetchall()
    return [StoredWaiver(*row) for row in rows]


def end_waiver(connection: Connection, waiver_id: str) -> StoredWaiver | None:
    """End a waiver now; None if the tenant has none with this id that has not been ended."""
    row = connection.execute(
        "update pipeline.waivers set ended_at = clock_timestamp(), ended_by = store.actor() "  # noqa: S608
        f"where waiver_id = %s and ended_at is null returning {_COLUMNS}".encode(),
        [waiver_id],
    ).fetchone()
    return None if row is None else StoredWaiver(*row)
