"""Checks that segments and loops are in their places, do not repeat too often, and that none is missing.

No code iterates over segments: each check is a few operations over all segments of a block.

Source: ASC X12N 005010X222, X223 and X224 for positions; X12.6 for the relational conditions.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from claimwright.engines.x12.guides.guide import UNBOUNDED, SegmentNode
from claimwright.engines.x12.syntax.grammar import Grammar, keys
from claimwright.engines.x12.syntax.loops import HL, ST, Structure
from claimwright.engines.x12.syntax.tokenizer import ENVELOPE_TAGS, Flags, Ints, Segments, Words, code

from .fault_collector import FaultCollector
from .values import PUNCTUATION

_NM1 = code("NM1")


@dataclass(frozen=True)
class Rows:
    """The segments of a block by node, each node's in file order."""

    order: Ints
    bounds: npt.NDArray[np.intp]
    nodes_present: Ints

    def of(self, *nodes: int) -> Ints:
        """The segments of these nodes."""
        parts = [self.order[self.bounds[node] : self.bounds[node + 1]] for node in nodes]
        return parts[0] if len(parts) == 1 else np.concatenate(parts) if parts else self.order[:0]


def rows_by_node(structure: Structure) -> Rows:
    """Group the segments of a block by node."""
    node = structure.node.astype(np.uint16)
    order = np.argsort(node, kind="stable").astype(np.int32)
    bounds = np.searchsorted(node[order], np.arange(len(structure.grammar.nodes) + 1))
    return Rows(order, bounds, np.flatnonzero(np.diff(bounds)).astype(np.int32))


@dataclass(frozen=True)
class LoopRules:
    """The guides' rules for loops and nodes, as arrays over their numbers in the grammar."""

    node_position: Ints
    node_max: Ints
    loop_position: Ints
    loop_max: Ints
    loop_opener: Ints
    """The node that opens the loop."""
    parent_stage: Ints
    """The stage of the loop around it; -1 for loops of the hierarchy and the envelope."""
    required_nodes: tuple[tuple[int, int], ...]
    """(loop, node) for every segment that a loop requires, except its opener."""
    required_loops: tuple[tuple[int, int], ...]
    """(parent, loop) for every loop that another requires, except those of the hierarchy and units."""
    tags: Words
    """The segment ids of the guides."""
    loop_tags: frozenset[tuple[int, int]]
    """(loop, tag) of all nodes."""


@cache
def loop_rules(rules: Grammar) -> LoopRules:
    """The guides' rules for loops."""
    numbers = {(int(rules.loop_guide[n]), loop.name): n for n, loop in enumerate(rules.loops)}
    first = np.unique(rules.node_loop, return_index=True)[1]
    stage: list[int] = []
    needed_nodes, needed_loops = [], []

    def depth(number: int) -> int:
        loop = rules.loops[number]
        if not loop.parents:
            return 0
        if loop.opener.segment == "HL":
            return 1
        return 1 + max(depth(numbers[int(rules.loop_guide[number]), above]) for above in loop.parents)

    for number, loop in enumerate(rules.loops):
        free = not loop.parents or loop.opener.segment in ("HL", "GS")
        stage.append(-1 if free else depth(number) - 1)
        for offset, node in enumerate(loop.nodes[1:], int(first[number]) + 1):
            if node.usage == "R" and code(node.segment) not in ENVELOPE_TAGS:
                needed_nodes.append((number, offset))
        for above, usage in zip(loop.parents, loop.usages, strict=False):
            if usage == "R" and not free and loop.opener.segment != rules.of.unit:
                needed_loops.append((numbers[int(rules.loop_guide[number]), above], number))
    return LoopRules(
        node_position=_ints([node.position for node in rules.nodes]),
        node_max=_ints([node.max_use for node in rules.nodes]),
        loop_position=_ints([loop.position for loop in rules.loops]),
        loop_max=_ints([loop.max_repeat for loop in rules.loops]),
        loop_opener=first.astype(np.int32),
        parent_stage=_ints(stage),
        required_nodes=tuple(needed_nodes),
        required_loops=tuple(needed_loops),
        tags=np.unique(np.array([code(node.segment) for node in rules.nodes], dtype=np.uint32)),
        loop_tags=frozenset(
            (int(loop), code(node.segment)) for loop, node in zip(rules.node_loop, rules.nodes, strict=True)
        ),
    )


def inside_transaction(segments: Segments, rows: Ints) -> Flags:
    """Whether these segments are between an ST and the next envelope segment."""
    marks = segments.envelope
    before = np.searchsorted(marks, rows) - 1
    tags = np.append(segments.tag[marks], np.uint32(0))
    result: Flags = tags[before] == ST
    return result


def check_segments(segments: Segments, structure: Structure, rows: Rows, faults: FaultCollector) -> None:
    """Add the faults of segments within their loops, and of the loops within theirs."""
    _check_unplaced(segments, structure, faults)
    _check_order(segments, structure, faults)
    _check_uses(segments, structure, rows, faults)
    _check_required_segments(structure, rows, faults)
    _check_loops(segments, structure, rows, faults)
    _check_notes(segments, structure.grammar, rows, faults)


# --- segments -----------------------------------------------------------------------------------------


def _check_unplaced(segments: Segments, structure: Structure, faults: FaultCollector) -> None:
    """Segments that the guide does not allow in their loop."""
    rules, loops = structure.grammar, loop_rules(structure.grammar)
    unplaced = (structure.node < 0) & (structure.loop >= 0) & (rules.loop_guide[structure.loop] > 0)
    unplaced[segments.envelope] = False
    rows = np.flatnonzero(unplaced).astype(np.int32)
    rows = rows[rows >= segments.context]
    rows = rows[inside_transaction(segments, rows)]
    if not len(rows):
        return
    tag, qualifier, loop = segments.tag[rows], structure.qualifier[rows], structure.loop[rows]
    known = np.isin(tag, loops.tags)
    small = ~known & np.isin(_in_capitals(tag), loops.tags)
    faults.add("SYN040", rows[~known & ~small])
    faults.add("SYN048", rows[small])
    # A segment of an outer loop comes too late: an inner loop has already begun.
    late = np.full(len(rows), -1, dtype=np.int32)
    for stage in structure.stage_opener:
        at = stage[rows]
        outer = np.where((at >= 0) & (at != structure.opener[rows]), structure.loop[at], -1).astype(np.int32)
        for asked in (qualifier, np.zeros_like(qualifier)):
            has = (rules.variant_of[keys(outer, tag, asked)] >= 0) & (outer >= 0)
            late = np.where(has, outer, late)
    is_late = known & (late >= 0)
    detail = [
        f"belongs to loop {rules.loops[n].name}, ahead of the loops inside it" for n in late[is_late].tolist()
    ]
    faults.add("SYN042", rows[is_late], detail=detail)
    # A segment with an unknown qualifier, or one that the loop has only with other qualifiers.
    rest = known & (late < 0)
    same = np.array(
        [pair in loops.loop_tags for pair in zip(loop.tolist(), tag.tolist(), strict=True)], dtype=np.bool_
    )
    same |= ((tag == _NM1) | (tag == HL)) & ~np.isin(qualifier, _qualifiers_of_openers(rules))
    misqualified = rest & same & (qualifier != 0)
    element, component = _qualifier_places(rules, tag[misqualified])
    faults.add("SYN057", rows[misqualified], element=element, component=component)
    odd = rest & ~misqualified
    fused = np.zeros(len(rows), dtype=np.bool_)
    fused[odd] = _otherwise_separated(segments, rules, rows[odd])
    faults.add("SYN064", rows[fused], element=_qualifier_places(rules, tag[fused])[0])
    odd &= ~fused
    faults.add("SYN041", rows[odd], detail=[f"in loop {rules.loops[n].name}" for n in loop[odd].tolist()])


def _in_capitals(tags: Words) -> Words:
    """Segment ids in upper case."""
    letters = np.ascontiguousarray(tags).view(np.uint8)
    small = (letters >= ord("a")) & (letters <= ord("z"))
    return (letters - small * np.uint8(ord("a") - ord("A"))).view(np.uint32)


def _otherwise_separated(segments: Segments, rules: Grammar, rows: Ints) -> Flags:
    """Whether the composite that names a segment has none of its separators, and a mark in its place."""
    element, component = _qualifier_places(rules, segments.tag[rows])
    start, length = (np.zeros(len(rows), dtype=np.int32) for _ in range(2))
    for ordinal in np.unique(element[component > 0]).tolist():
        here = (element == ordinal) & (component > 0)
        start[here], length[here] = segments.element(rows[here], ordinal - 1)
    # The name has two or three characters; then comes what should be the separator.
    third, fourth = (segments.data[start + np.minimum(length, offset)] for offset in (2, 3))
    odd = ((length > 3) & PUNCTUATION[third]) | ((length > 4) & PUNCTUATION[fourth])
    odd &= (third != segments.delimiters.component) & (fourth != segments.delimiters.component)
    found: Flags = odd
    return found


@cache
def _qualifiers_of_openers(rules: Grammar) -> Words:
    """Qualifiers by which NM1 and HL open loops."""
    openers = [loop.opener for loop in rules.loops if loop.opener.segment in ("NM1", "HL")]
    return np.array(sorted({code(value) for node in openers for value in node.qualifiers}), dtype=np.uint32)


def _qualifier_places(rules: Grammar, tags: Words) -> tuple[Ints, Ints]:
    places = _places_of_qualifiers(rules)
    pairs = [places.get(tag, (0, 0)) for tag in tags.tolist()]
    return _ints([element for element, _ in pairs]), _ints([component for _, component in pairs])


@cache
def _places_of_qualifiers(rules: Grammar) -> dict[int, tuple[int, int]]:
    return {code(node.segment): _place(node) for node in rules.nodes if node.qualifiers}


def _place(node: SegmentNode) -> tuple[int, int]:
    return node.qualifier_element, node.qualifier_component


def _check_order(segments: Segments, structure: Structure, faults: FaultCollector) -> None:
    """Segments that follow one of the same loop that they must precede."""
    rows = np.flatnonzero(structure.node >= 0).astype(np.int32)
    position = loop_rules(structure.grammar).node_position[structure.node[rows]]
    opener = structure.opener[rows]
    back = np.flatnonzero((position[1:] < position[:-1]) & (opener[1:] == opener[:-1])) + 1
    late = rows[back]
    faults.add("SYN042", late[late >= segments.context])


def _check_uses(segments: Segments, structure: Structure, rows: Rows, faults: FaultCollector) -> None:
    """Segments that repeat more often in one loop than allowed."""
    order = rows.order
    node, opener = structure.node[order], structure.opener[order]
    again = np.flatnonzero((node[1:] == node[:-1]) & (opener[1:] == opener[:-1])) + 1
    again = again[(node[again] >= 0) & ~np.isin(segments.tag[order[again]], ENVELOPE_TAGS)]
    if not len(again):
        return
    # The number of each repetition: repetitions of one node in one loop are adjacent here.
    fresh = np.ones(len(again), dtype=np.bool_)
    fresh[1:] = np.diff(again) > 1
    index = np.arange(len(again))
    times = index - np.maximum.accumulate(np.where(fresh, index, 0)) + 2
    most = loop_rules(structure.grammar).node_max[node[again]]
    over = times > most
    late = order[again[over]]
    keep = late >= segments.context
    detail = [f"at most {n}" for n in most[over][keep].tolist()]
    faults.add("SYN043", late[keep], detail=detail)


def _check_required_segments(structure: Structure, rows: Rows, faults: FaultCollector) -> None:
    rules, loops = structure.grammar, loop_rules(structure.grammar)
    for loop, node in loops.required_nodes:
        inside = rows.of(int(loops.loop_opener[loop]))
        if not len(inside):
            continue
        have = rows.of(node)
        missing = _without(inside, structure.opener[have], len(structure.node))
        if len(missing):
            wanted = rules.nodes[node]
            detail = f"with qualifier {' or '.join(wanted.qualifiers)}" if wanted.qualifiers else None
            faults.add("SYN044", missing, tag=code(wanted.segment), loop=loop, detail=detail)


def _without(all_of: Ints, those: Ints, count: int) -> Ints:
    """Values in the first array but not in the second; `count` is greater than all values."""
    mark = np.zeros(count, dtype=np.bool_)
    mark[those[those >= 0]] = True
    return all_of[~mark[all_of]]


# --- loops --------------------------------------------------------------------------------------------


def _check_loops(segments: Segments, structure: Structure, rows: Rows, faults: FaultCollector) -> None:
    """Loops that are out of order, too many, or missing."""
    rules, loops = structure.grammar, loop_rules(structure.grammar)
    opened = np.flatnonzero(structure.opens & (structure.loop >= 0)).astype(np.int32)
    loop = structure.loop[opened]
    stages = loops.parent_stage[loop]
    parents: dict[int, list[Ints]] = {}
    for stage in range(len(structure.stage_opener)):
        at = opened[stages == stage]
        if not len(at):
            continue
        which = structure.loop[at]
        parent = structure.stage_opener[stage][at]
        place = loops.loop_position[which]
        back = np.flatnonzero((place[1:] < place[:-1]) & (parent[1:] == parent[:-1])) + 1
        late = at[back]
        faults.add("SYN047", late[late >= segments.context])
        _check_repeats(segments, structure.grammar, at, which, parent, faults)
        for number in np.unique(which).tolist():
            parents.setdefault(number, []).append(parent[which == number])
    for above, needed in loops.required_loops:
        around = rows.of(int(loops.loop_opener[above]))
        if not len(around):
            continue
        have = np.concatenate(parents.get(needed, [around[:0]]))
        missing = _without(around, have, len(structure.node))
        if len(missing):
            opener = rules.loops[needed].opener
            detail = f"required in loop {rules.loops[above].name}"
            faults.add("SYN046", missing, tag=code(opener.segment), loop=needed, detail=detail)


def _check_repeats(
    segments: Segments, rules: Grammar, at: Ints, loop: Ints, parent: Ints, faults: FaultCollector
) -> None:
    """The first excess loop under each parent."""
    order = np.argsort(loop.astype(np.uint16), kind="stable")
    loop, parent, at = loop[order], parent[order], at[order]
    fresh = np.ones(len(at), dtype=np.bool_)
    fresh[1:] = (loop[1:] != loop[:-1]) | (parent[1:] != parent[:-1])
    index = np.arange(len(at))
    times = index - np.maximum.accumulate(np.where(fresh, index, 0)) + 1
    most = loop_rules(rules).loop_max[loop]
    # Units are counted over all blocks, by the checks of the set.
    counted = (most < UNBOUNDED) & (segments.tag[at] != rules.unit_tag)
    over = np.flatnonzero((times == most + 1) & counted & (at >= segments.context))
    faults.add("SYN045", at[over], detail=[f"at most {n}" for n in most[over].tolist()])


# --- relational conditions ----------------------------------------------------------------------------


def _check_notes(segments: Segments, rules: Grammar, rows: Rows, faults: FaultCollector) -> None:
    """Elements of one segment that need or exclude each other."""
    counts = np.diff(segments.first_element)
    present = set(rows.nodes_present.tolist())
    for (kind, places), nodes in _notes(rules).items():
        have = [node for node in nodes if node in present]
        if not have:
            continue
        at = rows.of(*have)
        at = at[(counts[at] >= (min(places) if kind in "PR" else places[0])) & (at >= segments.context)]
        if kind == "R":
            at = rows.of(*have)
        if not len(at):
            continue
        present_elements = segments.present.take(at)
        filled = [_filled(present_elements, place) for place in places]
        wrong, element = _broken(kind, places, filled)
        text = ", ".join(f"{place:02d}" for place in places)
        fault = "SYN063" if kind == "E" else "SYN062"
        faults.add(fault, at[wrong], element=element, detail=f"elements {text}")


def _filled(present: Words, place: int) -> Flags:
    """Whether segments have a value in an element, by the bits of the elements that they have."""
    result: Flags = (present & np.uint32(1 << (place - 1))) != 0
    return result


def _broken(kind: str, places: tuple[int, ...], filled: list[Flags]) -> tuple[npt.NDArray[np.intp], int]:
    """The segments that violate a condition, and the element to report."""
    total = np.sum(filled, axis=0)
    match kind:
        case "P":
            return np.flatnonzero((total > 0) & (total < len(places))), places[-1]
        case "R":
            return np.flatnonzero(total == 0), places[0]
        case "E":
            return np.flatnonzero(total > 1), places[-1]
        case "C":
            return np.flatnonzero(filled[0] & (total < len(places))), places[1]
        case _:
            return np.flatnonzero(filled[0] & (total == 1)), places[1]


@cache
def _notes(rules: Grammar) -> dict[tuple[str, tuple[int, ...]], tuple[int, ...]]:
    """The relational conditions, and the nodes that have them."""
    nodes_of: dict[tuple[str, tuple[int, ...]], list[int]] = {}
    for number, node in enumerate(rules.nodes):
        for note in node.notes:
            nodes_of.setdefault((note.kind, note.positions), []).append(number)
    return {note: tuple(nodes) for note, nodes in nodes_of.items()}


def _ints(values: list[int]) -> Ints:
    return np.array(values, dtype=np.int32)
