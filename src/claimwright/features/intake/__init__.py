"""Intake: how claims come in. Files, folders, gzip, standard input to batches, and into the store."""

from .acknowledging import Acknowledgements, acknowledge
from .arrivals import context_of
from .reading import Reading, Unread, cut_blocks, cut_source, read_837, read_all, read_blocks, read_source
from .sources import Source, SourceError, sources
from .staging import Intake, Staged
from .telling import tell

__all__ = [
    "Acknowledgements",
    "Intake",
    "Reading",
    "Source",
    "SourceError",
    "Staged",
    "Unread",
    "acknowledge",
    "context_of",
    "cut_blocks",
    "cut_source",
    "read_837",
    "read_all",
    "read_blocks",
    "read_source",
    "sources",
    "tell",
]
