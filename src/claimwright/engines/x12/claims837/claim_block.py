"""Blocks of an 837: split in file order, read and checked in any thread."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import polars as pl

from claimwright.domain import findings
from claimwright.domain.batch import ClaimBatch
from claimwright.engines.x12.checks.envelope_rows import ENVELOPE_SCHEMA, envelope_frame
from claimwright.engines.x12.checks.faults import BY_CODE
from claimwright.engines.x12.checks.structure import BegunCheck, Progress, begin_check, finish_check
from claimwright.engines.x12.syntax.joining import BLANK, JoinedFiles, joined
from claimwright.engines.x12.syntax.loops import ST, Structure, structure_of
from claimwright.engines.x12.syntax.stream import BLOCK_BYTES, Block, StreamFault, blocks
from claimwright.engines.x12.syntax.tokenizer import Segments
from claimwright.foundation.columns import gathered
from claimwright.foundation.overlap import Leg, Relay

from .checks import CLAIM_CHECKS
from .read import read_block
from .records import Records, cut_records
from .row_index import row_index_of
from .shared_faults import SharedFaults, propagate_to_claims
from .transaction import CLAIMS_837, claims_grammar

_ONE_FILE = np.zeros(1, dtype=np.int64) + 1


@dataclass(frozen=True)
class SourceFiles:
    """The files that a run of claims came from."""

    names: tuple[str, ...]
    of_claim: npt.NDArray[np.int32]
    """For each row of the batch: the position of its file in `names`."""
    of_finding: npt.NDArray[np.int32]
    """The same for each structural finding."""


@dataclass(frozen=True)
class Reading:
    """A run of complete claims, and the structural faults of the claims and their file."""

    batch: ClaimBatch
    findings: pl.DataFrame
    """Structural findings; those of shared segments are repeated for each claim that depends on them."""
    faults: pl.DataFrame
    """Structural findings, each only once; acknowledgements are created from these."""
    envelope: pl.DataFrame
    """The interchange, group and transaction segments in this run, for acknowledgements."""
    records: Records | None = None
    """Each claim's original text, in the order of the batch, if requested."""
    files: SourceFiles | None = None
    """The source files of the run, if named."""


class ClaimBlock:
    """A block with a known position in the file, whose claims are not read yet.

    Blocks are created in file order. Reading them is most of the work; several threads can do it concurrently
    if reading is started in file order. `claims` is the number of claims, `transactions` the number of
    transactions that begin in the block.
    """

    def __init__(
        self,
        block: Block,
        begun: BegunCheck,
        of_stream: list[StreamFault],
        first: tuple[int, int, int],
        inherited: Leg[SharedFaults],
        names: tuple[str, ...] = (),
        counted: tuple[int, int] = (0, 0),
    ) -> None:
        self.claims, self.transactions = counted
        self._block = block
        self._begun = begun
        self._of_stream = of_stream
        self._first_claim, self._first_transaction, self._shift = first
        self._inherited = inherited
        self._names = names

    def reading(
        self, *, with_records: bool = False, verbatim: bool = True, with_envelope: bool = True
    ) -> Reading:
        """Read the claims and finish the structural check. Call it only once: the block is released.

        `with_records` extracts each claim's original text. Without `verbatim`, the batch has no `segments`:
        it can be checked, but not written back completely. Without `with_envelope`, `envelope` is empty.
        """
        segments, structure = self._block.segments, self._begun.place.structure
        faults = self._inherited.guarded(self._faults)
        shift = self._shift
        index = row_index_of(segments, structure)
        propagated = self._inherited.run(
            lambda before: propagate_to_claims(faults, segments, index, before, first_claim=self._first_claim)
        )
        batch = read_block(
            segments,
            index,
            first_claim=self._first_claim + shift,
            first_transaction=self._first_transaction,
            verbatim=verbatim,
        )
        if shift and propagated.height:
            propagated = propagated.with_columns(pl.col("claim") + shift)
        files = self._files(batch, propagated)
        joined_files = self._begun.place.files
        if joined_files is not None:
            batch, propagated, faults = _in_their_files(joined_files, batch, propagated, faults)
        reading = Reading(
            batch,
            _findings(propagated, batch),
            faults,
            envelope_frame(segments) if with_envelope else pl.DataFrame(schema=ENVELOPE_SCHEMA),
            cut_records(segments, index) if with_records else None,
            files,
        )
        # The block's offsets are much larger than its text, so they are freed before the claims are used.
        del self._block, self._begun
        return reading

    def _files(self, batch: ClaimBatch, faults: pl.DataFrame) -> SourceFiles | None:
        if not self._names:
            return None
        files = self._begun.place.files or JoinedFiles(_ONE_FILE)
        return SourceFiles(
            self._names,
            files.file_of(batch.claims["first_segment"].to_numpy()),
            files.file_of(faults["segment"].fill_null(1).to_numpy().clip(1)),
        )

    def _faults(self) -> pl.DataFrame:
        faults = finish_check(self._begun)
        if self._of_stream:
            faults = pl.concat([faults, _of_stream(self._of_stream, faults)])
        return faults


def _in_their_files(
    files: JoinedFiles, batch: ClaimBatch, propagated: pl.DataFrame, faults: pl.DataFrame
) -> tuple[ClaimBatch, pl.DataFrame, pl.DataFrame]:
    """The block with segments counted separately in each file."""

    def counted(frame: pl.DataFrame, *names: str) -> pl.DataFrame:
        if not frame.height:
            return frame
        return frame.with_columns(pl.Series(name, files.in_file(frame[name].to_numpy())) for name in names)

    claims = counted(batch.claims, "first_segment", "last_segment")
    return replace(batch, claims=claims), counted(propagated, "segment"), counted(faults, "segment")


def cut_claim_blocks(
    chunks: Iterable[bytes],
    *,
    first_claim: int = 1,
    first_transaction: int = 1,
    block_bytes: int = BLOCK_BYTES,
    noticed: Sequence[StreamFault] = (),
    name: str = "",
) -> Iterator[ClaimBlock]:
    """The blocks of an 837 in order; the caller reads them in any thread.

    `noticed` gets the faults of the source itself; it is complete when the chunks have ended. `name` is the
    file's.
    """
    progress = Progress()
    inherited = Relay(SharedFaults())
    names = (name,) if name else ()
    for block in blocks(chunks, CLAIMS_837, block_bytes=block_bytes):
        structure = structure_of(block.segments, claims_grammar())
        before = progress
        begun, progress = begin_check(block.segments, structure, CLAIM_CHECKS, before, last=block.last)
        of_stream = [*block.faults, *(noticed if block.last else [])]
        continued = _continues(block.segments, structure)
        first = before.claims + 1, before.transactions + first_transaction - continued, first_claim - 1
        counted = progress.claims - before.claims, progress.transactions - before.transactions
        yield ClaimBlock(block, begun, of_stream, first, inherited.leg(), names, counted)
        del block, begun, structure


def join_claim_blocks(
    contents: Sequence[bytes], names: Sequence[str], *, first_claim: int = 1, first_transaction: int = 1
) -> Iterator[ClaimBlock]:
    """The single block of small files that can be read together (see `joining.joinable`).

    All must have the same delimiters. Segments are counted separately in each file.
    """
    together = [content.rstrip(BLANK) for content in contents]
    made = list(blocks([b"".join(together)], CLAIMS_837))
    if len(made) != 1 or made[0].faults:
        # A fault that shows only during reading: then each file is read alone.
        for content, name in zip(contents, names, strict=True):
            for block in cut_claim_blocks(
                [content], first_claim=first_claim, first_transaction=first_transaction, name=name
            ):
                first_claim += block.claims
                yield block
            first_transaction += block.transactions
        return
    segments = made[0].segments
    structure = structure_of(segments, claims_grammar())
    files = joined(segments, [len(content) for content in together])
    begun, progress = begin_check(segments, structure, CLAIM_CHECKS, Progress(), last=True, files=files)
    leg = Relay(SharedFaults()).leg()
    first, counted = (1, first_transaction, first_claim - 1), (progress.claims, progress.transactions)
    yield ClaimBlock(made[0], begun, [], first, leg, tuple(names), counted)


def _continues(segments: Segments, structure: Structure) -> int:
    """How many transactions of the previous block are in this block's context: one or none."""
    context = slice(segments.context)
    return int(((segments.tag[context] == ST) & (structure.loop[context] >= 0)).any())


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
    """The charge of each fault's line, or of its claim if it has no line; null if it has neither."""
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
    """The position of each number in sorted numbers; -1 if missing."""
    at = np.searchsorted(known, wanted)
    if not len(known):
        return np.full(len(wanted), -1)
    return np.where(known.take(at, mode="clip") == wanted, at, -1)
