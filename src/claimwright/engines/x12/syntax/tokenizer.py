"""Splits bytes into a columnar table of segments and elements.

This module does not know claims: a segment is the bytes between two terminators, an element the
bytes between two element separators, and both are rows of NumPy arrays, not objects.

Source: ASC X12.5 (interchange control structure) and X12.6 (application control structure), 005010.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from claimwright.engines.x12.native.choice import UNDECIDED, Undecided, compiled
from claimwright.engines.x12.native.kernel import Kernel, Tokens
from claimwright.engines.x12.native.widths import MAX_ELEMENTS

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int32]
Words = npt.NDArray[np.uint32]
Flags = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.intp]

# Zero bytes after the data, so that a wide load at the last byte stays inside the buffer.
PADDING = 16

_SPACE, _LF, _CR, _TAB = 0x20, 0x0A, 0x0D, 0x09


@dataclass(frozen=True, slots=True)
class Delimiters:
    """The four delimiters of an interchange, as byte values."""

    element: int
    component: int
    repetition: int
    terminator: int

    def as_bytes(self) -> tuple[bytes, bytes, bytes, bytes]:
        """Element, component, repetition, terminator, one byte each."""
        return (
            bytes([self.element]),
            bytes([self.component]),
            bytes([self.repetition]),
            bytes([self.terminator]),
        )


DEFAULT_DELIMITERS = Delimiters(ord("*"), ord(":"), ord("^"), ord("~"))


@dataclass(frozen=True)
class Segments(Tokens):
    """The segments of one block, in columns.

    Offsets point into `data`; an `end` is one past the last byte, delimiters excluded. The elements of
    segment `i` are rows `first_element[i]` up to `first_element[i + 1]` of the element columns; the
    segment id is not among them. The first `context` segments were read with an earlier block and
    are repeated here, because the following segments depend on them.
    """

    data: Bytes
    size: int
    delimiters: Delimiters
    context: int
    first_number: int

    def __len__(self) -> int:
        return len(self.start)

    @cached_property
    def number(self) -> npt.NDArray[np.int64]:
        """Position of each segment in the file, from 1; 0 for context."""
        numbers = np.arange(len(self), dtype=np.int64) - self.context + self.first_number
        numbers[: self.context] = 0
        return numbers

    @cached_property
    def envelope(self) -> Ints:
        """The segments of the envelope: interchange, group and transaction, headers and trailers."""
        found = np.zeros(len(self), dtype=bool)
        for tag in ENVELOPE_TAGS:
            found |= self.tag == tag
        return np.flatnonzero(found).astype(np.int32)

    @cached_property
    def words(self) -> Words:
        """The four bytes at every offset of the data, as little-endian numbers."""
        return np.ndarray((len(self.data) - 3,), dtype="<u4", buffer=self.data, strides=(1,))

    @cached_property
    def element_segment(self) -> Ints:
        """The segment of each element."""
        counts = np.diff(self.first_element)
        return np.repeat(np.arange(len(self), dtype=np.int32), counts)

    @cached_property
    def element_ordinal(self) -> Ints:
        """The position of each element in its segment, from 0."""
        return np.arange(len(self.element_start), dtype=np.int32) - self.first_element[self.element_segment]

    def element(self, segments: Ints, ordinal: int) -> tuple[Ints, Ints]:
        """Start and length of element `ordinal` (from 0) of these segments; length 0 if there is none."""
        base = self.first_element.take(segments).astype(np.intp)
        count = self.first_element.take(segments + 1) - base
        return self.element_at(base, count, ordinal)

    def element_at(self, base: Rows, count: Rows, ordinal: int) -> tuple[Ints, Ints]:
        """As `element`, for segments whose first element and number of elements are given."""
        if not len(count) or int(count.max()) <= ordinal:
            return np.zeros(len(count), np.int32), np.zeros(len(count), np.int32)
        row = base + ordinal
        start = self.element_start.take(row, mode="clip")
        length = self.element_end.take(row, mode="clip") - start
        if int(count.min()) <= ordinal:
            absent = count <= ordinal
            start[absent] = 0
            length[absent] = 0
        return start, length

    def component(self, segments: Ints, ordinal: int, component: int) -> tuple[Ints, Ints]:
        """Start and length of a component (from 1) of element `ordinal` of these segments."""
        start, length = self.element(segments, ordinal)
        return self.part(start, length, component)

    def part(self, start: Ints, length: Ints, component: int) -> tuple[Ints, Ints]:
        """Start and length of a component (from 1) of the values at `start`."""
        return self.part_at(start, length, self.first_cut(start), component)

    def first_cut(self, start: Ints) -> Ints:
        """The number of component separators before each start, for `part_at`."""
        return np.searchsorted(self.component_cuts, start).astype(np.int32)

    def part_at(self, start: Ints, length: Ints, first: Ints, component: int) -> tuple[Ints, Ints]:
        """As `part`, with `first` being `first_cut(start)`."""
        cuts = self.component_cuts
        end = start + length
        if not len(cuts):
            nothing = np.zeros(len(start), np.int32)
            return (start, length) if component == 1 else (start, nothing)
        at = first + np.int32(component - 1)
        stop = np.minimum(cuts.take(at, mode="clip"), end)
        beyond = at >= len(cuts)
        stop[beyond] = end[beyond]
        if component == 1:
            return start, stop - start
        before = cuts.take(at - 1, mode="clip")
        absent = (before >= end) | (at > len(cuts))
        begin = before + 1
        begin[absent] = start[absent]
        size = stop - begin
        size[absent] = 0
        return begin, size

    def text(self, segment: int) -> bytes:
        """The bytes of one segment."""
        return self.data[self.start[segment] : self.end[segment]].tobytes()

    def codes(self, start: Ints, length: Ints) -> Words:
        """Values of up to four bytes as numbers; zero for empty or longer values."""
        return self.words[start] & _CODE_MASKS.take(length, mode="clip")


# By length, the bytes that belong to the value; none for a value longer than a word.
_CODE_MASKS = np.array([0, 0xFF, 0xFFFF, 0xFFFFFF, 0xFFFFFFFF, 0], dtype=np.uint32)
# A tag has two or three characters.
_TAG_MASKS = np.array([0, 0, 0xFFFF, 0xFFFFFF, 0], dtype=np.uint32)


def code(text: str) -> int:
    """A tag or code of up to four characters as the number that `Segments.codes` gives for it."""
    return int.from_bytes(text.encode("ascii"), "little")


ENVELOPE_TAGS = np.array([code(tag) for tag in ("ISA", "GS", "ST", "SE", "GE", "IEA")], dtype=np.uint32)


def tokenize(
    block: bytes, delimiters: Delimiters, *, before: bytes = b"", context: int = 0, first_number: int = 1
) -> Segments:
    """Split a block, after its context, into segments. A last one without a terminator counts.

    `context` is the number of leading segments that were read before; `first_number` is the position in the
    file of the first segment after them.
    """
    size = len(before) + len(block)
    data = np.empty(size + PADDING, dtype=np.uint8)
    data[: len(before)] = np.frombuffer(before, dtype=np.uint8)
    data[len(before) : size] = np.frombuffer(block, dtype=np.uint8)
    data[size:] = 0
    return Segments(
        **vars(cut(data, size, delimiters)),
        data=data,
        size=size,
        delimiters=delimiters,
        context=context,
        first_number=first_number,
    )


def _cut_compiled(native: Kernel, data: Bytes, size: int, delimiters: Delimiters) -> Tokens | Undecided:
    marks = delimiters.terminator, delimiters.element, delimiters.component
    return native.tokenize(data, size, *marks) if len(set(marks)) == len(marks) else UNDECIDED


@compiled(_cut_compiled)
def cut(data: Bytes, size: int, delimiters: Delimiters) -> Tokens:
    """The columns of the segments in the first `size` bytes."""
    content = data[:size]
    found = np.flatnonzero((content == delimiters.element) | (content == delimiters.terminator))
    ends = data.take(found) == delimiters.terminator
    if not len(found) or not ends[-1] or found[-1] < size - 1:
        found, ends = np.append(found, size), np.append(ends, True)
    last = np.flatnonzero(ends)
    cuts: Ints = found.astype(np.int32)
    end: Ints = cuts.take(last)
    start: Ints = np.empty_like(end)
    start[0] = 0
    start[1:] = end[:-1] + 1
    start = _skip_white(data, start, end)

    separators = np.flatnonzero(~ends)
    element_start = cuts.take(separators) + np.int32(1)
    element_end = cuts.take(separators + 1)
    first_element: Ints = np.zeros(len(last) + 1, dtype=np.int32)
    first_element[1:] = last - np.arange(len(last))

    counts = np.diff(first_element)
    held = end > start
    if not held.all():
        # Empty text between two terminators is not a segment, and has no elements.
        of_held = np.repeat(held, counts)
        element_start, element_end = element_start[of_held], element_end[of_held]
        start, end, counts = start[held], end[held], counts[held]
        first_element = np.concatenate([np.zeros(1, np.int32), np.cumsum(counts, dtype=np.int32)])
    length = end - start
    if len(element_start):
        to_first = element_start.take(first_element[:-1], mode="clip") - np.int32(1) - start
        length = np.where(counts > 0, to_first, length)
    words = np.ndarray((len(data) - 3,), dtype="<u4", buffer=data, strides=(1,))
    tag = words[start] & _TAG_MASKS.take(length, mode="clip")
    present = _present(first_element, element_start, element_end)
    cuts = np.flatnonzero(content == delimiters.component).astype(np.int32)
    return Tokens(start, end, tag, first_element, element_start, element_end, present, cuts)


def _present(first_element: Ints, element_start: Ints, element_end: Ints) -> Words:
    counts = np.diff(first_element)
    bits = np.zeros(len(counts), dtype=np.uint32)
    if len(element_start):
        ordinal = np.arange(len(element_start), dtype=np.int32) - np.repeat(first_element[:-1], counts)
        bit = np.uint32(1) << np.minimum(ordinal, MAX_ELEMENTS - 1).astype(np.uint32)
        has = np.flatnonzero(counts)
        held = np.where(element_end > element_start, bit, np.uint32(0))
        bits[has] = np.bitwise_or.reduceat(held, first_element[has])
    return bits


def _skip_white(data: Bytes, start: Ints, end: Ints) -> Ints:
    """Move starts over line breaks and blanks between two segments."""
    first = data.take(start)
    # No white space character is greater than a blank, and few segments begin with a smaller one.
    moving = np.flatnonzero((first <= _SPACE) & (start < end))
    white = np.zeros(256, dtype=bool)
    white[[_SPACE, _LF, _CR, _TAB]] = True
    moving = moving[white[first[moving]]]
    steps = 0
    while len(moving) and steps < 8:
        start[moving] += 1
        moving = moving[white[data[start[moving]]] & (start[moving] < end[moving])]
        steps += 1
    for segment in moving:
        rest = data[start[segment] : end[segment]].tobytes()
        start[segment] += len(rest) - len(rest.lstrip(b" \r\n\t"))
    return start
