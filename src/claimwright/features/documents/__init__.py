"""Documents of claims: their text with its places, what is read from it, and what a reviewer made of that."""

from claimwright.store.documents import StoredDocument

from .adding import DocumentRefusedError, add_document
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
from .searching import FoundPassage, search_documents
from .service_time import is_of_service

__all__ = [
    "DocumentNotFoundError",
    "DocumentRefusedError",
    "DocumentText",
    "FoundPassage",
    "ReadFinding",
    "StoredDocument",
    "add_document",
    "decide_finding",
    "describe",
    "document_content",
    "document_texts",
    "findings_of",
    "is_of_service",
    "list_of_claim",
    "open_document",
    "recognizer",
    "recognizer_version",
    "search_documents",
    "unblock",
]
