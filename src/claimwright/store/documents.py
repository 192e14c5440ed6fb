"""Documents of claims and what was read from them, sealed."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from psycopg.rows import class_row

from claimwright.platform.database import Connection

# What of a claim's documents is opened at once.
MOST_DOCUMENTS = 60


@dataclass(frozen=True)
class StoredDocument:
    """A document without its content; `problem` says what is wrong with it, `blocked` that it can't be
    used.
    """

    document_id: int
    claim_key: int
    facility: str | None
    kind: str
    type: str | None
    dated_on: datetime.date | None
    pages: int
    size: int
    problem: str | None
    is_blocked: bool
    added_by: str
    added_at: datetime.datetime
    findings: int
    accepted: int
    proposed: int


@dataclass(frozen=True)
class NewDocument:
    """A document to store. `sealed` are name, content and text."""

    document_id: int
    claim_key: int
    facility: str | None
    kind: str
    type: str | None
    dated_on: datetime.date | None
    pages: int
    size: int
    content_index: bytes
    problem: str | None
    is_blocked: bool
    added_at: datetime.datetime
    sealed: tuple[bytes, bytes, bytes]


@dataclass(frozen=True)
class SealedFinding:
    """What was read at one place of a document; a person accepts or strikes it."""

    document_id: int
    ordinal: int
    state: str
    is_usable: bool
    decided_by: str | None
    sealed: bytes


def document_context(tenant: str, document_id: int, part: str) -> bytes:
    """The context of a document's sealed part: name, content or text."""
    return f"{tenant}:document:{document_id}:{part}".encode()


def finding_context(tenant: str, document_id: int, ordinal: int) -> bytes:
    """The context of a sealed finding."""
    return f"{tenant}:document:{document_id}:finding:{ordinal}".encode()


def next_appeal_id(connection: Connection) -> int:
    """A new id for a document or a case."""
    row = connection.execute("select nextval('appeals.ids')").fetchone()
    assert row is not None
    return int(row[0])


def document_with_content(connection: Connection, claim_key: int, content_index: bytes) -> int | None:
    """The document of a claim that has this content; None if there is none."""
    row = connection.execute(
        "select document_id from appeals.documents where claim_key = %s and content_index = %s",
        [claim_key, content_index],
    ).fetchone()
    return None if row is None else int(row[0])


def insert_document(connection: Connection, new: NewDocument) -> None:
    """Store a document."""
    connection.execute(
        "insert into appeals.documents (document_id, claim_key, facility, kind, type, dated_on, pages, bytes,"
        " content_index, problem, is_blocked, added_at, sealed_name, sealed, sealed_text)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [
            new.document_id, new.claim_key, new.facility, new.kind, new.type, new.dated_on, new.pages,
            new.size, new.content_index, new.problem, new.is_blocked, new.added_at, *new.sealed,
        ],
    )  # fmt: skip


def insert_findings(
    connection: Connection, document_id: int, findings: Sequence[tuple[int, bool, bytes]]
) -> None:
    """Store what was read: ordinal, whether a statement may rest on it, and the sealed finding."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into appeals.findings (document_id, ordinal, state, is_usable, sealed)"
            " values (%s, %s, 'proposed', %s, %s)",
            [(document_id, ordinal, usable, sealed) for ordinal, usable, sealed in findings],
        )


def list_documents(
    connection: Connection,
    *,
    document_id: int | None = None,
    claim_key: int | None = None,
    facilities: Sequence[str] | None = None,
    after: int = 0,
    limit: int = 100,
) -> list[StoredDocument]:
    """Documents after an id, in order of id."""
    cursor = connection.cursor(row_factory=class_row(StoredDocument))
    return cursor.execute(
        _LIST,
        {
            "id": document_id, "claim": claim_key, "after": after, "limit": limit,
            "own": None if facilities is None else list(facilities),
        },
    ).fetchall()  # fmt: skip


def sealed_parts(connection: Connection, document_ids: Sequence[int], part: str) -> dict[int, bytes]:
    """The sealed name, content or text of documents, by id."""
    column = {"name": "sealed_name", "content": "sealed", "text": "sealed_text"}[part]
    rows = connection.execute(
        f"select document_id, {column} from appeals.documents where document_id = any(%s)".encode(),  # noqa: S608
        [list(document_ids)],
    ).fetchall()
    return {number: bytes(sealed) for number, sealed in rows}


def sealed_findings(connection: Connection, document_ids: Sequence[int]) -> list[SealedFinding]:
    """What was read from documents, in order."""
    rows = connection.execute(
        "select document_id, ordinal, state, is_usable, decided_by, sealed from appeals.findings"
        " where document_id = any(%s) order by document_id, ordinal",
        [list(document_ids)],
    ).fetchall()
    return [SealedFinding(*row) for row in rows]


def decide_findings(
    connection: Connection, document_id: int, ordinals: Sequence[int], state: str, by: str,
    now: datetime.datetime,
) -> int:  # fmt: skip
    """Accept or strike findings. Returns how many there were."""
    return connection.execute(
        "update appeals.findings set state = %s, decided_by = %s, decided_at = %s"
        " where document_id = %s and ordinal = any(%s)",
        [state, by, now, document_id, list(ordinals)],
    ).rowcount


def unblock_document(connection: Connection, document_id: int) -> None:
    """Let a document be used."""
    connection.execute(
        "update appeals.documents set is_blocked = false where document_id = %s", [document_id]
    )


def describe_document(
    connection: Connection,
    document_id: int,
    type_: str | None,
    dated_on: datetime.date | None,
    seen: tuple[str | None, datetime.date | None] | None = None,
) -> bool:
    """Set type and date of a document; None keeps what is known.

    `seen`: type and date as they were read. False, and nothing is set, where they are others now.
    """
    changed = connection.execute(
        "update appeals.documents set type = coalesce(%s, type), dated_on = coalesce(%s, dated_on)"
        " where document_id = %s and (%s or (type, dated_on) is not distinct from (%s, %s::date))",
        [type_, dated_on, document_id, seen is None, *(seen or (None, None))],
    )
    return changed.rowcount == 1


_LIST = """
select d.document_id, d.claim_key, d.facility, d.kind, d.type, d.dated_on, d.pages,
  d.bytes as size, d.problem,
  d.is_blocked, d.added_by, d.added_at, f.findings, f.accepted, f.proposed
from appeals.documents d cross join lateral (
  select count(*) as findings, count(*) filter (where state = 'accepted') as accepted,
    count(*) filter (where state = 'proposed' and is_usable) as proposed
  from appeals.findings f where f.document_id = d.document_id) f
where (%(id)s::bigint is null or d.document_id = %(id)s)
  and (%(claim)s::bigint is null or d.claim_key = %(claim)s) and d.document_id > %(after)s
  and (%(own)s::text[] is null or d.facility = any(%(own)s))
order by d.document_id limit %(limit)s
"""
