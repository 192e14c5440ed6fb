"""Reads remittances from files, folders, gzip and standard input."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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


def read_sources(found: Iterable[Source], *, seen: list[int] | None = None) -> Iterator[Remittance]:
    """The remittances of several sources in blocks, as one remittance.

    Payments, batches and claims are numbered through; `segment` counts in each file.

    Raises:
        SourceError: one can't be opened, or clearly has another format.
    """
    payments = batches = claims = 0
    for source in found:
        before = payments, batches, claims
        for part in read_remittances(source, seen=seen):
            payments += part.payments.height
            batches += part.batches.height
            claims += part.claims.height
            yield part.renumbered(*before) if any(before) else part


def read_835(path: str | Path) -> Remittance:
    """The remittance of an 835 file, or of every file in a folder, as one; see `read_sources`.

    Raises:
        SourceError: the file does not exist, or has another format.
    """
    return Remittance.concat(read_sources(sources([path])))
