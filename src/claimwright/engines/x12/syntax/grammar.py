"""The guides of a transaction set as lookup tables over whole arrays.

Loops and nodes of all its guides have common numbers, the envelope's first, so that a file may contain
professional, institutional and dental transactions.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import product

import numpy as np
import numpy.typing as npt

from claimwright.engines.x12.guides.guide import (
    Guide,
    GuideError,
    Loop,
    SegmentNode,
    envelope_guide,
    load_guide,
    qualifier_positions,
)
from claimwright.engines.x12.native.kernel import Hash
from claimwright.engines.x12.native.widths import (
    LOOP_BITS,
    MAX_COMPONENTS,
    MAX_ELEMENTS,
    MAX_LOOPS,
    MAX_NODES,
    MAX_STAGES,
    MAX_VARIANTS,
    QUALIFIER_BITS,
    TAG_BITS,
    require_at_most,
)

from .tokenizer import Ints, Words, code
from .transaction_set import TransactionSet

# Multipliers tried for each size of a table before it is doubled.
_TRIES = 200


class Table:
    """A map from 64-bit keys to small numbers, looked up for a whole array at once; -1 if absent."""

    def __init__(self, entries: dict[int, int]) -> None:
        keys = np.fromiter(entries, dtype=np.uint64, count=len(entries))
        values = np.fromiter(entries.values(), dtype=np.int32, count=len(entries))
        self._factor, bits, place = _without_collision(keys)
        self._shift = np.uint64(64 - bits)
        self._keys = np.zeros(1 << bits, dtype=np.uint64)
        self._values = np.full(1 << bits, -1, dtype=np.int32)
        self._keys[place] = keys
        self._values[place] = values

    @property
    def hash(self) -> Hash:
        """The table in the form of the kernel."""
        return Hash(self._keys, self._values, int(self._factor), int(self._shift))

    def _place(self, keys: npt.NDArray[np.uint64]) -> npt.NDArray[np.intp]:
        return ((keys * self._factor) >> self._shift).astype(np.intp)

    def __getitem__(self, keys: npt.NDArray[np.uint64]) -> Ints:
        place = self._place(keys)
        found = self._values.take(place)
        found[self._keys.take(place) != keys] = -1
        return found


def _without_collision(
    keys: npt.NDArray[np.uint64],
) -> tuple[np.uint64, int, npt.NDArray[np.intp]]:
    """A multiplier for which no two keys share a position of a table, its bits, and the positions.

    The probability of a collision in a table of n positions is about 1 - exp(-keys^2 / 2n). The smallest
    table with a reasonable chance is tried first, since a small one stays in the processor's cache.
    Multipliers are generated like Knuth's MMIX: importing numpy's generators only for this would be slow.
    """
    drawn = 837
    count = max(len(keys), 2)
    bits = math.ceil(math.log2(max(count, count**2 / (2 * math.log(_TRIES)))))
    while True:
        for _ in range(_TRIES):
            drawn = (drawn * 6364136223846793005 + 1442695040888963407) % 2**64
            factor = np.uint64(drawn | 1)
            place = (keys * factor) >> np.uint64(64 - bits)
            if np.diff(np.sort(place)).all():
                return factor, bits, place.astype(np.intp)
        bits += 1


def key(loop: int, tag: int, qualifier: int) -> int:
    """The key of a segment variant in a loop."""
    return (loop << _LOOP_SHIFT) | (tag << QUALIFIER_BITS) | qualifier


_LOOP_SHIFT = TAG_BITS + QUALIFIER_BITS
_NO_LOOP = np.uint64((1 << LOOP_BITS) - 1)


def keys(loop: Ints, tag: Words, qualifier: Words) -> npt.NDArray[np.uint64]:
    """`key` for arrays; a loop of -1 matches nothing, and neither does a qualifier too long for a key."""
    wide = qualifier.astype(np.uint64)
    made: npt.NDArray[np.uint64] = loop.astype(np.uint64) & _NO_LOOP
    made |= np.where(wide >> np.uint64(QUALIFIER_BITS), _NO_LOOP, np.uint64(0))
    made <<= np.uint64(_LOOP_SHIFT)
    made |= tag.astype(np.uint64) << np.uint64(QUALIFIER_BITS)
    made |= wide & np.uint64((1 << QUALIFIER_BITS) - 1)
    return made


@dataclass(frozen=True)
class Openers:
    """The segments that open loops: their tags, and (parent loop, tag, qualifier) to the loop opened."""

    tags: Words
    opens: Table

    @classmethod
    def of(cls, entries: dict[int, int]) -> Openers:
        """From keys to loop numbers."""
        return cls(
            np.unique([k >> QUALIFIER_BITS & ((1 << TAG_BITS) - 1) for k in entries]).astype(np.uint32),
            Table(entries),
        )


@dataclass(frozen=True, eq=False)
class Grammar:
    """The guides together. `loops[i]` and `nodes[i]` are the meaning of number i in an array."""

    of: TransactionSet
    guides: tuple[Guide, ...]
    loops: tuple[Loop, ...]
    nodes: tuple[SegmentNode, ...]
    loop_guide: Ints
    """Index in `guides` of each loop's guide."""
    node_loop: Ints
    first_loop: tuple[int, ...]
    """The number of each guide's first loop: its HEADER."""
    first_node: tuple[int, ...]
    variant_of: Table
    """(loop, tag, qualifier) to variant: a node with one of its qualifiers."""
    variants: tuple[tuple[int, str], ...]
    """The node and the qualifier (empty if it has none) of each variant."""
    variant_node: Ints
    variants_in: Mapping[tuple[int, str], list[int]]
    """The variants of each loop and tag."""
    stages: tuple[Openers, ...]
    """The openers of the nesting loops, from the hierarchy inwards."""
    parties: Openers
    """The openers of party loops."""
    host: Ints
    """For each nesting loop the innermost loop, itself or an outer one, that has parties."""

    @cached_property
    def unit_tag(self) -> int:
        """The tag that opens a unit, such as a claim, as a number."""
        return code(self.of.unit)

    @cached_property
    def line_tag(self) -> int:
        """The tag that opens a service line, as a number; 0 if there are none."""
        return code(self.of.line)

    @cached_property
    def qualified(self) -> tuple[str, ...]:
        """The tags of the guides that have a qualifier."""
        return tuple(sorted({node.segment for node in self.nodes} & set(qualifier_positions())))

    def guide_for_version(self, version: str) -> Guide | None:
        """The guide that a version such as 005010X222A1 names, or None."""
        return next((guide for guide in self.guides[1:] if version in guide.versions), None)

    def only_guide(self, transaction: str) -> Guide | None:
        """The guide of a transaction set if there is just one: then its version need not be stated."""
        found = [guide for guide in self.guides[1:] if guide.transaction == transaction]
        return found[0] if len(found) == 1 else None

    def loop_number(self, guide: str, name: str) -> int:
        """The number of a loop; KeyError if the guide has none with that name."""
        which = self.guide_number(guide)
        return self.first_loop[which] + self.guides[which].loop(name).index

    def variant_numbers(self, guide: str, loop: str, tag: str, qualifiers: tuple[str, ...]) -> list[int]:
        """The variants of a segment in a loop with one of these qualifiers; all of them if none is given."""
        return [
            variant
            for variant in self.variants_in.get((self.loop_number(guide, loop), tag), ())
            if not qualifiers or self.variants[variant][1] in ("", *qualifiers)
        ]

    def guide_number(self, guide: str) -> int:
        """The number of a guide by its name, such as 837P."""
        return next(number for number, each in enumerate(self.guides) if each.name == guide)


def qualifier_place(tag: str) -> tuple[int, int]:
    """Element and component of a tag's qualifier; element 0 if it has none. HL's qualifier is its level."""
    return qualifier_positions().get(tag, (0, 0))


@cache
def grammar(of: TransactionSet) -> Grammar:
    """The envelope and the guides of a transaction set as one."""
    envelope = envelope_guide(of.functional_group)
    return grammar_of(of, (envelope, *(load_guide(name) for name in of.guides)))


def grammar_of(of: TransactionSet, guides: tuple[Guide, ...]) -> Grammar:
    """These guides as one, the envelope's first.

    Raises:
        GuideError: a qualifier is too long for a key.
        WidthError: there are more loops, segments or elements than the arrays allow.
    """
    _require_room(guides)
    loops: list[Loop] = []
    nodes: list[SegmentNode] = []
    loop_guide, node_loop, first_loop, first_node = [], [], [], []
    variant_of: dict[int, int] = {}
    variants: list[tuple[int, str]] = []
    variants_in: dict[tuple[int, str], list[int]] = {}
    stages: dict[int, dict[int, int]] = {}
    parties: dict[int, int] = {}
    hosts: list[int] = []
    for which, guide in enumerate(guides):
        first_loop.append(len(loops))
        first_node.append(len(nodes))
        depth = _depths(guide)
        for loop in guide.loops:
            number = len(loops)
            loops.append(loop)
            loop_guide.append(which)
            for node in loop.nodes:
                for qualifier in node.qualifiers or ("",):
                    variant_of[key(number, code(node.segment), code(qualifier))] = len(variants)
                    variants_in.setdefault((number, node.segment), []).append(len(variants))
                    variants.append((len(nodes), qualifier))
                nodes.append(node)
                node_loop.append(number)
            entries = parties if _is_party(loop) else stages.setdefault(depth.get(loop.name, 0), {})
            above = (guide.loops[0].name,) if loop.opener.segment == "HL" else loop.parents
            for parent, qualifier in product(above, loop.opener.qualifiers or ("",)):
                over = first_loop[-1] + guide.loop(parent).index
                entries[key(over, code(loop.opener.segment), code(qualifier))] = number
            hosts.append(first_loop[-1] + guide.loop(_host(guide, loop)).index)
    del stages[0]
    require_at_most(len(variants), MAX_VARIANTS, "segments with their qualifiers")
    require_at_most(len(stages), MAX_STAGES, "stages of nested loops")
    return Grammar(
        of,
        guides,
        tuple(loops),
        tuple(nodes),
        np.array(loop_guide, dtype=np.int32),
        np.array(node_loop, dtype=np.int32),
        tuple(first_loop),
        tuple(first_node),
        Table(variant_of),
        tuple(variants),
        np.array([node for node, _ in variants], dtype=np.int32),
        variants_in,
        tuple(Openers.of(stages[depth]) for depth in sorted(stages)),
        Openers.of(parties),
        np.array(hosts, dtype=np.int32),
    )


def _require_room(guides: tuple[Guide, ...]) -> None:
    nodes = [node for guide in guides for node in guide.nodes]
    require_at_most(sum(len(guide.loops) for guide in guides), MAX_LOOPS, "loops")
    require_at_most(len(nodes), MAX_NODES, "segments")
    for node in nodes:
        require_at_most(len(node.elements), MAX_ELEMENTS, f"elements of {node.segment}")
        for spec in node.elements:
            require_at_most(len(spec.components), MAX_COMPONENTS, f"components of {spec.number}")
        for qualifier in node.qualifiers:
            if len(qualifier) * 8 > QUALIFIER_BITS:
                raise GuideError(f"loop {node.loop}: qualifier {qualifier} of {node.segment} is too long")


def _is_party(loop: Loop) -> bool:
    return loop.opener.segment == "NM1"


def _host(guide: Guide, loop: Loop) -> str:
    """The innermost loop around this one, or itself, that can have parties."""
    if not loop.parents or (
        not _is_party(loop) and any(_is_party(child) for child in guide.children(loop.name))
    ):
        return loop.name
    return _host(guide, guide.loop(loop.parents[0]))


def _depths(guide: Guide) -> dict[str, int]:
    """The depth of each loop. All HL loops have the same depth: an HL opens its loop wherever it occurs."""
    if guide.name == "envelope":
        return {}

    def depth(loop: Loop) -> int:
        if not loop.parents:
            return 0
        return (
            1 if loop.opener.segment == "HL" else 1 + max(depth(guide.loop(above)) for above in loop.parents)
        )

    return {loop.name: depth(loop) for loop in guide.loops if loop.parents}
