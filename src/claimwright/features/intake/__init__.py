"""Intake: reads claims from files, folders, gzip and standard input into batches, and into the store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from claimwright.engines.x12 import ClaimBlock, Reading

from .reading import (
    cut_blocks,
    cut_source,
    cut_sources,
    read_837,
    read_all,
    read_blocks,
    read_source,
    read_sources,
    until_broken,
)
from .sources import Source, SourceError, sources

if TYPE_CHECKING:
    from claimwright.store.uploads import UploadProgress

    from .acknowledging import Acknowledgements, acknowledge
    from .audit_events import tell
    from .correcting import (
        CorrectedMeanwhileError,
        StagedCorrections,
        next_correction_file,
        staged_corrections,
    )
    from .indexing_claims import index_claims
    from .returning import RunGoingOnError, return_file, returnable_file
    from .small_files import SmallFiles
    from .source_files import expire_files, forget_files, reseal_files, sweep_files
    from .staging import SMALL_BYTES, FileKeptError, Gets, Intake, Shelf, Staged, StoredFile
    from .uploading import UploadIdError, UploadReport, upload_progress

__all__ = [
    "SMALL_BYTES",
    "Acknowledgements",
    "ClaimBlock",
    "CorrectedMeanwhileError",
    "FileKeptError",
    "Gets",
    "Intake",
    "Reading",
    "RunGoingOnError",
    "Shelf",
    "SmallFiles",
    "Source",
    "SourceError",
    "Staged",
    "StagedCorrections",
    "StoredFile",
    "UploadIdError",
    "UploadProgress",
    "UploadReport",
    "acknowledge",
    "cut_blocks",
    "cut_source",
    "cut_sources",
    "expire_files",
    "forget_files",
    "index_claims",
    "next_correction_file",
    "read_837",
    "read_all",
    "read_blocks",
    "read_source",
    "read_sources",
    "reseal_files",
    "return_file",
    "returnable_file",
    "sources",
    "staged_corrections",
    "sweep_files",
    "tell",
    "until_broken",
    "upload_progress",
]

# A check of a file does not need these imports: the database's driver, prediction, acknowledgements.
_LATER = {
    "Acknowledgements": "acknowledging",
    "acknowledge": "acknowledging",
    "CorrectedMeanwhileError": "correcting",
    "FileKeptError": "staging",
    "Gets": "staging",
    "Intake": "staging",
    "RunGoingOnError": "returning",
    "SMALL_BYTES": "staging",
    "Shelf": "staging",
    "SmallFiles": "small_files",
    "Staged": "staging",
    "StagedCorrections": "correcting",
    "StoredFile": "staging",
    "expire_files": "source_files",
    "index_claims": "indexing_claims",
    "forget_files": "source_files",
    "next_correction_file": "correcting",
    "reseal_files": "source_files",
    "return_file": "returning",
    "returnable_file": "returning",
    "staged_corrections": "correcting",
    "sweep_files": "source_files",
    "tell": "audit_events",
    "UploadIdError": "uploading",
    "UploadProgress": "uploading",
    "UploadReport": "uploading",
    "upload_progress": "uploading",
}


def __getattr__(name: str) -> Any:
    """Import these names on first use."""
    if name not in _LATER:
        raise AttributeError(name)
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
