"""Where an interchange begins, and which delimiters it announces.

An ISA has a fixed length, so that its delimiters can be read before anything else is known; one that was
padded wrongly is read by its separators instead. Content that begins with GS or ST tells its delimiters
by what ends its first segment.

Source: ASC X12.5, 005010: the interchange header and its fixed field widths.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .tokenizer import DEFAULT_DELIMITERS, Delimiters

# As far behind an ISA as its terminator is looked for: twice the length of one, and some.
HEADER_BYTES = 400
_WIDTHS = (2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1)
# What may part elements: any mark and any control character but those that end lines.
_SEPARATOR = rb"[^A-Za-z0-9 \r\n\v\f]"
_POSSIBLE = re.compile(rb"ISA(?=" + _SEPARATOR + rb")")
# What has this shape is an ISA even where the segment before it never ended.
_EXACT = re.compile(
    rb"ISA(?P<by>"
    + _SEPARATOR
    + rb")"
    + rb"(?P=by)".join(b".{%d}" % width for width in _WIDTHS)
    + rb"(?P=by)[^A-Za-z0-9\s].",
    re.DOTALL,
)
_WHITE = b" \r\n\t"
_CR, _LF, _BLANK = 0x0D, 0x0A, 0x20


@dataclass(frozen=True, slots=True)
class Header:
    """An ISA: where it stands, and the delimiters that it announces."""

    at: int
    delimiters: Delimiters


def first_header(data: bytes) -> Header | None:
    """The first ISA that announces delimiters."""
    for found in _POSSIBLE.finditer(data):
        delimiters = announced(data, found.start())
        if delimiters is not None:
            return Header(found.start(), delimiters)
    return None


def first_possible(data: bytes) -> int:
    """Where the first ISA stands, readable or not; -1 for nowhere."""
    found = _POSSIBLE.search(data)
    return found.start() if found else -1


def next_header(data: bytes, present: Delimiters) -> int | None:
    """Where another interchange begins that can't be read on with the present delimiters; None for nowhere.

    That is one with delimiters of its own, or one before which a segment was left without its end.
    """
    for found in _POSSIBLE.finditer(data):
        at = found.start()
        before = data[max(0, at - 64) : at].rstrip(_WHITE)
        follows = not at or before.endswith(bytes([present.terminator]))
        if follows:
            delimiters = announced(data, at)
            if delimiters is not None and delimiters != present:
                return at
        elif _EXACT.match(data, at) and announced(data, at) is not None:
            return at
    return None


def announced(data: bytes, at: int) -> Delimiters | None:
    """The delimiters that the ISA at this place announces; None where they can't be made out."""
    head = data[at : at + HEADER_BYTES]
    if len(head) < 4:
        return None
    separator = head[3]
    parts = head.split(head[3:4], 16)
    if len(parts) < 17 or len(parts[16]) < 2:
        return None
    component, terminator = parts[16][0], parts[16][1]
    if terminator == _BLANK:
        # No segment ends in one: ISA16 was padded, and the terminator stands behind the blanks.
        behind = parts[16][1:].lstrip(b" ")
        terminator = behind[0] if behind and not behind[:1].isalnum() else terminator
    eleventh = parts[11]
    repetition = (
        eleventh[0] if len(eleventh) == 1 and not eleventh.isalnum() else DEFAULT_DELIMITERS.repetition
    )
    if len({separator, component, terminator}) < 3 or parts[16][:1].isalnum() or parts[16][1:2].isalnum():
        return None
    if terminator == _CR:
        # Line breaks end the segments, whichever kind of them: the stream makes them one.
        terminator = _LF
    if repetition in (separator, component, terminator):
        repetition = 0x1E
    return Delimiters(separator, component, repetition, terminator)


def headerless(data: bytes, identifier: str, functional_group: str) -> Delimiters | None:
    """Delimiters of content that begins with GS or ST of a transaction set: what ends its first segment ends
    them all.
    """
    found = re.match(
        rb"\s*(?:ST(?P<st>[^A-Za-z0-9\s])%s(?P=st)|GS(?P<gs>[^A-Za-z0-9\s])%s(?P=gs))"
        % (re.escape(identifier.encode()), re.escape(functional_group.encode())),
        data,
    )
    if found is None:
        return None
    separator = found["st"] or found["gs"]
    body = data[found.end() : found.end() + 200]
    follows = rb"\s*(?:ST|BHT)" + re.escape(separator)
    ender = re.search(rb"([^A-Za-z0-9\s.\-])" + follows, body)
    if ender is not None:
        terminator = ender[1][0]
    elif re.search(rb"[\r\n]" + follows, body):
        terminator = _LF
    else:
        return None
    return Delimiters(separator[0], DEFAULT_DELIMITERS.component, DEFAULT_DELIMITERS.repetition, terminator)
