"""Writes claims to an 837 file."""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO, cast

from claimwright.domain.batch import ClaimBatch
from claimwright.engines.x12 import DEFAULT_DELIMITERS, Delimiters, write_837
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
    size = 0
    with ExitStack() as stack:
        part = stack.enter_context(WholeFile(path))
        file: BinaryIO = stack.enter_context(part.open("wb"))
        if path.suffix == ".gz":
            # Without name and time, so that the same claims give the same bytes.
            packed = gzip.GzipFile(filename="", fileobj=file, mode="wb", mtime=0)
            file = cast(BinaryIO, stack.enter_context(packed))
        for piece in write_837(batches, delimiters=delimiters):
            size += file.write(piece)
    return size
