"""Splits a stream of bytes into blocks of whole units, such as claims, with memory independent of its length.

A block ends where a unit or an outer level begins. The segments on which the next block depends (interchange,
group, transaction header, billing provider, subscriber, patient) are repeated before it as context, so that
each block can be read independently. The transaction set defines its units and levels.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import numpy.typing as npt

from .fixed_width_lines import BOM, unwrapped
from .grammar import qualifier_place
from .headers import HEADER_BYTES, announced, first_header, first_possible, headerless, next_header
from .loops import GE, GS, IEA, ISA, SE
from .tokenizer import DEFAULT_DELIMITERS, Delimiters, Ints, Segments, Words, code, tokenize
from .transaction_set import Level, TransactionSet

# Large enough that the fixed cost of a block is small.
BLOCK_BYTES = 8 << 20
# The first blocks are smaller, so that all threads have work early.
FIRST_BLOCK_BYTES = 4 << 20
# The longest possible segment of the guides is a few thousand characters.
MAX_SEGMENT_BYTES = 1 << 20
# A claim of 999 lines with every loop filled is under 8 MB.
MAX_CLAIM_BYTES = 64 << 20
# A level of the hierarchy has a few dozen segments, a few thousand characters. The size of the repeated
# context must not grow with a level that never ends.
MAX_LEVEL_BYTES = 256 << 10
# If no interchange begins within this many bytes, there is none.
MAX_PREAMBLE_BYTES = 1 << 20
_KEPT_OF_OVERSIZED = 4096

_BLANK = b" \r\n\t\x00\x1a"
_CR, _LF = b"\r", b"\n"


@dataclass(frozen=True, slots=True)
class StreamFault:
    """A fault of the stream itself: catalogue code, segment position (0 before the first), detail."""

    code: str
    segment: int
    detail: str


@dataclass
class Block:
    """Segments to be read together, and their position in the stream."""

    segments: Segments
    faults: list[StreamFault] = field(default_factory=list)
    last: bool = False
    """Whether the stream ends with this block."""


@dataclass
class _State:
    of: TransactionSet
    buffer: bytes = b""
    delimiters: Delimiters | None = None
    context: bytes = b""
    context_count: int = 0
    number: int = 1
    is_headerless: bool = False
    dropping: int = 0
    dropped_number: int = 0
    faults: list[StreamFault] = field(default_factory=list)

    def forget(self) -> None:
        """Reset at the beginning of another interchange."""
        self.delimiters, self.context, self.context_count = None, b"", 0


def blocks(chunks: Iterable[bytes], of: TransactionSet, *, block_bytes: int = BLOCK_BYTES) -> Iterator[Block]:
    """Split a stream into blocks. The last one has `last` set; an empty stream gives one empty block."""
    state = _State(of)
    source = unwrapped(chunks)
    pending: Block | None = None
    ended = False
    size = min(FIRST_BLOCK_BYTES, block_bytes)
    wanted = size
    while not ended or state.buffer:
        if not ended:
            ended = _fill(state, source, wanted)
        before = len(state.buffer)
        block = _next_block(state, ended)
        if block is not None:
            if pending is not None:
                yield pending
            pending = block
        # If there is no complete claim yet, more is read before the next attempt.
        if len(state.buffer) < before:
            size = min(2 * size, block_bytes)
            wanted = size
        else:
            wanted = before + block_bytes
    if pending is None:
        pending = Block(tokenize(b"", DEFAULT_DELIMITERS))
        if not state.faults:
            state.faults.append(StreamFault("SYN080", 0, "the file is empty"))
    pending.faults += state.faults
    pending.last = True
    yield pending


def _fill(state: _State, source: Iterator[bytes], wanted: int) -> bool:
    """Read until the buffer has as many bytes as wanted. Returns whether the stream has ended."""
    pieces, size = [state.buffer], len(state.buffer)
    ended = False
    while size < wanted and not ended:
        chunk = next(source, None)
        if chunk is None:
            ended = True
        else:
            pieces.append(_admitted(state, chunk))
            size += len(pieces[-1])
    state.buffer = b"".join(pieces)
    if state.number == 1 and state.delimiters is None:
        state.buffer = state.buffer.removeprefix(BOM)
    if ended:
        state.buffer = state.buffer.rstrip(_BLANK)
        if state.dropping:
            _oversized(state, state.dropping, state.dropped_number)
            state.dropping = 0
    return ended


def _admitted(state: _State, chunk: bytes) -> bytes:
    """The part of a chunk to keep: inside an oversized segment nothing until its terminator."""
    if state.delimiters is None:
        return chunk
    if state.delimiters.terminator == _LF[0]:
        chunk = chunk.replace(_CR, _LF)
    if state.dropping:
        end = chunk.find(state.delimiters.terminator)
        state.dropping += len(chunk) if end < 0 else end
        if end < 0:
            return b""
        _oversized(state, state.dropping, state.dropped_number)
        state.dropping = 0
        chunk = chunk[end:]
    return chunk


def _next_block(state: _State, ended: bool) -> Block | None:
    """A block from the front of the buffer; None if more bytes are needed, or none are left."""
    if state.buffer.startswith(b"ISA") and announced(state.buffer, 0) not in (None, state.delimiters):
        state.forget()
    if state.delimiters is None and not _find_interchange(state, ended):
        return None
    assert state.delimiters is not None
    stop = next_header(state.buffer, state.delimiters)
    whole = ended or stop is not None
    content = state.buffer if stop is None else state.buffer[:stop].rstrip(_BLANK)
    if not content.strip(_BLANK):
        state.buffer = b"" if stop is None else state.buffer[stop:]
        if stop is not None:
            state.forget()
        return None
    if not whole:
        tail = content.rfind(state.delimiters.terminator, max(0, len(content) - MAX_SEGMENT_BYTES))
        if tail < 0 and len(content) > MAX_SEGMENT_BYTES:
            _drop_tail(state)
            return None
    terminator = bytes([state.delimiters.terminator])
    if whole and not content.endswith(terminator) and terminator != _LF:
        state.faults.append(
            StreamFault("SYN085", 0, "the end of the file" if ended else "before the next ISA")
        )
    segments, content = _cut(state, content, whole)
    keep = len(segments)
    if not whole:
        cuts = np.flatnonzero(np.isin(segments.tag, _cuts(state.of)))
        cuts = cuts[cuts > segments.context]
        if not len(cuts):
            if len(content) < MAX_CLAIM_BYTES:
                state.buffer = content
                return None
            cuts = np.array([len(segments) - 1])
        keep = int(cuts[-1])
    block = _block(state, segments, keep)
    if stop is not None:
        state.buffer = state.buffer[stop:]
        state.forget()
    else:
        consumed = (
            len(content)
            if keep == len(segments)
            else int(segments.start[keep]) - (segments.size - len(content))
        )
        state.buffer = content[consumed:]
    return block


def _cut(state: _State, content: bytes, whole: bool) -> tuple[Segments, bytes]:
    """The segments of the context and the content, and the content as it was split.

    Bytes that are not UTF-8 are converted to UTF-8, and oversized segments are truncated.
    """
    assert state.delimiters is not None
    content = _in_utf8(state, content, whole)
    made = tokenize(
        content,
        state.delimiters,
        before=state.context,
        context=state.context_count,
        first_number=state.number,
    )
    long = np.flatnonzero(made.end - made.start > MAX_SEGMENT_BYTES)
    if not len(long):
        return made, content
    text = state.context + content
    pieces, at = [], 0
    for segment in long:
        _oversized(state, int(made.end[segment] - made.start[segment]), int(made.number[segment]))
        keep = int(made.start[segment]) + _KEPT_OF_OVERSIZED
        pieces.append(text[at:keep].decode("utf-8", "ignore").encode("utf-8"))
        at = int(made.end[segment])
    text = b"".join([*pieces, text[at:]])
    made = tokenize(text, state.delimiters, context=state.context_count, first_number=state.number)
    return made, text[len(state.context) :]


def _in_utf8(state: _State, content: bytes, whole: bool) -> bytes:
    """The content with every run of bytes that is not UTF-8 decoded as Latin-1; the first is reported."""
    assert state.delimiters is not None
    if content.isascii():
        return content
    # An incomplete segment may end within a character.
    end = len(content) if whole else content.rfind(state.delimiters.terminator) + 1
    try:
        content[:end].decode("utf-8")
    except UnicodeDecodeError as problem:
        before = tokenize(content[: problem.start], state.delimiters)
        unfinished = content[: problem.start].rstrip(_BLANK)[-1:] != bytes([state.delimiters.terminator])
        number = state.number + max(len(before) - unfinished, 0)
        state.faults.append(StreamFault("SYN082", number, "first of its kind in this block"))
        return content[:end].decode("utf-8", _LATIN_1).encode("utf-8") + content[end:]
    return content


_LATIN_1 = "claimwright.latin-1"


def _as_latin_1(problem: UnicodeError) -> tuple[str, int]:
    """Decode the bytes up to the next ASCII character as Latin-1."""
    assert isinstance(problem, UnicodeDecodeError)
    end = problem.end
    while end < len(problem.object) and problem.object[end] >= 0x80:
        end += 1
    return problem.object[problem.start : end].decode("latin-1"), end


codecs.register_error(_LATIN_1, _as_latin_1)


def _oversized(state: _State, size: int, segment: int) -> None:
    state.faults.append(StreamFault("SYN081", segment, f"{size:,} bytes, at most {MAX_SEGMENT_BYTES:,}"))


def _drop_tail(state: _State) -> None:
    """Keep the beginning of an endless segment and skip the rest."""
    assert state.delimiters is not None
    start = state.buffer.rfind(state.delimiters.terminator) + 1
    state.dropping = len(state.buffer) - start
    before = tokenize(state.buffer[:start], state.delimiters) if start else ()
    state.dropped_number = state.number + len(before)
    state.buffer = state.buffer[: start + _KEPT_OF_OVERSIZED]


def _block(state: _State, segments: Segments, keep: int) -> Block:
    """The block of the first `keep` segments; the state then continues after them."""
    cut = _first(segments, keep)
    block = Block(cut, state.faults)
    state.faults = []
    state.number += keep - segments.context
    context = _context(cut, state.of)
    end = bytes([segments.delimiters.terminator])
    state.context = b"".join(cut.text(int(row)) + end for row in context)
    state.context_count = len(context)
    return block


def _first(segments: Segments, keep: int) -> Segments:
    if keep == len(segments):
        return segments
    elements = int(segments.first_element[keep])
    size = int(segments.start[keep])
    return Segments(
        data=segments.data,
        size=size,
        delimiters=segments.delimiters,
        start=segments.start[:keep],
        end=segments.end[:keep],
        tag=segments.tag[:keep],
        first_element=segments.first_element[: keep + 1],
        element_start=segments.element_start[:elements],
        element_end=segments.element_end[:elements],
        present=segments.present[:keep],
        component_cuts=segments.component_cuts[: np.searchsorted(segments.component_cuts, size)],
        context=segments.context,
        first_number=segments.first_number,
    )


def _context(segments: Segments, of: TransactionSet) -> Ints:
    """The segments on which the segments after a block depend."""
    tag = segments.tag
    none = np.zeros(0, dtype=np.int32)
    marks = segments.envelope
    if not len(marks):
        # Headerless content, or a hierarchy without an envelope.
        return none
    last = int(marks[-1])
    interchange = np.flatnonzero(tag[: last + 1] == ISA)[-1:]
    group = np.flatnonzero(tag[: last + 1] == GS)[-1:]
    match int(tag[last]):
        case value if value == IEA:
            return none
        case value if value in (GE, ISA):
            return interchange.astype(np.int32)
        case value if value in (SE, GS):
            return np.concatenate([interchange, group]).astype(np.int32)
    # An HL of any other kind opens nothing: the segments after it still belong to the level before.
    levels = [_openers_of(segments, last, level) for level in of.levels]
    units = np.flatnonzero(tag[last:] == code(of.unit)) + last
    ends = np.append(np.sort(np.concatenate([*levels, units])), len(segments))
    parts: list[Ints] = [
        interchange.astype(np.int32),
        group.astype(np.int32),
        _beginning(segments, last, int(ends[0])),
    ]
    after = last
    for opened in levels:
        at = opened[opened > after]
        if len(at):
            after = int(at[-1])
            end = ends[np.searchsorted(ends, after, side="right")]
            parts.append(_beginning(segments, after, int(end)))
    return np.concatenate(parts)


def _openers_of(segments: Segments, first: int, level: Level) -> npt.NDArray[np.intp]:
    """The segments from `first` on that open a level."""
    rows = np.flatnonzero(segments.tag[first:] == code(level.tag)) + first
    if not level.code:
        return rows
    element, _ = qualifier_place(level.tag)
    value = segments.codes(*segments.element(rows.astype(np.int32), element - 1))
    found: npt.NDArray[np.intp] = rows[value == code(level.code)]
    return found


@cache
def _cuts(of: TransactionSet) -> Words:
    """The tags before which a block may end."""
    tags = ("ISA", "GS", "ST", *(level.tag for level in of.levels), of.unit)
    return np.array(sorted({code(tag) for tag in tags}), dtype=np.uint32)


def _beginning(segments: Segments, first: int, end: int) -> Ints:
    """The segments of a level, or of a header; segments beyond the size of any real one are not repeated."""
    rows = np.arange(first, end, dtype=np.int32)
    kept: Ints = rows[segments.end[rows] - segments.start[first] <= MAX_LEVEL_BYTES]
    return kept


def _find_interchange(state: _State, ended: bool) -> bool:
    """Move the buffer to the next ISA and read its delimiters. False if there is none (yet)."""
    at = first_possible(state.buffer)
    if at != 0 and state.number == 1 and not state.is_headerless:
        found = headerless(state.buffer, state.of.identifier, state.of.functional_group)
        if found is not None:
            state.is_headerless = True
            # The structural check reports the missing header.
            _begin(state, found)
            return True
    if at >= 0 and len(state.buffer) - at < HEADER_BYTES and not ended:
        return False
    header = first_header(state.buffer)
    if at >= 0 and (header is None or header.at > at):
        fault = StreamFault("SYN001", state.number, "ISA does not have sixteen elements")
        if fault not in state.faults:
            state.faults.append(fault)
    if header is None:
        if ended or len(state.buffer) > MAX_PREAMBLE_BYTES:
            name = "SYN080" if state.number == 1 else "SYN007"
            if state.buffer.strip(_BLANK) and name not in {fault.code for fault in state.faults}:
                state.faults.append(StreamFault(name, state.number - 1, f"{len(state.buffer):,} bytes"))
            state.buffer = b"" if ended else state.buffer[-HEADER_BYTES:]
        return False
    if state.buffer[: header.at].strip(_BLANK):
        state.faults.append(StreamFault("SYN084", state.number - 1, f"{header.at:,} bytes"))
    state.buffer = state.buffer[header.at :]
    _begin(state, header.delimiters)
    return True


def _begin(state: _State, delimiters: Delimiters) -> None:
    state.delimiters = delimiters
    if delimiters.terminator == _LF[0]:
        # Different line breaks may end the segments of one file: CR, LF, and CR LF.
        state.buffer = state.buffer.replace(_CR, _LF)
