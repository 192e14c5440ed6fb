"""Files that people attach to work items, sealed."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from claimwright.platform.database import Connection

from .actors import NAME_OF_ACTOR


@dataclass(frozen=True)
class SealedAttachment:
    """An attachment without its content; `by_name` is null if who attached it is no account."""

    attachment_id: int
    by: str
    by_name: str | None
    at: datetime.datetime
    kind: str
    size: int
    sealed_name: bytes


def name_context(tenant: str, attachment_id: int) -> bytes:
    """The context of an attachment's sealed name."""
    return f"{tenant}:work-attachment-name:{attachment_id}".encode()


def content_context(tenant: str, attachment_id: int) -> bytes:
    """The context of an attachment's sealed content."""
    return f"{tenant}:work-attachment:{attachment_id}".encode()


def next_attachment_id(connection: Connection) -> int:
    """The number of an attachment to be."""
    row = connection.execute("select nextval('work.attachment_ids')").fetchone()
    assert row is not None
    return int(row[0])


def insert_attachment(
    connection: Connection,
    attachment_id: int,
    item_id: int,
    *,
    kind: str,
    size: int,
    sealed_name: bytes,
    sealed: bytes,
    now: datetime.datetime,
) -> str | None:
    """Store an attachment of `size` bytes. Returns the sign-in name of who attached it; None if that is no
    account.
    """
    row = connection.execute(
        "insert into work.attachments "  # noqa: S608
        "(attachment_id, item_id, attached_at, kind, bytes, sealed_name, sealed) "
        f"values (%s, %s, %s, %s, %s, %s, %s) returning {NAME_OF_ACTOR.format('attached_by')}".encode(),
        [attachment_id, item_id, now, kind, size, sealed_name, sealed],
    ).fetchone()
    assert row is not None
    name: str | None = row[0]
    return name


def attachments_of(connection: Connection, item_id: int) -> list[SealedAttachment]:
    """The attachments of an item, oldest first, without their contents."""
    rows = connection.execute(
        f"select attachment_id, attached_by, {NAME_OF_ACTOR.format('attached_by')}, attached_at, kind, "  # noqa: S608
        "bytes, sealed_name from work.attachments where item_id = %s order by attachment_id".encode(),
        [item_id],
    ).fetchall()
    return [
        SealedAttachment(number, by, by_name, at, kind, size, bytes(sealed_name))
        for number, by, by_name, at, kind, size, sealed_name in rows
    ]


def attachment_content(connection: Connection, item_id: int, attachment_id: int) -> bytes | None:
    """The sealed content of an attachment of an item; None if there is no such attachment."""
    row = connection.execute(
        "select sealed from work.attachments where item_id = %s and attachment_id = %s",
        [item_id, attachment_id],
    ).fetchone()
    return None if row is None else bytes(row[0])
