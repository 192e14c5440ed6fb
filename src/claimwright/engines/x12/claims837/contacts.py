"""Reads PER segments: up to three numbers of a contact, with their qualifiers; a fourth in a second PER."""

from __future__ import annotations

import numpy as np

from claimwright.engines.x12.guides.guide import SegmentNode
from claimwright.engines.x12.syntax.columns import ValueSpans, nothing
from claimwright.engines.x12.syntax.tokenizer import Flags, Ints, Segments, code

from .layout import CHANNEL_PAIRS, CHANNELS

# Bits of a PER's elements: its three numbers with their qualifiers; and a single one, after PER01.
_NUMBERS, _ONE_NUMBER = 0b11111100, 0b1101


def second_contacts(segments: Segments, node: SegmentNode, group: Ints, rows: Ints, again: Flags) -> Ints:
    """By segment of a group: the next one, if it is a contact's second PER as we write it; else -1.

    The first has three numbers, and the second has only the fourth. `again` is true for all segments of a
    row except its first.
    """
    further = np.full(len(group), -1, dtype=np.int32)
    if node.segment != "PER" or node.max_use == 1:
        return further
    last = np.append(rows[1:] != rows[:-1], True)
    second = np.flatnonzero(again & last & ~np.append(False, again[:-1]))
    full, rest = group[second - 1], group[second]
    fits: Flags = segments.present[full] & _NUMBERS == _NUMBERS
    named = [segments.codes(*segments.element(full, name)) for name, _ in CHANNEL_PAIRS]
    for channel in CHANNELS[:-1]:
        fits &= np.any([each == code(channel) for each in named], axis=0)
    fits &= segments.present[rest] == _ONE_NUMBER
    fits &= segments.codes(*segments.element(rest, CHANNEL_PAIRS[0][0])) == code(CHANNELS[-1])
    further[second[fits] - 1] = rest[fits]
    return further


def channel_numbers(
    segments: Segments, group: Ints, further: Ints | None, channel: str
) -> tuple[ValueSpans, Ints]:
    """The numbers that PERs give for a qualifier, and the PERs that the dictionary can't represent.

    Such a PER has a qualifier twice, or one without a number, or another qualifier. `further` is the second
    PER of each, or -1.
    """
    found = nothing(len(group))
    verbatim = [np.zeros(0, dtype=np.int32)]
    for named, given in CHANNEL_PAIRS:
        start, length = segments.element(group, named)
        what = segments.codes(start, length)
        here = what == code(channel)
        begin, size = segments.element(group, given)
        again = here & (found.length > 0)
        verbatim.append(group[again])
        found.start[here & ~again] = begin[here & ~again]
        found.length[here & ~again] = size[here & ~again]
        if channel == CHANNELS[0]:
            known = np.isin(what, np.array([code(each) for each in CHANNELS], dtype=np.uint32)) | (
                length == 0
            )
            verbatim.append(group[~known | ((length == 0) != (size == 0))])
    if further is not None and channel == CHANNELS[-1]:
        there = np.flatnonzero(further >= 0)
        found.start[there], found.length[there] = segments.element(further[there], CHANNEL_PAIRS[0][1])
    return found, np.concatenate(verbatim)
