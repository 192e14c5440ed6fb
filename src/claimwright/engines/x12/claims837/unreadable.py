"""Unreadable claims: claims with a fault in their CLM segment or in their place in the hierarchy."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from claimwright.engines.x12.checks.fault_collector import BlockPosition, Chunk, FaultCollector
from claimwright.engines.x12.syntax.loops import HL
from claimwright.engines.x12.syntax.tokenizer import Ints, Segments

from .transaction import CLM, HL_BILLING, HL_SUBSCRIBER, claims_grammar

# Loops that identify the billing provider, the insured and the patient; none may be missing.
_IDENTIFYING_LOOPS = ("2010AA", "2010BA", "2010BB", "2010CA")
# Elements of CLM without which a claim is unreadable: its identifier, amount, place and frequency
# (element times 256 plus component).
_IDENTIFYING_ELEMENTS = (1 << 8, 2 << 8, 5 << 8, (5 << 8) + 1, (5 << 8) + 3)
_UNREADABLE = ("SYN050", "SYN054")
_HIERARCHY = ("SYN032", "SYN034")


def add_unreadable_claims(place: BlockPosition, faults: FaultCollector) -> None:
    """Add one fault for each claim whose CLM, or whose place in the hierarchy, is unreadable."""
    segments, structure = place.segments, place.structure
    claims = np.flatnonzero((segments.tag == CLM) & structure.opens).astype(np.int32)
    claims = claims[claims >= segments.context]
    if not len(claims):
        return
    reason: dict[int, str] = {}
    for chunk in faults.chunks:
        if chunk.code in _UNREADABLE:
            _blame_headings(segments, chunk, reason)
    for chunk in faults.chunks:
        if chunk.code in _HIERARCHY or (chunk.code == "SYN046" and _identifying(chunk).any()):
            _blame_levels(segments, claims, chunk, reason)
    rows = np.array(sorted(set(reason) & set(claims.tolist())), dtype=np.int32)
    if not len(rows):
        return
    stops = _stops(segments, (segments.tag == CLM) & structure.opens)
    after = np.searchsorted(stops, rows, side="right")
    ends = np.append(stops, len(segments))[after] - 1
    first, last = place.shown(rows), place.shown(ends.astype(np.int32))
    detail = [
        f"segments {begin:,} to {end:,}: {reason[row]}"
        for row, begin, end in zip(rows.tolist(), first.tolist(), last.tolist(), strict=True)
    ]
    faults.add("SYN090", rows, detail=detail)


def _blame_headings(segments: Segments, chunk: Chunk, reason: dict[int, str]) -> None:
    """Claims whose identifier, amount or place of service and frequency can't be read."""
    at_fault = np.isin(chunk.element, _IDENTIFYING_ELEMENTS) & (segments.tag[chunk.segments] == CLM)
    for row, element in zip(chunk.segments[at_fault].tolist(), chunk.element[at_fault].tolist(), strict=True):
        reason.setdefault(row, f"CLM{element >> 8:02d} can't be read")


def _identifying(chunk: Chunk) -> npt.NDArray[np.bool_]:
    names = [loop.name in _IDENTIFYING_LOOPS for loop in claims_grammar().loops]
    result: npt.NDArray[np.bool_] = np.array(names, dtype=np.bool_)[chunk.loop]
    return result


def _blame_levels(segments: Segments, claims: Ints, chunk: Chunk, reason: dict[int, str]) -> None:
    """Claims under a level of the hierarchy that is out of place, or lacks its party."""
    if chunk.code in _HIERARCHY:
        blamed = [(level, "its hierarchy is broken") for level in chunk.segments.tolist()]
    else:
        at_fault = _identifying(chunk)
        names = [
            f"loop {claims_grammar().loops[number].name} is missing"
            for number in chunk.loop[at_fault].tolist()
        ]
        blamed = list(zip(chunk.segments[at_fault].tolist(), names, strict=True))
    stops = _stops(segments)
    qualifier = segments.codes(*segments.element(stops.astype(np.int32), 2))
    for level, why in blamed:
        end = _end_of_level(segments, stops, qualifier, level)
        for row in claims[np.searchsorted(claims, level) : np.searchsorted(claims, end)].tolist():
            reason.setdefault(row, why)


def _stops(segments: Segments, also: npt.NDArray[np.bool_] | None = None) -> npt.NDArray[np.intp]:
    """Segments that end everything before them: the envelope's, levels, and the given ones."""
    ending = segments.tag == HL if also is None else (segments.tag == HL) | also
    ending[segments.envelope] = True
    return np.flatnonzero(ending)


def _end_of_level(
    segments: Segments, stops: npt.NDArray[np.intp], qualifier: npt.NDArray[np.uint32], level: int
) -> int:
    """The end of the segments under an HL: the next HL that is not under it."""
    at = int(np.searchsorted(stops, level))
    depth = {HL_BILLING: 1, HL_SUBSCRIBER: 2}.get(int(qualifier[at]), 3)
    for later in range(at + 1, len(stops)):
        if (
            segments.tag[stops[later]] != HL
            or {HL_BILLING: 1, HL_SUBSCRIBER: 2}.get(int(qualifier[later]), 3) <= depth
        ):
            return int(stops[later])
    return len(segments)
