"""Documents as exhibits: their pages as pictures or text, with the places marked on which the letter
rests.
"""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

# Dots per inch at which a page of a PDF becomes a picture: fax resolution is 204 by 196.
DOTS_PER_INCH = 150
_POINTS = 72
_SHORTEST_SEARCH = 4


@dataclass(frozen=True)
class ExhibitFile:
    """A document to enclose. `pdf` is its content where it is a PDF; `pages` its text.

    `marks` are offsets into the text of all pages, joined by line breaks.
    """

    letter: str
    title: str
    pages: tuple[str, ...]
    pdf: bytes | None = None
    marks: tuple[tuple[int, int], ...] = ()


def exhibit_pages(exhibit: ExhibitFile) -> Iterator[tuple[dict[str, Any], tuple[str, bytes] | None]]:
    """Each page as the typesetter takes it, and the picture that it names, if it has one."""
    at = 0
    for number, text in enumerate(exhibit.pages, 1):
        marks = [
            (max(start - at, 0), min(end - at, len(text)))
            for start, end in exhibit.marks
            if start < at + len(text) and end > at
        ]
        if exhibit.pdf is None:
            yield (
                {"kind": "text", "lines": [list(_pieces(text, *line, marks)) for line in _lines(text)]},
                None,
            )
        else:
            name = f"{exhibit.letter}-{number}.svg"
            # Who can't see the picture gets the text of the page.
            alt = " ".join(text.split())[:4000] or "A page without text."
            picture = _picture(exhibit.pdf, number, [text[start:end] for start, end in marks])
            yield {"kind": "image", "file": name, "alt": alt}, (name, picture)
        at += len(text) + 1


def _lines(text: str) -> Iterator[tuple[int, int]]:
    at = 0
    for line in text.split("\n"):
        yield at, at + len(line)
        at += len(line) + 1


def _pieces(text: str, first: int, last: int, marks: Sequence[tuple[int, int]]) -> Iterator[tuple[str, bool]]:
    """A line in pieces that are marked or not."""
    at = first
    for start, end in sorted(marks):
        start, end = max(start, at), min(end, last)
        if start >= end:
            continue
        if start > at:
            yield text[at:start], False
        yield text[start:end], True
        at = end
    if at < last or first == last:
        yield text[at:last] or " ", False


def _picture(pdf: bytes, number: int, words: Sequence[str]) -> bytes:
    """A page as SVG: a grey picture, and yellow over the words."""
    import pypdfium2

    document = pypdfium2.PdfDocument(pdf)
    try:
        page = document[number - 1]
        scale = DOTS_PER_INCH / _POINTS
        dots = page.render(scale=scale, grayscale=True).to_numpy()
        height, width = dots.shape[:2]
        picture = base64.b64encode(_png(dots.reshape(height, width))).decode("ascii")
        boxes = list(_boxes(page, words))
    finally:
        document.close()
    marked = "".join(
        f'<rect x="{left * scale:.1f}" y="{height - top * scale:.1f}" width="{(right - left) * scale:.1f}"'
        f' height="{(top - bottom) * scale:.1f}" fill="#ffd83d" fill-opacity="0.4"/>'
        for left, bottom, right, top in boxes
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="{width}"'
        f' height="{height}" viewBox="0 0 {width} {height}"><image width="{width}" height="{height}"'
        f' xlink:href="data:image/png;base64,{picture}"/>{marked}</svg>'
    ).encode()


def _boxes(page: Any, words: Sequence[str]) -> Iterator[tuple[float, float, float, float]]:
    """Left, bottom, right and top of the words on a page, in points, line by line."""
    text = page.get_textpage()
    for each in words:
        for line in each.split("\n"):
            if len(line.strip()) < _SHORTEST_SEARCH:
                continue
            found = text.search(line.strip()).get_next()
            if found is not None:
                for number in range(text.count_rects(*found)):
                    yield text.get_rect(number)
    text.close()


def _png(dots: npt.NDArray[np.uint8]) -> bytes:
    """A grey picture as PNG (ISO/IEC 15948), without a library for pictures."""
    height, width = dots.shape
    rows = b"".join(b"\x00" + row.tobytes() for row in dots)

    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(rows, 6))
        + chunk(b"IEND", b"")
    )
