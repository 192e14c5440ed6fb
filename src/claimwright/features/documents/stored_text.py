"""The form in which the text of a document is sealed: its pages, and what recognition said of scanned
ones.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import astuple

from claimwright.domain.recognized import RecognizedPage, Word


def sealable_text(pages: Sequence[str], scans: Mapping[int, RecognizedPage]) -> bytes:
    """Pages and scans as JSON."""
    if not scans:
        return json.dumps(list(pages)).encode()
    said = {
        number: [each.turned, round(each.confidence, 1), [_short(word) for word in each.words]]
        for number, each in scans.items()
    }
    return json.dumps({"pages": list(pages), "scans": said}).encode()


def opened_text(content: bytes) -> tuple[tuple[str, ...], dict[int, RecognizedPage]]:
    """Pages and scans of what `sealable_text` made."""
    said = json.loads(content)
    if isinstance(said, list):
        return tuple(said), {}
    pages = tuple(said["pages"])
    return pages, {
        int(number): RecognizedPage(
            pages[int(number) - 1], turned, confidence, tuple(Word(*each) for each in words)
        )
        for number, (turned, confidence, words) in said["scans"].items()
    }


def _short(word: Word) -> list[float]:
    return [each if isinstance(each, int) else round(each, 5) for each in astuple(word)]
