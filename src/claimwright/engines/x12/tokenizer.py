"""Bytes to a columnar table of segments and elements.

Nothing here knows what a claim is: a segment is the bytes between two terminators, an element the
bytes between two element separators, and both are rows of NumPy arrays, not objects.

Source: ASC X12.5 (interchange control structure) and X12.6 (application control structure), 005010.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int32]
Words = npt.NDArray[np.uint32]
Flags = npt.NDArray[np.bool_]

# Bytes of zeros after the data, so that a wide load at the last byte stays inside the buffer.
PADDING = 16
# An element's ordinal is a bit of a 32-bit word; no segment of the guides has more than 30 elements.
MAX_ELEMENTS = 32

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
        return bytes([self.element]), bytes([self.component]), bytes([self.repetition]), bytes([self.terminator])


DEFAULT_DELIMITERS = Delimiters(ord("*"), ord(":"), ord("^"), ord("~"))


@dataclass(frozen=True)
class Segments:
    """The segments of one block, in columns.

    Offsets point into `data`; an `end` is one past the last byte, delimiters excluded. The elements of
    segment `i` are rows `first_element[i]` up to `first_element[i + 1]` of the element columns; the
    segment id is not among them. The first `context` segments were read with an earlier block and
    stand here again, because what follows hangs on them.
    """

    data: Bytes
    size: int
    delimiters: Delimiters
    start: Ints
    end: Ints
    tag: Words
    first_element: Ints
    element_start: Ints
    element_end: Ints
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
    def words(self) -> Words:
        """The four bytes from every offset of the data, as little-endian numbers."""
        return np.ndarray((len(self.data) - 3,), dtype="<u4", buffer=self.data, strides=(1,))

    @cached_property
    def element_segment(self) -> Ints:
        """The segment of each element."""
        counts = np.diff(self.first_element)
        return np.repeat(np.arange(len(self), dtype=np.int32), counts)

    @cached_property
    def element_ordinal(self) -> Ints:
        """The place of each element in its segment, from 0."""
        return np.arange(len(self.element_start), dtype=np.int32) - self.first_element[self.element_segment]

    @cached_property
    def present(self) -> Words:
        """For each segment a bit for each element that holds anything: bit 0 is element 01."""
        bits = np.zeros(len(self), dtype=np.uint32)
        if len(self.element_start):
            ordinal = np.minimum(self.element_ordinal, MAX_ELEMENTS - 1).astype(np.uint32)
            held = np.where(self.element_end > self.element_start, np.uint32(1) << ordinal, np.uint32(0))
            has = np.flatnonzero(np.diff(self.first_element))
            bits[has] = np.bitwise_or.reduceat(held, self.first_element[has])
        return bits

    def element(self, segments: Ints, ordinal: int) -> tuple[Ints, Ints]:
        """Start and length of element `ordinal` (from 0) of these segments; length 0 where there is none."""
        row = self.first_element[segments] + np.int32(ordinal)
        inside = row < self.first_element[segments + 1]
        row = np.where(inside, row, 0)
        if not len(self.element_start):
            return np.zeros(len(segments), np.int32), np.zeros(len(segments), np.int32)
        start = self.element_start[row]
        return start, np.where(inside, self.element_end[row] - start, 0)

    def component(self, segments: Ints, ordinal: int, component: int) -> tuple[Ints, Ints]:
        """Start and length of a component (from 1) of element `ordinal` of these segments."""
        start, length = self.element(segments, ordinal)
        return self.part(start, length, component)

    def part(self, start: Ints, length: Ints, component: int) -> tuple[Ints, Ints]:
        """Start and length of a component (from 1) of the values at `start`."""
        cuts = self.component_cuts
        end = start + length
        at = np.searchsorted(cuts, start).astype(np.int32) + np.int32(component - 1)
        before = _at(cuts, at - 1)
        begin = start if component == 1 else before + 1
        absent = (begin > end) | ((component > 1) & (before < start))
        stop = np.minimum(_at(cuts, at, default=2**31 - 1), end)
        begin = np.where(absent, start, begin).astype(np.int32)
        return begin, np.where(absent, 0, stop - begin).astype(np.int32)

    @cached_property
    def component_cuts(self) -> Ints:
        """Offsets of all component separators."""
        return np.flatnonzero(self.data[: self.size] == self.delimiters.component).astype(np.int32)

    def text(self, segment: int) -> bytes:
        """The bytes of one segment."""
        return self.data[self.start[segment] : self.end[segment]].tobytes()

    def codes(self, start: Ints, length: Ints) -> Words:
        """Values of up to four bytes as numbers; zero for what is empty or longer."""
        return np.where(length <= 4, self.words[start] & _MASKS[np.clip(length, 0, 4)], np.uint32(0))


_MASKS = np.array([0, 0xFF, 0xFFFF, 0xFFFFFF, 0xFFFFFFFF], dtype=np.uint32)


def code(text: str) -> int:
    """A tag or code of up to four characters as the number that `Segments.codes` gives for it."""
    return int.from_bytes(text.encode("ascii"), "little")


def tokenize(block: bytes, delimiters: Delimiters, *, context: int = 0, first_number: int = 1) -> Segments:
    """Cut a block into segments. A last segment without a terminator counts as one.

    `context` says how many leading segments were read before; `first_number` is the position in the
    file of the first segment after them.
    """
    size = len(block)
    data = np.zeros(size + PADDING, dtype=np.uint8)
    data[:size] = np.frombuffer(block, dtype=np.uint8)
    content = data[:size]
    cuts = np.flatnonzero((content == delimiters.element) | (content == delimiters.terminator)).astype(np.int32)
    if not len(cuts) or data[cuts[-1]] != delimiters.terminator:
        cuts = np.append(cuts, np.int32(size))
        ends = data[cuts] == delimiters.terminator
        ends[-1] = True
    else:
        ends = data[cuts] == delimiters.terminator
    last = np.flatnonzero(ends).astype(np.int32)
    end = cuts[last]
    start = np.empty_like(end)
    start[0] = 0
    start[1:] = end[:-1] + 1
    start = _skip_white(data, start, end)

    separators = ~ends
    element_start = cuts[separators] + np.int32(1)
    element_end = cuts[np.flatnonzero(separators) + 1]
    first_element = np.empty(len(last) + 1, dtype=np.int32)
    first_element[0] = 0
    first_element[1:] = last - np.arange(len(last), dtype=np.int32)

    held = end > start
    if not held.all():
        # What stands empty between two terminators is no segment, and has no elements either.
        counts = np.diff(first_element)
        start, end = start[held], end[held]
        first_element = np.concatenate([np.zeros(1, np.int32), np.cumsum(counts[held], dtype=np.int32)])
    tag_end = end.copy()
    has = np.flatnonzero(np.diff(first_element))
    tag_end[has] = element_start[first_element[has]] - 1
    words = np.ndarray((len(data) - 3,), dtype="<u4", buffer=data, strides=(1,))
    length = tag_end - start
    tag = np.where((length >= 2) & (length <= 3), words[start] & _MASKS[np.clip(length, 0, 4)], np.uint32(0))
    return Segments(
        data, size, delimiters, start, end, tag, first_element, element_start, element_end, context, first_number
    )


def _skip_white(data: Bytes, start: Ints, end: Ints) -> Ints:
    """Move starts over line breaks and blanks that stand between two segments."""
    white = np.zeros(256, dtype=bool)
    white[[_SPACE, _LF, _CR, _TAB]] = True
    moving = np.flatnonzero(white[data[start]] & (start < end))
    steps = 0
    while len(moving) and steps < 8:
        start[moving] += 1
        moving = moving[white[data[start[moving]]] & (start[moving] < end[moving])]
        steps += 1
    for segment in moving:
        rest = data[start[segment] : end[segment]].tobytes()
        start[segment] += len(rest) - len(rest.lstrip(b" \r\n\t"))
    return start


def _at(values: Ints, index: Ints, default: int = -1) -> Ints:
    """`values[index]`, and the default where the index is outside."""
    if not len(values):
        return np.full(len(index), default, dtype=np.int32)
    inside = (index >= 0) & (index < len(values))
    return np.where(inside, values[np.where(inside, index, 0)], np.int32(default))
