"""The structural check of an 837: everything that a receiver's translator would reject or remark on.

`check_structure` judges one block after another; what it must remember in between is a `Progress`. The
parts: envelope (`envelope.py`), hierarchy (`hierarchy.py`), segments and loops (`placement.py`), elements
(`elements.py`), situations (`situations.py`). The catalogue of what they find is `faults.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl

from claimwright.engines.x12.syntax.grammar import grammar
from claimwright.engines.x12.syntax.loops import CLM, GS, HL, HL_BILLING, HL_SUBSCRIBER, ISA, ST, Structure
from claimwright.engines.x12.syntax.tokenizer import Ints, Segments

from .elements import check_elements
from .envelope import EnvelopeProgress, check_envelope
from .fault_collector import Chunk, Found, Place
from .hierarchy import HierarchyProgress, check_hierarchy
from .placement import check_segments, rows_by_node
from .situations import check_situations

Longs = npt.NDArray[np.int64]

# Loops without which it isn't known who bills, who is insured or who was treated.
_IDENTIFYING_LOOPS = ("2010AA", "2010BA", "2010BB", "2010CA")
# Elements of CLM without which there is no claim: its identifier, its amount, its place and frequency
# (element times 256 plus component).
_IDENTIFYING_ELEMENTS = (1 << 8, 2 << 8, 5 << 8, (5 << 8) + 1, (5 << 8) + 3)
_UNREADABLE = ("SYN050", "SYN054")
_HIERARCHY = ("SYN032", "SYN034")
_HEADERS = np.array([ISA, GS], dtype=np.uint32)


@dataclass(frozen=True)
class Progress:
    """What is remembered from block to block of one file. A file begins with `Progress()`."""

    claims: int = 0
    transactions: int = 0
    transaction_start: int = 0
    envelope: EnvelopeProgress = field(default_factory=EnvelopeProgress)
    hierarchy: HierarchyProgress = field(default_factory=HierarchyProgress)


def check_structure(
    segments: Segments, structure: Structure, progress: Progress | None = None, *, last: bool = True
) -> tuple[pl.DataFrame, Progress]:
    """The structural faults of a block, and the progress to hand to the next block of the file.

    The frame has the columns of `found.SCHEMA`, one row a fault, in file order. `claim` and `transaction`
    count from 1 over the file, a transaction only where its guide is known; `line` from 1 in its claim.
    `detail` names lengths, classes and counts and never holds a value. `last` says that the file ends here.
    """
    begun, after = begin_check(segments, structure, progress or Progress(), last=last)
    return finish_check(begun), after


@dataclass(frozen=True)
class BegunCheck:
    """A block of which so much has been checked as the next block needs to know."""

    place: Place
    found: Found


def begin_check(
    segments: Segments, structure: Structure, before: Progress, *, last: bool
) -> tuple[BegunCheck, Progress]:
    """Check the envelope and the hierarchy, which run on from block to block; see `check_structure`."""
    place = _place(segments, structure, before)
    found = Found()
    envelope = check_envelope(segments, structure, place.transaction_start, before.envelope, found, last=last)
    hierarchy = before.hierarchy
    if len(segments):
        hierarchy = check_hierarchy(segments, structure, before.hierarchy, found, last=last)
    starts = place.transaction_start
    known = structure.loop[segments.tag == ST] >= 0
    after = Progress(
        claims=place.first_claim + int(((segments.tag == CLM) & structure.opens).sum()) - 1,
        transactions=place.first_transaction + int(known.sum()) - 1,
        transaction_start=int(starts[-1]) if len(starts) else before.transaction_start,
        envelope=envelope,
        hierarchy=hierarchy,
    )
    return BegunCheck(place, found), after


def finish_check(begun: BegunCheck) -> pl.DataFrame:
    """Check what concerns a block alone, and give all its faults; see `check_structure`."""
    place, found = begun.place, begun.found
    segments, structure = place.segments, place.structure
    if len(segments):
        rows = rows_by_node(structure)
        check_segments(segments, structure, rows, found)
        check_elements(segments, structure.node, found)
        check_situations(segments, structure, rows, found)
        _recode_headers(segments, found)
        _add_claims_not_understood(place, found)
    return found.frame(place)


def _place(segments: Segments, structure: Structure, before: Progress) -> Place:
    starts = np.flatnonzero(segments.tag == ST)
    number = segments.number
    transaction_start = number[starts]
    # A transaction in context is the one that the block before left open.
    transaction_start[starts < segments.context] = before.transaction_start
    context = np.arange(len(segments)) < segments.context
    return Place(
        segments=segments,
        structure=structure,
        number=number,
        transaction_start=transaction_start,
        first_transaction=before.transactions
        + 1
        - int((context & (segments.tag == ST) & (structure.loop >= 0)).sum()),
        first_claim=before.claims + 1 - int((context & (segments.tag == CLM) & structure.opens).sum()),
    )


def _recode_headers(segments: Segments, found: Found) -> None:
    """Faults of single elements of ISA and GS are faults of the interchange or the group."""
    recoded = []
    for chunk in found.chunks:
        tags = segments.tag[chunk.segments]
        header = np.isin(tags, _HEADERS)
        if not chunk.code.startswith("SYN05") or not header.any():
            recoded.append(chunk)
            continue
        recoded.append(_part(chunk, ~header, chunk.code))
        recoded.append(_part(chunk, tags == ISA, "SYN006"))
        # A kind of group other than HC has a fault of its own.
        recoded.append(_part(chunk, (tags == GS) & (chunk.element >> 8 != 1), "SYN017"))
    found.chunks = recoded


def _part(chunk: Chunk, keep: npt.NDArray[np.bool_], fault: str) -> Chunk:
    detail = chunk.detail
    if isinstance(detail, list):
        detail = [text for text, kept in zip(detail, keep.tolist(), strict=True) if kept]
    number = chunk.number[keep] if chunk.number is not None else None
    return Chunk(
        fault, chunk.segments[keep], chunk.element[keep], chunk.tag[keep], chunk.loop[keep], detail, number
    )


# --- claims as a whole --------------------------------------------------------------------------------


def _add_claims_not_understood(place: Place, found: Found) -> None:
    """One fault for each claim whose own heading, or whose place in the hierarchy, can't be read."""
    segments, structure = place.segments, place.structure
    claims = np.flatnonzero((segments.tag == CLM) & structure.opens).astype(np.int32)
    claims = claims[claims >= segments.context]
    if not len(claims):
        return
    reason: dict[int, str] = {}
    for chunk in found.chunks:
        if chunk.code in _UNREADABLE:
            _blame_headings(segments, chunk, reason)
    for chunk in found.chunks:
        if chunk.code in _HIERARCHY or (chunk.code == "SYN046" and _identifying(chunk).any()):
            _blame_levels(segments, claims, chunk, reason)
    rows = np.array(sorted(set(reason) & set(claims.tolist())), dtype=np.int32)
    if not len(rows):
        return
    stops = _stops(segments, (segments.tag == CLM) & structure.opens)
    after = np.searchsorted(stops, rows, side="right")
    ends = np.append(stops, len(segments))[after] - 1
    first, last = place.number[rows], place.number[ends]
    detail = [
        f"segments {begin:,} to {end:,}: {reason[row]}"
        for row, begin, end in zip(rows.tolist(), first.tolist(), last.tolist(), strict=True)
    ]
    found.add("SYN090", rows, detail=detail)


def _blame_headings(segments: Segments, chunk: Chunk, reason: dict[int, str]) -> None:
    """Claims whose identifier, amount or place of service and frequency can't be read."""
    told = np.isin(chunk.element, _IDENTIFYING_ELEMENTS) & (segments.tag[chunk.segments] == CLM)
    for row, element in zip(chunk.segments[told].tolist(), chunk.element[told].tolist(), strict=True):
        reason.setdefault(row, f"CLM{element >> 8:02d} can't be read")


def _identifying(chunk: Chunk) -> npt.NDArray[np.bool_]:
    names = [loop.name in _IDENTIFYING_LOOPS for loop in grammar().loops]
    result: npt.NDArray[np.bool_] = np.array(names, dtype=np.bool_)[chunk.loop]
    return result


def _blame_levels(segments: Segments, claims: Ints, chunk: Chunk, reason: dict[int, str]) -> None:
    """Claims under a level of the hierarchy that is not in its place, or lacks its party."""
    if chunk.code in _HIERARCHY:
        blamed = [(level, "its hierarchy is broken") for level in chunk.segments.tolist()]
    else:
        told = _identifying(chunk)
        names = [f"loop {grammar().loops[number].name} is missing" for number in chunk.loop[told].tolist()]
        blamed = list(zip(chunk.segments[told].tolist(), names, strict=True))
    stops = _stops(segments)
    qualifier = segments.codes(*segments.element(stops.astype(np.int32), 2))
    for level, why in blamed:
        end = _end_of_level(segments, stops, qualifier, level)
        for row in claims[np.searchsorted(claims, level) : np.searchsorted(claims, end)].tolist():
            reason.setdefault(row, why)


def _stops(segments: Segments, also: npt.NDArray[np.bool_] | None = None) -> npt.NDArray[np.intp]:
    """Segments that end whatever stands before them: the envelope's, levels, and those given."""
    found = segments.tag == HL if also is None else (segments.tag == HL) | also
    found[segments.envelope] = True
    return np.flatnonzero(found)


def _end_of_level(
    segments: Segments, stops: npt.NDArray[np.intp], qualifier: npt.NDArray[np.uint32], level: int
) -> int:
    """Where what hangs on an HL ends: at the next HL that does not hang on it."""
    at = int(np.searchsorted(stops, level))
    depth = {HL_BILLING: 1, HL_SUBSCRIBER: 2}.get(int(qualifier[at]), 3)
    for later in range(at + 1, len(stops)):
        if (
            segments.tag[stops[later]] != HL
            or {HL_BILLING: 1, HL_SUBSCRIBER: 2}.get(int(qualifier[later]), 3) <= depth
        ):
            return int(stops[later])
    return len(segments)
