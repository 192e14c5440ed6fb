"""Checks the characters of elements: printable, not only blanks, no separators."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from claimwright.engines.x12.native.choice import compiled
from claimwright.engines.x12.native.kernel import Kernel
from claimwright.engines.x12.syntax.loops import ISA
from claimwright.engines.x12.syntax.tokenizer import Ints, Segments

from .fault_collector import FaultCollector
from .values import ElementValues, add_at

_FIRST_PRINTABLE, _LAST_PRINTABLE, _SPACE = 0x20, 0x7E, 0x20


def _may_be_odd_compiled(native: Kernel, segments: Segments, /) -> bool:
    # An ISA repeated as context was already checked in the block in which it was read.
    start, end = segments.start[segments.context :], segments.end[segments.context :]
    return native.odd_characters(segments.data, start, end, segments.delimiters.element)


@compiled(_may_be_odd_compiled)
def _may_be_odd(_segments: Segments, /) -> bool:
    """Whether any segment may contain an unusual character.

    Without the kernel true, because the check is as fast.
    """
    return True


def check_characters(segments: Segments, values: ElementValues, faults: FaultCollector) -> None:
    """Add faults for control characters, non-ASCII characters, and values that contain only blanks."""
    if not len(values.start):
        return
    if not _may_be_odd(segments):
        return
    content = segments.data[: segments.size]
    if int(content.max()) > _LAST_PRINTABLE:
        high = np.flatnonzero(content > _LAST_PRINTABLE)
        add_at(faults, "SYN065", values, _holding(values, high))
    if int(content.min()) < _FIRST_PRINTABLE:
        low = content < _FIRST_PRINTABLE
        # Separators can be control characters; a terminator is not inside any element.
        for separator in (segments.delimiters.component, segments.delimiters.repetition):
            if separator < _FIRST_PRINTABLE:
                low &= content != separator
        # Line breaks between segments are not part of an element.
        before = segments.start[1:] - 1
        for _ in range(2):
            before = before[low[before]]
            low[before] = False
            before = before - 1
        add_at(faults, "SYN054", values, _holding(values, np.flatnonzero(low)), "a control character")
    blank = np.flatnonzero((content[1:] == _SPACE) & (content[:-1] == segments.delimiters.element)) + 1
    at = _holding(values, blank)
    at = at[content[values.end[at] - 1] == _SPACE]
    segment, _, _ = values.owner.of(at)
    at = at[segments.tag[segment] != ISA]
    bare = [bool((content[values.start[one] : values.end[one]] == _SPACE).all()) for one in at.tolist()]
    add_at(faults, "SYN054", values, at[np.array(bare, dtype=np.bool_)], "nothing but blanks")


def _holding(values: ElementValues, offsets: npt.NDArray[np.intp]) -> Ints:
    """The distinct values that contain these offsets, without those of context."""
    segments = values.owner.segments
    at = np.searchsorted(values.start, offsets, side="right") - 1
    fresh = at >= segments.first_element[segments.context]
    at = at[fresh]
    return np.unique(at[offsets[fresh] < values.end[at]]).astype(np.int32)


def check_repetitions(segments: Segments, values: ElementValues, faults: FaultCollector) -> None:
    """Add faults for elements that repeat although the guide allows one value.

    Releases before 00402 have no repetition.
    """
    separator = segments.delimiters.repetition
    if chr(separator).isalnum() or separator == _SPACE:
        return
    offsets = np.flatnonzero(segments.data[: segments.size] == separator)
    at = _holding(values, offsets)
    segment, _, _ = values.owner.of(at)
    repeats = values.owner.rules.repeats[values.rule[at]]
    keep = (segments.tag[segment] != ISA) & (repeats == 1)
    add_at(faults, "SYN060", values, at[keep])
