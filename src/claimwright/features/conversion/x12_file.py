"""Claims to an 837 file."""

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
    """Write claims as an 837, packed where the name ends in .gz. Returns the bytes before packing.

    The file appears under its name only when it is whole.

    Raises:
        UnwritableError: the claims lack what an 837 needs, or hold every possible delimiter.
        OSError: it can't be written; names the file and says why.
    """
    size = 0
    with ExitStack() as stack:
        part = stack.enter_context(WholeFile(path))
        file: BinaryIO = stack.enter_context(part.open("wb"))
        if path.suffix == ".gz":
            # Neither the name nor the time: the same claims are the same bytes.
            packed = gzip.GzipFile(filename="", fileobj=file, mode="wb", mtime=0)
            file = cast(BinaryIO, stack.enter_context(packed))
        for piece in write_837(batches, delimiters=delimiters):
            size += file.write(piece)
    return size
