"""The hierarchy of an 837: billing providers, their subscribers, the subscribers' patients.

Source: ASC X12N 005010X222, X223, X224, loops 2000A, 2000B, 2000C (HL, SBR).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import numpy.typing as npt

from claimwright.engines.x12.checks.fault_collector import FaultCollector
from claimwright.engines.x12.checks.placement import inside_transaction
from claimwright.engines.x12.syntax.digits import integers
from claimwright.engines.x12.syntax.loops import HL, ST, Structure
from claimwright.engines.x12.syntax.tokenizer import Flags, Ints, Segments, code

from .transaction import CLM, HL_BILLING, HL_PATIENT, HL_SUBSCRIBER, claims_grammar

_SELF = code("18")
_CHILDREN, _NO_CHILDREN = code("1"), code("0")
_SBR = code("SBR")
_DEPTH = {HL_BILLING: 1, HL_SUBSCRIBER: 2, HL_PATIENT: 3}

Longs = npt.NDArray[np.int64]


@dataclass(frozen=True)
class HierarchyProgress:
    """The state of the open transaction, for the next block.

    The last HL01, the greatest HL01, the file positions of the open HL of each depth, and the number of
    claims under the last HL so far.
    """

    last_id: int = 0
    greatest_id: int = 0
    numbers: tuple[int, int, int] = (0, 0, 0)
    claims: int = 0


@dataclass(frozen=True)
class _Levels:
    """The HL segments of a block, context included, in order."""

    rows: Ints
    depth: Ints
    """1 billing provider, 2 subscriber, 3 patient, 0 any other."""
    own: Longs
    above: Longs
    child_code: npt.NDArray[np.uint32]
    transaction: Ints
    number: Longs
    context: Flags
    closed: Flags
    """Whether the segments after the level and the claims under it are in the block too."""
    following: Ints
    """Depth of the next HL in the transaction; 0 for none."""
    guide: Ints
    """The guide of the transaction."""

    def loop(self, at: npt.NDArray[np.intp], name: str) -> Ints:
        """The loop of that name in the guide of these levels."""
        return _loops_named(name)[self.guide[at]]


def check_hierarchy(
    segments: Segments,
    structure: Structure,
    progress: HierarchyProgress | None,
    faults: FaultCollector,
    last: bool,
) -> HierarchyProgress:
    """Add the faults of HL segments and of their contents; return the state for the next block."""
    progress = progress or HierarchyProgress()
    rows = np.flatnonzero(segments.tag == HL).astype(np.int32)
    rows = rows[(structure.loop[rows] >= 0) & inside_transaction(segments, rows)]
    levels = _levels(segments, structure, rows, progress, last=last)
    if len(rows):
        _check_ids(levels, progress, faults)
        _check_parents(levels, faults)
        _check_children(levels, faults)
        _check_patients(segments, structure, levels, progress.claims, faults)
        _check_claims(segments, structure, levels, faults)
    _check_providers(segments, structure, levels, faults)
    claims = _check_claims_of_level(segments, structure, rows, progress.claims, faults)
    return replace(_progress(segments, levels), claims=claims)


def _levels(
    segments: Segments, structure: Structure, rows: Ints, progress: HierarchyProgress, *, last: bool
) -> _Levels:
    level = structure.qualifier[rows]
    depth = np.zeros(len(rows), dtype=np.int32)
    for value, deep in _DEPTH.items():
        depth[level == value] = deep
    own = integers(segments.data, *segments.element(rows, 0))
    above = integers(segments.data, *segments.element(rows, 1))
    start, length = segments.element(rows, 3)
    transaction = structure.stage_opener[0][rows]
    context = rows < segments.context
    number = segments.number[rows]
    for at in np.flatnonzero(context & (depth > 0)).tolist():
        number[at] = progress.numbers[depth[at] - 1]
    following = np.zeros(len(rows), dtype=np.int32)
    if len(rows) > 1:
        following[:-1] = np.where(transaction[1:] == transaction[:-1], depth[1:], 0)
    # An HL of the same depth or less, or the end of the transaction, closes a level.
    closed = np.zeros(len(rows), dtype=np.bool_)
    if len(rows):
        marks = segments.envelope
        final = int(marks[-1]) if len(marks) else -1
        closed = (rows < final) | last
        for deep in (1, 2, 3):
            later = np.flatnonzero((depth <= deep) & (depth > 0))
            if len(later):
                closed |= (depth == deep) & (rows < rows[later[-1]])
    return _Levels(
        rows=rows,
        depth=depth,
        own=own,
        above=above,
        child_code=segments.codes(start, length),
        transaction=transaction,
        number=number,
        context=context,
        closed=closed,
        following=following,
        guide=claims_grammar().loop_guide[structure.loop[rows]],
    )


def _check_ids(levels: _Levels, progress: HierarchyProgress, faults: FaultCollector) -> None:
    fresh = np.flatnonzero(~levels.context)
    if not len(fresh):
        return
    own, transaction = levels.own[fresh], levels.transaction[fresh]
    first = np.ones(len(fresh), dtype=np.bool_)
    first[1:] = transaction[1:] != transaction[:-1]
    # For a transaction that began in an earlier block, this block has its beginning as context.
    carried = bool(levels.context[0]) and transaction[0] == levels.transaction[0]
    before = np.zeros(len(fresh), dtype=np.int64)
    before[1:] = own[:-1]
    before[first] = 0
    ordinal = np.cumsum(first)
    greatest = np.maximum.accumulate(own + (ordinal << 40)) - (ordinal << 40)
    seen = np.zeros(len(fresh), dtype=np.int64)
    seen[1:] = greatest[:-1]
    seen[first] = 0
    if carried:
        before[0] = progress.last_id
        seen = np.where(ordinal == 1, np.maximum(seen, progress.greatest_id), seen)
    back = (own >= 0) & (own <= seen)
    skipped = (own != before + 1) & ~back
    faults.add("SYN031", levels.rows[fresh[back]], element=1)
    faults.add("SYN030", levels.rows[fresh[skipped]], element=1)


def _check_parents(levels: _Levels, faults: FaultCollector) -> None:
    """Check that each subscriber is under the last provider, and each patient under the last subscriber."""
    position = np.arange(len(levels.rows))
    for deep in (2, 3):
        # Levels of context are included: they determine which of the following claims are unreadable.
        at = np.flatnonzero(levels.depth == deep)
        # The last HL one level up, unless one further up, or another transaction, is in between.
        up = np.maximum.accumulate(np.where(levels.depth == deep - 1, position, -1))[at]
        outer = np.maximum.accumulate(np.where((levels.depth < deep - 1) & (levels.depth > 0), position, -1))[
            at
        ]
        there = (up >= 0) & (up > outer)
        there &= levels.transaction[np.maximum(up, 0)] == levels.transaction[at]
        faults.add("SYN034", levels.rows[at[~there]])
        wrong = there & (levels.above[at] != levels.own[np.maximum(up, 0)])
        faults.add("SYN032", levels.rows[at[wrong]], element=2)


def _check_children(levels: _Levels, faults: FaultCollector) -> None:
    """Check HL04 against the following HL, and report billing providers without any subscriber."""
    has = levels.following == levels.depth + 1
    stated = levels.child_code == _CHILDREN
    denied = levels.child_code == _NO_CHILDREN
    # Faults of a child in context were reported with an earlier block.
    fresh = has.copy()
    fresh[:-1] &= ~levels.context[1:]
    at = np.flatnonzero((levels.depth == 2) & ((stated & ~has & levels.closed) | (denied & fresh)))
    faults.add("SYN033", levels.rows[at], element=4, number=levels.number[at])
    _add_missing("2000B", "2000A", levels, np.flatnonzero((levels.depth == 1) & ~has & levels.closed), faults)


def _check_patients(
    segments: Segments, structure: Structure, levels: _Levels, before: int, faults: FaultCollector
) -> None:
    """Check SBR02 against whether a patient follows.

    A subscriber who is also a patient may have claims before the HLs of the dependents.
    `before` is the number of claims under the last HL of the context in earlier blocks.
    """
    sbr = np.flatnonzero(segments.tag == _SBR).astype(np.int32)
    at_level = np.full(len(segments), -1, dtype=np.int32)
    # Reversed, so that the first SBR of a subscriber remains.
    at_level[structure.opener[sbr][::-1]] = sbr[::-1]
    own = at_level[levels.rows]
    start, length = segments.element(np.maximum(own, 0), 1)
    is_self = segments.codes(start, length) == _SELF
    subscriber = (levels.depth == 2) & (own >= 0)
    has = levels.following == 3
    without = np.flatnonzero(subscriber & ~is_self & ~has & levels.closed)
    faults.add(
        "SYN072",
        levels.rows[without],
        tag=HL,
        loop=levels.loop(without, "2000C"),
        number=levels.number[without],
    )
    own_claims = _claims_of(segments, structure, levels.rows, before) > 0
    faults.add("SYN073", levels.rows[np.flatnonzero(subscriber & is_self & has & ~own_claims) + 1])


def _claims_of(segments: Segments, structure: Structure, rows: Ints, before: int) -> Longs:
    """The number of claims under each HL so far; `before` as in `_check_patients`."""
    claims = np.flatnonzero((segments.tag == CLM) & structure.opens)
    level = np.searchsorted(rows, claims) - 1
    counts = np.bincount(level[level >= 0], minlength=len(rows)).astype(np.int64)
    open_level = int(np.searchsorted(rows, segments.context)) - 1
    if open_level >= 0:
        counts[open_level] += before
    return counts


def _check_claims(segments: Segments, structure: Structure, levels: _Levels, faults: FaultCollector) -> None:
    """Report patients without a claim."""
    claims = np.flatnonzero((segments.tag == CLM) & structure.opens)
    mark = np.zeros(len(segments), dtype=np.bool_)
    mark[structure.stage_opener[1][claims]] = True
    at = np.flatnonzero((levels.depth == 3) & ~mark[levels.rows] & levels.closed & ~levels.context)
    _add_missing("2300", "2000C", levels, at, faults)


def _check_claims_of_level(
    segments: Segments, structure: Structure, rows: Ints, before: int, faults: FaultCollector
) -> int:
    """The first excess claim of each subscriber or patient; returns the count of the last HL so far.

    `before` is the count of the last HL of the context in earlier blocks.
    """
    claims = np.flatnonzero((segments.tag == CLM) & structure.opens).astype(np.int32)
    claims = claims[claims >= segments.context]
    level = np.searchsorted(rows, claims) - 1
    first = np.searchsorted(level, level)
    times = np.arange(len(claims)) - first + 1
    # The state for the next block: the last level in its context.
    open_level = int(np.searchsorted(rows, segments.context)) - 1
    if open_level >= 0:
        times[level == open_level] += before
    over = claims[times == _claims_of_a_level() + 1]
    faults.add("SYN045", over, detail=f"at most {_claims_of_a_level()}")
    last = len(rows) - 1
    return int((level == last).sum()) + (before if last == open_level else 0)


@cache
def _claims_of_a_level() -> int:
    """The maximum number of claims of a subscriber or patient in one transaction: the same in every guide."""
    [most] = {loop.max_repeat for loop in claims_grammar().loops if loop.opener.segment == "CLM"}
    return most


def _check_providers(
    segments: Segments, structure: Structure, levels: _Levels, faults: FaultCollector
) -> None:
    """Report transactions without a billing provider."""
    opened = np.flatnonzero((segments.tag == ST) & (structure.loop >= 0)).astype(np.int32)
    ended = opened[:-1] if len(opened) and not (segments.envelope > opened[-1]).any() else opened
    bare = ended[~np.isin(ended, levels.transaction[levels.depth == 1])]
    if len(bare):
        loop = _loops_named("2000A")[claims_grammar().loop_guide[structure.loop[bare]]]
        faults.add("SYN046", bare, tag=HL, loop=loop, detail="required in loop HEADER")


def _add_missing(
    loop: str, around: str, levels: _Levels, at: npt.NDArray[np.intp], faults: FaultCollector
) -> None:
    faults.add(
        "SYN046",
        levels.rows[at],
        tag=CLM if loop == "2300" else HL,
        loop=levels.loop(at, loop),
        detail=f"required in loop {around}",
        number=levels.number[at],
    )


@cache
def _loops_named(name: str) -> Ints:
    """By guide, the number of the loop with that name; -1 if the guide has none."""
    rules = claims_grammar()
    return np.array(
        [
            rules.loop_number(guide.name, name) if any(loop.name == name for loop in guide.loops) else -1
            for guide in rules.guides
        ],
        dtype=np.int32,
    )


def _progress(segments: Segments, levels: _Levels) -> HierarchyProgress:
    opened = np.flatnonzero(segments.tag == ST)
    mine = np.flatnonzero(levels.transaction == opened[-1]) if len(opened) else np.zeros(0, dtype=np.intp)
    if not len(mine):
        return HierarchyProgress()
    numbers, after = [0, 0, 0], -1
    for deep in (1, 2, 3):
        at = mine[(levels.depth[mine] == deep) & (mine > after)]
        if len(at):
            after = int(at[-1])
            numbers[deep - 1] = int(levels.number[after])
    return HierarchyProgress(
        int(levels.own[mine[-1]]), int(levels.own[mine].max()), (numbers[0], numbers[1], numbers[2])
    )
