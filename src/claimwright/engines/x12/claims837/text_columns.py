"""Many text columns of a block at once, with the compiled loops: all values of a segment are read together.

Without the compiled loops, `read.py` reads a block field by field and visits each segment once per field.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from claimwright.domain.dictionary import Field, Kind
from claimwright.engines.x12.native.choice import compiled
from claimwright.engines.x12.native.kernel import Kernel
from claimwright.engines.x12.syntax.columns import view_column
from claimwright.engines.x12.syntax.tokenizer import Ints, Segments

from .layout import Domain, FieldPlace

Rows = npt.NDArray[np.intp]
UsedPlaces = tuple[Field, list[tuple[FieldPlace, list[int]]]]


class Group(NamedTuple):
    """The segments of one variant and party: first element, number of elements; the segment of each row."""

    base: Rows
    elements: Rows
    source: Ints | None


def _text_columns_compiled(
    native: Kernel,
    segments: Segments,
    fields: Iterable[UsedPlaces],
    rows: int,
    group_of: Callable[[int, str, Domain], Group],
    /,
) -> dict[str, pa.Array | None]:
    texts = [
        (entry, places)
        for entry, places in fields
        if entry.kind in (Kind.TEXT, Kind.CODE) and not any(place.locator.channel for place, _ in places)
    ]
    wanted: dict[tuple[int, str, Domain], list[tuple[int, int, int]]] = defaultdict(list)
    for slot, (_, places) in enumerate(texts):
        for place, variants in places:
            for variant in variants:
                wanted[variant, place.locator.party, place.domain].append(
                    (slot, place.element, place.locator.component)
                )
    # Separate arrays: one large array would be newly allocated, and zeroing it would cost more than the rest.
    views = [np.zeros(16 * rows, dtype=np.uint8) for _ in texts]
    bitmaps = np.zeros((len(texts), (rows + 7) // 8), dtype=np.uint8)
    held = np.zeros(len(texts), dtype=np.int64)
    for key, values in wanted.items():
        slots, elements, components = np.array(values, dtype=np.int32).T.copy()
        native.texts(
            segments.data,
            (segments.element_start, segments.element_end),
            group_of(*key),
            (slots, elements, components),
            segments.delimiters.component,
            (views, bitmaps, held),
        )
    made: dict[str, pa.Array | None] = {}
    for slot, ((entry, _), count) in enumerate(zip(texts, held.tolist(), strict=True)):
        if count >= 0:
            bitmap = None if count == rows else bitmaps[slot]
            made[entry.name] = view_column(rows, views[slot], bitmap, segments.data) if count else None
    return made


@compiled(_text_columns_compiled)
def text_columns(
    _segments: Segments,
    _fields: Iterable[UsedPlaces],
    _rows: int,
    _group_of: Callable[[int, str, Domain], Group],
    /,
) -> dict[str, pa.Array | None]:
    """The text fields among these as columns with that many rows; None if no row has a value.

    Fields that must be read separately are left out: those with two values in a row, where one must be
    chosen; and all fields if there are no compiled loops.
    """
    return {}
