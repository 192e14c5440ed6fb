"""One block of an 835 as frames: each column finds its segments and the rows to which they belong."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from functools import cached_property, lru_cache

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from claimwright.domain.batch import arrow_type, frame_of_arrays
from claimwright.domain.dictionary import Kind
from claimwright.engines.x12.checks.fault_collector import stream_faults
from claimwright.engines.x12.checks.structure import BegunCheck, Progress, finish_check
from claimwright.engines.x12.syntax.columns import ValueSpans, array, nothing, whole, without_blanks
from claimwright.engines.x12.syntax.loops import GS, ISA, ST
from claimwright.engines.x12.syntax.stream import Block, StreamFault
from claimwright.engines.x12.syntax.tokenizer import Ints, Segments, Words, code

from .gathering import Found, gather, texts
from .layout import (
    ADJUSTMENT_TRIPLETS,
    BATCH,
    BATCH_COLUMNS,
    CLAIM,
    CLAIM_COLUMNS,
    CLAIM_LOOPS,
    ENVELOPE_COLUMNS,
    LINE,
    LINE_COLUMNS,
    LINE_REMARK,
    PAYMENT_COLUMNS,
    PHARMACY_CODE,
    PROVIDER_ADJUSTMENT_PAIRS,
    REMARK_ELEMENTS,
    REPEATING,
    TRANSACTION,
    Column,
    Repeating,
)
from .remittance import FAULTS, LINE_KEYS, Remittance

_TEXTS = (Kind.TEXT, Kind.CODE)
_UNREADABLE = {Kind.DATE: "SYN055"}
_STAGE_OF_LOOP = {"2100": CLAIM, "2110": LINE, "2000": BATCH}


# Keys and columns that are made, and the columns whose values are still in the block.
_Made = dict[str, pa.Array]
_Spans = dict[str, tuple[Column, ValueSpans | None]]


class RemittanceBlock:
    """One block: the segments that open the rows, and the row of each other segment."""

    def __init__(
        self, block: Block, begun: BegunCheck, before: Progress, of_stream: list[StreamFault], batches: int
    ) -> None:
        structure = begun.place.structure
        self.segments: Segments = block.segments
        self.structure = structure
        self.begun = begun
        self.context = block.segments.context
        self.loops = {loop.name: number for number, loop in enumerate(structure.grammar.loops)}
        tag, loop = self.segments.tag, structure.loop
        self.openers: dict[int, Ints] = {
            TRANSACTION: _where((tag == ST) & (loop >= 0)),
            BATCH: self._opened("2000", "LX"),
            CLAIM: self._opened("2100", "CLP"),
            LINE: self._opened("2110", "SVC"),
        }
        self.repeated = int((self.openers[TRANSACTION] < self.context).sum())
        batch_context = int((self.openers[BATCH] < self.context).sum())
        self.new_batches = len(self.openers[BATCH]) - batch_context
        self.first = {
            TRANSACTION: before.transactions + 1 - self.repeated,
            BATCH: batches + 1 - batch_context,
            CLAIM: before.claims + 1,
        }
        self.of_stream = of_stream
        self.faults: list[pl.DataFrame] = []
        # Caches: they make the columns of one segment share the search for it.
        self.find: Callable[[str, str, tuple[str, ...]], Found] = lru_cache(maxsize=None)(self._find)
        self.qualifiers: Callable[[str, str], Words] = lru_cache(maxsize=None)(self._qualifiers)
        self.row: Callable[[int], Ints] = lru_cache(maxsize=None)(self._row_of_each)
        self.owned: Callable[[int, str, str, tuple[str, ...]], tuple[Found, Ints | None]]
        self.owned = lru_cache(maxsize=None)(self._owned)

    def remittance(self) -> Remittance:
        """All frames of the block."""
        self.faults = [finish_check(self.begun).select(list(FAULTS))]
        if self.of_stream:
            self.faults.append(stream_faults(self.of_stream).select(list(FAULTS)))
        made: dict[str, pl.DataFrame] = {
            "payments": self._payments(),
            "batches": self._batches(),
            "claims": self._frame(CLAIM, CLAIM_COLUMNS),
            "lines": self._frame(LINE, LINE_COLUMNS),
            "adjustments": self._adjustments(),
            "remarks": self._remarks(),
            "provider_adjustments": self._provider_adjustments(),
            "pharmacy_codes": self._line_codes(*PHARMACY_CODE),
        }
        for name, repeating in REPEATING.items():
            made[name] = self._repeating(repeating)
        faults = pl.concat([self.faults[0], *self._beyond_the_guide()])
        if len(self.faults) > 1:
            faults = faults.sort("segment", maintain_order=True)
        # The block's offsets are much larger than its text, so they are freed before the rows are used.
        del self.find, self.qualifiers, self.row, self.owned, self.begun, self.structure, self.segments
        return Remittance(**made, faults=faults)

    def _beyond_the_guide(self) -> list[pl.DataFrame]:
        """The other faults, without those of elements of which the guide's check already has one."""
        if len(self.faults) == 1:
            return []
        known = self.faults[0].filter(pl.col("element").is_not_null())
        other = pl.concat(self.faults[1:])
        return [other.join(known, on=["segment", "element"], how="anti", maintain_order="left")]

    # Rows and their keys.

    def _opened(self, loop: str, tag: str) -> Ints:
        structure = self.structure
        found = _where((self.segments.tag == code(tag)) & (structure.loop == self.loops[loop]))
        opened: Ints = found[structure.opener[found] == found]
        return opened

    def _row_of_each(self, stage: int) -> Ints:
        """For every segment of the block the row of a stage to which it belongs or that it opens, or -1."""
        # -1, as the opener of what is in no such loop, is the place after the last segment.
        row = np.full(len(self.segments) + 1, -1, dtype=np.int32)
        openers = self.openers[stage]
        row[openers] = np.arange(len(openers), dtype=np.int32)
        rows: Ints = row.take(self.structure.stage_opener[stage])
        return rows

    def _numbers(self, stage: int, segments: Ints) -> pa.Array:
        """The number of the payment, batch, claim or line to which segments belong, or that they open."""
        row = self.row(stage).take(segments)
        if stage != LINE:
            return _numbered(row, self.first[stage])
        return _numbered(self.ordinals.take(row), 1)

    @cached_property
    def ordinals(self) -> Ints:
        """The position of each line in its claim, from 0; and at last -1, for what is in no line."""
        owner = self.row(CLAIM).take(self.openers[LINE])
        ordinal: Ints = np.append(np.arange(len(owner)) - np.searchsorted(owner, owner), -1).astype(np.int32)
        return ordinal

    def _places(self, segments: Ints) -> pa.Array:
        return whole(pa.int64(), self.segments.number.take(segments))

    # Frames of single rows.

    def _payments(self) -> pl.DataFrame:
        openers = self.openers[TRANSACTION]
        around: _Spans = {}
        for column in ENVELOPE_COLUMNS:
            headers = _where(self.segments.tag == (ISA if column.tag == "ISA" else GS))
            at = np.searchsorted(headers, openers) - 1
            start, length = self.segments.element(headers, column.element - 1)
            spans = without_blanks(ValueSpans(start, length).take(at.astype(np.int32)), self.segments.data)
            around[column.name] = column, spans
        return self._frame(TRANSACTION, PAYMENT_COLUMNS, around)[self.repeated :]

    def _batches(self) -> pl.DataFrame:
        frame = self._frame(BATCH, BATCH_COLUMNS)
        return frame[len(frame) - self.new_batches :]

    def _frame(self, stage: int, columns: tuple[Column, ...], spans: _Spans | None = None) -> pl.DataFrame:
        """One row per opener of a stage: its keys, the values of `spans`, and these columns."""
        openers = self.openers[stage]
        made = {"payment": self._numbers(TRANSACTION, openers)}
        if stage == BATCH:
            made["batch"] = self._numbers(BATCH, openers)
        elif stage != TRANSACTION:
            made["claim"] = self._numbers(CLAIM, openers)
        if stage == LINE:
            made["line"] = self._numbers(LINE, openers)
        made["segment"] = self._places(openers)
        if stage == CLAIM:
            made["batch"] = self._numbers(BATCH, openers)
        spans = {} if spans is None else spans
        at_once = self._texts_of(stage, columns)
        for column in columns:
            if column.name in at_once:
                spans[column.name] = column, None
                continue
            before = spans.get(column.name, (column, None))[1]
            spans[column.name] = column, self._placed(stage, column, before)
        return self._table(made, spans, at_once, len(openers))

    def _texts_of(self, stage: int, columns: tuple[Column, ...]) -> dict[str, pa.Array | None]:
        """The text columns with one place each: those of the same segments are read together."""
        places = Counter(column.name for column in columns)
        groups: defaultdict[tuple[str, str, tuple[str, ...]], list[Column]] = defaultdict(list)
        for column in columns:
            if column.kind in _TEXTS and column.only is None and places[column.name] == 1:
                groups[column.loop, column.tag, column.qualifiers].append(column)
        made: dict[str, pa.Array | None] = {}
        for group, own in groups.items():
            found, owner = self.owned(stage, *group)
            made.update(self._texts(found, owner, own, len(self.openers[stage])))
        return made

    def _texts(
        self, found: Found, owner: Ints | None, columns: Sequence[Column], rows: int
    ) -> dict[str, pa.Array | None]:
        wanted = [column for column in columns if found.has(column.element)]
        made: dict[str, pa.Array | None] = {column.name: None for column in columns}
        if not wanted:
            return made
        places = [(column.element, column.component) for column in wanted]
        values = texts(self.segments, found, owner, places, rows)
        if values is None:
            return {}
        return made | {column.name: value for column, value in zip(wanted, values, strict=True)}

    def _table(
        self, made: _Made, spans: _Spans, at_once: dict[str, pa.Array | None], rows: int
    ) -> pl.DataFrame:
        """These keys, and the values of columns; null where there are none."""
        schema = [(name, each.type) for name, each in made.items()]
        for name, (column, each) in spans.items():
            schema.append((name, arrow_type(column.kind.dtype)))
            if each is not None and each.length.any():
                made[name] = self._values(column, each)
        made |= {name: each for name, each in at_once.items() if each is not None}
        return frame_of_arrays(made, pa.schema(schema), rows)

    def _placed(self, stage: int, column: Column, before: ValueSpans | None) -> ValueSpans | None:
        """The values of a column by row, where the row has no value before; None if no row has any."""
        found, owner = self.owned(stage, column.loop, column.tag, column.qualifiers)
        if not found.has(column.element):
            return before
        if column.only is not None:
            element, wanted = column.only
            said = self.segments.codes(*self.segments.element_at(found.base, found.count, element - 1))
            kept = np.flatnonzero(said == code(wanted))
            found, owner = found.these(kept), (kept.astype(np.int32) if owner is None else owner.take(kept))
        into = nothing(len(self.openers[stage])) if before is None else before
        return gather(self.segments, found, owner, (column.element, column.component), into)

    def _find(self, loop: str, tag: str, qualifiers: tuple[str, ...]) -> Found:
        """The segments with this tag and one of these qualifiers, if any, in a loop."""
        structure = self.structure
        if qualifiers:
            found, own = self.find(loop, tag, ()), self.qualifiers(loop, tag)
            keep = own == code(qualifiers[0])
            for other in qualifiers[1:]:
                keep |= own == code(other)
            return found.these(np.flatnonzero(keep))
        if loop:
            found = self.find("", tag, ())
            return found.these(np.flatnonzero(structure.loop.take(found.rows) == self.loops[loop]))
        return Found.of(self.segments, _where(self.segments.tag == code(tag)))

    def _qualifiers(self, loop: str, tag: str) -> Words:
        return self.structure.qualifier.take(self.find(loop, tag, ()).rows)

    def _owned(
        self, stage: int, loop: str, tag: str, qualifiers: tuple[str, ...]
    ) -> tuple[Found, Ints | None]:
        """What `find` gives, and the row of a stage of each segment; None if each row has one, in order."""
        found = self.find(loop, tag, qualifiers)
        owner = self.row(stage).take(found.rows)
        if len(owner) and owner.min() < 0:
            kept = np.flatnonzero(owner >= 0)
            found, owner = found.these(kept), owner.take(kept)
        count = len(self.openers[stage])
        fills = len(owner) == count and np.array_equal(owner, np.arange(count, dtype=np.int32))
        return found, None if fills else owner

    def _values(self, column: Column, spans: ValueSpans) -> pa.Array:
        made, bad = array(column.kind, "", spans, self.segments.data, self.segments.words)
        if bad.any():
            label = f"{column.tag}{column.element:02d}"
            self._unreadable(spans.start[bad], label, _UNREADABLE.get(column.kind, "SYN054"))
        return made

    def _unreadable(self, starts: Ints, label: str, fault: str) -> None:
        """Add a fault to each value that cannot be read: the guide's check may have let it pass."""
        rows = np.searchsorted(self.segments.start, starts, side="right") - 1
        # Context was read with an earlier block.
        number = self.segments.number[rows[rows >= self.context]]
        found = pl.DataFrame({"segment": number}).with_columns(
            code=pl.lit(fault), element=pl.lit(label), segment_id=pl.lit(label[:-2])
        )
        self.faults.append(found.select(_or_null(found, name) for name in FAULTS))

    # Repeating segments.

    def _repeating(self, repeating: Repeating) -> pl.DataFrame:
        rows = self._in_loops(repeating.tag, repeating.loops)
        rows = rows[np.searchsorted(rows, self.context) :]
        columns = [Column(name, "", repeating.tag, at, kind) for name, at, kind in repeating.columns]
        return self._repeated(rows, columns)

    def _in_loops(self, tag: str, loops: tuple[str, ...]) -> Ints:
        """The segments with a tag in any of these loops, in order."""
        rows = self.find("", tag, ()).rows
        wanted = np.zeros(len(self.loops) + 1, dtype=np.bool_)
        wanted[[self.loops[loop] for loop in loops]] = True
        # -1, no loop, is the last one, which is not wanted.
        return rows[wanted.take(self.structure.loop.take(rows))]

    def _repeated(self, rows: Ints, columns: Sequence[Column]) -> pl.DataFrame:
        """One row per segment: its keys, and these values of it."""
        made = {
            "payment": self._numbers(TRANSACTION, rows),
            "claim": self._numbers(CLAIM, rows),
            "line": self._numbers(LINE, rows),
            "segment": self._places(rows),
        }
        found = Found.of(self.segments, rows)
        at_once = self._texts(found, None, [each for each in columns if each.kind in _TEXTS], len(rows))
        spans: _Spans = {}
        for column in columns:
            into = None
            if column.name not in at_once and found.has(column.element):
                place = column.element, column.component
                into = gather(self.segments, found, None, place, nothing(len(rows)))
            spans[column.name] = column, into
        return self._table(made, spans, at_once, len(rows))

    def _holding(self, found: Found, element: int) -> Ints:
        """Those of the segments that have a value there."""
        return found.rows[self.segments.element_at(found.base, found.count, element - 1)[1] > 0]

    def _adjustments(self) -> pl.DataFrame:
        parts = []
        found = Found.of(self.segments, self._in_loops("CAS", CLAIM_LOOPS))
        for triplet in range(ADJUSTMENT_TRIPLETS):
            first = 2 + 3 * triplet
            if triplet and not found.has(first):
                continue
            held = self._holding(found, first)
            columns = (
                Column("group", "", "CAS", 1, Kind.CODE),
                Column("reason", "", "CAS", first, Kind.CODE),
                Column("amount", "", "CAS", first + 1, Kind.AMOUNT),
                Column("quantity", "", "CAS", first + 2, Kind.QUANTITY),
            )
            parts.append(
                self._repeated(held, columns).with_columns(pl.lit(triplet, pl.Int32).alias("position"))
            )
        frame = pl.concat(parts)
        if len(parts) > 1:
            frame = frame.sort("segment", "position", maintain_order=True)
        # In file order, the rows of one claim or line are together.
        values = {
            name: frame[name] for name in (*LINE_KEYS, "position", "group", "reason", "amount", "quantity")
        }
        values["position"] = _ordinals(frame)
        return pl.DataFrame(values)

    def _remarks(self) -> pl.DataFrame:
        parts = []
        for tag, elements in REMARK_ELEMENTS.items():
            found = self.find("2100", tag, ())
            for element in elements:
                if found.has(element):
                    held = self._holding(found, element)
                    parts.append(self._repeated(held, [Column("code", "", tag, element, Kind.CODE)]))
        parts.append(self._line_codes(*LINE_REMARK))
        return pl.concat(parts).sort("segment", maintain_order=True) if len(parts) > 1 else parts[0]

    def _line_codes(self, tag: str, qualifier: str, element: int) -> pl.DataFrame:
        rows = self.find("2110", tag, ()).rows
        rows = rows[self.segments.codes(*self.segments.element(rows, 0)) == code(qualifier)]
        return self._repeated(rows, [Column("code", "", tag, element, Kind.CODE)])

    def _provider_adjustments(self) -> pl.DataFrame:
        parts = []
        found = self.find("SUMMARY", "PLB", ())
        for pair in range(PROVIDER_ADJUSTMENT_PAIRS):
            reason = 3 + 2 * pair
            if pair and not found.has(reason):
                continue
            held = self._holding(found, reason)
            columns = (
                Column("provider_id", "", "PLB", 1, Kind.TEXT),
                Column("fiscal_period_on", "", "PLB", 2, Kind.DATE),
                Column("reason", "", "PLB", reason, Kind.CODE, (), 1),
                Column("reference", "", "PLB", reason, Kind.TEXT, (), 2),
                Column("amount", "", "PLB", reason + 1, Kind.AMOUNT),
            )
            frame = self._repeated(held, columns).drop("claim", "line")
            parts.append(frame.insert_column(2, pl.Series("position", [pair + 1] * len(held), pl.Int32)))
        return pl.concat(parts).sort("segment", "position", maintain_order=True)


def _where(flags: npt.NDArray[np.bool_]) -> Ints:
    return np.flatnonzero(flags).astype(np.int32)


def _numbered(rows: Ints, first: int) -> pa.Array:
    """Row numbers as ordinals; null for -1."""
    return whole(pa.int64(), rows + np.int64(first), rows >= 0)


def _ordinals(frame: pl.DataFrame) -> pl.Series:
    """The position of each row among those of its claim and line, which are together, from 1."""
    claim, line = (frame[name].fill_null(0).to_numpy() for name in ("claim", "line"))
    fresh = np.ones(len(frame), dtype=np.bool_)
    fresh[1:] = (claim[1:] != claim[:-1]) | (line[1:] != line[:-1])
    at = np.arange(len(frame))
    since = at - np.maximum.accumulate(np.where(fresh, at, 0)) if len(at) else at
    return pl.Series("position", (since + 1).astype(np.int32))


def _or_null(frame: pl.DataFrame, name: str) -> pl.Expr:
    return pl.col(name) if name in frame.columns else pl.lit(None, FAULTS[name]).alias(name)
