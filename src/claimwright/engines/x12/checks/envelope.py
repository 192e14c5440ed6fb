"""Interchanges, functional groups and transaction sets: headers, trailers, counts, control numbers.

There are usually few envelope segments, but a file can have one transaction for each of a million claims, so
they are also checked together. Source: ASC X12.5 and X12.6, 005010; TR3s, appendix C.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from claimwright.engines.x12.syntax.digits import integers
from claimwright.engines.x12.syntax.loops import GE, GS, IEA, ISA, SE, ST, Structure
from claimwright.engines.x12.syntax.tokenizer import Bytes, Ints, Segments, code

from .fault_collector import BlockPosition, FaultCollector

Longs = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]

_START, _END = 0, 1
_ISA13, _GS06, _ST02 = 12, 5, 1


def _none() -> Keys:
    return np.zeros(0, dtype=np.uint64)


@dataclass(frozen=True)
class EnvelopeProgress:
    """The state of the open envelope, for the next block."""

    last_tag: int = _START
    groups: int = 0
    transactions: int = 0
    interchange_keys: Keys = field(default_factory=_none)
    group_keys: Keys = field(default_factory=_none)
    transaction_keys: Keys = field(default_factory=_none)


@dataclass(frozen=True)
class _Marks:
    """The envelope segments of a block, context included."""

    rows: Ints
    tag: npt.NDArray[np.uint32]
    fresh: npt.NDArray[np.bool_]


def check_envelope(
    place: BlockPosition, progress: EnvelopeProgress, faults: FaultCollector, *, last: bool
) -> EnvelopeProgress:
    """Add the faults of the envelope. Returns the state for the next block."""
    segments, structure, transaction_start = place.segments, place.structure, place.transaction_start
    rows = segments.envelope
    marks = _Marks(rows, segments.tag[rows], rows >= segments.context)
    tag = _check_sequence(segments, marks, progress, faults, last=last)
    _check_trailers(segments, marks, transaction_start, faults)
    groups, transactions = _check_counts(segments, marks, progress, faults)
    keys = _check_repeated(place, marks, progress, faults)
    _check_versions(segments, structure, marks, faults)
    _check_outside(segments, structure, faults)
    return EnvelopeProgress(tag, groups, transactions, *keys)


# --- headers and trailers -----------------------------------------------------------------------------

_OPENED_BY = {ISA: 1, GS: 2, ST: 3}
_CLOSED_BY = {SE: 3, GE: 2, IEA: 1}
_NO_TRAILER = {1: "SYN002", 2: "SYN011", 3: "SYN020"}
_NO_HEADER = {1: "SYN001", 2: "SYN010", 3: "SYN027"}


def _depth_after(tag: int) -> int:
    """How deep the envelope is after a segment: 1 in an interchange, 2 in a group, 3 in a transaction."""
    return _OPENED_BY.get(tag) or (_CLOSED_BY[tag] - 1 if tag in _CLOSED_BY else 0)


def _depth_before(tag: int) -> int:
    """How deep it must be before the segment."""
    return _CLOSED_BY.get(tag) or (_OPENED_BY[tag] - 1 if tag in _OPENED_BY else 0)


def _check_sequence(
    segments: Segments, marks: _Marks, progress: EnvelopeProgress, faults: FaultCollector, *, last: bool
) -> int:
    """Headers without trailers and trailers without headers."""
    fresh = np.flatnonzero(marks.fresh)
    tags: list[int] = [progress.last_tag, *marks.tag[fresh].tolist()]
    rows: list[int] = marks.rows[fresh].tolist()
    if last:
        tags.append(_END)
        rows.append(len(segments))
    if not len(segments):
        return tags[-1]
    after = np.array([_depth_after(tag) for tag in tags[:-1]], dtype=np.int32)
    before = np.array([_depth_before(tag) for tag in tags[1:]], dtype=np.int32)
    for at in np.flatnonzero(after != before).tolist():
        # Without a trailer, the envelope ended with the preceding segment.
        row = np.array([max(rows[at] - 1, 0)], dtype=np.int32)
        number = segments.first_number + (row if rows[at] else row - 1).astype(np.int64) - segments.context
        for depth in range(int(after[at]), int(before[at]), -1):
            faults.add(_NO_TRAILER[depth], row, number=number)
        for depth in range(int(after[at]) + 1, int(before[at]) + 1):
            faults.add(_NO_HEADER[depth], np.array([rows[at]], dtype=np.int32))
    return tags[-1]


def _check_trailers(
    segments: Segments, marks: _Marks, transaction_start: Longs, faults: FaultCollector
) -> None:
    """Control numbers that header and trailer share, and the count of segments in SE01."""
    for header, trailer, place, fault in (
        (ISA, IEA, _ISA13, "SYN003"),
        (GS, GE, _GS06, "SYN012"),
        (ST, SE, _ST02, "SYN021"),
    ):
        opened, closed = _pairs(marks, header, trailer)
        one = segments.element(opened, place)
        other = segments.element(closed, 1)
        same = _same_text(segments.data, one, other)
        numbers = integers(segments.data, *one), integers(segments.data, *other)
        if header != ST:
            # These are numbers, so leading zeros are ignored; ST02 is text.
            same |= (numbers[0] == numbers[1]) & (numbers[0] >= 0)
        faults.add(fault, closed[~same], element=2)
        if header == ST:
            stated = integers(segments.data, *segments.element(closed, 0))
            starts = marks.rows[marks.tag == ST]
            begun = transaction_start[np.searchsorted(starts, opened)]
            count = segments.number[closed] - begun + 1
            wrong = np.flatnonzero(stated != count)
            detail = [f"{n} segments are there" for n in count[wrong].tolist()]
            faults.add("SYN022", closed[wrong], element=1, detail=detail)


def _pairs(marks: _Marks, header: int, trailer: int) -> tuple[Ints, Ints]:
    """Headers and the trailers that close them, of trailers that are not context."""
    depth = _OPENED_BY[header]
    # There is no segment of the same or an outer depth between the two.
    own = np.flatnonzero(
        np.isin(marks.tag, [tag for tag, at in (_OPENED_BY | _CLOSED_BY).items() if at <= depth])
    )
    tags = marks.tag[own]
    at = np.flatnonzero((tags[1:] == trailer) & (tags[:-1] == header) & marks.fresh[own[1:]])
    return marks.rows[own[at]], marks.rows[own[at + 1]]


def _same_text(data: Bytes, one: tuple[Ints, Ints], other: tuple[Ints, Ints]) -> npt.NDArray[np.bool_]:
    same: npt.NDArray[np.bool_] = one[1] == other[1]
    for place in range(min(int(one[1].max(initial=0)), 40)):
        here = same & (place < one[1])
        same &= ~here | (data[one[0] + np.where(here, place, 0)] == data[other[0] + np.where(here, place, 0)])
    return same


# --- counts and repeated control numbers --------------------------------------------------------------


def _check_counts(
    segments: Segments, marks: _Marks, progress: EnvelopeProgress, faults: FaultCollector
) -> tuple[int, int]:
    """Compare GE01 with the number of transactions and IEA01 with that of groups; returns the open counts."""
    counts = []
    for inner, outer, trailer, before, fault, what in (
        (GS, ISA, IEA, progress.groups, "SYN004", "groups"),
        (ST, GS, GE, progress.transactions, "SYN013", "transaction sets"),
    ):
        rows = marks.rows[marks.fresh]
        tags = marks.tag[marks.fresh]
        running = np.cumsum(tags == inner)
        # Items before the outer header do not belong to it.
        position = np.arange(len(tags))
        opened = np.maximum.accumulate(np.where(tags == outer, position, -1))
        base = np.where(opened >= 0, running[np.maximum(opened, 0)], -before)
        count = running - base
        at = np.flatnonzero(tags == trailer)
        stated = integers(segments.data, *segments.element(rows[at], 0))
        wrong = at[stated != count[at]]
        faults.add(
            fault, rows[wrong], element=1, detail=[f"{n} {what} are there" for n in count[wrong].tolist()]
        )
        counts.append(int(count[-1]) if len(count) else before)
    return counts[0], counts[1]


def _check_repeated(
    place: BlockPosition, marks: _Marks, progress: EnvelopeProgress, faults: FaultCollector
) -> tuple[Keys, Keys, Keys]:
    """Duplicate control numbers: of interchanges in the file, groups in an interchange, transactions in a
    group.
    """
    segments = place.segments
    rows, tags = marks.rows[marks.fresh], marks.tag[marks.fresh]
    file = np.zeros(len(rows), dtype=np.intp)
    if place.files is not None:
        file = place.files.file_of(segments.number[rows]).astype(np.intp)
    result = []
    for header, outer, places, fault, seen in (
        (ISA, None, (5, 7, _ISA13), "SYN005", progress.interchange_keys),
        (GS, ISA, (_GS06,), "SYN014", progress.group_keys),
        (ST, GS, (_ST02,), "SYN023", progress.transaction_keys),
    ):
        scope = np.cumsum(tags == outer) if outer is not None else file
        at = np.flatnonzero(tags == header)
        values = np.zeros(len(at), dtype=np.uint64)
        for ordinal in places:
            values = _mixed(segments.data, *segments.element(rows[at], ordinal), values)
        keys = values ^ (scope[at].astype(np.uint64) << np.uint64(40))
        repeated = np.ones(len(at), dtype=np.bool_)
        repeated[np.unique(keys, return_index=True)[1]] = False
        # The outer loop that was open before this block is scope 0.
        repeated |= (scope[at] == 0) & np.isin(values, seen)
        faults.add(fault, rows[at[repeated]], element=places[-1] + 1)
        open_scope = int(scope[-1]) if len(scope) else 0
        mine = values[scope[at] == open_scope]
        result.append(np.unique(np.concatenate([seen, mine])) if open_scope == 0 else np.unique(mine))
    return result[0], result[1], result[2]


def _mixed(data: Bytes, start: Ints, length: Ints, seed: Keys) -> Keys:
    """A 64-bit digest of each value, on top of a seed; blanks at the end don't count."""
    digest = seed + np.uint64(0x9E3779B97F4A7C15)
    for place in range(min(int(length.max(initial=0)), 40)):
        byte = data[start + np.where(place < length, place, 0)].astype(np.uint64)
        counts = (place < length) & (byte != ord(" "))
        mixed = (digest ^ byte) * np.uint64(0x100000001B3)
        digest = np.where(counts, mixed ^ (mixed >> np.uint64(29)), digest)
    return digest


# --- versions -----------------------------------------------------------------------------------------


def _check_versions(segments: Segments, structure: Structure, marks: _Marks, faults: FaultCollector) -> None:
    """Unsupported kinds and versions, and transactions whose version differs from that of their group."""
    fresh = marks.rows[marks.fresh]
    tags = marks.tag[marks.fresh]
    interchanges = fresh[tags == ISA]
    start, length = segments.element(interchanges, 11)
    supported = (
        (length == 5) & (segments.words[start] == code("0050")) & (segments.data[start + 4] == ord("1"))
    )
    faults.add("SYN006", interchanges[~supported], element=12, detail="not 00501")
    start, length = segments.element(interchanges, 10)
    own = segments.delimiters
    taken = np.isin(segments.data[start], np.array([own.element, own.component, own.terminator], np.uint8))
    faults.add(
        "SYN006", interchanges[(length == 1) & taken], element=11, detail="a separator of another kind"
    )
    rules = structure.grammar
    group_kind = code(rules.of.functional_group)
    groups = fresh[tags == GS]
    kind = segments.codes(*segments.element(groups, 0))
    strange = groups[kind != group_kind]
    named = [_KINDS.get(_text(segments, row, 0)) for row in strange.tolist()]
    faults.add("SYN015", strange, element=1, detail=named)
    for row in groups[kind == group_kind].tolist():
        version = _text(segments, row, 7)
        if rules.guide_for_version(version) is None:
            said = f"release {version[:6]}" if _VERSION.fullmatch(version) else None
            faults.add("SYN016", np.array([row], dtype=np.int32), element=8, detail=said)
    opened = fresh[tags == ST]
    unknown = opened[structure.loop[opened] < 0]
    other = segments.codes(*segments.element(unknown, 0)) != code(rules.of.identifier)
    faults.add(
        "SYN024", unknown[other], element=1, detail=_sets(segments, unknown[other], rules.of.identifier)
    )
    faults.add("SYN025", unknown[~other], element=3)
    known = opened[structure.loop[opened] >= 0]
    at = np.searchsorted(marks.rows[marks.tag == GS], known) - 1
    known, at = known[at >= 0], at[at >= 0]
    group = marks.rows[marks.tag == GS][at]
    stated = segments.element(known, 2)
    differs = ~_same_text(segments.data, stated, segments.element(group, 7)) & (stated[1] > 0)
    faults.add("SYN026", known[differs], element=3)


# A value in the format of a version can be shown, because it can't be a person's name.
_VERSION = re.compile(r"00[0-9]{4}(X[0-9]{3}([AE][0-9])?)?")

# GS01 of other groups that users may submit by mistake, and their content (data element 479).
_KINDS = {
    "BE": "BE is for enrolments, 834",
    "FA": "FA is for acknowledgements, 997 or 999",
    "HB": "HB is for answers on eligibility, 271",
    "HC": "HC is for claims, 837",
    "HI": "HI is for authorizations, 278",
    "HN": "HN is for claim status, 277",
    "HP": "HP is for remittances, 835",
    "HR": "HR is for questions on claim status, 276",
    "HS": "HS is for questions on eligibility, 270",
    "RA": "RA is for premium payments, 820",
}


def _sets(segments: Segments, rows: Ints, wanted: str) -> list[str | None]:
    """The kind of transaction set, if ST01 is the number of one."""
    kinds = [_text(segments, row, 0) for row in rows.tolist()]
    return [f"{kind}, not {wanted}" if kind.isdecimal() and len(kind) == 3 else None for kind in kinds]


def _text(segments: Segments, row: int, ordinal: int) -> str:
    start, length = segments.element(np.array([row], dtype=np.int32), ordinal)
    return segments.data[start[0] : start[0] + length[0]].tobytes().decode("latin-1")


def _check_outside(segments: Segments, structure: Structure, faults: FaultCollector) -> None:
    """The first of each run of segments outside of any transaction."""
    marks = segments.envelope
    # What each envelope segment, and before the first of them nothing, is followed by.
    reach = np.diff(np.concatenate([[0], marks, [len(segments)]]))
    before = np.repeat(np.concatenate([[np.uint32(0)], segments.tag[marks]]), reach)
    outside = (structure.node < 0) & (before != ST) & ~((before == ISA) & (segments.tag == code("TA1")))
    outside[marks] = False
    first = outside.copy()
    first[1:] &= ~outside[:-1]
    rows = np.flatnonzero(first).astype(np.int32)
    faults.add("SYN007", rows[rows >= segments.context])
