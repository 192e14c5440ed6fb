"""Reads documents of claims, for a stated reason, and keeps what a reviewer made of their findings."""

from __future__ import annotations

import datetime
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from claimwright.domain.appeal_case import Clinical
from claimwright.domain.caller import Caller
from claimwright.domain.recognized import RecognizedPage
from claimwright.foundation import clock
from claimwright.foundation.errors import InputError, NotFoundError
from claimwright.platform import audit
from claimwright.platform.database import Connection
from claimwright.store import documents as rows
from claimwright.store.sealed_claims import Opens

from .stored_text import opened_text


class DocumentNotFoundError(NotFoundError):
    """There is no such document."""


class FindingStateError(InputError):
    """The state does not fit."""


@dataclass(frozen=True)
class DocumentText:
    """A document's text by page."""

    document: rows.StoredDocument
    pages: tuple[str, ...]
    scans: Mapping[int, RecognizedPage] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """All pages; spans are offsets into this."""
        return "\n".join(self.pages)

    def page_of(self, offset: int) -> int:
        """The page, from 1, on which an offset of `text` is."""
        at = 0
        for number, page in enumerate(self.pages, 1):
            at += len(page) + 1
            if offset < at:
                return number
        return max(1, len(self.pages))


@dataclass(frozen=True)
class ReadFinding:
    """What was read at one place. `sentence` is the text around it; offsets are of the document's text."""

    document_id: int
    ordinal: int
    state: str
    is_usable: bool
    decided_by: str | None
    page: int
    start: int
    end: int
    sentence_start: int
    sentence_end: int
    words: str
    clinical: Clinical


def list_of_claim(
    connection: Connection, claim_key: int | None = None, *, facilities: Sequence[str] | None = None,
    after: int = 0, limit: int = 100,
) -> list[rows.StoredDocument]:  # fmt: skip
    """The documents of a claim or of all, without names and contents."""
    return rows.list_documents(
        connection, claim_key=claim_key, facilities=facilities, after=after, limit=limit
    )


def document_texts(
    caller: Caller, connection: Connection, opener: Opens, claim_key: int
) -> dict[int, DocumentText]:
    """The texts of a claim's documents, by id. The caller records why; this is for work on a case.

    Raises:
        PhiError: one of them can't be opened.
    """
    found = rows.list_documents(connection, claim_key=claim_key, limit=rows.MOST_DOCUMENTS)
    sealed = rows.sealed_parts(connection, [each.document_id for each in found], "text")
    contexts = [rows.document_context(caller.tenant, number, "text") for number in sealed]
    opened = dict(zip(sealed, opener.open(list(sealed.values()), contexts), strict=True))
    return {each.document_id: DocumentText(each, *opened_text(opened[each.document_id])) for each in found}


def document_content(caller: Caller, connection: Connection, opener: Opens, document_id: int) -> bytes:
    """The content of a document, for a packet; whoever asks records why.

    Raises:
        DocumentNotFoundError: there is none.
    """
    sealed = rows.sealed_parts(connection, [document_id], "content")
    if not sealed:
        raise DocumentNotFoundError(f"there is no document {document_id}.")
    [content] = opener.open(
        [sealed[document_id]], [rows.document_context(caller.tenant, document_id, "content")]
    )
    return content


def findings_of(
    caller: Caller, connection: Connection, opener: Opens, document_ids: Sequence[int]
) -> list[ReadFinding]:
    """What was read from documents, by document and place.

    Raises:
        PhiError: one of them can't be opened.
    """
    sealed = rows.sealed_findings(connection, document_ids)
    contexts = [rows.finding_context(caller.tenant, each.document_id, each.ordinal) for each in sealed]
    opened = opener.open([each.sealed for each in sealed], contexts) if sealed else []
    made = []
    for each, content in zip(sealed, opened, strict=True):
        said = json.loads(content)
        made.append(
            ReadFinding(
                each.document_id, each.ordinal, each.state, each.is_usable, each.decided_by, said["page"],
                said["start"], said["end"], said["sentence_start"], said["sentence_end"], said["words"],
                Clinical(**said["clinical"]),
            )
        )  # fmt: skip
    return made


def open_document(
    caller: Caller,
    connection: Connection,
    opener: Opens,
    document_id: int,
    *,
    reason: str,
    facilities: Sequence[str] | None = None,
) -> tuple[DocumentText, str, list[ReadFinding]]:
    """A document's text, its name and what was read from it; the audit log has who and why.

    Raises:
        DocumentNotFoundError: there is none, or it is of another facility.
        AuditError: the reason is not acceptable; nothing was opened.
    """
    document = _own(connection, document_id, facilities)
    audit.record_phi_access(
        caller, connection, subject=f"document:{document_id}", fields=("document",), reason=reason,
        correlation_id=str(uuid.uuid4()),
    )  # fmt: skip
    parts = [rows.sealed_parts(connection, [document_id], part)[document_id] for part in ("name", "text")]
    name, text = opener.open(
        parts, [rows.document_context(caller.tenant, document_id, part) for part in ("name", "text")]
    )
    findings = findings_of(caller, connection, opener, [document_id])
    return DocumentText(document, *opened_text(text)), name.decode(), findings


def decide_finding(
    caller: Caller,
    connection: Connection,
    document_id: int,
    ordinals: Sequence[int],
    state: str,
    *,
    facilities: Sequence[str] | None = None,
) -> int:
    """Accept or strike findings, as a reviewer who has read the place. Returns how many.

    Raises:
        DocumentNotFoundError: there is no such document, or it is of another facility.
        FindingStateError: the state is unknown, the document is blocked, or there is no such finding.
    """
    document = _own(connection, document_id, facilities)
    if state not in {"accepted", "struck"}:
        raise FindingStateError("a finding is accepted or struck.")
    if document.is_blocked and state == "accepted":
        raise FindingStateError(f"document {document_id} is blocked: {document.problem}")
    if not caller.is_person:
        raise FindingStateError("a finding is accepted by a person, not by a service.")
    changed = rows.decide_findings(connection, document_id, ordinals, state, caller.actor, clock.now())
    if changed != len(set(ordinals)):
        raise FindingStateError(f"document {document_id} does not have all of these findings.")
    _record(caller, connection, document_id, f"findings_{state}", {"rows": changed})
    return changed


def unblock(
    caller: Caller, connection: Connection, document_id: int, *, reason: str,
    facilities: Sequence[str] | None = None,
) -> None:  # fmt: skip
    """Let a document be used that seemed to be of another patient.

    Raises:
        DocumentNotFoundError: there is none.
        AuditError: the reason is not acceptable.
    """
    _own(connection, document_id, facilities)
    reason = audit.stated_reason(reason, "the document belongs to this patient")
    rows.unblock_document(connection, document_id)
    _record(caller, connection, document_id, "unblocked", {"reason": reason})


def describe(
    caller: Caller,
    connection: Connection,
    document_id: int,
    *,
    type_: str | None = None,
    dated_on: datetime.date | None = None,
    seen: tuple[str | None, datetime.date | None] | None = None,
    facilities: Sequence[str] | None = None,
) -> bool:
    """Set type and date of a document, where they were not recognised.

    `seen`: type and date as they were read. Returns False, and nothing is set, where they are others now.

    Raises:
        DocumentNotFoundError: there is none.
    """
    _own(connection, document_id, facilities)
    if not rows.describe_document(connection, document_id, type_, dated_on, seen):
        return False
    _record(caller, connection, document_id, "described", {})
    return True


def _own(connection: Connection, document_id: int, facilities: Sequence[str] | None) -> rows.StoredDocument:
    found = rows.list_documents(connection, document_id=document_id, facilities=facilities, limit=1)
    if not found:
        raise DocumentNotFoundError(f"there is no document {document_id}.")
    return found[0]


def _record(
    caller: Caller, connection: Connection, document_id: int, what: str, detail: Mapping[str, object]
) -> None:
    audit.append(
        caller,
        connection,
        action=f"documents.{what}",
        subject=f"document:{document_id}",
        detail=dict(detail),
        correlation_id=str(uuid.uuid4()),
    )
