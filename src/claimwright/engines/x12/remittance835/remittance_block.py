"""One block of an 835 as frames: each column finds its segments and the rows to which they belong."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import numpy as np
import numpy.typing as npt
import polars as pl

from claimwright.domain.dictionary import Kind
from claimwright.engines.x12.checks.fault_collector import stream_faults
from claimwright.engines.x12.checks.structure import BegunCheck, Progress, finish_check
from claimwright.engines.x12.native.widths import MAX_ELEMENTS
from claimwright.engines.x12.syntax.columns import ValueSpans, array, nothing, without_blanks
from claimwright.engines.x12.syntax.loops import GS, ISA, ST
from claimwright.engines.x12.syntax.stream import Block, StreamFault
from claimwright.engines.x12.syntax.tokenizer import Ints, Segments, code
from claimwright.foundation.columns import nulls, series_of

from .layout import (
    ADJUSTMENT_TRIPLETS,
    BATCH,
    BATCH_COLUMNS,
    CLAIM,
    CLAIM_COLUMNS,
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

_UNREADABLE = {Kind.DATE: "SYN055"}
_STAGE_OF_LOOP = {"2100": CLAIM, "2110": LINE, "2000": BATCH}


@dataclass(frozen=True)
class _Found:
    """Some segments: their first element and number of elements, and which elements any of them has."""

    rows: Ints
    base: npt.NDArray[np.intp]
    count: npt.NDArray[np.intp]
    present: int
    cuts: dict[int, Ints] = field(default_factory=dict)
    """By element: the component separators before it, for `part_at`."""

    def has(self, element: int) -> bool:
        """Whether any of them has a value there."""
        return bool(self.present >> min(element - 1, MAX_ELEMENTS - 1) & 1)


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
        self.find: Callable[[str, str, tuple[str, ...]], _Found] = lru_cache(maxsize=None)(self._find)
        self.row: Callable[[int], Ints] = lru_cache(maxsize=None)(self._row_of_each)
        self.owner: Callable[[int, str, str, tuple[str, ...]], Ints] = lru_cache(maxsize=None)(self._owner)

    def remittance(self) -> Remittance:
        """All frames of the block."""
        self.faults = [finish_check(self.begun).select(list(FAULTS))]
        if self.of_stream:
            self.faults.append(stream_faults(self.of_stream).select(list(FAULTS)))
        made: dict[str, pl.DataFrame] = {
            "payments": self._payments(),
            "batches": self._batches(),
            "claims": self._claims(),
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
        del self.find, self.row, self.owner, self.begun, self.structure, self.segments
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
        """For every segment of the block, and one after it, the row of a stage; -1 for none."""
        row = np.full(len(self.segments) + 1, -1, dtype=np.int32)
        openers = self.openers[stage]
        row[openers] = np.arange(len(openers), dtype=np.int32)
        # -1 is the place after the last segment.
        return row

    def _row(self, stage: int, segments: Ints) -> Ints:
        """The row of a stage for each segment; -1 for none."""
        row: Ints = self.row(stage)[self.structure.stage_opener[stage][segments]]
        return row

    def _numbers(self, stage: int, segments: Ints) -> pl.Series:
        """The number of the payment, batch, claim or line to which segments belong, or that they open."""
        row = self._row(stage, segments)
        if stage != LINE:
            return _numbered(row, self.first[stage])
        return _numbered(self.ordinals[row], 1)

    @cached_property
    def ordinals(self) -> Ints:
        """The position of each line in its claim, from 0; and at last -1, for what is in no line."""
        owner = self._row(CLAIM, self.openers[LINE])
        ordinal: Ints = np.append(np.arange(len(owner)) - np.searchsorted(owner, owner), -1).astype(np.int32)
        return ordinal

    def _places(self, segments: Ints) -> pl.Series:
        return pl.Series(self.segments.number[segments])

    # Frames of single rows.

    def _payments(self) -> pl.DataFrame:
        frame = self._frame(TRANSACTION, PAYMENT_COLUMNS)
        openers = self.openers[TRANSACTION]
        around = {}
        for column in ENVELOPE_COLUMNS:
            headers = _where(self.segments.tag == (ISA if column.tag == "ISA" else GS))
            at = np.searchsorted(headers, openers) - 1
            start, length = self.segments.element(headers, column.element - 1)
            spans = without_blanks(ValueSpans(start, length).take(at.astype(np.int32)), self.segments.data)
            around[column.name] = self._values(column, spans)
        keys = list(frame.columns[:2])
        whole = pl.concat([frame.select(keys), pl.DataFrame(around), frame.drop(keys)], how="horizontal")
        return whole[self.repeated :]

    def _batches(self) -> pl.DataFrame:
        frame = self._frame(BATCH, BATCH_COLUMNS)
        return frame[len(frame) - self.new_batches :]

    def _claims(self) -> pl.DataFrame:
        frame = self._frame(CLAIM, CLAIM_COLUMNS)
        return frame.insert_column(3, self._numbers(BATCH, self.openers[CLAIM]).alias("batch"))

    def _frame(self, stage: int, columns: tuple[Column, ...]) -> pl.DataFrame:
        openers = self.openers[stage]
        made = {"payment": self._numbers(TRANSACTION, openers)}
        if stage == BATCH:
            made["batch"] = self._numbers(BATCH, openers)
        elif stage != TRANSACTION:
            made["claim"] = self._numbers(CLAIM, openers)
        if stage == LINE:
            made["line"] = self._numbers(LINE, openers)
        made["segment"] = self._places(openers)
        spans: dict[str, ValueSpans] = {}
        for column in columns:
            before = spans.get(column.name)
            spans[column.name] = self._placed(stage, column, before or nothing(len(openers)))
        kinds = {column.name: column for column in columns}
        for name, each in spans.items():
            made[name] = self._values(kinds[name], each)
        return pl.DataFrame(made)

    def _placed(self, stage: int, column: Column, before: ValueSpans) -> ValueSpans:
        """The values of a column by row, where the row has no value before."""
        found = self.find(column.loop, column.tag, column.qualifiers)
        if not found.has(column.element):
            return before
        start, length = self._spans(found, column)
        owner = self.owner(stage, column.loop, column.tag, column.qualifiers)
        if column.only is not None:
            element, wanted = column.only
            spans = self.segments.element_at(found.base, found.count, element - 1)
            said = self.segments.codes(*spans)
            length = np.where(said == code(wanted), length, np.int32(0))
        # One segment for each row, in order: nothing has to be moved.
        if np.array_equal(owner, self.each(stage)) and not before.length.any():
            return ValueSpans(start, length)
        # The first segment with a value counts: it is written last.
        held = np.flatnonzero((length > 0) & (owner >= 0))[::-1]
        held = held[before.length[owner[held]] == 0]
        before.start[owner[held]], before.length[owner[held]] = start[held], length[held]
        return before

    def _find(self, loop: str, tag: str, qualifiers: tuple[str, ...]) -> _Found:
        """The segments with this tag and one of these qualifiers, if any, in a loop."""
        structure = self.structure
        if qualifiers:
            rows = self.find(loop, tag, ()).rows
            wanted = structure.qualifier[rows]
            keep = wanted == code(qualifiers[0])
            for other in qualifiers[1:]:
                keep |= wanted == code(other)
            rows = rows[keep]
        elif loop:
            rows = self.find("", tag, ()).rows
            rows = rows[structure.loop[rows] == self.loops[loop]]
        else:
            rows = _where(self.segments.tag == code(tag))
        return self._found(rows)

    def _found(self, rows: Ints) -> _Found:
        segments = self.segments
        base = segments.first_element.take(rows).astype(np.intp)
        count = segments.first_element.take(rows + 1) - base
        present = int(np.bitwise_or.reduce(segments.present[rows])) if len(rows) else 0
        return _Found(rows, base, count, present)

    def each(self, stage: int) -> Ints:
        """The numbers of all rows of a stage."""
        return np.arange(len(self.openers[stage]), dtype=np.int32)

    def _owner(self, stage: int, loop: str, tag: str, qualifiers: tuple[str, ...]) -> Ints:
        """The row of a stage for each of the segments that `find` gives."""
        return self._row(stage, self.find(loop, tag, qualifiers).rows)

    def _spans(self, found: _Found, column: Column) -> tuple[Ints, Ints]:
        start, length = self.segments.element_at(found.base, found.count, column.element - 1)
        if not column.component:
            return start, length
        cuts = found.cuts.get(column.element)
        if cuts is None:
            cuts = found.cuts[column.element] = self.segments.first_cut(start)
        return self.segments.part_at(start, length, cuts, column.component)

    def _values(self, column: Column, spans: ValueSpans) -> pl.Series:
        if not spans.length.any():
            return nulls(len(spans.length), column.kind.dtype)
        made, bad = array(column.kind, "", spans, self.segments.data, self.segments.words)
        if bad.any():
            label = f"{column.tag}{column.element:02d}"
            self._unreadable(spans.start[bad], label, _UNREADABLE.get(column.kind, "SYN054"))
        return series_of(made)

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
        found = [self.find(loop, repeating.tag, ()).rows for loop in repeating.loops]
        rows = np.sort(np.concatenate(found)) if len(found) > 1 else found[0]
        rows = rows[rows >= self.context]
        columns = [Column(name, "", repeating.tag, at, kind) for name, at, kind in repeating.columns]
        return self._repeated(rows, columns)

    def _repeated(self, rows: Ints, columns: Iterable[Column]) -> pl.DataFrame:
        """One row per segment: its keys, and these values of it."""
        made = {
            "payment": self._numbers(TRANSACTION, rows),
            "claim": self._numbers(CLAIM, rows),
            "line": self._numbers(LINE, rows),
            "segment": self._places(rows),
        }
        found = self._found(rows)
        for column in columns:
            if found.has(column.element):
                made[column.name] = self._values(column, ValueSpans(*self._spans(found, column)))
            else:
                made[column.name] = nulls(len(rows), column.kind.dtype)
        return pl.DataFrame(made)

    def _adjustments(self) -> pl.DataFrame:
        parts = []
        rows = np.sort(np.concatenate([self.find(loop, "CAS", ()).rows for loop in ("2100", "2110")]))
        for triplet in range(ADJUSTMENT_TRIPLETS):
            first = 2 + 3 * triplet
            held = rows[self.segments.element(rows, first - 1)[1] > 0]
            if triplet and not len(held):
                continue
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
            rows = self.find("2100", tag, ()).rows
            for element in elements:
                held = rows[self.segments.element(rows, element - 1)[1] > 0]
                if len(held):
                    parts.append(self._repeated(held, [Column("code", "", tag, element, Kind.CODE)]))
        parts.append(self._line_codes(*LINE_REMARK))
        return pl.concat(parts).sort("segment", maintain_order=True) if len(parts) > 1 else parts[0]

    def _line_codes(self, tag: str, qualifier: str, element: int) -> pl.DataFrame:
        rows = self.find("2110", tag, ()).rows
        rows = rows[self.segments.codes(*self.segments.element(rows, 0)) == code(qualifier)]
        return self._repeated(rows, [Column("code", "", tag, element, Kind.CODE)])

    def _provider_adjustments(self) -> pl.DataFrame:
        parts = []
        rows = self.find("SUMMARY", "PLB", ()).rows
        for pair in range(PROVIDER_ADJUSTMENT_PAIRS):
            reason = 3 + 2 * pair
            held = rows[self.segments.element(rows, reason - 1)[1] > 0]
            if pair and not len(held):
                continue
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


def _numbered(rows: npt.NDArray[np.integer], first: int) -> pl.Series:
    """Row numbers as ordinals; null for -1."""
    numbers = pl.Series(rows.astype(np.int64) + first)
    absent = rows < 0
    return numbers.set(pl.Series(absent), None) if absent.any() else numbers


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
