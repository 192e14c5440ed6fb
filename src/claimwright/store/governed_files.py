"""Versions of governed files: templates, prompts, payer policies, evaluation sets. Their text is
elsewhere.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from psycopg.rows import class_row

from claimwright.platform.database import Connection


@dataclass(frozen=True)
class GovernedVersion:
    """One version of a file. `state`: draft, approved, active, retired."""

    kind: str
    file_id: str
    version: int
    state: str
    digest: str
    object: str
    added_by: str
    added_at: datetime.datetime
    approved_by: str | None
    approved_at: datetime.datetime | None
    activated_by: str | None
    activated_at: datetime.datetime | None


_COLUMNS = ", ".join(GovernedVersion.__dataclass_fields__)


def list_versions(
    connection: Connection, kind: str, *, file_id: str | None = None, states: Sequence[str] = ()
) -> list[GovernedVersion]:
    """Versions of a kind, by id, newest first."""
    cursor = connection.cursor(row_factory=class_row(GovernedVersion))
    return cursor.execute(
        f"select {_COLUMNS} from governance.files where kind = %(kind)s"  # noqa: S608 - names of a class
        " and (%(id)s::text is null or file_id = %(id)s)"
        " and (%(states)s::text[] is null or state = any(%(states)s)) order by file_id, version "
        "desc".encode(),
        {"kind": kind, "id": file_id, "states": list(states) or None},
    ).fetchall()


def lock_file(connection: Connection, kind: str, file_id: str) -> None:
    """Let versions of a file be changed one after another, until the transaction ends."""
    connection.execute(
        "select pg_advisory_xact_lock(hashtext(store.tenant() || %s), hashtext(%s))", [kind, file_id]
    )


def insert_version(
    connection: Connection, kind: str, file_id: str, version: int, digest: str, object_: str,
    now: datetime.datetime,
) -> None:  # fmt: skip
    """Store a new version as a draft."""
    connection.execute(
        "insert into governance.files (kind, file_id, version, state, digest, object, added_at)"
        " values (%s, %s, %s, 'draft', %s, %s, %s)",
        [kind, file_id, version, digest, object_, now],
    )


def approve_version(
    connection: Connection, kind: str, file_id: str, version: int, by: str, now: datetime.datetime
) -> None:
    """Approve a draft."""
    connection.execute(
        "update governance.files set state = 'approved', approved_by = %s, approved_at = %s"
        " where kind = %s and file_id = %s and version = %s and state = 'draft'",
        [by, now, kind, file_id, version],
    )


def activate_version(
    connection: Connection, kind: str, file_id: str, version: int | None, by: str, now: datetime.datetime
) -> None:
    """Make one approved or retired version the active one; None: none is active."""
    connection.execute(
        "update governance.files set state = 'retired' where kind = %s and file_id = %s and state = 'active'",
        [kind, file_id],
    )
    if version is not None:
        connection.execute(
            "update governance.files set state = 'active', activated_by = %s, activated_at = %s"
            " where kind = %s and file_id = %s and version = %s and state in ('approved', 'retired')",
            [by, now, kind, file_id, version],
        )
