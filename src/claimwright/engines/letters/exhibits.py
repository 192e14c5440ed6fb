"""Documents as exhibits: their pages as pictures or text, with the places marked on which the letter
rests.
"""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from claimwright.domain.recognized import RecognizedPage
from claimwright.foundation.pictures import page_picture

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

# Dots per inch at which a page of a PDF becomes a picture: fax resolution is 204 by 196.
DOTS_PER_INCH = 150
_POINTS = 72
_SHORTEST_SEARCH = 4
_MOST_DOTS = 2_200


@dataclass(frozen=True)
class ExhibitFile:
    """A document to enclose. `content` is its own where it is a PDF or a picture; `pages` its text.

    `marks` are offsets into the text of all pages, joined by line breaks. `scans` say where the words of
    recognized pages are.
    """

    letter: str
    title: str
    pages: tuple[str, ...]
    content: bytes | None = None
    marks: tuple[tuple[int, int], ...] = ()
    scans: Mapping[int, RecognizedPage] = field(default_factory=dict)


def exhibit_pages(exhibit: ExhibitFile) -> Iterator[tuple[dict[str, Any], tuple[str, bytes] | None]]:
    """Each page as the typesetter takes it, and the picture that it names, if it has one."""
    at = 0
    for number, text in enumerate(exhibit.pages, 1):
        marks = [
            (max(start - at, 0), min(end - at, len(text)))
            for start, end in exhibit.marks
            if start < at + len(text) and end > at
        ]
        if exhibit.content is None:
            yield (
                {"kind": "text", "lines": [list(_pieces(text, *line, marks)) for line in _lines(text)]},
                None,
            )
        else:
            name = f"{exhibit.letter}-{number}.svg"
            # Who can't see the picture gets the text of the page.
            alt = " ".join(text.split())[:4000] or "A page without text."
            picture = _picture(exhibit.content, number, text, marks, exhibit.scans.get(number))
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


def _picture(
    content: bytes, number: int, text: str, marks: Sequence[tuple[int, int]], scan: RecognizedPage | None
) -> bytes:
    """A page as SVG: a grey picture, upright, and yellow over the marked words."""
    import numpy as np

    picture = page_picture(content, number, dots_per_inch=DOTS_PER_INCH)
    if scan is not None and scan.turned:
        picture = picture.rotate(-scan.turned, expand=True, fillcolor=255)
    if max(picture.size) > _MOST_DOTS:
        picture.thumbnail((_MOST_DOTS, _MOST_DOTS))
    width, height = picture.size
    if scan is not None:
        boxes = [
            (left * width, top * height, right * width, bottom * height)
            for mark in marks
            for left, top, right, bottom in scan.boxes(*mark)
        ]
    elif content.startswith(b"%PDF-"):
        scale = DOTS_PER_INCH / _POINTS
        boxes = [
            (left * scale, height - top * scale, right * scale, height - bottom * scale)
            for left, bottom, right, top in _boxes(content, number, [text[start:end] for start, end in marks])
        ]
    else:
        boxes = []
    dots = base64.b64encode(_png(np.asarray(picture, dtype=np.uint8))).decode("ascii")
    marked = "".join(
        f'<rect x="{left:.1f}" y="{top:.1f}" width="{right - left:.1f}" height="{bottom - top:.1f}"'
        ' fill="#ffd83d" fill-opacity="0.4" stroke="#1f2933" stroke-width="1.5"/>'
        for left, top, right, bottom in boxes
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="{width}"'
        f' height="{height}" viewBox="0 0 {width} {height}"><image width="{width}" height="{height}"'
        f' xlink:href="data:image/png;base64,{dots}"/>{marked}</svg>'
    ).encode()


def _boxes(pdf: bytes, number: int, words: Sequence[str]) -> Iterator[tuple[float, float, float, float]]:
    """Left, bottom, right and top of the words on a page, in points, line by line."""
    import pypdfium2

    document = pypdfium2.PdfDocument(pdf)
    try:
        page = document[number - 1]
        text = page.get_textpage()
        for each in words:
            for line in each.split("\n"):
                if len(line.strip()) < _SHORTEST_SEARCH:
                    continue
                found = text.search(line.strip()).get_next()
                if found is not None:
                    for one in range(text.count_rects(*found)):
                        yield text.get_rect(one)
        text.close()
    finally:
        document.close()


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
