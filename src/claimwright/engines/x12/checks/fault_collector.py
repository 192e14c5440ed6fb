"""Faults found in a block, collected in columns and turned into one frame.

The place of a fault comes from the block's structure. About the value, a fault states only a length, a class
or a count, never the value itself, which may be PHI.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import numpy.typing as npt
import polars as pl

from claimwright.engines.x12.native.widths import MAX_COMPONENTS
from claimwright.engines.x12.syntax.grammar import Grammar
from claimwright.engines.x12.syntax.joining import JoinedFiles
from claimwright.engines.x12.syntax.loops import SE, ST, Structure
from claimwright.engines.x12.syntax.stream import StreamFault
from claimwright.engines.x12.syntax.tokenizer import Ints, Segments, Words, code

Longs = npt.NDArray[np.int64]

SCHEMA: dict[str, pl.DataType] = {
    "code": pl.String(),
    "claim": pl.Int64(),
    "line": pl.Int32(),
    "transaction": pl.Int64(),
    "loop": pl.String(),
    "segment_id": pl.String(),
    "segment": pl.Int64(),
    "segment_in_transaction": pl.Int64(),
    "element": pl.String(),
    "detail": pl.String(),
}
"""The columns of a frame of faults. `segment` counts from 1 in the file, `segment_in_transaction` from ST."""

AS_IS = np.uint32(0)
"""Instead of a tag: use the segment's own tag."""


@dataclass(frozen=True)
class BlockPosition:
    """The checked block, and its position in the file."""

    segments: Segments
    structure: Structure
    number: Longs
    """Position of each segment in the file, also of repeated context if known."""
    transaction_start: Longs
    """Position in the file of the ST of each transaction of the block."""
    first_transaction: int
    """The ordinal of the block's first ST whose guide is known."""
    first_claim: int
    """The ordinal of the block's first unit: a claim."""
    files: JoinedFiles | None = None
    """If the block contains several files: where each begins."""

    def shown(self, rows: Ints) -> Longs:
        """The positions of these segments in their own files."""
        number = self.number[rows]
        return number if self.files is None else self.files.in_file(number)


@dataclass(frozen=True)
class Chunk:
    """Faults of one code. Arrays have one entry per fault."""

    code: str
    segments: Ints
    element: Ints
    """Element times 256 plus component; 0 for none."""
    tag: Words
    loop: Ints
    detail: list[str | None] | str | None
    number: Longs | None


@dataclass
class FaultCollector:
    """The faults of one block, in the order in which they are found."""

    chunks: list[Chunk] = field(default_factory=list)

    def add(
        self,
        code: str,
        segments: Ints,
        *,
        element: Ints | int = 0,
        component: Ints | int = 0,
        tag: Words | int = 0,
        loop: Ints | int = -1,
        detail: Sequence[str | None] | str | None = None,
        number: Longs | None = None,
    ) -> None:
        """Add a fault of these segments.

        `element` and `component` are 1-based; 0 is none. `tag` and `loop` replace the segment's own if the
        fault is about another segment, such as a missing one. `number` replaces its position in the file if
        the segment is repeated context.
        """
        count = len(segments)
        if not count:
            return
        part = np.minimum(np.asarray(component, np.int32), MAX_COMPONENTS)
        packed = np.broadcast_to(np.asarray(element, np.int32) * np.int32(MAX_COMPONENTS + 1) + part, count)
        tags = np.broadcast_to(np.asarray(tag, np.uint32), count)
        loops = np.broadcast_to(np.asarray(loop, np.int32), count)
        text = list(detail) if detail is not None and not isinstance(detail, str) else detail
        self.chunks.append(Chunk(code, segments.astype(np.int32), packed, tags, loops, text, number))

    def frame(self, place: BlockPosition) -> pl.DataFrame:
        """All faults that are not on repeated context, by position in the file."""
        if not self.chunks:
            return pl.DataFrame(schema=SCHEMA)
        numbers = [
            place.number[chunk.segments] if chunk.number is None else chunk.number for chunk in self.chunks
        ]
        number = np.concatenate(numbers)
        # Context has no position in the file.
        known = np.flatnonzero(number > 0)
        number = number[known]
        rows, element, tag, loop = (
            np.concatenate([getattr(chunk, name) for chunk in self.chunks])[known]
            for name in ("segments", "element", "tag", "loop")
        )
        codes = np.repeat(np.arange(len(self.chunks)), [len(chunk.segments) for chunk in self.chunks])[known]
        shown = np.where(tag == AS_IS, place.segments.tag[rows], tag)
        claim, line = _claims_and_lines(place, rows)
        transaction, since_start = _transactions(place, rows, number)
        frame = pl.DataFrame(
            {
                "code": _picked([chunk.code for chunk in self.chunks], codes),
                "claim": _nullable(claim),
                "line": _nullable(line),
                "transaction": _nullable(transaction),
                "loop": _picked(
                    _loop_names(place.structure.grammar),
                    np.where(loop >= 0, loop, place.structure.loop[rows]),
                ),
                "segment_id": _worded(tag_text_of(place.structure.grammar), shown),
                "segment": number,
                "segment_in_transaction": _nullable(since_start),
                "element": _worded(_labels(place.structure.grammar), shown.astype(np.int64) << 32 | element),
                "detail": _details(self.chunks, known),
                "_element": element,
            },
            schema={**SCHEMA, "_element": pl.Int32()},
        )
        return frame.sort("segment", "_element", "code", "loop", "detail", maintain_order=True).drop(
            "_element"
        )


def stream_faults(faults: Iterable[StreamFault]) -> pl.DataFrame:
    """Faults of the stream itself, which belong to no claim, with the columns of `SCHEMA`."""
    rows = [{"code": fault.code, "segment": fault.segment, "detail": fault.detail} for fault in faults]
    return pl.DataFrame(rows, schema=SCHEMA)


def described(template: Callable[[int, int], str], first: Ints, second: Ints) -> list[str]:
    """A text for each pair of numbers; each distinct pair is formatted once."""
    pairs, where = np.unique(first.astype(np.int64) << 32 | second.astype(np.int64), return_inverse=True)
    words = [template(int(pair >> 32), int(pair & 0xFFFFFFFF)) for pair in pairs]
    return [words[index] for index in where]


def tag_text_of(rules: Grammar) -> Callable[[int], str | None]:
    """A segment id of the guides as text; None for any other id, which could be a part of a value."""
    return _tag_names(rules).get


def _details(chunks: list[Chunk], known: npt.NDArray[np.intp]) -> pl.Series:
    texts: list[str | None] = []
    for chunk in chunks:
        texts += chunk.detail if isinstance(chunk.detail, list) else [chunk.detail] * len(chunk.segments)
    return pl.Series([texts[index] for index in known.tolist()], dtype=pl.String)


def _picked(names: Sequence[str], index: npt.NDArray[np.integer]) -> pl.Series:
    """The name of each index; null for -1."""
    whole = pl.Series([*names, None], dtype=pl.String)
    return whole.gather(np.where(index >= 0, index, len(names)))


def _worded(word: Callable[[int], str | None], values: npt.NDArray[np.integer]) -> pl.Series:
    """A word for each number; each distinct number is formatted once."""
    distinct, where = np.unique(values, return_inverse=True)
    return pl.Series([word(value) for value in distinct.tolist()], dtype=pl.String).gather(where)


def _nullable(values: Longs) -> pl.Series:
    """Ordinals from 1; 0 becomes null."""
    ordinals = pl.Series(values)
    return ordinals.set(ordinals == 0, None)


def _transactions(place: BlockPosition, rows: Ints, number: Longs) -> tuple[Longs, Longs]:
    """The ordinal of these segments' transaction, and their position in it; 0 for none.

    Only transactions with a known guide have an ordinal.
    """
    segments, structure = place.segments, place.structure
    starts = np.flatnonzero(segments.tag == ST)
    at = structure.stage_opener[0][rows]
    which = np.searchsorted(starts, at)
    inside = (at >= 0) & np.isin(at, starts)
    ends = np.flatnonzero(segments.tag == SE)
    # Segments between SE and the next ST do not belong to a transaction.
    inside &= np.searchsorted(ends, rows) == np.searchsorted(ends, at, side="right")
    begun = np.append(place.transaction_start, 0)[np.where(inside, which, -1)]
    known = structure.loop[starts] >= 0
    ordinal = np.append(np.where(known, np.cumsum(known) + place.first_transaction - 1, 0), 0)
    return ordinal[np.where(inside, which, -1)], np.where(inside, number - begun + 1, 0)


def _claims_and_lines(place: BlockPosition, rows: Ints) -> tuple[Longs, Longs]:
    """Claim and line of these segments, as 1-based ordinals; 0 for none."""
    segments, structure = place.segments, place.structure
    claim = np.zeros(len(rows), dtype=np.int64)
    line = np.zeros(len(rows), dtype=np.int64)
    unit, own_line = structure.grammar.unit_tag, structure.grammar.line_tag
    openers = np.flatnonzero((segments.tag == unit) & structure.opens)
    lines = np.flatnonzero((segments.tag == own_line) & structure.opens)
    claim_at = np.full(len(rows), -1)
    for stage in structure.stage_opener:
        at = stage[rows]
        held = np.flatnonzero(at >= 0)
        tag = segments.tag[at[held]]
        is_claim = held[tag == unit]
        claim_at[is_claim] = at[is_claim]
        claim[is_claim] = np.searchsorted(openers, at[is_claim]) + place.first_claim
        is_line = held[tag == own_line]
        # Lines are numbered within their claim, which an outer stage has found.
        line[is_line] = np.searchsorted(lines, at[is_line]) - np.searchsorted(lines, claim_at[is_line]) + 1
    return claim, line


@cache
def _loop_names(rules: Grammar) -> tuple[str, ...]:
    return tuple(loop.name for loop in rules.loops)


def _labels(rules: Grammar) -> Callable[[int], str | None]:
    """The name of an element such as CLM05-1, from a tag and an element with its component."""
    names = _tag_names(rules)

    def label(key: int) -> str | None:
        tag, packed = key >> 32, key & 0xFFFFFFFF
        name = names.get(tag)
        if not packed or name is None:
            return None
        element, component = divmod(packed, MAX_COMPONENTS + 1)
        return f"{name}{element:02d}-{component}" if component else f"{name}{element:02d}"

    return label


@cache
def _tag_names(rules: Grammar) -> dict[int, str]:
    return {code(node.segment): node.segment for node in rules.nodes}
