"""Writes claims to an 837 file, and remittances to an 835 file."""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO, cast

from claimwright.domain.batch import ClaimBatch
from claimwright.engines.x12 import DEFAULT_DELIMITERS, Delimiters, Remittance, write_835, write_837
from claimwright.foundation.whole_files import WholeFile


def write_837_file(
    batches: Iterable[ClaimBatch], path: Path, *, delimiters: Delimiters = DEFAULT_DELIMITERS
) -> int:
    """Write claims as an 837, compressed if the name ends in .gz. Returns the uncompressed size in bytes.

    The file gets its name only when it is complete.

    Raises:
        UnwritableError: the claims lack data that an 837 needs, or contain every possible delimiter.
        OSError: it can't be written; names the file and the reason.
    """
    return _write(write_837(batches, delimiters=delimiters), path)


def write_835_file(parts: Iterable[Remittance], path: Path) -> int:
    """Write a remittance as an 835, compressed if the name ends in .gz. Returns the size without compression.

    The file gets its name only when it is complete.

    Raises:
        UnwritableError: the remittance lacks data that an 835 needs, or contains every possible delimiter.
        OSError: it can't be written; names the file and the reason.
    """
    return _write(write_835(parts), path)


def _write(pieces: Iterable[bytes], path: Path) -> int:
    size = 0
    with ExitStack() as stack:
        part = stack.enter_context(WholeFile(path))
        file: BinaryIO = stack.enter_context(part.open("wb"))
        if path.suffix == ".gz":
            # Without name and time, so that the same content gives the same bytes.
            packed = gzip.GzipFile(filename="", fileobj=file, mode="wb", mtime=0)
            file = cast(BinaryIO, stack.enter_context(packed))
        for piece in pieces:
            size += file.write(piece)
    return size
