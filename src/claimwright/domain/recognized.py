"""What optical recognition says of a page; who recognizes is passed in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Word:
    """A word of a recognized page: offsets into its text; edges as shares of the upright page, from its left
    and its top.
    """

    start: int
    end: int
    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True)
class RecognizedPage:
    """The text of a page, by how many degrees clockwise it was turned to be read, the mean confidence of its
    words in percent, and where they are. The text has neither empty ends nor spaces at the ends of lines.
    """

    text: str
    turned: int = 0
    confidence: float = 100.0
    words: tuple[Word, ...] = ()

    def boxes(self, start: int, end: int) -> list[tuple[float, float, float, float]]:
        """Left, top, right and bottom of the words in a part of the text."""
        return [
            (each.left, each.top, each.right, each.bottom)
            for each in self.words
            if each.start < end and each.end > start
        ]


Recognize = Callable[[bytes, int], RecognizedPage]
"""Optical recognition of one page (from 1) of a PDF or a picture."""
