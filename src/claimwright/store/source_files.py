"""The rows of source files, claims and remittances: where content is stored, what is deleted with it."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from claimwright.platform.database import Connection

# Tables whose rows are deleted with their files, in this order.
_OF_FILES = (
    "staging.refusals", "staging.sent_before", "staging.claim_keys", "pipeline.dead_letters",
    "staging.claims",
)  # fmt: skip


def folders_before(connection: Connection, before: datetime.datetime) -> list[tuple[int, str]]:
    """Number and folder of every file that arrived before a time and whose content is stored."""
    return connection.execute(
        "select file_id, object from store.stored_files where received_at < %s", [before]
    ).fetchall()


def folders(connection: Connection) -> list[str]:
    """The folder of every file whose content is stored, in order of arrival."""
    rows = connection.execute("select object from store.stored_files order by file_id").fetchall()
    return [row[0] for row in rows]


def kept_among(connection: Connection, file_ids: Sequence[int]) -> set[int]:
    """Those of the given files whose content is stored according to their rows."""
    rows = connection.execute(
        "select file_id from store.stored_files where file_id = any(%s)", [list(file_ids)]
    ).fetchall()
    return {row[0] for row in rows}


def note_content_removed(owner: Connection, file_id: int) -> None:
    """Record that the content of a file is no longer stored. Runs as the owner."""
    for table in ("staging.files", "remittance.files"):
        statement = f"update {table} set object = null where file_id = %s"  # noqa: S608 - of two names
        owner.execute(statement.encode(), [file_id])


def delete_files(owner: Connection, before: datetime.datetime) -> int:
    """Delete the rows of files that arrived before a time and whose content is deleted, with all dependent
    rows.

    Runs as the owner, in a transaction of the tenant. Claim numbers of such a file can be used again.
    """
    old = "select file_id from staging.files where received_at < %s and object is null"
    for table in _OF_FILES:
        owner.execute(f"delete from {table} where file_id in ({old})".encode(), [before])  # noqa: S608
    owner.execute("delete from staging.services where seen_on < %s", [before.date()])
    return owner.execute(
        "delete from staging.files where received_at < %s and object is null", [before]
    ).rowcount
