"""The structural check: everything that a receiver's translator would reject or warn about.

`check_structure` checks one block after another; its state between blocks is a `Progress`. The parts:
envelope (`envelope.py`), segments and loops (`placement.py`), elements (`elements.py`), and additional checks
of the transaction set (`SetChecks`). The catalogue of faults is in `faults.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from claimwright.engines.x12.syntax.joining import JoinedFiles
from claimwright.engines.x12.syntax.loops import GS, ISA, ST, Structure
from claimwright.engines.x12.syntax.specification import specification
from claimwright.engines.x12.syntax.tokenizer import Segments

from .elements import check_elements
from .envelope import EnvelopeProgress, check_envelope
from .fault_collector import BlockPosition, Chunk, FaultCollector
from .placement import Rows, check_segments, rows_by_node

Longs = npt.NDArray[np.int64]

_HEADERS = np.array([ISA, GS], dtype=np.uint32)


@dataclass(frozen=True)
class Progress:
    """The state from block to block of one file. A file begins with `Progress()`."""

    claims: int = 0
    transactions: int = 0
    transaction_start: int = 0
    envelope: EnvelopeProgress = field(default_factory=EnvelopeProgress)
    of_set: Any = None
    """The state of the transaction set's checks; None at the beginning of a file."""


@dataclass(frozen=True)
class SetChecks:
    """Checks of a transaction set beyond its guides: in an 837, the hierarchy and situations.

    Attributes:
        begin: checks with a state across blocks; gets the state returned for the previous block (None for the
            first), and whether the file ends here.
        finish: checks of a single block; also gets the faults of segments and elements.
    """

    begin: Callable[[Segments, Structure, Any, FaultCollector, bool], Any]
    finish: Callable[[BlockPosition, Rows, FaultCollector], None]


def check_structure(
    segments: Segments,
    structure: Structure,
    checks: SetChecks,
    progress: Progress | None = None,
    *,
    last: bool = True,
) -> tuple[pl.DataFrame, Progress]:
    """The structural faults of a block, and the progress to pass to the next block of the file.

    The frame has the columns of `fault_collector.SCHEMA`, one row per fault, in file order. `claim` and
    `transaction` are 1-based in the file (transactions only if their guide is known); `line` is 1-based in
    its claim. `detail` contains lengths, classes and counts, never a value. `last` says that the file ends
    here.
    """
    begun, after = begin_check(segments, structure, checks, progress or Progress(), last=last)
    return finish_check(begun), after


@dataclass(frozen=True)
class BegunCheck:
    """A partly checked block: everything that the next block depends on is done."""

    place: BlockPosition
    checks: SetChecks
    faults: FaultCollector


def begin_check(
    segments: Segments,
    structure: Structure,
    checks: SetChecks,
    before: Progress,
    *,
    last: bool,
    files: JoinedFiles | None = None,
) -> tuple[BegunCheck, Progress]:
    """Check the envelope and everything that has a state across blocks; see `check_structure`."""
    place = _place(segments, structure, before, files)
    faults = FaultCollector()
    envelope = check_envelope(place, before.envelope, faults, last=last)
    of_set = before.of_set
    if len(segments):
        of_set = checks.begin(segments, structure, before.of_set, faults, last)
    starts = place.transaction_start
    known = structure.loop[segments.tag == ST] >= 0
    unit = structure.grammar.unit_tag
    after = Progress(
        claims=place.first_claim + int(((segments.tag == unit) & structure.opens).sum()) - 1,
        transactions=place.first_transaction + int(known.sum()) - 1,
        transaction_start=int(starts[-1]) if len(starts) else before.transaction_start,
        envelope=envelope,
        of_set=of_set,
    )
    return BegunCheck(place, checks, faults), after


def finish_check(begun: BegunCheck) -> pl.DataFrame:
    """Do the remaining checks of a block, and return all its faults; see `check_structure`."""
    place, faults = begun.place, begun.faults
    segments, structure = place.segments, place.structure
    if len(segments):
        rows = rows_by_node(structure)
        check_segments(segments, structure, rows, faults)
        check_elements(segments, specification(structure.grammar), structure.node, faults)
        begun.checks.finish(place, rows, faults)
        _recode_headers(segments, faults)
    return faults.frame(place)


def _place(
    segments: Segments, structure: Structure, before: Progress, files: JoinedFiles | None
) -> BlockPosition:
    starts = np.flatnonzero(segments.tag == ST)
    number = segments.number
    transaction_start = number[starts]
    # A transaction in context was left open by the previous block.
    transaction_start[starts < segments.context] = before.transaction_start
    context = np.arange(len(segments)) < segments.context
    return BlockPosition(
        segments=segments,
        structure=structure,
        number=number,
        transaction_start=transaction_start,
        first_transaction=before.transactions
        + 1
        - int((context & (segments.tag == ST) & (structure.loop >= 0)).sum()),
        first_claim=before.claims
        + 1
        - int((context & (segments.tag == structure.grammar.unit_tag) & structure.opens).sum()),
        files=files,
    )


def _recode_headers(segments: Segments, faults: FaultCollector) -> None:
    """Faults of single elements of ISA and GS are faults of the interchange or the group."""
    recoded = []
    for chunk in faults.chunks:
        tags = segments.tag[chunk.segments]
        header = np.isin(tags, _HEADERS)
        if not chunk.code.startswith("SYN05") or not header.any():
            recoded.append(chunk)
            continue
        recoded.append(_part(chunk, ~header, chunk.code))
        recoded.append(_part(chunk, tags == ISA, "SYN006"))
        # Another kind of group than HC has its own fault.
        recoded.append(_part(chunk, (tags == GS) & (chunk.element >> 8 != 1), "SYN017"))
    faults.chunks = recoded


def _part(chunk: Chunk, keep: npt.NDArray[np.bool_], fault: str) -> Chunk:
    detail = chunk.detail
    if isinstance(detail, list):
        detail = [text for text, kept in zip(detail, keep.tolist(), strict=True) if kept]
    number = chunk.number[keep] if chunk.number is not None else None
    return Chunk(
        fault, chunk.segments[keep], chunk.element[keep], chunk.tag[keep], chunk.loop[keep], detail, number
    )
