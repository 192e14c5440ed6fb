"""Small files put together, so that a thousand files of one claim cost little more than one of a thousand.

What a block costs before its first claim is the same for one claim and for thousands. Files join where
nothing can make them differ from one file of several interchanges: each is whole interchanges with the same
delimiters, and nothing else. Every other file is read alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .fixed_width_lines import is_wrapped
from .headers import announced, next_header
from .tokenizer import Delimiters, Segments

Longs = npt.NDArray[np.int64]

# A larger file has work enough of its own.
LARGEST_JOINED_BYTES = 256 << 10
# So much is read together: enough to spread the cost of a block, and several blocks for several threads.
JOINED_BYTES = 1 << 20
_BLANK = b" \r\n\t\x00\x1a"
_LF = 0x0A


@dataclass(frozen=True, slots=True)
class JoinedFiles:
    """Files whose segments stand in one block. `starts` is the position, from 1, of the first of each."""

    starts: Longs

    def file_of(self, position: Longs) -> npt.NDArray[np.int32]:
        """Which file, from 0, each position in the block is of."""
        return np.searchsorted(self.starts, position, side="right").astype(np.int32) - 1

    def in_file(self, position: Longs) -> Longs:
        """The position in its own file of each position in the block."""
        within: Longs = position - self.starts[self.file_of(position)] + 1
        return within


def joinable(content: bytes) -> Delimiters | None:
    """The delimiters of a file that may be read together with others; None where it has to be read alone."""
    if len(content) > LARGEST_JOINED_BYTES or not content.startswith(b"ISA") or not content.isascii():
        return None
    delimiters = announced(content, 0)
    if delimiters is None or delimiters.terminator == _LF or is_wrapped(content[:8192]):
        return None
    terminator = bytes([delimiters.terminator])
    text = content.rstrip(_BLANK)
    if not text.endswith(terminator) or next_header(content, delimiters) is not None:
        return None
    last = text[:-1].rpartition(terminator)[2].lstrip(_BLANK)
    return delimiters if last.startswith(b"IEA" + bytes([delimiters.element])) else None


def joined(segments: Segments, sizes: list[int]) -> JoinedFiles:
    """Where the files of these sizes in bytes, put one after the other, begin among the segments."""
    offsets = np.cumsum([0, *sizes[:-1]])
    return JoinedFiles(np.searchsorted(segments.start, offsets).astype(np.int64) + 1)
