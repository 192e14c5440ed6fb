"""Reads one block of segments into a `ClaimBatch`.

A field's values are gathered for the whole block at once: the segments of its variant, the row of each
segment, the offsets of the element. `layout.py` has the positions; `columns.py` converts the values.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import groupby, pairwise
from operator import itemgetter
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from claimwright.domain.batch import ClaimBatch, arrow_schema, frame_of
from claimwright.domain.dictionary import Field, Kind, Level
from claimwright.engines.x12.native.choice import UNDECIDED, Undecided, compiled
from claimwright.engines.x12.native.kernel import Kernel
from claimwright.engines.x12.native.widths import MAX_VARIANTS
from claimwright.engines.x12.syntax.columns import ValueSpans, array, nothing, text, whole, without_blanks
from claimwright.engines.x12.syntax.tokenizer import PADDING, Flags, Ints, Segments, Words, code
from claimwright.foundation.columns import series_of

from . import verbatim_segments
from .contacts import channel_numbers, second_contacts
from .layout import Domain, FieldPlace, Layout, layout
from .repeats import Repeats
from .row_index import RowIndex, ordinals
from .text_columns import Group, text_columns

Longs = npt.NDArray[np.int64]
Rows = npt.NDArray[np.intp]

_NEWEST = pl.CompatLevel.newest()
# The narrowest type that can hold a variant: sorting by it is half the time of grouping a block.
_VARIANT = np.dtype(np.int16)
assert np.iinfo(_VARIANT).max >= MAX_VARIANTS


def read_block(
    segments: Segments,
    index: RowIndex,
    *,
    first_claim: int = 1,
    first_transaction: int = 1,
    verbatim: bool = True,
) -> ClaimBatch:
    """The claims of a block, numbered from `first_claim`; `first_transaction` numbers its transactions.

    Without `verbatim` the batch has no `segments`: it can be checked, but not written back completely.
    """
    return _Reader(_without_marks(segments), index, first_claim, first_transaction).batch(verbatim=verbatim)


def _without_marks(segments: Segments) -> Segments:
    """The segments with blanks instead of stray control characters that are separators in verbatim text.

    No value may contain any; the structural check reports them.
    """
    content = segments.data[: segments.size]
    # In pieces: a mask for every byte of the block would need newly allocated memory.
    pieces = range(0, segments.size, _PIECE)
    if not any(_marks(content[first : first + _PIECE]).any() for first in pieces):
        return segments
    own = [mark[0] for mark in segments.delimiters.as_bytes()]
    stray = np.flatnonzero(_marks(content) & ~np.isin(content, np.array(own, dtype=np.uint8)))
    data = segments.data.copy()
    data[stray] = ord(" ")
    return replace(segments, data=data)


_PIECE = 1 << 18


def _marks(content: npt.NDArray[np.uint8]) -> Flags:
    """Which bytes are hexadecimal 1C to 1F."""
    marks: Flags = (content & np.uint8(0xFC)) == np.uint8(0x1C)
    return marks


@dataclass
class _Group:
    """The segments of one variant, at most one per row of their domain, with the places of their elements."""

    segments: Ints
    rows: Ints
    base: Rows
    count: Rows
    further: Ints | None = None
    """The second segment of each row: the PER for the number that the first has no room for; or -1."""
    cuts: dict[int, tuple[Ints, Ints, Ints]] = field(default_factory=dict)

    def fills(self, count: int) -> bool:
        """Whether there is exactly one segment for each of `count` rows, in order."""
        return len(self.rows) == count

    def component(self, segments: Segments, element: int, component: int) -> tuple[Ints, Ints]:
        """Start and length of a component; the composite is searched once for all of its components."""
        found = self.cuts.get(element)
        if found is None:
            start, length = segments.element_at(self.base, self.count, element)
            found = self.cuts[element] = start, length, segments.first_cut(start)
        return segments.part_at(*found, component)


def _gather_compiled(
    native: Kernel,
    reader: _Reader,
    group: _Group,
    place: FieldPlace,
    count: int,
    values: ValueSpans | None,
    /,
) -> ValueSpans | Undecided:
    if place.locator.channel:
        return UNDECIDED
    s = reader.segments
    values = nothing(count) if values is None else values
    taken = native.gather(
        s.data,
        (s.element_start, s.element_end),
        (group.base, group.count, None if group.fills(count) else group.rows),
        (place.element, place.locator.component, s.delimiters.component),
        values,
    )
    if taken is not None:
        reader.verbatim[group.segments[taken]] = True
    return values


class _Reader:
    """The state of reading one block: its segments, and which of them are kept verbatim."""

    def __init__(self, segments: Segments, index: RowIndex, first_claim: int, first_transaction: int) -> None:
        self.segments = segments
        self.structure = structure = index.structure
        self.table: Layout = layout()
        self.index = index
        opener = index.opener
        self.claims: Longs = np.arange(len(opener[Domain.CLAIM]), dtype=np.int64) + first_claim
        self.transactions: Longs = (
            np.arange(len(opener[Domain.TRANSACTION]), dtype=np.int64) + first_transaction
        )
        self.variant = structure.variant
        order = np.argsort(self.variant.astype(_VARIANT), kind="stable").astype(np.int32)
        bounds = np.searchsorted(self.variant[order], np.arange(len(self.table.grammar.variants) + 1))
        self.groups = [order[low:high] for low, high in pairwise(bounds)]
        self.used = _used(segments.present[order], bounds)
        self.rows: dict[int, Ints] = {}
        self.single: dict[tuple[int, str], _Group] = {}
        # True for segments with content that no field can hold; unused if nothing is kept verbatim.
        self.verbatim: Flags = np.zeros(len(segments), dtype=bool)

    def batch(self, *, verbatim: bool) -> ClaimBatch:
        """The whole batch; content without a field only if it is to be kept `verbatim`."""
        a = self.index
        to_claim = {
            Domain.BILLING: a.claim_billing,
            Domain.SUBSCRIBER: a.claim_subscriber,
            Domain.PATIENT: a.claim_patient,
        }
        to_transaction = {Domain.INTERCHANGE: a.transaction_interchange, Domain.GROUP: a.transaction_group}
        frames = {
            Level.TRANSACTION: self._frame(
                Level.TRANSACTION, Domain.TRANSACTION, {"transaction": self.transactions}, to_transaction
            ),
            Level.CLAIM: self._frame(Level.CLAIM, Domain.CLAIM, self._claim_keys(), to_claim),
            Level.LINE: self._frame(Level.LINE, Domain.LINE, self._line_keys(), {}),
            Level.OTHER_PAYER: self._frame(
                Level.OTHER_PAYER,
                Domain.OTHER_PAYER,
                {"claim": self.claims[a.other_payer_claim], "other_payer": ordinals(a.other_payer_claim)},
                {},
            ),
            Level.ADJUDICATION: self._frame(
                Level.ADJUDICATION, Domain.ADJUDICATION, self._adjudication_keys(), {}
            ),
        }
        repeats = Repeats(self.segments, a, self.table, self.groups, self.claims)
        frames.update(repeats.frames())
        if verbatim:
            self.verbatim |= repeats.verbatim
            frames[Level.SEGMENT] = self._kept()
        return ClaimBatch.of(frames)

    def _kept(self) -> pl.DataFrame:
        """The segments that are kept verbatim; complete only after all fields have been read."""
        for variant, party in self.table.groups:
            if len(self.groups[variant]):
                self._group(variant, party)
        told = self.verbatim | verbatim_segments.unmapped(
            self.segments, self.structure, self.groups, self.table, self._rows
        )
        told[verbatim_segments.other_versions(self.segments, self.index)] = True
        kept = verbatim_segments.widened(self.segments, told, self.groups, self.index, self.table, self._rows)
        return verbatim_segments.frame(self.segments, self.index, kept, self.claims, self.transactions)

    # Rows and their keys.

    def _claim_keys(self) -> dict[str, Any]:
        a = self.index
        opener = a.opener[Domain.CLAIM]
        number = self.segments.number
        return {
            "claim": self.claims,
            "transaction": self.transactions[a.claim_transaction],
            "first_segment": number[opener],
            "last_segment": number[a.claim_end - 1] if len(opener) else number[:0],
        }

    def _forms(self) -> pa.Array:
        """The form of each claim: P, I or D, by the guide of its loop."""
        letters = np.frombuffer(b"-PID" + bytes(PADDING), dtype=np.uint8)
        guide = self.table.grammar.loop_guide[self.structure.loop[self.index.opener[Domain.CLAIM]]]
        words = np.ndarray((len(letters) - 3,), dtype="<u4", buffer=letters, strides=(1,))
        return text(ValueSpans(guide, np.ones(len(guide), dtype=np.int32)), letters, words)

    def _line_keys(self) -> dict[str, Any]:
        claim = self.index.line_claim
        return {"claim": self.claims[claim], "line": ordinals(claim)}

    def _adjudication_keys(self) -> dict[str, Any]:
        line = self.index.adjudication_line
        keys = self._line_keys()
        return {"claim": keys["claim"][line], "line": keys["line"][line], "adjudication": ordinals(line)}

    # Fields.

    def _rows(self, variant: int) -> Ints:
        """The row of its domain for each segment of a variant."""
        rows = self.rows.get(variant)
        if rows is None:
            domain = Domain(int(self.table.variant_domain[variant]))
            rows = self.rows[variant] = self.index.rows(domain, self.groups[variant])
        return rows

    def _frame(
        self,
        level: Level,
        domain: Domain,
        keys: Mapping[str, Any],
        links: dict[Domain, Ints],
    ) -> pl.DataFrame:
        """The frame of a level whose rows are those of a domain, or are linked to an outer one."""
        types = arrow_schema(level)
        columns = {name: whole(types.field(name).type, values) for name, values in keys.items()}
        if level is Level.CLAIM:
            columns["form"] = self._forms()
        fields = list(self._used_places(level))
        texts: dict[str, pa.Array | None] = {}
        if level is not Level.TRANSACTION:
            texts = text_columns(
                self.segments,
                fields,
                len(next(iter(columns.values()))),
                lambda variant, party, of: self._source(
                    variant, party, of, None if of is domain else links[of]
                ),
            )
        for entry, places in fields:
            by_itself = entry.name not in texts
            column = self._column(entry, places, domain, links) if by_itself else texts[entry.name]
            if column is not None:
                columns[entry.name] = column
        return frame_of(columns, level, len(next(iter(columns.values()))))

    def _used_places(self, level: Level) -> Iterator[tuple[Field, list[tuple[FieldPlace, list[int]]]]]:
        """The fields that may occur in the block, with their possible places and variants."""
        plan, entries = self.table.plans[level], self.table.places[level]
        used = np.flatnonzero(self.used[plan.variant] & plan.bit)
        rows = zip(*(column[used].tolist() for column in plan[:3]), strict=True)
        for number, of_field in groupby(rows, itemgetter(0)):
            entry, places = entries[number]
            yield (
                entry,
                [
                    (places[at], [variant for _, _, variant in of_place])
                    for at, of_place in groupby(of_field, itemgetter(1))
                ],
            )

    def _column(
        self,
        entry: Field,
        places: list[tuple[FieldPlace, list[int]]],
        domain: Domain,
        links: dict[Domain, Ints],
    ) -> pa.Array | None:
        # Forms that read a place differently (a day, or a day with its hour) are read separately.
        gathered: dict[str, ValueSpans] = {}
        for place, variants in places:
            count = len(self.index.opener[place.domain])
            values: ValueSpans | None = None
            for variant in variants:
                values = self._gather(place, variant, count, values)
            assert values is not None
            if place.domain is not domain:
                values = values.take(links[place.domain])
            part = place.locator.part
            gathered[part] = _either(gathered[part], values) if part in gathered else values
        columns = [
            self._array(entry, part, values) for part, values in gathered.items() if values.length.any()
        ]
        if len(columns) <= 1:
            return columns[0] if columns else None
        found = pl.select(pl.coalesce(series_of(column) for column in columns)).to_series()
        return found.to_arrow(compat_level=_NEWEST)

    def _array(self, entry: Field, part: str, values: ValueSpans) -> pa.Array:
        is_padded = is_of_header(entry)
        if is_padded and entry.kind is Kind.DATE:
            part = "short"
        if is_padded and entry.kind in (Kind.TEXT, Kind.CODE, Kind.TIME):
            # The header pads its elements with blanks to their lengths; the blanks are not part of the value.
            values = without_blanks(values, self.segments.data)
        column, bad = array(entry.kind, part, values, self.segments.data, self.segments.words)
        if bad.any():
            self._keep_verbatim_at(values.start[bad])
        return column

    def _gather(self, place: FieldPlace, variant: int, count: int, values: ValueSpans | None) -> ValueSpans:
        """The values of one variant in their rows, merged with those of others; repeats are kept verbatim."""
        return self._gather_group(self._group(variant, place.locator.party), place, count, values)

    @compiled(_gather_compiled)
    def _gather_group(
        self, group: _Group, place: FieldPlace, count: int, values: ValueSpans | None, /
    ) -> ValueSpans:
        if place.locator.channel:
            given = channel_numbers(self.segments, group.segments, group.further, place.locator.channel)
            (start, length), verbatim = given
            self.verbatim[verbatim] = True
        elif place.locator.component:
            start, length = group.component(self.segments, place.element, place.locator.component)
        else:
            start, length = self.segments.element_at(group.base, group.count, place.element)
        if values is None and group.fills(count):
            return ValueSpans(start, length)
        if values is None:
            values = nothing(count)
        rows = group.rows
        # If two variants of one field are in a row, only one can be its value.
        taken = (values.length.take(rows) > 0) & (length > 0)
        if taken.any():
            self.verbatim[group.segments[taken]] = True
            start, length, rows = start[~taken], length[~taken], rows[~taken]
        held = length > 0
        if not held.all():
            start, length, rows = start[held], length[held], rows[held]
        values.start[rows] = start
        values.length[rows] = length
        return values

    def _group(self, variant: int, party: str) -> _Group:
        """The segments of a variant, one per row; a second one in a row is kept verbatim.

        In a loop that several parties share, only those of the given party.
        """
        group = self.single.get((variant, party))
        if group is None:
            segments, rows = self.groups[variant], self._rows(variant)
            if party:
                own = self.structure.qualifier[self.structure.opener[segments]] == code(party)
                segments, rows = segments[own], rows[own]
            first = rows >= 0
            again = first.copy()
            first[1:] &= rows[1:] != rows[:-1]
            again &= ~first
            further = None
            if again.any():
                node = self.table.grammar.nodes[self.table.grammar.variants[variant][0]]
                further = second_contacts(self.segments, node, segments, rows, again)
                self.verbatim[segments[again & ~np.isin(segments, further)]] = True
                further = further[first]
            if not first.all():
                segments, rows = segments[first], rows[first]
            # Indices of native width are not converted at every use.
            base = self.segments.first_element.take(segments).astype(np.intp)
            size = self.segments.first_element.take(segments + 1) - base
            group = self.single[variant, party] = _Group(segments, rows, base, size, further)
        return group

    def _source(self, variant: int, party: str, domain: Domain, link: Ints | None) -> Group:
        """The segments of a variant for rows that are linked to its domain, or are its own rows."""
        group = self._group(variant, party)
        count = len(self.index.opener[domain])
        if link is None and group.fills(count):
            return Group(group.base, group.count, None)
        # One extra element, for row -1.
        source = np.full(count + 1, -1, dtype=np.int32)
        source[group.rows] = np.arange(len(group.rows), dtype=np.int32)
        return Group(group.base, group.count, source if link is None else source[link])

    def _keep_verbatim_at(self, offsets: Ints) -> None:
        """Keep verbatim the segments that contain these offsets."""
        self.verbatim[np.searchsorted(self.segments.start, offsets, side="right") - 1] = True


def is_of_header(entry: Field) -> bool:
    """Whether a field is of the ISA, which pads its elements and has days without their century."""
    return entry.level is Level.TRANSACTION and (entry.locator("P") or "").startswith("ISA/")


def _used(present: Words, bounds: Rows) -> Words:
    """By variant, a bit for each element that any of its segments has. `present` is sorted by variant."""
    used = np.zeros(len(bounds) - 1, dtype=np.uint32)
    some = np.flatnonzero(np.diff(bounds))
    if len(some):
        used[some] = np.bitwise_or.reduceat(present[: bounds[-1]], bounds[some])
    return used


def _either(one: ValueSpans, other: ValueSpans) -> ValueSpans:
    """The values of one, or the other's if it has none: the forms of a block fill different rows."""
    use = one.length > 0
    return ValueSpans(np.where(use, one.start, other.start), np.where(use, one.length, other.length))
