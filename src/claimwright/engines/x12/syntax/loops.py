"""Finds the loop of each segment, for a whole block at once.

A loop is opened by its first segment (with its qualifier, under the right parent) and lasts until
another of the same depth or less opens. Filling the openers forward, stage by stage, gives each
segment its loop without iterating over the segments.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from claimwright.engines.x12.native.choice import compiled
from claimwright.engines.x12.native.kernel import Kernel, Structures, structures_of

from .grammar import Grammar, Table, keys, qualifier_place
from .tokenizer import ENVELOPE_TAGS, Flags, Ints, Segments, Words, code

ISA, GS, ST, SE, GE, IEA = (code(tag) for tag in ("ISA", "GS", "ST", "SE", "GE", "IEA"))
HL = code("HL")


@dataclass(frozen=True)
class Structure:
    """The place of each segment of a block in the guides. -1 means none."""

    grammar: Grammar
    """The grammar of the guides."""
    loop: Ints
    """Innermost loop, as numbered in the grammar."""
    variant: Ints
    """Segment with its qualifier in that loop; -1 if the guide has no such segment there."""
    node: Ints
    """The guide's node of the variant; -1 likewise."""
    qualifier: Words
    """The qualifier that distinguishes the segment's variants, as a number; 0 if it has none."""
    opener: Ints
    """The segment that opened the innermost loop: the instance of the loop."""
    stage_opener: tuple[Ints, ...]
    """By stage (0 the transaction): the segment that opened the loop of that stage."""
    opens: Flags
    """Whether the segment opens a loop."""


def _structure_compiled(native: Kernel, segments: Segments, rules: Grammar) -> Structure:
    qualifier = qualifiers(segments, rules)
    starts = np.flatnonzero(segments.tag == ST).astype(np.int32)
    headers = np.array(_headers_of(segments, starts, rules), dtype=np.int32)
    loop, opener, stage_opener, opens, variant, node = native.structure(
        segments.tag, qualifier, _structures(rules), ENVELOPE_TAGS, headers
    )
    return Structure(rules, loop, variant, node, qualifier, opener, stage_opener, opens)


@compiled(_structure_compiled)
def structure_of(segments: Segments, rules: Grammar) -> Structure:
    """The place of every segment of a block by the guides of a grammar.

    First the nesting loops (hierarchy, claim, other subscriber, line and loops inside a line), stage by
    stage. Then the parties, whose NM1 is the same in several loops: it opens the loop of that party in the
    innermost nesting loop that has parties.
    """
    qualifier = qualifiers(segments, rules)
    # This covers only the few segments that can open a loop; the others are in the open loop.
    marks = _marks(segments, rules)
    tag, kind = segments.tag[marks], qualifier[marks]
    place = np.arange(len(marks), dtype=np.int32)
    opened, transaction = _envelope(segments, marks, rules)
    resets = np.isin(tag, ENVELOPE_TAGS)
    parent = innermost = _fill(opened, resets, place)[0]
    stages = [transaction]
    nested = resets
    for stage in rules.stages:
        candidates = np.flatnonzero(np.isin(tag, stage.tags)).astype(np.int32)
        here = np.full(len(marks), -1, dtype=np.int32)
        here[candidates] = _find(stage.opens, parent, tag, kind, candidates)
        opened = np.where(here >= 0, here, opened)
        # A loop of this stage ends when another of it opens, or one of an earlier stage.
        nested = nested | (here >= 0)
        parent, last = _fill(here, nested, place)
        innermost = np.where(parent >= 0, parent, innermost)
        stages.append(np.where(parent >= 0, last, -1))
    candidates = np.flatnonzero(np.isin(tag, rules.parties.tags)).astype(np.int32)
    host = np.append(rules.host, np.int32(-1))[innermost]
    party = _find(rules.parties.opens, host, tag, kind, candidates)
    opened[candidates] = np.where(party >= 0, party, opened[candidates])
    opening = resets | (opened >= 0)
    loop_at, opener_at = _fill(opened, opening, place)

    reach = np.diff(np.append(marks, len(segments)))
    to_segment = np.append(marks, np.int32(-1))
    loop, opener = np.repeat(loop_at, reach), np.repeat(to_segment[opener_at], reach)
    _close_envelope(loop, opener, to_segment[transaction], marks, tag, rules)
    opens = np.zeros(len(segments), dtype=bool)
    opens[marks[opening]] = True
    variant = _find(rules.variant_of, loop, segments.tag, qualifier, None)
    return Structure(
        rules,
        loop,
        variant,
        np.append(rules.variant_node, np.int32(-1))[variant],
        qualifier,
        opener,
        tuple(np.repeat(to_segment[stage], reach) for stage in stages),
        opens,
    )


def _marks(segments: Segments, rules: Grammar) -> Ints:
    """The segments whose tag can open a loop, and the first segment."""
    tags = np.unique(
        np.concatenate([ENVELOPE_TAGS, *(stage.tags for stage in rules.stages), rules.parties.tags])
    )
    can = np.isin(segments.tag, tags)
    can[:1] = True
    return np.flatnonzero(can).astype(np.int32)


def _fill(opened: Ints, marks: Flags, position: Ints) -> tuple[Ints, Ints]:
    """Carry the opened loop at each mark forward to the next mark, together with the mark's position."""
    last = np.maximum.accumulate(np.where(marks, position, np.int32(-1)))
    return np.where(last >= 0, opened[last], np.int32(-1)), last


def _find(table: Table, loop: Ints, tag: Words, qualifier: Words, rows: Ints | None) -> Ints:
    """Look rows (or all) up by loop, tag and qualifier, then without the qualifier."""
    if rows is not None:
        loop, tag, qualifier = loop.take(rows), tag.take(rows), qualifier.take(rows)
    found = table[keys(loop, tag, qualifier)]
    plain = np.flatnonzero((found < 0) & (qualifier != 0))
    if len(plain):
        found[plain] = table[keys(loop[plain], tag[plain], np.zeros(len(plain), np.uint32))]
    return found


def _qualifiers_compiled(native: Kernel, segments: Segments, rules: Grammar) -> Words:
    s = segments
    tokens = s.tag, s.first_element, s.element_start, s.element_end
    return native.qualifiers(s.data, tokens, s.delimiters.component, _qualifier_places(rules))


@compiled(_qualifiers_compiled)
def qualifiers(segments: Segments, rules: Grammar) -> Words:
    """The qualifier of every segment whose tag has one."""
    found = np.zeros(len(segments), dtype=np.uint32)
    for tag in rules.qualified:
        rows = np.flatnonzero(segments.tag == code(tag)).astype(np.int32)
        if len(rows):
            element, component = qualifier_place(tag)
            if component:
                start, length = segments.component(rows, element - 1, component)
            else:
                start, length = segments.element(rows, element - 1)
            found[rows] = segments.codes(start, length)
    return found


@cache
def _structures(rules: Grammar) -> Structures:
    """The openers of loops, in the form of the kernel."""
    nobody = np.zeros(0, dtype=np.uint32)
    return structures_of(
        [
            *((each.tags, each.opens.hash) for each in (*rules.stages, rules.parties)),
            (nobody, rules.variant_of.hash),
        ],
        interchange=rules.first_loop[0],
        host=rules.host,
        variant_node=rules.variant_node,
    )


@cache
def _qualifier_places(rules: Grammar) -> tuple[Words, Ints, Ints]:
    """The tags that have a qualifier, with its element (from 0) and component."""
    places = np.array([qualifier_place(tag) for tag in rules.qualified], dtype=np.int32).reshape(-1, 2)
    tags = np.array([code(tag) for tag in rules.qualified], dtype=np.uint32)
    return tags, np.ascontiguousarray(places[:, 0] - 1), np.ascontiguousarray(places[:, 1])


def _envelope(segments: Segments, marks: Ints, rules: Grammar) -> tuple[Ints, Ints]:
    """The loop that each envelope mark opens for the next segments, and the ST (GS, ISA) of every mark."""
    tag = segments.tag[marks]
    opened = np.full(len(marks), -1, dtype=np.int32)
    interchange = rules.first_loop[0]
    opened[(tag == ISA) | (tag == GE)] = interchange
    opened[(tag == GS) | (tag == SE)] = interchange + 1
    transactions = np.flatnonzero(tag == ST)
    opened[transactions] = _headers_of(segments, marks[transactions], rules)
    starts = (tag == ST) | (tag == GS) | (tag == ISA)
    place = np.arange(len(marks), dtype=np.int32)
    return opened, np.maximum.accumulate(np.where(starts, place, np.int32(-1)))


def _close_envelope(
    loop: Ints, opener: Ints, transaction: Ints, marks: Ints, tag: Words, rules: Grammar
) -> None:
    """Put the trailers into the loop that they close; after them the outer loop is open."""
    closing = np.flatnonzero((tag == SE) & (transaction >= 0))
    loop[marks[closing]] = loop[transaction[closing]]
    opener[marks[closing]] = transaction[closing]
    loop[marks[tag == GE]] = rules.first_loop[0] + 1
    loop[marks[tag == IEA]] = rules.first_loop[0]


def _headers_of(segments: Segments, rows: Ints, rules: Grammar) -> list[int]:
    """By ST: the HEADER loop of the guide named in ST03, or of its group in GS08; else -1."""
    groups = np.flatnonzero(segments.tag == GS).astype(np.int32)
    versions = ["", *_elements(segments, groups, 7)]
    of_group = np.searchsorted(groups, rows).tolist()
    named = zip(_elements(segments, rows, 0), _elements(segments, rows, 2), of_group, strict=True)
    known: dict[tuple[str, str], int] = {}
    found = []
    for kind, version, group in named:
        asked = kind, version or versions[group]
        if asked not in known:
            known[asked] = _header_loop(*asked, rules)
        found.append(known[asked])
    return found


def _header_loop(kind: str, version: str, rules: Grammar) -> int:
    guide = rules.guide_for_version(version) if version else rules.only_guide(kind)
    if guide is None or kind != guide.transaction:
        return -1
    return rules.first_loop[rules.guide_number(guide.name)]


def _elements(segments: Segments, rows: Ints, ordinal: int) -> list[str]:
    start, length = segments.element(rows, ordinal)
    data = segments.data
    return [
        data[at : at + count].tobytes().decode("latin-1")
        for at, count in zip(start.tolist(), length.tolist(), strict=True)
    ]
