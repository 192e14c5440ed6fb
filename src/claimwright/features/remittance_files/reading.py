"""Reads remittances from files, folders, gzip and standard input."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from claimwright.engines.x12 import BLOCK_BYTES, Remittance, StreamFault, read_835_blocks
from claimwright.features.intake import Source, sources, until_broken


def read_remittances(
    source: Source, *, seen: list[int] | None = None, block_bytes: int = BLOCK_BYTES
) -> Iterator[Remittance]:
    """The 835 of one source in blocks of whole claims, with memory independent of its size.

    `seen[0]` counts the bytes read so far. A read error is a fault after what came before it.

    Raises:
        SourceError: it can't be opened, or clearly has another format.
    """
    noticed: list[StreamFault] = []
    chunks = until_broken(source.chunks(seen), noticed)
    return read_835_blocks(chunks, block_bytes=block_bytes, noticed=noticed)


def read_835(path: str | Path) -> Remittance:
    """The remittance of an 835 file, or of every file in a folder, as one.

    Payments, batches and claims are numbered through; `segment` counts in each file.

    Raises:
        SourceError: the file does not exist, or has another format.
    """
    parts: list[Remittance] = []
    payments = batches = claims = 0
    for source in sources([path]):
        read = Remittance.concat(read_remittances(source))
        parts.append(read.renumbered(payments, batches, claims))
        payments += read.payments.height
        batches += read.batches.height
        claims += read.claims.height
    return Remittance.concat(parts)
