"""Reads bytes into claims with their structural findings, block by block; small files share blocks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from claimwright.domain.batch import ClaimBatch
from claimwright.engines.x12 import (
    BLOCK_BYTES,
    JOINED_BYTES,
    LARGEST_JOINED_BYTES,
    ClaimBlock,
    Delimiters,
    Reading,
    StreamFault,
    cut_claim_blocks,
    join_claim_blocks,
    joinable,
)
from claimwright.foundation.overlap import spread

from .sources import DamagedError, OversizeError, Source, SourceError, sources

# Block size for uses beyond reading, such as rules. Each block has a fixed cost for the rules, so larger
# blocks are faster; this size keeps three blocks in flight under 700 MB, including the results of rules and
# pricing.
USED_BLOCK_BYTES = 11 << 19


def read_blocks(
    chunks: Iterable[bytes],
    *,
    first_claim: int = 1,
    first_transaction: int = 1,
    block_bytes: int = BLOCK_BYTES,
    with_records: bool = False,
    verbatim: bool = True,
    with_envelope: bool = True,
    in_threads: bool = True,
) -> Iterator[Reading]:
    """The claims of an 837 as they are read, with memory that does not depend on the file's size.

    Several blocks are read in parallel and returned in file order, unless `in_threads` is false: then each is
    read in the caller's thread when it is asked for. `with_records`, `verbatim` and `with_envelope` are those
    of `ClaimBlock.reading`.
    """
    found = cut_blocks(
        chunks, first_claim=first_claim, first_transaction=first_transaction, block_bytes=block_bytes
    )

    def read(block: ClaimBlock) -> Reading:
        return block.reading(with_records=with_records, verbatim=verbatim, with_envelope=with_envelope)

    return spread(read, found) if in_threads else map(read, found)


def read_source(
    source: Source, *, first_claim: int = 1, first_transaction: int = 1, seen: list[int] | None = None
) -> Iterator[Reading]:
    """The claims of one source. `seen[0]` counts the bytes read so far.

    Raises:
        SourceError: it can't be opened, or clearly has another format.
    """
    return read_blocks(source.chunks(seen), first_claim=first_claim, first_transaction=first_transaction)


def cut_source(
    source: Source, *, first_claim: int = 1, first_transaction: int = 1, seen: list[int] | None = None
) -> Iterator[ClaimBlock]:
    """The blocks of one source, to be read by the thread that uses their claims; see `read_source`."""
    return cut_blocks(
        source.chunks(seen),
        first_claim=first_claim,
        first_transaction=first_transaction,
        block_bytes=USED_BLOCK_BYTES,
        name=source.name,
    )


def read_all(
    found: Iterable[Source], *, seen: list[int] | None = None, claims_only: bool = False
) -> Iterator[Reading]:
    """The claims of several sources, with claims and transactions numbered consecutively. `seen[0]` counts
    the bytes read so far.

    Raises:
        SourceError: one can't be opened, or clearly has another format; with `claims_only` also if one
            contains no 837 transaction.
    """
    claims = transactions = last = 0
    for source in found:
        for reading in read_source(
            source, first_claim=claims + 1, first_transaction=transactions + 1, seen=seen
        ):
            claims += len(reading.batch)
            last = max([last, *reading.batch.transactions["transaction"]])
            yield reading
        if claims_only and last == transactions:
            raise SourceError(f"{source.name}: contains no 837 transaction. Give files of claims (837).")
        transactions = last


def read_sources(found: Iterable[Source], *, seen: list[int] | None = None) -> Iterator[Reading]:
    """The claims of several sources as `read_all` gives them; small files are read together.

    Raises:
        SourceError: one can't be opened, or clearly has another format.
    """
    return spread(lambda block: block.reading(), cut_sources(found, seen=seen, block_bytes=BLOCK_BYTES))


def read_837(path: str | Path) -> ClaimBatch:
    """All claims of a file, or of every file in a folder, as one batch, with its structural findings.

    Raises:
        SourceError: the file does not exist, or has another format.
    """
    return ClaimBatch.concat(
        replace(reading.batch, structural=reading.findings) for reading in read_sources(sources([path]))
    )


def cut_blocks(
    chunks: Iterable[bytes],
    *,
    first_claim: int = 1,
    first_transaction: int = 1,
    block_bytes: int = BLOCK_BYTES,
    name: str = "",
) -> Iterator[ClaimBlock]:
    """The blocks of an 837 in order, to be read by the thread that uses their claims."""
    noticed: list[StreamFault] = []
    return cut_claim_blocks(
        until_broken(chunks, noticed),
        first_claim=first_claim,
        first_transaction=first_transaction,
        block_bytes=block_bytes,
        noticed=noticed,
        name=name,
    )


def until_broken(chunks: Iterable[bytes], noticed: list[StreamFault]) -> Iterator[bytes]:
    """The chunks up to a read error of the source; the error becomes a finding."""
    try:
        yield from chunks
    except OversizeError as problem:
        noticed.append(StreamFault("SYN083", 0, str(problem)))
    except DamagedError as problem:
        noticed.append(StreamFault("SYN086", 0, str(problem)))


@dataclass
class _Joining:
    """Small files waiting to be read together."""

    delimiters: Delimiters | None = None
    contents: list[bytes] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    size: int = 0

    def has_room_for(self, content: bytes, delimiters: Delimiters) -> bool:
        """Whether a file can be added to those waiting."""
        return self.delimiters in (None, delimiters) and self.size + len(content) <= JOINED_BYTES

    def add(self, content: bytes, delimiters: Delimiters, name: str) -> None:
        """Add a file."""
        self.delimiters = delimiters
        self.contents.append(content)
        self.names.append(name)
        self.size += len(content)


def cut_sources(
    found: Iterable[Source],
    *,
    seen: list[int] | None = None,
    unusable: Callable[[SourceError], None] | None = None,
    block_bytes: int | None = None,
) -> Iterator[ClaimBlock]:
    """The blocks of several sources in order, with claims and transactions numbered consecutively.

    Small files share blocks. The block size is `USED_BLOCK_BYTES`, unless `block_bytes` is given.

    `unusable` is called with the error of a source that can't be read, and the other sources are still read.
    Without it, the first such source ends the reading.

    Raises:
        SourceError: one can't be opened or clearly has another format, and there is no `unusable`.
    """
    claims, transactions, waiting = 0, 0, _Joining()

    def counted(blocks: Iterable[ClaimBlock]) -> Iterator[ClaimBlock]:
        nonlocal claims, transactions
        for block in blocks:
            claims += block.claims
            transactions += block.transactions
            yield block

    def together() -> Iterator[ClaimBlock]:
        nonlocal waiting
        if waiting.contents:
            first = {"first_claim": claims + 1, "first_transaction": transactions + 1}
            yield from counted(join_claim_blocks(waiting.contents, waiting.names, **first))
        waiting = _Joining()

    for source in found:
        try:
            begun = Beginning.of(source.chunks(seen))
            delimiters = joinable(begun.content) if begun.is_whole else None
            if delimiters is not None:
                if not waiting.has_room_for(begun.content, delimiters):
                    yield from together()
                waiting.add(begun.content, delimiters, source.name)
                continue
            yield from together()
            alone = cut_blocks(
                begun.chunks(),
                first_claim=claims + 1,
                first_transaction=transactions + 1,
                block_bytes=block_bytes or USED_BLOCK_BYTES,
                name=source.name,
            )
            yield from counted(alone)
        except SourceError as problem:
            if unusable is None:
                raise
            unusable(problem)
    yield from together()


@dataclass(frozen=True)
class Beginning:
    """The beginning of a source, read to see whether it is small."""

    content: bytes
    rest: Iterator[bytes]
    is_whole: bool = False
    problem: Exception | None = None
    """The read error after the content, if any."""

    @classmethod
    def of(cls, chunks: Iterator[bytes], most: int = LARGEST_JOINED_BYTES) -> Beginning:
        """Read until the end, or until the file is not small: has more than `most` bytes."""
        parts: list[bytes] = []
        size = 0
        try:
            for chunk in chunks:
                parts.append(chunk)
                size += len(chunk)
                if size > most:
                    return cls(b"".join(parts), chunks)
        except (OversizeError, DamagedError) as problem:
            return cls(b"".join(parts), chunks, problem=problem)
        return cls(b"".join(parts), chunks, is_whole=True)

    def chunks(self) -> Iterator[bytes]:
        """The source from its beginning, including its final error."""
        yield self.content
        if self.problem is not None:
            raise self.problem
        yield from self.rest
