"""Finds the beginning of an interchange, and the delimiters that it announces.

An ISA has a fixed length, so that its delimiters can be read first; an ISA with wrong padding is read by its
separators instead. In content that begins with GS or ST, the delimiters are derived from the end of the first
segment.

Source: ASC X12.5, 005010: the interchange header and its fixed field widths.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .tokenizer import DEFAULT_DELIMITERS, Delimiters

# The terminator of an ISA is searched for up to this distance: a little more than two ISA lengths.
HEADER_BYTES = 400
ISA_WIDTHS = (2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1)
# Possible element separators: any punctuation and any control character except line breaks.
_SEPARATOR = rb"[^A-Za-z0-9 \r\n\v\f]"
# Blanks before it are an error that the structural check reports; the delimiters can be read all the same.
_POSSIBLE = re.compile(rb"ISA(?= *" + _SEPARATOR + rb")")
# A text with this form is an ISA even if the segment before it has no terminator.
_EXACT = re.compile(
    rb"ISA(?P<by>"
    + _SEPARATOR
    + rb")"
    + rb"(?P=by)".join(b".{%d}" % width for width in ISA_WIDTHS)
    + rb"(?P=by)[^A-Za-z0-9\s].",
    re.DOTALL,
)
_WHITE = b" \r\n\t"
_CR, _LF, _BLANK = 0x0D, 0x0A, 0x20


@dataclass(frozen=True, slots=True)
class Header:
    """An ISA: its position, and the delimiters that it announces."""

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
    """The position of the first ISA, readable or not; -1 if there is none."""
    found = _POSSIBLE.search(data)
    return found.start() if found else -1


def next_header(data: bytes, present: Delimiters) -> int | None:
    """The position of another interchange that can't be read with the present delimiters; None if none.

    It has other delimiters, or the segment before it has no terminator.
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
    """The delimiters that the ISA at this position announces; None if they can't be determined."""
    head = data[at : at + HEADER_BYTES]
    if len(head) < 4:
        return None
    after = 3 + len(head[3:]) - len(head[3:].lstrip(b" "))
    if after >= len(head):
        return None
    separator = head[after]
    parts = head.split(head[after : after + 1], 16)
    if len(parts) < 17 or len(parts[16]) < 2:
        return None
    component, terminator = parts[16][0], parts[16][1]
    if terminator == _BLANK:
        # A blank is not a terminator: ISA16 was padded, and the terminator comes after the blanks.
        behind = parts[16][1:].lstrip(b" ")
        terminator = behind[0] if behind and not behind[:1].isalnum() else terminator
    eleventh = parts[11]
    repetition = (
        eleventh[0] if len(eleventh) == 1 and not eleventh.isalnum() else DEFAULT_DELIMITERS.repetition
    )
    if len({separator, component, terminator}) < 3 or parts[16][:1].isalnum() or parts[16][1:2].isalnum():
        return None
    if terminator == _CR:
        # Line breaks of any kind end the segments: the stream converts them to one kind.
        terminator = _LF
    if repetition in (separator, component, terminator):
        repetition = 0x1E
    return Delimiters(separator, component, repetition, terminator)


def headerless(data: bytes, identifier: str, functional_group: str) -> Delimiters | None:
    """Delimiters of content that begins with GS or ST of a transaction set: the end of its first segment
    is the terminator.
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
    follows = rb"\s*(?:ST|BHT|BPR|AK1)" + re.escape(separator)
    ender = re.search(rb"([^A-Za-z0-9\s.\-])" + follows, body)
    if ender is not None:
        terminator = ender[1][0]
    elif re.search(rb"[\r\n]" + follows, body):
        terminator = _LF
    else:
        return None
    return Delimiters(separator[0], DEFAULT_DELIMITERS.component, DEFAULT_DELIMITERS.repetition, terminator)


def begins_with(data: bytes, identifier: str, functional_group: str) -> bool:
    """Whether the first transaction, or a group before it, is of a transaction set.

    `data` is the beginning of a file. Without an ISA that announces delimiters, the default ones are assumed.
    """
    header = first_header(data)
    if header is not None:
        data, delimiters = data[header.at :], header.delimiters
    else:
        delimiters = headerless(data, identifier, functional_group) or DEFAULT_DELIMITERS
    if delimiters.terminator == _LF:
        data = data.replace(b"\r", b"\n")
    element, terminator = bytes([delimiters.element]), bytes([delimiters.terminator])
    for segment in data.split(terminator):
        tag, *elements = [part.strip() for part in segment.split(element, 2)]
        if tag == b"GS" and elements[:1] == [functional_group.encode()]:
            return True
        if tag == b"ST":
            return elements[:1] == [identifier.encode()]
    return False
