"""Bytes to claims with their structural findings, block by block."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from claimwright.domain import findings
from claimwright.domain.batch import ClaimBatch
from claimwright.engines.x12.acknowledgements.acknowledgement import envelope_frame
from claimwright.engines.x12.checks.faults import BY_CODE
from claimwright.engines.x12.checks.structure import BegunCheck, Progress, begin_check, finish_check
from claimwright.engines.x12.claims837.read import read_block
from claimwright.engines.x12.claims837.records import Records, cut_records
from claimwright.engines.x12.claims837.row_index import anchors_of
from claimwright.engines.x12.claims837.shared_faults import Inheritance, laid_to_claims
from claimwright.engines.x12.syntax.loops import ST, Structure, structure_of
from claimwright.engines.x12.syntax.stream import BLOCK_BYTES, Block, StreamFault, blocks
from claimwright.engines.x12.syntax.tokenizer import Segments
from claimwright.foundation.columns import gathered
from claimwright.foundation.overlap import Leg, Relay, spread

from .sources import DamagedError, OversizeError, Source, SourceError, sources

# For whoever makes more of the claims than their columns. What rules cost before their first claim is the
# same for every block, so larger is faster; but three blocks in flight stay under 700 MB with all that rules
# and prices make of them.
USED_BLOCK_BYTES = 11 << 19


@dataclass(frozen=True)
class Reading:
    """A run of whole claims from a file, and what is structurally wrong with them and the file."""

    batch: ClaimBatch
    findings: pl.DataFrame
    """Structural findings; those of what several claims share are laid to each of these claims."""
    faults: pl.DataFrame
    """Structural findings as the engine has them, once each; acknowledgements are made from these."""
    envelope: pl.DataFrame
    """The interchange, group and transaction segments that stand in this run, for acknowledgements."""
    records: Records | None = None
    """Each claim's own text, in the order of the batch, where it was asked for."""


def read_blocks(
    chunks: Iterable[bytes],
    *,
    first_claim: int = 1,
    first_transaction: int = 1,
    block_bytes: int = BLOCK_BYTES,
    with_records: bool = False,
    verbatim: bool = True,
) -> Iterator[Reading]:
    """The claims of an 837 as they come, in memory that does not grow with the file.

    Blocks are read several at a time, and come in the order of the file. `with_records` and `verbatim` as
    `Unread.reading` has them.
    """
    found = cut_blocks(
        chunks, first_claim=first_claim, first_transaction=first_transaction, block_bytes=block_bytes
    )
    return spread(lambda unread: unread.reading(with_records=with_records, verbatim=verbatim), found)


def read_source(
    source: Source, *, first_claim: int = 1, first_transaction: int = 1, seen: list[int] | None = None
) -> Iterator[Reading]:
    """The claims of one source. `seen[0]` counts the bytes read so far.

    Raises:
        SourceError: it can't be opened, or is plainly of another format.
    """
    return read_blocks(source.chunks(seen), first_claim=first_claim, first_transaction=first_transaction)


def cut_source(
    source: Source, *, first_claim: int = 1, first_transaction: int = 1, seen: list[int] | None = None
) -> Iterator[Unread]:
    """The blocks of one source, for whoever reads them where their claims are used; see `read_source`."""
    return cut_blocks(
        source.chunks(seen),
        first_claim=first_claim,
        first_transaction=first_transaction,
        block_bytes=USED_BLOCK_BYTES,
    )


def read_all(
    found: Iterable[Source], *, seen: list[int] | None = None, claims_only: bool = False
) -> Iterator[Reading]:
    """The claims of several sources, claims and transactions numbered through. `seen[0]` counts the bytes
    read so far.

    Raises:
        SourceError: one can't be opened, or is plainly of another format; with `claims_only` also where one
            holds no 837 transaction.
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
            raise SourceError(f"{source.name}: holds no 837 transaction. Give files of claims (837).")
        transactions = last


def read_837(path: str | Path) -> ClaimBatch:
    """All claims of a file, or of every file of a folder, as one batch.

    Raises:
        SourceError: there is no such file, or it is of another format.
    """
    return ClaimBatch.concat(reading.batch for reading in read_all(sources([path])))


class Unread:
    """A block whose place in the file is known, and whose claims are still to be read.

    Blocks are made in the order of the file. Reading them is most of the work, and may be done in several
    threads at once as long as it is begun in that order.
    """

    def __init__(
        self,
        block: Block,
        begun: BegunCheck,
        of_stream: list[StreamFault],
        first: tuple[int, int, int],
        inherited: Leg[Inheritance],
    ) -> None:
        self._block = block
        self._begun = begun
        self._of_stream = of_stream
        self._first_claim, self._first_transaction, self._shift = first
        self._inherited = inherited

    def reading(self, *, with_records: bool = False, verbatim: bool = True) -> Reading:
        """Read the claims and finish the structural check. Only once: the block is released.

        `with_records` cuts out each claim's own text. Without `verbatim` the batch has no `segments`: it is
        for judging, and can't be written back whole.
        """
        segments, structure = self._block.segments, self._begun.place.structure
        faults = self._inherited.guarded(self._faults)
        shift = self._shift
        anchors = anchors_of(segments, structure)
        laid = self._inherited.run(
            lambda before: laid_to_claims(faults, segments, anchors, before, first_claim=self._first_claim)
        )
        batch = read_block(
            segments,
            anchors,
            first_claim=self._first_claim + shift,
            first_transaction=self._first_transaction,
            verbatim=verbatim,
        )
        if shift and laid.height:
            laid = laid.with_columns(pl.col("claim") + shift)
        records = cut_records(segments, anchors) if with_records else None
        reading = Reading(batch, _findings(laid, batch), faults, envelope_frame(segments), records)
        # The block's offsets are many times its text: they go before anybody works with the claims.
        del self._block, self._begun
        return reading

    def _faults(self) -> pl.DataFrame:
        faults = finish_check(self._begun)
        if self._of_stream:
            faults = pl.concat([faults, _of_stream(self._of_stream, faults)])
        return faults


def cut_blocks(
    chunks: Iterable[bytes],
    *,
    first_claim: int = 1,
    first_transaction: int = 1,
    block_bytes: int = BLOCK_BYTES,
) -> Iterator[Unread]:
    """The blocks of an 837 in their order, for whoever reads them where their claims are used."""
    noticed: list[StreamFault] = []
    progress = Progress()
    inherited = Relay(Inheritance())
    for block in blocks(_guarded(chunks, noticed), block_bytes=block_bytes):
        structure = structure_of(block.segments)
        before = progress
        begun, progress = begin_check(block.segments, structure, before, last=block.last)
        of_stream = [*block.faults, *(noticed if block.last else [])]
        continued = _continues(block.segments, structure)
        first = before.claims + 1, before.transactions + first_transaction - continued, first_claim - 1
        yield Unread(block, begun, of_stream, first, inherited.leg())
        del block, begun, structure


def _continues(segments: Segments, structure: Structure) -> int:
    """How many transactions of the block before stand in this block's context: one or none."""
    context = slice(segments.context)
    return int(((segments.tag[context] == ST) & (structure.loop[context] >= 0)).any())


def _guarded(chunks: Iterable[bytes], noticed: list[StreamFault]) -> Iterator[bytes]:
    """The chunks up to where the source gives out; why it did becomes a finding."""
    try:
        yield from chunks
    except OversizeError as problem:
        noticed.append(StreamFault("SYN083", 0, str(problem)))
    except DamagedError as problem:
        noticed.append(StreamFault("SYN086", 0, str(problem)))


def _of_stream(faults: list[StreamFault], like: pl.DataFrame) -> pl.DataFrame:
    rows = [{"code": fault.code, "segment": fault.segment, "detail": fault.detail} for fault in faults]
    return pl.DataFrame(
        rows, schema={name: like.schema[name] for name in ("code", "segment", "detail")}
    ).select(
        pl.col(name) if name in ("code", "segment", "detail") else pl.lit(None, dtype).alias(name)
        for name, dtype in like.schema.items()
    )


def _findings(faults: pl.DataFrame, batch: ClaimBatch) -> pl.DataFrame:
    """Structural faults as findings, with the charge of their line or claim at stake."""
    if not faults.height:
        return findings.empty()
    codes = faults["code"].to_list()
    return findings.complete(
        faults.with_columns(
            severity=pl.Series([_SEVERITY[code] for code in codes], dtype=findings.SEVERITY_TYPE),
            snip=pl.Series([_SNIP[code] for code in codes], dtype=pl.Int8),
            amount=_at_stake(faults, batch),
        )
    )


_SEVERITY = {code: fault.severity for code, fault in BY_CODE.items()}
_SNIP = {code: fault.snip for code, fault in BY_CODE.items()}


def _at_stake(faults: pl.DataFrame, batch: ClaimBatch) -> pl.Series:
    """The charge of each fault's line, or of its claim where it has no line; null where it has neither."""
    claim = faults["claim"].fill_null(0).to_numpy()
    of_claim = gathered(batch.claims["total_charge"], _found(batch.claims["claim"].to_numpy(), claim))
    line = faults["line"]
    if line.null_count() == len(line):
        return of_claim
    numbers = line.fill_null(0).to_numpy().astype(np.int64)
    known = batch.lines["claim"].to_numpy() << 32 | batch.lines["line"].to_numpy()
    of_line = gathered(batch.lines["line_charge"], _found(known, claim << 32 | numbers))
    return of_line.zip_with(line.is_not_null(), of_claim)


def _found(known: npt.NDArray[np.int64], wanted: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Where each number stands among sorted ones; -1 where it does not."""
    at = np.searchsorted(known, wanted)
    if not len(known):
        return np.full(len(wanted), -1)
    return np.where(known.take(at, mode="clip") == wanted, at, -1)
