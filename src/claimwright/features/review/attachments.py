"""Files attached to work items: sealed with their names, since both may name a patient.

AttachmentError   the file is empty, too large or of a kind that is not taken, or its name can't be used
"""

from __future__ import annotations

import datetime
import io
import uuid
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass

from claimwright.domain.caller import Caller
from claimwright.foundation import clock
from claimwright.foundation.errors import InputError, NotFoundError
from claimwright.platform import audit
from claimwright.platform.database import Connection
from claimwright.store.sealed_claims import Opens, Seals
from claimwright.store.work_attachments import (
    attachment_content,
    attachments_of,
    content_context,
    insert_attachment,
    name_context,
    next_attachment_id,
)

from .audit_events import record_act
from .items import item_of

LONGEST_NAME = 200
MOST_ATTACHMENTS = 20
LARGEST_ATTACHMENT = 20_000_000  # bytes
# By what a file begins with, and how its name ends: what people attach to claims. Others can be programs.
_BEGINNINGS = (
    (b"%PDF-", "pdf"), (b"\x89PNG\r\n\x1a\n", "png"), (b"\xff\xd8\xff", "jpeg"), (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"), (b"{\\rtf", "rtf"), (b"PK\x03\x04", "docx"),
)  # fmt: skip
_ENDINGS = {
    "pdf": "pdf", "png": "png", "jpg": "jpeg", "jpeg": "jpeg", "tif": "tiff", "tiff": "tiff", "rtf": "rtf",
    "docx": "docx", "txt": "txt",
}  # fmt: skip
_TAKEN = "attach a PDF, PNG, JPEG, TIFF, RTF, DOCX or plain text (.txt) file"


class AttachmentError(InputError):
    """The file can't be attached."""


@dataclass(frozen=True)
class Attachment:
    """An attachment. `name` is null where it may not be seen; `bytes` is its size."""

    attachment_id: int
    by: str
    by_name: str | None
    at: datetime.datetime
    kind: str
    bytes: int
    name: str | None


def claim_of_item(
    connection: Connection, item_id: int, *, facilities: Sequence[str] | None = None
) -> int | None:
    """The claim that an item is about; None if it is not known.

    Raises:
        ItemNotFoundError: there is no such item, or it is of another facility.
    """
    return item_of(connection, item_id, clock.today(), facilities).claim_key


def attach(
    caller: Caller,
    connection: Connection,
    sealer: Seals,
    item_id: int,
    name: str,
    content: bytes,
    *,
    facilities: Sequence[str] | None = None,
) -> Attachment:
    """Attach a file to an item. Attachments are never changed.

    Raises:
        ItemNotFoundError: there is no such item, or it is of another facility.
        AttachmentError: the file or its name can't be used, or the item has as many as it may have.
    """
    # Screenshots of some systems have other blanks in their names.
    name = " ".join(name.split())
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable() or set(name) & set('/\\"'):
        raise AttachmentError(f"name the file with 1 to {LONGEST_NAME} characters, without a folder.")
    kind = _kind_of(name, content)
    item = item_of(connection, item_id, clock.today(), facilities)
    if len(attachments_of(connection, item_id)) >= MOST_ATTACHMENTS:
        raise AttachmentError(f"an item has up to {MOST_ATTACHMENTS} attachments.")
    now, number = clock.now(), next_attachment_id(connection)
    sealed_name, sealed = sealer.seal(
        [name.encode(), content],
        [name_context(caller.tenant, number), content_context(caller.tenant, number)],
    )
    by_name = insert_attachment(
        connection, number, item_id, kind=kind, size=len(content), sealed_name=sealed_name, sealed=sealed,
        now=now,
    )  # fmt: skip
    record_act(caller, connection, "attach", [(item, item.state)], None, str(uuid.uuid4()))
    return Attachment(number, caller.actor, by_name, now, kind, len(content), name)


def list_attachments(
    caller: Caller,
    connection: Connection,
    opener: Opens | None,
    item_id: int,
    *,
    facilities: Sequence[str] | None = None,
) -> list[Attachment]:
    """The attachments of an item, oldest first; without `opener`, without their names.

    Raises:
        ItemNotFoundError: there is no such item, or it is of another facility.
    """
    item_of(connection, item_id, clock.today(), facilities)
    found = attachments_of(connection, item_id)
    names: list[str | None] = [None] * len(found)
    if opener is not None and found:
        contexts = [name_context(caller.tenant, each.attachment_id) for each in found]
        names = [each.decode() for each in opener.open([each.sealed_name for each in found], contexts)]
        _record_read(caller, connection, item_id, "names of attachments of a work item")
    return [
        Attachment(each.attachment_id, each.by, each.by_name, each.at, each.kind, each.size, name)
        for each, name in zip(found, names, strict=True)
    ]


def open_attachment(
    caller: Caller,
    connection: Connection,
    opener: Opens,
    item_id: int,
    attachment_id: int,
    *,
    reason: str,
    broke_glass: bool = False,
    facilities: Sequence[str] | None = None,
) -> bytes:
    """The content of an attachment, for a stated reason, which the audit log keeps.

    Raises:
        ItemNotFoundError, NotFoundError: there is no such item or attachment, or it is of another facility.
        AuditError: the reason is not acceptable; nothing was opened.
    """
    item_of(connection, item_id, clock.today(), facilities)
    sealed = attachment_content(connection, item_id, attachment_id)
    if sealed is None:
        raise NotFoundError(f"item {item_id} has no attachment {attachment_id}.")
    _record_read(caller, connection, item_id, reason, broke_glass=broke_glass)
    [content] = opener.open([sealed], [content_context(caller.tenant, attachment_id)])
    return content


def _record_read(
    caller: Caller, connection: Connection, item_id: int, reason: str, *, broke_glass: bool = False
) -> None:
    audit.record_phi_access(
        caller, connection, subject=f"item:{item_id}", fields=("attachments",), reason=reason,
        correlation_id=str(uuid.uuid4()), broke_glass=broke_glass,
    )  # fmt: skip


def _kind_of(name: str, content: bytes) -> str:
    """The kind of a file, if beginning and ending of its name agree."""
    kind = _ENDINGS.get(name.rpartition(".")[2].lower())
    found = next((kind for begin, kind in _BEGINNINGS if content.startswith(begin)), "txt")
    if kind is None or kind != found or not content:
        raise AttachmentError(f"{_TAKEN}, whose name ends as its content is.")
    if kind == "docx" and not _is_document(content):
        raise AttachmentError(f"{_TAKEN}. This one is no Word document, or it has macros.")
    if kind == "txt" and b"\x00" in content:
        raise AttachmentError(f"{_TAKEN}. This one is not a text.")
    return kind


def _is_document(content: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            names = parts.namelist()
    except zipfile.BadZipFile:
        return False
    return "word/document.xml" in names and not any(name.endswith("vbaProject.bin") for name in names)
