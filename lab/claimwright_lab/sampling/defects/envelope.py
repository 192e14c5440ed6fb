"""Defects of the envelope, planted in the bytes of a written file.

An envelope defect belongs to a transaction and not to its claims, which are clean or not as they were.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_COUNT = re.compile(rb"SE\*(\d+)\*(\d+)~")
_GROUP = re.compile(rb"GE\*(\d+)\*(\d+)~")


@dataclass(frozen=True, slots=True)
class EnvelopeDefect:
    """One kind: a pattern of a segment, what to put in its place, and the fault that finds it."""

    kind: str
    finding: str
    pattern: re.Pattern[bytes]
    becomes: bytes
    """With the groups of the pattern as `{1}`, and `{+1}` for the number one more."""

    def apply(self, found: re.Match[bytes]) -> bytes:
        """The segment with the defect."""
        text = self.becomes
        for number in range(1, (found.lastindex or 0) + 1):
            text = text.replace(b"{%d}" % number, found[number])
            if b"{+%d}" % number in text:
                text = text.replace(b"{+%d}" % number, b"%0*d" % (len(found[number]), int(found[number]) + 1))
        return text


ENVELOPE_DEFECTS = (
    EnvelopeDefect("segment-count-wrong", "SYN022", _COUNT, b"SE*{+1}*{2}~"),
    EnvelopeDefect("transaction-number-differs", "SYN021", _COUNT, b"SE*{1}*{+2}~"),
    EnvelopeDefect("transaction-count-wrong", "SYN013", _GROUP, b"GE*{+1}*{2}~"),
    EnvelopeDefect("group-number-differs", "SYN012", _GROUP, b"GE*{1}*{+2}~"),
)
