"""Documents of claims: their text with its places, what is read from it, and what a reviewer made of that."""

from claimwright.store.documents import StoredDocument

from .adding import DocumentRefusedError, add_document
from .meaning import embedding_model
from .reading import (
    DocumentNotFoundError,
    DocumentText,
    ReadFinding,
    decide_finding,
    describe,
    document_content,
    document_texts,
    findings_of,
    list_of_claim,
    open_document,
    unblock,
)
from .recognition import recognizer, recognizer_version
from .searching import DocumentSearch, FoundPassage, SearchableDocuments, documents_to_search
from .service_time import is_of_service

__all__ = [
    "DocumentNotFoundError",
    "DocumentRefusedError",
    "DocumentSearch",
    "DocumentText",
    "FoundPassage",
    "ReadFinding",
    "SearchableDocuments",
    "StoredDocument",
    "add_document",
    "decide_finding",
    "describe",
    "document_content",
    "document_texts",
    "documents_to_search",
    "embedding_model",
    "findings_of",
    "is_of_service",
    "list_of_claim",
    "open_document",
    "recognizer",
    "recognizer_version",
    "unblock",
]
