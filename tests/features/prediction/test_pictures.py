"""Pictures that people can read: whole, in contrast, and the same as SVG and as PNG."""

from __future__ import annotations

import struct
import xml.etree.ElementTree as ET
import zlib
from decimal import Decimal

import numpy as np
import pytest

from claimwright.features.prediction import Explanation, Reason, Scale, percent, waterfall, waterfall_png
from claimwright.features.prediction.training.drawing import Box, Drawing, Words
from claimwright.features.prediction.training.glyphs import glyph
from claimwright.features.prediction.training.pictures import (
    _QUIET,
    AWAY,
    LINE,
    TEXT,
    TOWARDS,
    curve,
    steps,
    surface,
)

LONG = (
    "payer P0004 denied 41% of 97110 for diagnosis M54 as not necessary in the last 90 days "
    "(1,234 lines), and there is more to be said"
)
# Calibration that changes nothing: a probability is the logistic function of its score.
SCORES = np.arange(-12, 12.01, 0.05)
SCALE = Scale(SCORES, 1 / (1 + np.exp(-SCORES)))
EXPLANATION = Explanation(
    7, 0.62, "review", "authorization", Decimal("84.20"),
    (
        Reason("service", LONG, 1.5, 0.27), Reason("charge", "it has <5> lines & more", -0.4, 0.71),
        Reason("payer", "c", 0.1, 0.6),
    ),
    -0.7, (), SCALE, 0.44, 0.78, 0.44, (9, 21, 60),
)  # fmt: skip


def luminance(colour: str) -> float:
    """Relative luminance: WCAG 2.2, definitions."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("colour", [TOWARDS, AWAY, LINE, TEXT, _QUIET])
def test_words_and_lines_stand_out_from_white(colour: str) -> None:
    assert 1.05 / (luminance(colour) + 0.05) >= 4.5


def pixels(png: bytes) -> np.ndarray:
    """Of a PNG as we write it: every row with filter 0."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    at, data, size = 8, b"", (0, 0)
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at : at + 8])
        content = png[at + 8 : at + 8 + length]
        assert struct.unpack(">I", png[at + 8 + length : at + 12 + length])[0] == zlib.crc32(kind + content)
        if kind == b"IHDR":
            size = struct.unpack(">II", content[:8])
        data += content if kind == b"IDAT" else b""
        at += 12 + length
    rows = np.frombuffer(zlib.decompress(data), dtype=np.uint8).reshape(size[1], 1 + 3 * size[0])
    assert not rows[:, 0].any()
    return rows[:, 1:].reshape(size[1], size[0], 3)


def test_a_png_has_the_boxes_of_the_svg_at_twice_their_size() -> None:
    drawing = Drawing(40, 30, "t", (Box(10, 5, 20, 10, "#b3261e"), Words(2, 28, "I", "#222222")))
    shown = pixels(drawing.png())
    assert shown.shape == (60, 80, 3)
    red = (shown == (0xB3, 0x26, 0x1E)).all(axis=2)
    assert red.sum() == 40 * 20
    assert red[10:30, 20:60].all()
    ink = (shown == 0x22).all(axis=2)
    assert ink.sum() == glyph("I").sum() * 4


def test_a_waterfall_is_drawn_alike_as_svg_and_png() -> None:
    root = ET.fromstring(waterfall(EXPLANATION))  # noqa: S314 - of our own making
    bars = [each for each in root if each.tag.endswith("rect")][1:]
    assert len(bars) == 4
    shown = pixels(waterfall_png(EXPLANATION))
    assert shown.shape[:2] == (2 * int(root.attrib["height"]), 2 * int(root.attrib["width"]))
    for bar in bars:
        middle = float(bar.attrib["x"]) + float(bar.attrib["width"]) / 2, float(bar.attrib["y"]) + 4
        colour = tuple(int(bar.attrib["fill"][at : at + 2], 16) for at in (1, 3, 5))
        assert tuple(shown[round(2 * middle[1]), round(2 * middle[0])]) == colour


def test_nothing_of_a_long_reason_is_cut_off() -> None:
    root = ET.fromstring(waterfall(EXPLANATION))  # noqa: S314 - of our own making
    said = " ".join(each.text or "" for each in root.iter() if each.tag.endswith("text"))
    assert LONG in said
    assert "it has <5> lines & more" in said


def test_a_waterfall_speaks_of_probability_and_dollars_and_of_no_log_odds() -> None:
    root = ET.fromstring(waterfall(EXPLANATION))  # noqa: S314 - of our own making
    said = [each.text or "" for each in root.iter() if each.tag.endswith("text")]
    assert "Probability of denial 62%, expected loss $84.20" in said
    assert not any("odds" in text or "score" in text for text in said)
    # From -0.7, 33 percent: +1.5 to 69, -0.4 to 60, +0.1 to 62.
    assert [text for text in said if text in ("33%", "69%", "60%", "62%")] == [
        "33%",
        "69%",
        "60%",
        "62%",
        "62%",
    ]
    # The axis: 50 percent is within what is drawn, 25 and 75 are not.
    assert "50%" in said
    assert not {"25%", "75%"} & set(said)


def test_every_letter_that_reasons_use_has_its_own_shape() -> None:
    letters = [chr(code) for code in range(33, 127)]
    assert len({glyph(letter).tobytes() for letter in letters}) == len(letters)
    assert not glyph(" ").any()
    assert np.array_equal(glyph("\u00e9"), glyph("?"))


def test_no_probability_is_called_certain() -> None:
    assert [percent(each) for each in (0.0, 0.004, 0.006, 0.5, 0.996)] == [
        "under 1%", "under 1%", "1%", "50%", "over 99%",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "drawn",
    [
        curve([(0, 1), (1, -2)], title="a < b", across="x", up="y", marked=(0.5, "50%")),
        curve([(0, 0), (1, 0)], title="flat", across="x", up="y"),
        steps([], [0.3], title="one step", unit="lines"),
        steps([1.0, 2.0], [0.1, -0.2, 0.3], title="three", unit="dollars"),
        surface([[0.1, -0.2]], title="two", down=("a", [(0.5, "no")]), across=("b", [])),
    ],
)
def test_curves_and_surfaces_are_whole_documents_with_a_name(drawn: str) -> None:
    root = ET.fromstring(drawn)  # noqa: S314 - of our own making
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-label"]
    places = [
        each.attrib[name] for each in root.iter() for name in ("x", "y", "x1", "y1") if name in each.attrib
    ]
    assert all(-1 <= float(place) <= 461 for place in places)
