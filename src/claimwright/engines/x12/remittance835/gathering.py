"""Values of some segments of a block, put into the rows to which the segments belong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from claimwright.engines.x12.native.choice import compiled
from claimwright.engines.x12.native.kernel import Kernel
from claimwright.engines.x12.native.widths import MAX_ELEMENTS
from claimwright.engines.x12.syntax.columns import ValueSpans, view_column
from claimwright.engines.x12.syntax.tokenizer import Ints, Segments


@dataclass(frozen=True)
class Found:
    """Some segments: their first element and number of elements, and which elements any of them has."""

    rows: Ints
    base: npt.NDArray[np.intp]
    count: npt.NDArray[np.intp]
    present: int

    @staticmethod
    def of(segments: Segments, rows: Ints) -> Found:
        """These segments of a block."""
        base = segments.first_element.take(rows).astype(np.intp)
        count = segments.first_element.take(rows + 1) - base
        present = int(np.bitwise_or.reduce(segments.present.take(rows))) if len(rows) else 0
        return Found(rows, base, count, present)

    def has(self, element: int) -> bool:
        """Whether any of them may have a value there: none of them has if not."""
        return bool(self.present >> min(element - 1, MAX_ELEMENTS - 1) & 1)

    def these(self, at: npt.NDArray[np.intp]) -> Found:
        """Some of them, by their places among them."""
        return Found(self.rows.take(at), self.base.take(at), self.count.take(at), self.present)


def _gather_compiled(
    native: Kernel,
    segments: Segments,
    found: Found,
    owner: Ints | None,
    place: tuple[int, int],
    into: ValueSpans,
    /,
) -> ValueSpans:
    element, component = place
    elements = segments.element_start, segments.element_end
    wanted = element - 1, component, segments.delimiters.component
    native.gather(segments.data, elements, (found.base, found.count, owner), wanted, into)
    return into


@compiled(_gather_compiled)
def gather(
    segments: Segments, found: Found, owner: Ints | None, place: tuple[int, int], into: ValueSpans, /
) -> ValueSpans:
    """Put the values at an element and component (from 1; 0 for all of it) into the rows that have none.

    `owner` is the row of each segment; None: one each, in order. The first segment with a value counts.
    """
    element, component = place
    start, length = segments.element_at(found.base, found.count, element - 1)
    if component:
        start, length = segments.part(start, length, component)
    rows = np.arange(len(length)) if owner is None else owner
    # What is written last stays.
    held = np.flatnonzero(length > 0)[::-1]
    held = held[into.length[rows[held]] == 0]
    into.start[rows[held]], into.length[rows[held]] = start[held], length[held]
    return into


def _texts_compiled(
    native: Kernel,
    segments: Segments,
    found: Found,
    owner: Ints | None,
    places: Sequence[tuple[int, int]],
    rows: int,
    /,
) -> list[pa.Array | None] | None:
    source = None
    if owner is not None:
        if (np.diff(owner) <= 0).any():
            return None
        source = np.full(rows, -1, dtype=np.int32)
        source[owner] = np.arange(len(owner), dtype=np.int32)
    views = [np.zeros(16 * rows, dtype=np.uint8) for _ in places]
    bitmaps = np.zeros((len(places), (rows + 7) // 8), dtype=np.uint8)
    held = np.zeros(len(places), dtype=np.int64)
    wanted = np.array([(slot, element - 1, part) for slot, (element, part) in enumerate(places)], np.int32)
    slots, elements, components = wanted.T.copy()
    native.texts(
        segments.data,
        (segments.element_start, segments.element_end),
        (found.base, found.count, source),
        (slots, elements, components),
        segments.delimiters.component,
        (views, bitmaps, held),
    )
    return [
        view_column(rows, view, None if count == rows else bitmap, segments.data) if count else None
        for view, bitmap, count in zip(views, bitmaps, held.tolist(), strict=True)
    ]


@compiled(_texts_compiled)
def texts(
    _segments: Segments,
    _found: Found,
    _owner: Ints | None,
    _places: Sequence[tuple[int, int]],
    _rows: int,
    /,
) -> list[pa.Array | None] | None:
    """The text at each of these places as a column of so many rows; None if no row has a value.

    None for all if they must be read one by one: a row has several of the segments, or nothing is compiled.
    """
    return None
