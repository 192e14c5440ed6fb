"""Waterfalls, curves and term plots, drawn without a library."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from html import escape

from claimwright.features.prediction.scoring import Explanation, percent

from .drawing import FONT, Box, Drawing, Line, Words, document

# Colors for "towards denial" and "away from denial", distinguishable with red-green color blindness. A test
# computes their contrast with white.
TOWARDS, AWAY, LINE, TEXT = "#b3261e", "#1b5fa8", "#4a6793", "#222222"
_QUIET, _FAINT = "#5c5c5c", "#c9c9c9"
_LINE_HEIGHT, _GAP, _LABEL, _PLOT, _MARGIN, _VALUE = 16, 10, 600, 360, 16, 60
_LETTERS = 86
_START = "where every claim begins"
_TICKS = (0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.98, 0.99)


def waterfall(explanation: Explanation, *, most: int = 10) -> str:
    """A waterfall from the intercept to the claim's probability, reason by reason, as an SVG document.

    Reasons that matter alone, at most `most`, have one bar each, the others share one bar. The length of a
    bar is its weight; the axis shows probabilities, and the number next to a bar is the probability after it.
    """
    return _waterfall(explanation, most).svg()


def waterfall_png(explanation: Explanation, *, most: int = 10) -> bytes:
    """The same as a PNG."""
    return _waterfall(explanation, most).png()


def _waterfall(explanation: Explanation, most: int) -> Drawing:
    rows = [(_START, 0.0)]
    told = explanation.leading(most)
    rows += [(reason.words, reason.log_odds) for reason in told]
    rest = [reason for reason in explanation.reasons if reason not in told]
    if rest:
        rows.append((f"{len(rest)} other reasons together", sum(reason.log_odds for reason in rest)))
    reached = [explanation.intercept]
    for _, change in rows:
        reached.append(reached[-1] + change)
    low, high = min(reached), max(reached)
    scale = _PLOT / ((high - low) or 1.0)
    said = [percent(explanation.scale.probability(score)) for score in reached[1:]]

    def at(score: float) -> float:
        return _MARGIN + _LABEL + (score - low) * scale

    right = _MARGIN + _LABEL + _PLOT + _VALUE
    parts: list[Box | Line | Words] = [
        Words(_MARGIN, 30, _title(explanation), TEXT, bold=True),
        Words(right, 30, "probability", _QUIET, right=True),
    ]
    top: float = 46
    for number, (words, change) in enumerate(rows):
        lines = textwrap.wrap(words, _LETTERS) or [""]
        height = len(lines) * _LINE_HEIGHT
        colour = TOWARDS if change > 0 else AWAY
        left, next_at = at(min(reached[number], reached[number + 1])), at(reached[number + 1])
        parts += [Words(_MARGIN, top + 12 + n * _LINE_HEIGHT, text, TEXT) for n, text in enumerate(lines)]
        parts += [
            Box(left, top, max(abs(change) * scale, 1), _LINE_HEIGHT, colour, f"{words}: to {said[number]}"),
            Words(right, top + 12, said[number], colour, right=True),
            # A connector to the start of the next bar.
            Line(next_at, top + _LINE_HEIGHT, next_at, top + height + _GAP, _QUIET),
        ]
        top += height + _GAP
    parts += [
        Line(_MARGIN, top, right, top, _FAINT),
        Words(_MARGIN, top + 20, "Probability of denial with all reasons", TEXT, bold=True),
        Words(right, top + 20, percent(explanation.probability), TEXT, bold=True, right=True),
    ]
    places = [(at(explanation.scale.score(each)), percent(each)) for each in _TICKS]
    last = -math.inf
    for x, words in places:
        # Ticks outside of the drawing, or with overlapping labels, are left out.
        if at(low) <= x <= at(high) and x - last > _VALUE * 0.8:
            parts += [Line(x, 46, x, top, _FAINT), Words(x + 12, top + 40, words, _QUIET, right=True)]
            last = x
    title = f"Why claim {explanation.claim} has its probability of denial"
    return Drawing(right + _MARGIN, round(top + 56), title, tuple(parts))


def _title(explanation: Explanation) -> str:
    return (
        f"Probability of denial {percent(explanation.probability)}, expected loss ${explanation.at_risk:,.2f}"
    )


_WIDTH, _HEIGHT = 460, 260
_LEFT, _BOTTOM, _TOP, _RIGHT = 64, 48, 52, 16
_MOST_TICKS = 6
Tick = tuple[float, str]


def curve(
    points: Sequence[tuple[float, float]],
    *,
    title: str,
    across: str,
    up: str,
    ticks: Sequence[Tick] = (),
    marked: Tick | None = None,
) -> str:
    """A line through points, with labeled axes and a mark at one value, as an SVG document.

    `ticks` are positions on the horizontal axis with their labels; by default the first and last value.
    """
    low_x, high_x = min(x for x, _ in points), max(x for x, _ in points)
    low_y, high_y = min(0.0, *(y for _, y in points)), max(0.0, *(y for _, y in points))

    def at(x: float, y: float) -> tuple[float, float]:
        return (
            _LEFT + (x - low_x) / ((high_x - low_x) or 1) * (_WIDTH - _LEFT - _RIGHT),
            _HEIGHT - _BOTTOM - (y - low_y) / ((high_y - low_y) or 1) * (_HEIGHT - _BOTTOM - _TOP),
        )

    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in (at(*point) for point in points))
    zero = at(low_x, 0.0)[1]
    drawn = [
        f"<line x1='{_LEFT}' y1='{zero:.1f}' x2='{_WIDTH - _RIGHT}' y2='{zero:.1f}' stroke='{_FAINT}'/>",
        f"<polyline points='{path}' fill='none' stroke='{LINE}' stroke-width='2'/>",
        *_named(title, up, across),
    ]
    # Only one of two overlapping labels is drawn.
    shown = [y for y in sorted({low_y, high_y, 0.0}) if y == 0.0 or abs(at(low_x, y)[1] - zero) > 14]
    drawn += [_text(_LEFT - 8, at(low_x, y)[1] + 4, _short(y), anchor="end") for y in shown]
    for place, words in ticks or ((low_x, f"{low_x:,.4g}"), (high_x, f"{high_x:,.4g}")):
        x = at(place, 0.0)[0]
        drawn += [
            f"<line x1='{x:.1f}' y1='{_HEIGHT - _BOTTOM}' x2='{x:.1f}' y2='{_HEIGHT - _BOTTOM + 4}' "
            f"stroke='{_QUIET}'/>",
            _text(x, _HEIGHT - 28, words, anchor="middle"),
        ]
    if marked is not None and low_x <= marked[0] <= high_x:
        x = at(marked[0], 0.0)[0]
        end, move = ("end", -6) if x > _WIDTH / 2 else ("start", 6)
        drawn += [
            f"<line x1='{x:.1f}' y1='{_TOP - 8}' x2='{x:.1f}' y2='{_HEIGHT - _BOTTOM}' stroke='{TOWARDS}' "
            "stroke-dasharray='4 3'/>",
            _text(x + move, _HEIGHT - _BOTTOM - 6, marked[1], anchor=end, colour=TOWARDS),
        ]
    return document(_WIDTH, _HEIGHT, title, "\n".join(drawn))


def steps(cuts: Sequence[float], heights: Sequence[float], *, title: str, unit: str) -> str:
    """A step curve of a feature's contribution over its values; it has one more step than cuts.

    All steps are drawn equally wide, because narrow steps contain many values; some cuts are labeled.
    """
    points = [(float(number + side), height) for number, height in enumerate(heights) for side in (0, 1)]
    every = -(-len(cuts) // _MOST_TICKS) or 1
    ticks = [(float(number + 1), value_of(cut, unit)) for number, cut in enumerate(cuts)][every - 1 :: every]
    if unit == "0 or 1":
        ticks = [(0.5, "no"), (1.5, "yes")]
    across = "" if unit == "0 or 1" else unit
    return curve(points, title=title, across=across, up="log odds", ticks=ticks)


def surface(
    table: Sequence[Sequence[float]],
    *,
    title: str,
    down: tuple[str, Sequence[Tick]],
    across: tuple[str, Sequence[Tick]],
) -> str:
    """A heat map of the joint contribution of two features; rows are vertical, columns horizontal.

    An axis has a name and ticks: positions from 0 to the number of steps, with their labels.
    """
    most = max(0.01, *(abs(value) for row in table for value in row))
    high = (_HEIGHT - _BOTTOM - _TOP) / len(table)
    wide = (_WIDTH - 2 * _LEFT - _RIGHT) / len(table[0])
    left = 2 * _LEFT
    drawn = [
        f"<rect x='{left + x * wide:.1f}' y='{_TOP + y * high:.1f}' width='{wide + 0.3:.1f}' "
        f"height='{high + 0.3:.1f}' fill='{TOWARDS if value > 0 else AWAY}' "
        f"fill-opacity='{abs(value) / most:.2f}'><title>{value:+.2f}</title></rect>"
        for y, row in enumerate(table)
        for x, value in enumerate(row)
        if abs(value) > 0.01 * most
    ]
    drawn += [
        f"<rect x='{left}' y='{_TOP}' width='{_WIDTH - left - _RIGHT}' height='{_HEIGHT - _BOTTOM - _TOP}' "
        f"fill='none' stroke='{_FAINT}'/>",
        *_named(title, down[0], across[0]),
        *(_text(left + x * wide, _HEIGHT - 28, words, anchor="middle") for x, words in across[1]),
        *(_text(left - 8, _TOP + y * high + 4, words, anchor="end") for y, words in down[1]),
        _text(_WIDTH - _RIGHT, 38, f"red adds, blue subtracts, up to {most:.2f}", anchor="end"),
    ]
    return document(_WIDTH, _HEIGHT, title, "\n".join(drawn))


def value_of(cut: float, unit: str) -> str:
    """A cut, formatted with its unit."""
    if unit == "probability":
        return f"{cut * 100:.3g}%"
    return f"{cut / 1000:,.3g}k" if cut >= 1000 else f"{cut:,.4g}"


def _named(title: str, up: str, across: str) -> list[str]:
    return [
        f"<text x='8' y='20' {FONT} font-weight='bold' fill='{TEXT}'>{escape(title)}</text>",
        _text(8, 38, up),
        _text((_LEFT + _WIDTH - _RIGHT) / 2, _HEIGHT - 10, across, anchor="middle"),
    ]


def _text(x: float, y: float, words: str, *, anchor: str = "start", colour: str = _QUIET) -> str:
    at = f"x='{x:.1f}' y='{y:.1f}' text-anchor='{anchor}'"
    return f"<text {at} {FONT} fill='{colour}'>{escape(words)}</text>"


def _short(value: float) -> str:
    """A number for an axis: thousands as k."""
    return f"{value / 1000:,.0f}k" if abs(value) >= 10_000 else f"{value:,.3g}"
