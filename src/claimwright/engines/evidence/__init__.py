"""Evidence: the text of documents with its places, and what it says of a patient, by rules."""

from .documents import ReadDocument, Recognize, UnreadableDocumentError, read_document
from .findings import Mention, date_in, read_findings
from .lexicon import Concept, Measurement, concepts, measurements

__all__ = [
    "Concept",
    "Measurement",
    "Mention",
    "ReadDocument",
    "Recognize",
    "UnreadableDocumentError",
    "concepts",
    "date_in",
    "measurements",
    "read_document",
    "read_findings",
]
