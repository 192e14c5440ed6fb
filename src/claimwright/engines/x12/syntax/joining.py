"""Joins small files, so that a thousand files of one claim take little more time than one file of a thousand.

The fixed cost of a block is the same for one claim and for thousands. Files are joined only if the result is
the same as for one file with several interchanges: each consists of complete interchanges with the same
delimiters, and nothing else. Every group and transaction that a file opens is closed in it, so that nothing
of one file is read as part of the next. Every other file is read alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from .fixed_width_lines import is_wrapped
from .headers import announced, next_header
from .tokenizer import Delimiters, Segments

Longs = npt.NDArray[np.int64]

# For a larger file the fixed cost does not matter.
LARGEST_JOINED_BYTES = 256 << 10
# Bytes read together: enough to spread the cost of a block, and several blocks for several threads.
JOINED_BYTES = 1 << 20
# What may stand behind the last segment of a file, and is left out where another file follows.
BLANK = b" \r\n\t\x00\x1a"
_LF = 0x0A


@dataclass(frozen=True, slots=True)
class JoinedFiles:
    """Files whose segments are in one block. `starts` is the position, from 1, of the first of each."""

    starts: Longs

    def file_of(self, position: Longs) -> npt.NDArray[np.int32]:
        """The file, from 0, of each position in the block."""
        return np.searchsorted(self.starts, position, side="right").astype(np.int32) - 1

    def in_file(self, position: Longs) -> Longs:
        """The position in its own file of each position in the block."""
        within: Longs = position - self.starts[self.file_of(position)] + 1
        return within


def joinable(content: bytes) -> Delimiters | None:
    """The delimiters of a file that can be read together with others; None if it must be read alone."""
    if len(content) > LARGEST_JOINED_BYTES or not content.startswith(b"ISA") or not content.isascii():
        return None
    delimiters = announced(content, 0)
    if delimiters is None or delimiters.terminator == _LF or is_wrapped(content[:8192]):
        return None
    terminator = bytes([delimiters.terminator])
    text = content.rstrip(BLANK)
    if not text.endswith(terminator) or next_header(content, delimiters) is not None:
        return None
    last = text[:-1].rpartition(terminator)[2].lstrip(BLANK)
    if not last.startswith(b"IEA" + bytes([delimiters.element])):
        return None
    envelope = b"".join(_envelope_tags(delimiters).findall(content))
    return delimiters if _CLOSED.fullmatch(envelope) else None


# The tags of the envelope, one after the other, where everything that is opened is closed.
_CLOSED = re.compile(rb"(?:ISA(?:GS(?:STSE)+GE)+IEA)+")


@lru_cache(maxsize=64)
def _envelope_tags(delimiters: Delimiters) -> re.Pattern[bytes]:
    """Finds the tags of the envelope segments of a file, in order."""
    element, terminator = (re.escape(bytes([each])) for each in (delimiters.element, delimiters.terminator))
    begins, ends = rb"(?:\A|%b)[ \r\n\t]*" % terminator, rb"(?=%b|%b)" % (element, terminator)
    return re.compile(begins + rb"(ISA|GS|ST|SE|GE|IEA)" + ends)


def joined(segments: Segments, sizes: list[int]) -> JoinedFiles:
    """The positions in the block at which files with these sizes in bytes begin, when concatenated."""
    offsets = np.cumsum([0, *sizes[:-1]])
    return JoinedFiles(np.searchsorted(segments.start, offsets).astype(np.int64) + 1)
