"""The compiled inner loops of the reader (`kernel.c`), available if a C compiler was available at build time.

Reading does not need them: each caller has equivalent NumPy code (`choice.py` chooses), and tests check that
both give the same results. The compiled loops take a fraction of the time, and since they are not Python they
run on two cores at once. See docs/decisions/0008.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from claimwright.foundation.native import library_beside, load_library

from .widths import IN_KERNEL, MAX_STAGES, require_at_most

SOURCE = Path(__file__).with_name("kernel.c")
LIBRARY = library_beside(SOURCE)

Array = npt.NDArray[Any]
Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint32]
Flags = npt.NDArray[np.bool_]

_P, _B, _I, _L, _U = ctypes.c_void_p, ctypes.c_uint8, ctypes.c_int32, ctypes.c_int64, ctypes.c_uint64
# name: (result, arguments): P a pointer, B a byte, I and L integers of 32 and 64 bits, U unsigned of 64.
_SIGNATURES: dict[str, tuple[Any, str]] = {
    "cw_widths": (None, "P"),
    "cw_count": (None, "PLBBBP"),
    "cw_tokenize": (_L, "PLBBB" + 8 * "P"),
    "cw_qualifiers": (None, "PL" + 4 * "P" + "B" + 3 * "P" + "LP"),
    "cw_structure": (None, "LPPPIPPI" + 8 * "P"),
    "cw_unaccounted": (None, "PL" + 7 * "P" + "LPL" + 9 * "P"),
    "cw_gather": (_L, "P" + 5 * "P" + "LLIB" + 3 * "P"),
    "cw_text": (_L, "PPPLPP"),
    "cw_texts": (None, 6 * "P" + "LL" + 3 * "P" + "BPPLP"),
    "cw_dates": (_L, "PPPLIIPP"),
    "cw_decimals": (_L, "PPPLIPP"),
    "cw_integers": (_L, "PPPLPP"),
    "cw_odd_characters": (_I, "PLPPB"),
    "cw_judge": (_L, "PPBLL" + 5 * "P" + "LPP"),
}
_TYPES = {"P": _P, "B": _B, "I": _I, "L": _L, "U": _U}


class Hash(NamedTuple):
    """A table of `grammar.Table`: the position of a key is its product with the factor, shifted."""

    keys: npt.NDArray[np.uint64]
    values: Ints
    factor: int
    shift: int


@dataclass(frozen=True)
class Tokens:
    """The columns of `tokenizer.Segments`, which documents them."""

    start: Ints
    end: Ints
    tag: Words
    first_element: Ints
    element_start: Ints
    element_end: Ints
    present: Words
    """For each segment a bit for each element that has a value: bit 0 is element 01."""
    component_cuts: Ints
    """Offsets of all component separators."""


class Openers(ctypes.Structure):
    """`grammar.Openers`, or the variants, as addresses of their arrays."""

    _fields_ = (
        *((name, _P) for name in ("tags", "keys", "values")),
        ("factor", _U),
        *((name, _I) for name in ("shift", "count")),
    )


class Structures(NamedTuple):
    """The openers of loops: nesting ones stage by stage, then parties, then the variants."""

    tables: Any
    """A ctypes array of `Openers`, with addresses of the arrays in `held`."""
    stages: int
    interchange: int
    """The loop of the interchange; that of the group follows it."""
    host: Ints
    variant_node: Ints
    held: tuple[Array, ...]
    """References that prevent freeing: if two threads create it at the same moment, only one is cached."""


class Known(NamedTuple):
    """The coverage of `claims837.layout.Layout`, by variant; the constants are consecutive."""

    mapped: Words
    telling: Words
    dated: Bytes
    components: npt.NDArray[np.int8]
    constant_first: Ints
    """The position of the first constant of each variant, and after the last variant their end."""
    constant_element: Ints
    constant_word: Words
    constant_needs: Ints


class Rules(ctypes.Structure):
    """The element rules of `specification.Specification`, as addresses of its arrays."""

    _fields_ = (
        *(
            (name, _P)
            for name in ("first", "count", "verdict", "least", "most", "whole", "decimals", "code_key")
        ),
        *((name, _P) for name in ("part_first", "part_count", "part_last_required", "keys", "values")),
        ("factor", _U),
        *((name, _I) for name in ("shift", "nodes", "unknown", "beyond")),
    )
    held: tuple[Array, ...]
    """As in `Structures`."""


class Kernel:
    """The compiled loops as functions of arrays. Arrays are contiguous, and of the types named here."""

    def __init__(self, library: ctypes.CDLL) -> None:
        for name, (result, arguments) in _SIGNATURES.items():
            function = getattr(library, name)
            function.restype = result
            function.argtypes = [_TYPES[letter] for letter in arguments]
        self._call = library
        widths = np.zeros(len(IN_KERNEL), dtype=np.int64)
        library.cw_widths(_at(widths))
        if tuple(widths.tolist()) != IN_KERNEL:
            raise AssertionError(f"kernel.c assumes {widths.tolist()}, native/widths.py {list(IN_KERNEL)}")

    def tokenize(self, data: Bytes, size: int, terminator: int, element: int, component: int) -> Tokens:
        """As `tokenizer.tokenize`; the three delimiters must differ."""
        at = _at(data)
        counts = np.zeros(3, dtype=np.int64)
        self._call.cw_count(at, size, terminator, element, component, _at(counts))
        ends, elements, components = counts.tolist()
        start, end, first, tag, present = (np.empty(ends + 2, dtype=np.int32) for _ in range(5))
        begins, stops = np.empty(elements, dtype=np.int32), np.empty(elements, dtype=np.int32)
        cuts = np.empty(components, dtype=np.int32)
        out = (start, end, tag, first, present, begins, stops, cuts)
        found = self._call.cw_tokenize(at, size, terminator, element, component, *map(_at, out))
        held = int(first[found])
        return Tokens(
            start[:found],
            end[:found],
            tag.view(np.uint32)[:found],
            first[: found + 1],
            begins[:held],
            stops[:held],
            present.view(np.uint32)[:found],
            cuts,
        )

    def qualifiers(
        self,
        data: Bytes,
        tokens: tuple[Words, Ints, Ints, Ints],
        separator: int,
        places: tuple[Words, Ints, Ints],
    ) -> Words:
        """The qualifier of each segment: `tokens` are tag, first element, and the elements' start and end;
        `places` the tags that have one, with its element (from 0) and component (from 1; 0 for none).
        """
        count = len(tokens[0])
        found = np.empty(count, dtype=np.uint32)
        self._call.cw_qualifiers(
            _at(data), count, *map(_at, tokens), separator, *map(_at, places), len(places[0]), _at(found)
        )
        return found

    def structure(
        self, tag: Words, qualifier: Words, openers: Structures, envelope: Words, headers: Ints
    ) -> tuple[Ints, Ints, tuple[Ints, ...], Flags, Ints, Ints]:
        """Loop, its opener, the openers by stage, whether it opens one, variant and node of each segment."""
        count, stages = len(tag), openers.stages
        loop, opener, variant, node = (np.empty(count, dtype=np.int32) for _ in range(4))
        by_stage = np.empty((stages + 1, count), dtype=np.int32)
        opens = np.empty(count, dtype=np.uint8)
        self._call.cw_structure(
            count, _at(tag), _at(qualifier), ctypes.addressof(openers.tables), stages,
            _at(envelope), _at(headers), openers.interchange, _at(openers.host), _at(openers.variant_node),
            *map(_at, (loop, opener, by_stage, opens, variant, node)),
        )  # fmt: skip
        return loop, opener, tuple(by_stage), opens.view(np.bool_), variant, node

    def unaccounted(
        self,
        data: Bytes,
        segments: tuple[Ints, Ints, Ints, Words, Ints, Ints, Ints],
        variant: Ints,
        variants: int,
        known: Known,
    ) -> Flags:
        """Which segments have content that no field covers, or that would be written differently.

        `segments`: start, end, first element, present elements, the elements' start and end, component cuts.
        """
        found = np.empty(len(variant), dtype=np.uint8)
        self._call.cw_unaccounted(
            _at(data), len(variant), *map(_at, segments), len(segments[-1]), _at(variant), variants,
            *map(_at, known), _at(found),
        )  # fmt: skip
        return found.view(np.bool_)

    def gather(
        self,
        data: Bytes,
        elements: tuple[Ints, Ints],
        group: tuple[Longs, Longs, Ints | None],
        wanted: tuple[int, int, int],
        into: tuple[Ints, Ints],
    ) -> Flags | None:
        """Put the positions of a group's values into their rows.

        `group`: the first element and the number of elements of each segment, and its row. `wanted`: the
        element (from 0), the component (from 1; 0 for the whole element), the component separator. Returns
        which segments had a row that was already filled, None if none did.
        """
        base, count, rows = group
        taken = np.zeros(len(base), dtype=np.uint8)
        clashes = self._call.cw_gather(
            _at(data), *map(_at, (*elements, base, count)), None if rows is None else _at(rows),
            len(base), *wanted, *map(_at, into), _at(taken),
        )  # fmt: skip
        return taken.view(np.bool_) if clashes else None

    def text(self, data: Bytes, start: Ints, length: Ints) -> tuple[Array, Bytes | None]:
        """String views into the data, and the bitmap of those that have a value, None if all do."""
        views, bitmap = np.zeros(16 * len(start), dtype=np.uint8), _bitmap(len(start))
        held = self._call.cw_text(_at(data), _at(start), _at(length), len(start), _at(views), _at(bitmap))
        return views, None if held == len(start) else bitmap

    def texts(
        self,
        data: Bytes,
        elements: tuple[Ints, Ints],
        group: tuple[Longs, Longs, Ints | None],
        wanted: tuple[Ints, Ints, Ints],
        separator: int,
        into: tuple[list[Bytes], Array, Longs],
    ) -> None:
        """Put the values of one group's segments into text columns.

        `group`: the first element and the number of elements of each segment, and the segment of each row,
        -1 for none (None: row and segment are the same). `wanted`: columns, elements (from 0), components.
        `into`: views and bitmaps by column, filled with zeros before the first group, and the number of rows
        with a value; negative if a row would have two.
        """
        base, count, source = group
        views, bitmaps, held = into
        columns = np.array([_at(views[slot]) for slot in wanted[0].tolist()], dtype=np.uint64)
        self._call.cw_texts(
            _at(data), *map(_at, (*elements, base, count)), None if source is None else _at(source),
            len(views[0]) // 16, len(columns), *map(_at, wanted), separator, _at(columns), _at(bitmaps),
            bitmaps.shape[1], _at(held),
        )  # fmt: skip

    def dates(
        self, data: Bytes, start: Ints, length: Ints, *, shift: int, stamped: bool
    ) -> tuple[Array, Bytes | None] | None:
        """Days since 1970; None if any row has something other than a plain day."""
        days, bitmap = np.zeros(len(start), dtype=np.int32), _bitmap(len(start))
        held = self._call.cw_dates(
            _at(data), _at(start), _at(length), len(start), shift, stamped, _at(days), _at(bitmap)
        )
        return None if held < 0 else (days, None if held == len(start) else bitmap)

    def decimals(
        self, data: Bytes, start: Ints, length: Ints, *, scale: int
    ) -> tuple[Array, Bytes | None] | None:
        """128-bit decimals; None if any row has something other than a plain amount of this scale."""
        wide, bitmap = np.zeros(2 * len(start), dtype=np.int64), _bitmap(len(start))
        held = self._call.cw_decimals(
            _at(data), _at(start), _at(length), len(start), scale, _at(wide), _at(bitmap)
        )
        return None if held < 0 else (wide, None if held == len(start) else bitmap)

    def integers(self, data: Bytes, start: Ints, length: Ints) -> tuple[Longs, Bytes | None] | None:
        """Whole numbers of up to 14 digits; None if any row has something else."""
        number, bitmap = np.zeros(len(start), dtype=np.int64), _bitmap(len(start))
        held = self._call.cw_integers(
            _at(data), _at(start), _at(length), len(start), _at(number), _at(bitmap)
        )
        return None if held < 0 else (number, None if held == len(start) else bitmap)

    def odd_characters(self, data: Bytes, start: Ints, end: Ints, element: int) -> bool:
        """Whether a segment has a control or non-ASCII character, or an element beginning with a blank."""
        found: int = self._call.cw_odd_characters(_at(data), len(start), _at(start), _at(end), element)
        return bool(found)

    def judge(
        self,
        rules: Rules,
        data: Bytes,
        separator: int,
        context: int,
        segments: tuple[Ints, Ints, Ints, Ints, Ints],
    ) -> tuple[Ints, Bytes]:
        """The rule of every element, and the verdict on those that are not clearly valid, 0 on the others.

        `segments`: node, first element, the elements' start and end, component positions.
        """
        count = len(segments[2])
        rule, verdict = np.empty(count, dtype=np.int32), np.empty(count, dtype=np.uint8)
        self._call.cw_judge(
            ctypes.addressof(rules), _at(data), separator, len(segments[0]), context,
            *map(_at, segments), len(segments[4]), _at(rule), _at(verdict),
        )  # fmt: skip
        return rule, verdict


def _at(array: Any) -> int:
    """The address of an array's first value."""
    address: int = array.__array_interface__["data"][0]
    return address


def _bitmap(rows: int) -> Bytes:
    return np.zeros((rows + 7) // 8, dtype=np.uint8)


def structures_of(
    tables: list[tuple[Words, Hash]], *, interchange: int, host: Ints, variant_node: Ints
) -> Structures:
    """The input of `structure`: the tags and the table of each stage, of the parties, of the variants."""
    made = [
        Openers(_at(tags), _at(table.keys), _at(table.values), table.factor, table.shift, len(tags))
        for tags, table in tables
    ]
    require_at_most(len(made) - 2, MAX_STAGES, "stages of nested loops")
    held = tuple(array for tags, table in tables for array in (tags, table.keys, table.values))
    return Structures((Openers * len(made))(*made), len(made) - 2, interchange, host, variant_node, held)


def rules_of(arrays: dict[str, Array], table: Hash, **numbers: int) -> Rules:
    """The input structure of `judge`; it keeps references to the arrays, as `Structures` does."""
    addresses = {name: _at(array) for name, array in arrays.items()}
    made = Rules(
        **addresses,
        keys=_at(table.keys),
        values=_at(table.values),
        factor=table.factor,
        shift=table.shift,
        **numbers,
    )
    made.held = (*arrays.values(), table.keys, table.values)
    return made


@cache
def kernel() -> Kernel | None:
    """The compiled loops; None if there are none for this machine and this source."""
    library = load_library(SOURCE, LIBRARY)
    return None if library is None else Kernel(library)
