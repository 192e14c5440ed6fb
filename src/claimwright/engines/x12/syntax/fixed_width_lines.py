"""Files split into lines of one width, as on mainframes: records of 80 bytes, regardless of their content.

In such files the line breaks are not part of the interchange, and most are in the middle of a segment.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator

# An ISA with its terminator, without line breaks.
_HEADER = 106
# This much of a file shows whether it is wrapped: a few records of any usual width, up to 1,024 bytes.
_LOOKED_AT = 8192
_BREAKS = b"\r\n"
BOM = b"\xef\xbb\xbf"


def unwrapped(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The chunks; if the file is wrapped at one width, without its line breaks."""
    source = iter(chunks)
    head: list[bytes] = []
    while sum(map(len, head)) < _LOOKED_AT and (chunk := next(source, None)) is not None:
        head.append(chunk)
    if not is_wrapped(b"".join(head)[:_LOOKED_AT]):
        return itertools.chain(head, source)
    return (chunk.translate(None, _BREAKS) for chunk in itertools.chain(head, source))


def is_wrapped(beginning: bytes) -> bool:
    """Whether a file with this beginning has lines of one width that end in the middle of segments."""
    text = beginning.removeprefix(BOM).lstrip()
    header = text[: 2 * _HEADER].translate(None, _BREAKS)[:_HEADER]
    if not text.startswith(b"ISA") or len(header) < _HEADER:
        return False
    separator, terminator = header[3:4], header[-1:]
    if header.count(separator) != 16 or separator.isalnum() or terminator.isalnum():
        return False
    # The last line of the sample may be incomplete.
    *lines, rest = [line.removesuffix(b"\r") for line in text.split(b"\n")]
    width = len(lines[0]) if lines else 0
    # A single break may be a stray one, unless it is in the header itself.
    enough = len(lines) > 1 or 0 < width < _HEADER
    return (
        enough
        and all(len(line) == width for line in lines)
        and len(rest) <= width
        and any(not line.endswith(terminator) for line in lines)
    )
