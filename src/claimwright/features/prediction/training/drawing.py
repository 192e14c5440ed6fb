"""Drawings of boxes, lines and text, written as SVG or PNG without a library.

Lengths are in SVG pixels; a PNG has two pixels for each, for high-resolution screens. Colors are chosen so
that text on white has a contrast of at least 4.5 to 1 (WCAG 2.2, 1.4.3) and shapes of at least 3 to 1
(1.4.11).
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from html import escape

import numpy as np
import numpy.typing as npt

from .glyphs import HEIGHT, WIDTH, glyph

FONT = "font-family='system-ui,sans-serif' font-size='13'"
# Width of a letter in a PNG, including the gap to the next; its baseline is the seventh row.
_ADVANCE, _BASE = WIDTH + 1, 7
_SCALE = 2
# Bold text is drawn twice, with an offset of half a pixel.
_BOLDER = 1


@dataclass(frozen=True)
class Box:
    """A filled rectangle; `words` is its tooltip."""

    x: float
    y: float
    width: float
    height: float
    colour: str
    words: str = ""


@dataclass(frozen=True)
class Line:
    """A thin vertical or horizontal line."""

    x: float
    y: float
    to_x: float
    to_y: float
    colour: str


@dataclass(frozen=True)
class Words:
    """A text with its baseline at `y`; it begins at `x`, or ends there if `right` is true."""

    x: float
    y: float
    text: str
    colour: str
    bold: bool = False
    right: bool = False


@dataclass(frozen=True)
class Drawing:
    """Parts, drawn in order on white; `title` is the alternative text."""

    width: int
    height: int
    title: str
    parts: tuple[Box | Line | Words, ...]

    def svg(self) -> str:
        """The drawing as an SVG document."""
        return document(self.width, self.height, self.title, "\n".join(_element(part) for part in self.parts))

    def png(self) -> bytes:
        """The drawing as a PNG with eight bits per color."""
        pixels = np.full((self.height * _SCALE, self.width * _SCALE, 3), 255, dtype=np.uint8)
        for part in self.parts:
            if isinstance(part, Words):
                _write(pixels, part)
            elif isinstance(part, Box):
                _fill(pixels, part.x, part.y, part.width, part.height, part.colour)
            else:
                _fill(pixels, part.x, part.y, part.to_x - part.x, part.to_y - part.y, part.colour)
        return _png(pixels, self.title)


def document(width: float, height: float, title: str, inner: str) -> str:
    """An SVG document on white."""
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' width='{width:g}' height='{height:g}' "
        f"viewBox='0 0 {width:g} {height:g}' role='img' aria-label='{escape(title, quote=True)}'>\n"
        f"<rect width='100%' height='100%' fill='white'/>\n{inner}\n</svg>\n"
    )


def _element(part: Box | Line | Words) -> str:
    if isinstance(part, Words):
        more = (" font-weight='bold'" if part.bold else "") + (" text-anchor='end'" if part.right else "")
        at = f"x='{part.x:.1f}' y='{part.y:.1f}'"
        return f"<text {at} {FONT} fill='{part.colour}'{more}>{escape(part.text)}</text>"
    if isinstance(part, Box):
        at = f"x='{part.x:.1f}' y='{part.y:.1f}' width='{part.width:.1f}' height='{part.height:.1f}'"
        return f"<rect {at} fill='{part.colour}'><title>{escape(part.words)}</title></rect>"
    at = f"x1='{part.x:.1f}' y1='{part.y:.1f}' x2='{part.to_x:.1f}' y2='{part.to_y:.1f}'"
    return f"<line {at} stroke='{part.colour}'/>"


Pixels = npt.NDArray[np.uint8]


def _fill(pixels: Pixels, x: float, y: float, width: float, height: float, colour: str) -> None:
    left, top = round(x * _SCALE), round(y * _SCALE)
    right = max(round((x + width) * _SCALE), left + 1)
    bottom = max(round((y + height) * _SCALE), top + 1)
    pixels[max(top, 0) : bottom, max(left, 0) : right] = _rgb(colour)


def _write(pixels: Pixels, words: Words) -> None:
    left = round(words.x * _SCALE)
    if words.right:
        left -= len(words.text) * _ADVANCE * _SCALE
    top = round(words.y * _SCALE) - _BASE * _SCALE
    colour = _rgb(words.colour)
    for letter in words.text:
        ink = np.kron(glyph(letter), np.ones((_SCALE, _SCALE), dtype=bool))
        for moved in range(_BOLDER + 1 if words.bold else 1):
            place = pixels[top : top + HEIGHT * _SCALE, left + moved : left + moved + WIDTH * _SCALE]
            # Parts beyond the edge are clipped.
            place[ink[: place.shape[0], : place.shape[1]]] = colour
        left += _ADVANCE * _SCALE


def _rgb(colour: str) -> tuple[int, int, int]:
    """Of #rrggbb."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _png(pixels: Pixels, title: str) -> bytes:
    """The pixels as a PNG (ISO/IEC 15948): one header, a title, the rows, each with filter 0, and the end."""
    height, width, _ = pixels.shape
    rows = np.concatenate([np.zeros((height, 1), dtype=np.uint8), pixels.reshape(height, -1)], axis=1)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    words = b"Title\0" + title.encode("latin-1", "replace")
    chunks = (
        (b"IHDR", header),
        (b"tEXt", words),
        (b"IDAT", zlib.compress(rows.tobytes(), 9)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in chunks)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
