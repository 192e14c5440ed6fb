"""Intake: how claims come in. Files, folders, gzip, standard input to batches of claims with faults."""

from .acknowledging import Acknowledgements, acknowledge
from .reading import Reading, Unread, cut_blocks, cut_source, read_837, read_all, read_blocks, read_source
from .sources import Source, SourceError, sources

__all__ = [
    "Acknowledgements",
    "Reading",
    "Source",
    "SourceError",
    "Unread",
    "acknowledge",
    "cut_blocks",
    "cut_source",
    "read_837",
    "read_all",
    "read_blocks",
    "read_source",
    "sources",
]
