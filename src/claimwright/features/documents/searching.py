"""Search over the documents of a claim, for a stated reason."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from claimwright.domain.caller import Caller
from claimwright.engines.evidence import (
    MOST_BY_MEANING,
    Embeds,
    FoundBy,
    Passage,
    count_passages,
    search_passages,
)
from claimwright.platform import audit
from claimwright.platform.database import Connection
from claimwright.store.sealed_claims import Opens

from .meaning import embedding_model
from .reading import DocumentText, document_texts

LONGEST_QUERY = 200
SearchedBy = Literal["words", "words_and_meaning"]


@dataclass(frozen=True)
class FoundPassage:
    """A passage with its document, page and words, and what found it."""

    document_id: int
    type: str | None
    page: int
    start: int
    end: int
    words: str
    score: float
    found_by: FoundBy


@dataclass(frozen=True)
class DocumentSearch:
    """What a search found, best first, and how it searched.

    `not_by_meaning` counts the passages that were compared by words only, because the case has so many.
    """

    searched_by: SearchedBy
    not_by_meaning: int
    passages: tuple[FoundPassage, ...]


@dataclass(frozen=True)
class SearchableDocuments:
    """The opened documents of a claim. Search them outside of a transaction: a model takes seconds."""

    documents: Mapping[int, DocumentText]

    def search(self, query: str, *, most: int = 10, model: Embeds | None = None) -> DocumentSearch:
        """The passages that fit a query best. `model` is that of this process, if it has one."""
        model = model or embedding_model()
        texts = {number: each.text for number, each in self.documents.items()}
        found = [
            self._shown(each)
            for each in search_passages(texts, query[:LONGEST_QUERY], most=most, model=model)
        ]
        if model is None:
            return DocumentSearch("words", count_passages(texts), tuple(found))
        left = max(0, count_passages(texts) - MOST_BY_MEANING)
        return DocumentSearch("words_and_meaning", left, tuple(found))

    def _shown(self, passage: Passage) -> FoundPassage:
        document, start, end = self.documents[passage.document_id], passage.start, passage.end
        words = " ".join(document.text[start:end].split())
        page = document.page_of(start)
        return FoundPassage(
            passage.document_id, document.document.type, page, start, end, words, passage.score,
            passage.found_by,
        )  # fmt: skip


def documents_to_search(
    caller: Caller, connection: Connection, opener: Opens, claim_key: int, *, reason: str
) -> SearchableDocuments:
    """The documents of a claim, opened for a stated reason, which the audit log keeps. Without blocked ones.

    Raises:
        AuditError: the reason is not acceptable; nothing was opened.
        PhiError: a document can't be opened.
    """
    audit.record_phi_access(
        caller, connection, subject=f"claim:{claim_key}", fields=("document",), reason=reason,
        correlation_id=str(uuid.uuid4()),
    )  # fmt: skip
    return SearchableDocuments(
        {
            number: each
            for number, each in document_texts(caller, connection, opener, claim_key).items()
            if not each.document.is_blocked
        }
    )
