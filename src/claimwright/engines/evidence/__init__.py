"""Evidence: the text of documents with its places, and what it says of a patient, by rules."""

from claimwright.domain.recognized import Recognize, RecognizedPage, Word

from .answers import AnswerReading, read_answer
from .documents import ReadDocument, UnreadableDocumentError, read_document
from .findings import Mention, date_in, read_findings
from .lexicon import Concept, Measurement, concepts, measurements
from .search import MOST_BY_MEANING, Embeds, FoundBy, Passage, count_passages, search_passages

__all__ = [
    "MOST_BY_MEANING",
    "AnswerReading",
    "Concept",
    "Embeds",
    "FoundBy",
    "Measurement",
    "Mention",
    "Passage",
    "ReadDocument",
    "Recognize",
    "RecognizedPage",
    "UnreadableDocumentError",
    "Word",
    "concepts",
    "count_passages",
    "date_in",
    "measurements",
    "read_answer",
    "read_document",
    "read_findings",
    "search_passages",
]
