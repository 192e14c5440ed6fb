"""Waterfalls, curves and term plots as SVG that is written here, so that no library need draw it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from .reasons import Argument

_UP, _DOWN, _LINE, _TEXT = "#b3261e", "#1a6b3c", "#3b5b92", "#222"
_ROW, _LABEL, _PLOT, _MARGIN = 24, 620, 380, 16
_FONT = "font-family='system-ui,sans-serif' font-size='13'"


def waterfall(argument: Argument, *, most: int = 10) -> str:
    """How a claim's score is added up, from the score of nobody in particular: an SVG document.

    The `most` weightiest reasons have a bar each, the others one together.
    """
    rows = [("anybody", argument.intercept)]
    rows += [(reason.words, reason.log_odds) for reason in argument.reasons[:most]]
    rest = argument.reasons[most:]
    if rest:
        rows.append((f"{len(rest)} others together", sum(reason.log_odds for reason in rest)))
    reached = [0.0]
    for _, change in rows:
        reached.append(reached[-1] + change)
    low, high = min(reached), max(reached)
    scale = _PLOT / ((high - low) or 1.0)
    height = _MARGIN * 2 + _ROW * (len(rows) + 1)
    drawn = []
    for number, (words, change) in enumerate(rows):
        top = _MARGIN + number * _ROW
        left = _LABEL + (min(reached[number], reached[number + 1]) - low) * scale
        colour = _UP if change > 0 else _DOWN
        drawn += [
            f"<text x='{_MARGIN}' y='{top + 16}' {_FONT} fill='{_TEXT}'>{escape(_short(words))}</text>",
            f"<rect x='{left:.1f}' y='{top + 4}' width='{max(abs(change) * scale, 1):.1f}' "
            f"height='{_ROW - 8}' fill='{colour}'><title>{escape(words)}</title></rect>",
            f"<text x='{_LABEL + _PLOT + 10}' y='{top + 16}' {_FONT} fill='{colour}'>{change:+.2f}</text>",
        ]
    last = _MARGIN + len(rows) * _ROW + 16
    total = f"score {argument.score:+.2f}, probability of denial {argument.probability:.0%}"
    drawn.append(f"<text x='{_MARGIN}' y='{last}' {_FONT} font-weight='bold'>{total}</text>")
    width = _LABEL + _PLOT + 80
    return _document(width, height, f"Why claim {argument.claim} has its probability of denial", drawn)


def curve(
    points: Sequence[tuple[float, float]], *, title: str, across: str, up: str, marked: float | None = None
) -> str:
    """A line through points, with its axes named, and a mark at one value: an SVG document."""
    width, height, left, bottom = 560, 300, 70, 40
    across_values = [point[0] for point in points]
    up_values = [point[1] for point in points]
    low_x, high_x = min(across_values), max(across_values)
    low_y, high_y = min(*up_values, 0.0), max(*up_values, 0.0)

    def at(x: float, y: float) -> tuple[float, float]:
        return (
            left + (x - low_x) / ((high_x - low_x) or 1) * (width - left - 20),
            height - bottom - (y - low_y) / ((high_y - low_y) or 1) * (height - bottom - 30),
        )

    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in (at(*point) for point in points))
    zero = at(low_x, 0.0)[1]
    drawn = [
        f"<text x='{left}' y='18' {_FONT} font-weight='bold'>{escape(title)}</text>",
        f"<line x1='{left}' y1='{zero:.1f}' x2='{width - 20}' y2='{zero:.1f}' stroke='#bbb'/>",
        f"<polyline points='{path}' fill='none' stroke='{_LINE}' stroke-width='2'/>",
        f"<text x='{left}' y='{height - 8}' {_FONT}>{low_x:g}</text>",
        f"<text x='{width - 60}' y='{height - 8}' {_FONT}>{high_x:g}</text>",
        f"<text x='{width / 2 - 60}' y='{height - 8}' {_FONT}>{escape(across)}</text>",
        f"<text x='4' y='40' {_FONT}>{high_y:,.3g}</text>",
        f"<text x='4' y='{height - bottom}' {_FONT}>{low_y:,.3g}</text>",
        f"<text x='4' y='{height / 2}' {_FONT}>{escape(up)}</text>",
    ]
    if marked is not None:
        x = at(marked, 0.0)[0]
        drawn.append(
            f"<line x1='{x:.1f}' y1='26' x2='{x:.1f}' y2='{height - bottom}' stroke='{_UP}'/>"
            f"<text x='{x + 4:.1f}' y='38' {_FONT} fill='{_UP}'>{marked:g}</text>"
        )
    return _document(width, height, title, drawn)


def steps(cuts: Sequence[float], heights: Sequence[float], *, title: str, across: str) -> str:
    """A curve of steps, one more than there are cuts: what a feature contributes over its values."""
    if not cuts:
        return curve([(0, heights[0]), (1, heights[0])], title=title, across=across, up="log odds")
    edges = [min(cuts[0], 0.0), *cuts, cuts[-1] + (cuts[-1] - cuts[0] or 1.0) * 0.05]
    points = []
    for number, height in enumerate(heights):
        points += [(edges[number], height), (edges[number + 1], height)]
    return curve(points, title=title, across=across, up="log odds")


def _short(words: str, longest: int = 92) -> str:
    return words if len(words) <= longest else words[: longest - 1] + "…"


def _document(width: float, height: float, title: str, drawn: Sequence[str]) -> str:
    inner = "\n".join(drawn)
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' width='{width:g}' height='{height:g}' "
        f"viewBox='0 0 {width:g} {height:g}' role='img' aria-label='{escape(title, quote=True)}'>\n"
        f"<rect width='100%' height='100%' fill='white'/>\n{inner}\n</svg>\n"
    )
