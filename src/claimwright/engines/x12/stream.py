"""A stream of bytes to blocks of whole claims, in memory that does not grow with the stream.

A block ends where a claim or a hierarchical level begins. What the next block hangs on (interchange,
group, transaction header, billing provider, subscriber, patient) is put in front of it again as
context, so that each block can be read by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

from .loops import CLM, GE, GS, HL, HL_BILLING, HL_PATIENT, HL_SUBSCRIBER, IEA, ISA, SE, ST
from .tokenizer import DEFAULT_DELIMITERS, Delimiters, Ints, Segments, tokenize

# Large enough that the work per block outweighs the overhead of a block, small enough that two blocks
# in flight stay well under the memory that a laptop has to spare.
BLOCK_BYTES = 4 << 20
# The longest segment that the guides can make is a few thousand characters.
MAX_SEGMENT_BYTES = 1 << 20
# A claim of 999 lines with every loop filled stays under 8 MB.
MAX_CLAIM_BYTES = 64 << 20
# An interchange that does not begin in this many bytes does not begin at all.
MAX_PREAMBLE_BYTES = 1 << 20
_KEPT_OF_OVERSIZED = 4096

_CUTS = np.array([ISA, GS, ST, HL, CLM], dtype=np.uint32)
_ENVELOPE = np.array([ISA, GS, ST, SE, GE, IEA], dtype=np.uint32)
_BOM = b"\xef\xbb\xbf"
_BLANK = b" \r\n\t\x00\x1a"
_WHITE = b" \r\n\t"
_HEADERLESS = re.compile(rb"\s*(?:ST(?P<st>[^\w\s])837(?P=st)|GS(?P<gs>[^\w\s])HC(?P=gs))")


@dataclass(frozen=True, slots=True)
class StreamFault:
    """A fault of the stream itself: catalogue code, segment position (0 before the first), detail."""

    code: str
    segment: int
    detail: str


@dataclass
class Block:
    """Segments to be read together, and where in the stream they stand."""

    segments: Segments
    faults: list[StreamFault] = field(default_factory=list)
    in_transaction_before: int = 0
    """Segments of the transaction that is open at the start of the block, before the block."""
    last: bool = False
    """Whether the stream ends with this block."""


@dataclass
class _State:
    buffer: bytes = b""
    delimiters: Delimiters | None = None
    context: bytes = b""
    context_count: int = 0
    number: int = 1
    in_transaction: int = 0
    headerless: bool = False
    dropping: int = 0
    faults: list[StreamFault] = field(default_factory=list)


def blocks(chunks: Iterable[bytes], *, block_bytes: int = BLOCK_BYTES) -> Iterator[Block]:
    """Cut a stream into blocks. The last one has `last` set; an empty stream gives one empty block."""
    state = _State()
    source = iter(chunks)
    pending: Block | None = None
    ended = False
    first = True
    while not ended or state.buffer:
        while not ended and len(state.buffer) < block_bytes:
            chunk = next(source, None)
            if chunk is None:
                ended = True
                state.buffer = state.buffer.rstrip(_BLANK)
                break
            if first:
                chunk = chunk.removeprefix(_BOM)
                first = False
            state.buffer = _admit(state, chunk)
        before = len(state.buffer)
        block = _next_block(state, ended)
        if block is not None:
            if pending is not None:
                yield pending
            pending = block
        elif not ended and len(state.buffer) >= before:
            # Not a whole claim yet: read on.
            chunk = next(source, None)
            ended = chunk is None
            state.buffer = state.buffer.rstrip(_BLANK) if chunk is None else _admit(state, chunk)
    if pending is None:
        pending = Block(tokenize(b"", DEFAULT_DELIMITERS))
    pending.faults += state.faults
    pending.last = True
    yield pending


def _admit(state: _State, chunk: bytes) -> bytes:
    """The buffer with a chunk more; inside an oversized segment nothing is kept until its terminator."""
    if state.dropping and state.delimiters:
        end = chunk.find(state.delimiters.terminator)
        if end < 0:
            state.dropping += len(chunk)
            return state.buffer
        _oversized(state, state.dropping + end, state.number)
        state.dropping = 0
        chunk = chunk[end:]
    return state.buffer + chunk


def _next_block(state: _State, ended: bool) -> Block | None:
    """A block from the front of the buffer; None where more bytes are needed, or none are left."""
    if state.delimiters is None and not _find_interchange(state, ended):
        return None
    assert state.delimiters is not None
    stop = _other_delimiters(state)
    whole = ended or stop is not None
    content = state.buffer[:stop] if stop is not None else state.buffer
    if not content.strip(_BLANK):
        state.buffer = state.buffer[len(content) :]
        state.delimiters = None
        return None
    if not whole:
        tail = content.rfind(state.delimiters.terminator, max(0, len(content) - MAX_SEGMENT_BYTES))
        if tail < 0 and len(content) > MAX_SEGMENT_BYTES:
            _drop_tail(state)
            return None
    terminated = content.rstrip(_BLANK).endswith(bytes([state.delimiters.terminator]))
    if whole and not terminated and chr(state.delimiters.terminator) not in "\r\n":
        state.faults.append(
            StreamFault("SYN085", 0, "the end of the file" if ended else "before the next ISA")
        )
    segments = _cut(state, content)
    keep = len(segments)
    if not whole:
        cuts = np.flatnonzero(np.isin(segments.tag, _CUTS))
        cuts = cuts[cuts > segments.context]
        if not len(cuts):
            if len(content) < MAX_CLAIM_BYTES:
                return None
            cuts = np.array([len(segments) - 1])
        keep = int(cuts[-1])
    consumed = len(content) if keep == len(segments) else int(segments.start[keep]) - len(state.context)
    block = _block(state, segments, keep)
    state.buffer = state.buffer[consumed:]
    if stop is not None:
        state.delimiters, state.context, state.context_count = None, b"", 0
    return block


def _cut(state: _State, content: bytes) -> Segments:
    """The segments of the context and the content; oversized ones cut short, odd bytes made UTF-8."""
    assert state.delimiters is not None
    text = state.context + content
    try:
        text.decode("utf-8") if not text.isascii() else None
    except UnicodeDecodeError as problem:
        before = text[: problem.start].count(state.delimiters.terminator) - state.context_count
        state.faults.append(
            StreamFault("SYN082", state.number + max(before, 0), "first of its kind in this block")
        )
        text = text.decode("latin-1").encode("utf-8")
    made = tokenize(text, state.delimiters, context=state.context_count, first_number=state.number)
    long = np.flatnonzero(made.end - made.start > MAX_SEGMENT_BYTES)
    if not len(long):
        return made
    pieces, at = [], 0
    for segment in long:
        _oversized(state, int(made.end[segment] - made.start[segment]), int(made.number[segment]))
        keep = int(made.start[segment]) + _KEPT_OF_OVERSIZED
        pieces.append(text[at:keep].decode("utf-8", "ignore").encode("utf-8"))
        at = int(made.end[segment])
    text = b"".join([*pieces, text[at:]])
    # What is consumed of the buffer is counted in its own bytes, so the buffer has to be this text.
    state.buffer = text[len(state.context) :] + state.buffer[len(content) :]
    return tokenize(text, state.delimiters, context=state.context_count, first_number=state.number)


def _oversized(state: _State, size: int, segment: int) -> None:
    state.faults.append(StreamFault("SYN081", segment, f"{size:,} bytes, at most {MAX_SEGMENT_BYTES:,}"))


def _drop_tail(state: _State) -> None:
    """Keep the beginning of an endless segment and pass over the rest."""
    assert state.delimiters is not None
    start = state.buffer.rfind(state.delimiters.terminator) + 1
    state.dropping = len(state.buffer) - start
    state.buffer = state.buffer[: start + _KEPT_OF_OVERSIZED]


def _block(state: _State, segments: Segments, keep: int) -> Block:
    """The block of the first `keep` segments; the state moves on to what follows."""
    cut = _first(segments, keep)
    block = Block(cut, state.faults, state.in_transaction)
    state.faults = []
    state.number += keep - segments.context
    context = _context(cut)
    assert state.delimiters is not None
    end = bytes([state.delimiters.terminator])
    state.context = b"".join(cut.text(int(row)) + end for row in context)
    state.context_count = len(context)
    marks = np.flatnonzero(np.isin(cut.tag, _ENVELOPE))
    marks = marks[marks >= cut.context]
    if not len(marks):
        state.in_transaction += keep - cut.context
    else:
        state.in_transaction = keep - int(marks[-1]) if cut.tag[marks[-1]] == ST else 0
    return block


def _first(segments: Segments, keep: int) -> Segments:
    if keep == len(segments):
        return segments
    elements = int(segments.first_element[keep])
    return Segments(
        segments.data,
        int(segments.start[keep]),
        segments.delimiters,
        segments.start[:keep],
        segments.end[:keep],
        segments.tag[:keep],
        segments.first_element[: keep + 1],
        segments.element_start[:elements],
        segments.element_end[:elements],
        segments.context,
        segments.first_number,
    )


def _context(segments: Segments) -> Ints:
    """The segments that whatever follows a block hangs on."""
    tag = segments.tag
    none = np.zeros(0, dtype=np.int32)
    marks = np.flatnonzero(np.isin(tag, _ENVELOPE))
    if not len(marks):
        # Headerless content, or a hierarchy whose envelope never came.
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
    levels = np.flatnonzero(tag[last:] == HL) + last
    ends = np.append(
        np.flatnonzero(np.isin(tag[last:], np.array([HL, CLM], dtype=np.uint32))) + last, len(segments)
    )
    parts = [interchange, group, np.arange(last, ends[0])]
    level = segments.codes(*segments.element(levels.astype(np.int32), 2))
    after = last
    for wanted in (HL_BILLING, HL_SUBSCRIBER, HL_PATIENT):
        at = levels[(level == wanted) & (levels > after)]
        if len(at):
            after = int(at[-1])
            parts.append(np.arange(after, ends[np.searchsorted(ends, after, side="right")]))
    return np.concatenate(parts).astype(np.int32)


# Interchange headers.


def _find_interchange(state: _State, ended: bool) -> bool:
    """Move the buffer to the next ISA and learn its delimiters. False where there is none (yet)."""
    while True:
        at = _isa_position(state.buffer)
        found = _headerless(state.buffer) if at != 0 and state.number == 1 and not state.headerless else None
        if found is not None:
            state.headerless = True
            # The structural check reports the missing header.
            state.delimiters = found
            return True
        if at < 0:
            if ended or len(state.buffer) > MAX_PREAMBLE_BYTES:
                code = "SYN080" if state.number == 1 else "SYN007"
                if state.buffer.strip(_BLANK) and code not in {fault.code for fault in state.faults}:
                    state.faults.append(StreamFault(code, state.number - 1, f"{len(state.buffer):,} bytes"))
                state.buffer = b"" if ended else state.buffer[-3:]
            return False
        if at > 0 and state.buffer[:at].strip(_BLANK):
            state.faults.append(StreamFault("SYN084", state.number - 1, f"{at:,} bytes"))
        state.buffer = state.buffer[at:]
        if len(state.buffer) < 200 and not ended:
            return False
        state.delimiters = _isa_delimiters(state.buffer)
        if state.delimiters is not None:
            return True
        state.faults.append(StreamFault("SYN001", state.number, "ISA came without its sixteen elements"))
        state.buffer = state.buffer[3:]


def _isa_position(data: bytes) -> int:
    """Where the first ISA with a separator after it stands; -1 for nowhere."""
    found = re.search(rb"ISA(?=[^\w\s])", data)
    return found.start() if found else -1


def _isa_delimiters(data: bytes) -> Delimiters | None:
    """The delimiters that an ISA announces, at its fixed places or, padded wrongly, after 16 separators."""
    separator = data[3]
    at = 3
    for _ in range(15):
        at = data.find(separator, at + 1, 400)
        if at < 0:
            return None
    if at + 2 >= len(data):
        return None
    component, terminator = data[at + 1], data[at + 2]
    eleventh = data[:at].split(bytes([separator]))[11]
    repetition = (
        eleventh[0] if len(eleventh) == 1 and not eleventh.isalnum() else DEFAULT_DELIMITERS.repetition
    )
    if len({separator, component, terminator}) < 3 or bytes([component, terminator]).isalnum():
        return None
    if repetition in (separator, component, terminator):
        repetition = 0x1E
    return Delimiters(separator, component, repetition, terminator)


def _headerless(data: bytes) -> Delimiters | None:
    """Delimiters of content that begins with GS or ST: what ends its first segment ends them all."""
    found = _HEADERLESS.match(data)
    if found is None:
        return None
    separator = (found["st"] or found["gs"])[0]
    body = data[found.end() : found.end() + 200]
    ender = re.search(rb"([^\w\s.\-])\s*(?:ST|BHT)" + re.escape(bytes([separator])), body)
    line = re.search(rb"([\r\n])\s*(?:ST|BHT)" + re.escape(bytes([separator])), body)
    if ender is not None:
        terminator = ender[1][0]
    elif line is not None:
        terminator = line[1][0]
    else:
        return None
    component = DEFAULT_DELIMITERS.component
    return Delimiters(separator, component, DEFAULT_DELIMITERS.repetition, terminator)


def _other_delimiters(state: _State) -> int | None:
    """Where in the buffer an interchange with other delimiters begins; None for nowhere."""
    assert state.delimiters is not None
    at = state.buffer.find(b"ISA")
    while at >= 0:
        before = state.buffer[max(0, at - 64) : at].rstrip(_WHITE)
        if before.endswith(bytes([state.delimiters.terminator])):
            announced = _isa_delimiters(state.buffer[at : at + 400])
            if announced is not None and announced != state.delimiters:
                return at
        at = state.buffer.find(b"ISA", at + 3)
    return None
