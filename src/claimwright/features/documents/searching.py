"""Search over the documents of a claim, for a stated reason."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from claimwright.domain.caller import Caller
from claimwright.engines.evidence import search_passages
from claimwright.platform import audit
from claimwright.platform.database import Connection
from claimwright.store.sealed_claims import Opens

from .reading import document_texts

LONGEST_QUERY = 200


@dataclass(frozen=True)
class FoundPassage:
    """A passage with its document, page and words."""

    document_id: int
    type: str | None
    page: int
    start: int
    end: int
    words: str
    score: float


def search_documents(
    caller: Caller, connection: Connection, opener: Opens, claim_key: int, query: str, *, reason: str,
    most: int = 10,
) -> list[FoundPassage]:  # fmt: skip
    """The passages of a claim's documents that fit a query, best first. Blocked documents are left out.

    Raises:
        AuditError: the reason is not acceptable; nothing was opened.
        PhiError: a document can't be opened.
    """
    audit.record_phi_access(
        caller, connection, subject=f"claim:{claim_key}", fields=("document",), reason=reason,
        correlation_id=str(uuid.uuid4()),
    )  # fmt: skip
    documents = {
        number: each
        for number, each in document_texts(caller, connection, opener, claim_key).items()
        if not each.document.is_blocked
    }
    texts = {number: each.text for number, each in documents.items()}
    found = []
    for passage in search_passages(texts, query[:LONGEST_QUERY], most=most):
        document = documents[passage.document_id]
        found.append(
            FoundPassage(
                passage.document_id, document.document.type, document.page_of(passage.start), passage.start,
                passage.end, " ".join(document.text[passage.start : passage.end].split()), passage.score,
            )
        )  # fmt: skip
    return found
