"""Situations that span segments: receivers enforce them although each single segment is valid.

Source: ASC X12N 005010X222, X223, X224: situational rules of loops 2010BA (NM1, N3, N4, DMG), 2300
(REF F8) and of every N4; the note on LX of loop 2400.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from claimwright.engines.x12.checks.fault_collector import FaultCollector
from claimwright.engines.x12.checks.placement import Rows
from claimwright.engines.x12.syntax.digits import integers
from claimwright.engines.x12.syntax.loops import Structure
from claimwright.engines.x12.syntax.tokenizer import Ints, Segments, code

from .transaction import CLM, claims_grammar

_SELF = code("18")
_PERSON = code("1")
_REPLACEMENT, _VOID = code("7"), code("8")
# Countries whose addresses need a state or province and a postal code: N402 and N403 of the guides.
_WITH_STATES = np.array([code("US"), code("CA")], dtype=np.uint32)


def check_situations(segments: Segments, structure: Structure, rows: Rows, faults: FaultCollector) -> None:
    """Add the faults of subscribers, addresses, replacement claims and line numbers."""
    _check_subscribers(segments, structure, rows, faults)
    _check_members(segments, rows, faults)
    _check_addresses(segments, rows, faults)
    _check_replacements(segments, structure, rows, faults)
    _check_line_numbers(segments, rows, faults)


@cache
def _nodes(loop: str, segment: str, qualifier: str = "") -> tuple[int, ...]:
    """The nodes of a segment in the loop with that name, in all guides; in any loop if the name is empty."""
    return tuple(
        number
        for number, node in enumerate(claims_grammar().nodes)
        if node.segment == segment
        and (not loop or node.loop == loop)
        and (not qualifier or qualifier in node.qualifiers)
    )


def _check_subscribers(segments: Segments, structure: Structure, rows: Rows, faults: FaultCollector) -> None:
    """Check that a subscriber who is the patient has an address, a birth date and a sex."""
    sbr = rows.of(*_nodes("2000B", "SBR"))
    sbr = sbr[sbr >= segments.context]
    patients = sbr[segments.codes(*segments.element(sbr, 1)) == _SELF]
    if not len(patients):
        return
    level = structure.stage_opener[1]
    party = np.full(len(segments), -1, dtype=np.int32)
    openers = rows.of(*_nodes("2010BA", "NM1"))
    party[level[openers]] = openers
    # If the party itself is missing, that fault is reported for its loop.
    named = party[level[patients]]
    named = named[named >= 0]
    for segment, fault in (("DMG", "SYN070"), ("N3", "SYN071"), ("N4", "SYN071")):
        has = np.zeros(len(segments), dtype=np.bool_)
        has[level[rows.of(*_nodes("2010BA", segment))]] = True
        faults.add(fault, named[~has[level[named]]], tag=code(segment))


def _check_members(segments: Segments, rows: Rows, faults: FaultCollector) -> None:
    """Check that a subscriber who is a person has a member ID; an employer needs none (workers' comp)."""
    at = rows.of(*_nodes("2010BA", "NM1"))
    at = at[at >= segments.context]
    if len(at):
        at = at[segments.codes(*segments.element(at, 1)) == _PERSON]
        for ordinal in (7, 8):
            faults.add("SYN050", at[segments.element(at, ordinal)[1] == 0], element=ordinal + 1)


def _check_addresses(segments: Segments, rows: Rows, faults: FaultCollector) -> None:
    at = rows.of(*_nodes("", "N4"))
    at = at[at >= segments.context]
    if not len(at):
        return
    country = segments.codes(*segments.element(at, 3))
    subdivision = segments.element(at, 6)[1] > 0
    inside = ((country == 0) | np.isin(country, _WITH_STATES)) & ~subdivision
    for ordinal, fault in ((1, "SYN074"), (2, "SYN075")):
        empty = segments.element(at, ordinal)[1] == 0
        faults.add(fault, at[inside & empty], element=ordinal + 1)


def _check_replacements(segments: Segments, structure: Structure, rows: Rows, faults: FaultCollector) -> None:
    """Check that a claim that replaces or voids another identifies it."""
    claims: Ints = rows.of(*_nodes("2300", "CLM"))
    claims = claims[claims >= segments.context]
    if not len(claims):
        return
    frequency = segments.codes(*segments.component(claims, 4, 3))
    claims = claims[(frequency == _REPLACEMENT) | (frequency == _VOID)]
    named = structure.opener[rows.of(*_nodes("2300", "REF", "F8"))]
    faults.add("SYN076", claims[~np.isin(claims, named)], tag=code("REF"), detail="with qualifier F8")


def _check_line_numbers(segments: Segments, rows: Rows, faults: FaultCollector) -> None:
    """Check that lines are numbered from 1 in each claim; the first wrong number of a claim is reported."""
    # In file order: otherwise lines of one guide come after those of another.
    lines = np.sort(rows.of(*_nodes("2400", "LX")))
    claims = np.flatnonzero(segments.tag == CLM)
    claim = np.searchsorted(claims, lines)
    # If a claim was split, the rest of it has its count in another block.
    lines, claim = lines[claim > 0], claim[claim > 0]
    if not len(lines):
        return
    counted = np.arange(len(lines)) - np.searchsorted(claim, claim) + 1
    said = integers(segments.data, *segments.element(lines, 0))
    wrong = np.flatnonzero((said >= 0) & (said != counted))
    _, first = np.unique(claim[wrong], return_index=True)
    faults.add("SYN077", lines[wrong[first]], element=1)
