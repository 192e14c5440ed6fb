"""Reads an 835 into columns: a payer's decisions on claims.

    remittance = read_835(content)
    remittance.claims       # one row per CLP

Columns of the frames, in addition to the keys `payment`, `claim` and `line`, which count from 1 (`line`
within its claim) and are null if a row has no line, and `segment`, the position in the file:

    payments     transaction_control_number, payment_handling (BPR01), payment_amount, payment_method, paid_on
                 (BPR16), trace_number (TRN02), produced_on, payer_name, payer_id, payee_name, payee_id
    claims       claim_id (CLP01), claim_status, charge, paid, patient_responsibility, claim_filing,
                 payer_claim_number (CLP07), frequency, received_on, service_from_on, service_to_on
    lines        procedure_qualifier, procedure, modifier_1 to 4, charge, paid, revenue_code, paid_units,
                 service_from_on, service_to_on, control (REF 6R)
    adjustments  position, group, reason, amount, quantity: CAS of claims and of lines
    remarks      code: LQ of lines, MOA and MIA of claims
    references   qualifier, value: REF of claims and of lines
    faults       code, segment, element, detail: those of the envelope, by the catalogue of structural faults,
                 and unreadable amounts and dates, as SYN054 and SYN055

Amounts are decimals of two places, quantities of three. An unreadable value is null and a fault.

Source: ASC X12N 005010X221A1. This reads a remittance, but does not check it against its guide.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt
import polars as pl

from claimwright.domain.dictionary import Kind
from claimwright.engines.x12.checks.structure import Progress, SetChecks, begin_check
from claimwright.engines.x12.syntax.columns import ValueSpans, array
from claimwright.engines.x12.syntax.loops import ST, Structure, structure_of
from claimwright.engines.x12.syntax.stream import BLOCK_BYTES, Block, blocks
from claimwright.engines.x12.syntax.tokenizer import Ints, Segments, code
from claimwright.foundation.columns import series_of

from .layout import (
    ADJUSTMENT_TRIPLETS,
    CLAIM,
    CLAIM_COLUMNS,
    LINE,
    LINE_COLUMNS,
    LINE_REMARK,
    PAYMENT_COLUMNS,
    REMARK_ELEMENTS,
    REMITTANCE_835,
    TRANSACTION,
    Column,
    remittance_grammar,
)

_FAULTS = {"code": pl.String(), "segment": pl.Int64(), "element": pl.String(), "detail": pl.String()}
_UNREADABLE = {Kind.DATE: "SYN055"}
# Nothing beyond the envelope is checked yet.
_NO_CHECKS = SetChecks(begin=lambda *_: None, finish=lambda *_: None)


@dataclass(frozen=True)
class Remittance:
    """The content of an 835; the module's docstring lists the columns of each frame."""

    payments: pl.DataFrame
    claims: pl.DataFrame
    lines: pl.DataFrame
    adjustments: pl.DataFrame
    remarks: pl.DataFrame
    references: pl.DataFrame
    faults: pl.DataFrame


def read_835(content: bytes | Iterable[bytes]) -> Remittance:
    """The content of an 835; if it is something else, no rows, and faults that say so."""
    chunks = [content] if isinstance(content, bytes) else content
    parts = list(read_835_blocks(chunks))
    return Remittance(
        **{each.name: pl.concat([getattr(part, each.name) for part in parts]) for each in fields(Remittance)}
    )


def read_835_blocks(chunks: Iterable[bytes], *, block_bytes: int = BLOCK_BYTES) -> Iterator[Remittance]:
    """An 835 in blocks of whole claims, with memory independent of its size. Keys continue across blocks."""
    progress = Progress()
    for block in blocks(chunks, REMITTANCE_835, block_bytes=block_bytes):
        structure = structure_of(block.segments, remittance_grammar())
        before = progress
        begun, progress = begin_check(block.segments, structure, _NO_CHECKS, before, last=block.last)
        envelope = begun.faults.frame(begun.place).select(list(_FAULTS))
        yield _Reader(block, structure, before, envelope).remittance()


class _Reader:
    """One block: the segments that open the rows, and the row of each other segment."""

    def __init__(self, block: Block, structure: Structure, before: Progress, envelope: pl.DataFrame) -> None:
        self.segments: Segments = block.segments
        self.structure = structure
        self.context = block.segments.context
        rules = structure.grammar
        names = [loop.name for loop in rules.loops]
        self.loops = {name: number for number, name in enumerate(names)}
        opens = structure.opener == np.arange(len(self.segments), dtype=np.int32)
        self.openers: dict[int, Ints] = {
            TRANSACTION: _where((self.segments.tag == ST) & (structure.loop >= 0)),
            CLAIM: _where(opens & (structure.loop == self.loops["2100"])),
            LINE: _where(opens & (structure.loop == self.loops["2110"])),
        }
        repeated = int((self.openers[TRANSACTION] < self.context).sum())
        self.first_payment = before.transactions + 1 - repeated
        self.first_claim = before.claims + 1
        self.repeated = repeated
        stream = [(fault.code, fault.segment, None, fault.detail) for fault in block.faults]
        self.faults = [envelope, pl.DataFrame(stream, schema=_FAULTS, orient="row")]

    def remittance(self) -> Remittance:
        """All frames of the block."""
        payments = self._frame(TRANSACTION, PAYMENT_COLUMNS)[self.repeated :]
        claims = self._frame(CLAIM, CLAIM_COLUMNS)
        lines = self._frame(LINE, LINE_COLUMNS)
        return Remittance(
            payments,
            claims,
            lines,
            self._adjustments(),
            self._remarks(),
            self._references(),
            pl.concat(self.faults).sort("segment", maintain_order=True),
        )

    # Rows and their keys.

    def _row(self, stage: int, segments: Ints) -> Ints:
        """The row of a stage for each segment; -1 for none."""
        at = self.structure.stage_opener[stage][segments]
        openers = self.openers[stage]
        row = np.searchsorted(openers, at).astype(np.int32)
        known = (at >= 0) & (row < len(openers))
        known[known] = openers[row[known]] == at[known]
        return np.where(known, row, np.int32(-1))

    def _keys(self, stage: int, segments: Ints) -> dict[str, pl.Series]:
        """The keys of the rows of a stage to which segments belong, or that they open."""
        claim = self._row(CLAIM, segments)
        payment = self._row(TRANSACTION, segments)
        keys = {"payment": _numbered(payment, self.first_payment)}
        if stage == TRANSACTION:
            return {**keys, "segment": pl.Series(self.segments.number[segments])}
        keys["claim"] = _numbered(claim, self.first_claim)
        if stage == LINE:
            row = self._row(LINE, segments)
            owner = self._row(CLAIM, self.openers[LINE])
            ordinal = np.arange(len(owner)) - np.searchsorted(owner, owner) + 1
            keys["line"] = _numbered(np.where(row >= 0, np.append(ordinal, 0)[row], 0) - 1, 1)
        return {**keys, "segment": pl.Series(self.segments.number[segments])}

    # Values.

    def _frame(self, stage: int, columns: tuple[Column, ...]) -> pl.DataFrame:
        openers = self.openers[stage]
        made = self._keys(stage, openers)
        for column in columns:
            spans = ValueSpans(np.zeros(len(openers), np.int32), np.zeros(len(openers), np.int32))
            rows = self._segments(column)
            owner = self._row(stage, rows)
            rows, owner = rows[owner >= 0], owner[owner >= 0]
            # The first segment with a value counts: it is written last.
            start, length = self._spans(rows, column)
            held = np.flatnonzero(length)[::-1]
            spans.start[owner[held]], spans.length[owner[held]] = start[held], length[held]
            made[column.name] = self._values(column, spans)
        return pl.DataFrame(made)

    def _segments(self, column: Column) -> Ints:
        structure = self.structure
        own = (self.segments.tag == code(column.tag)) & (structure.loop == self.loops[column.loop])
        if column.qualifiers:
            wanted = np.array([code(qualifier) for qualifier in column.qualifiers], dtype=np.uint32)
            own &= np.isin(structure.qualifier, wanted)
        return _where(own)

    def _spans(self, rows: Ints, column: Column) -> tuple[Ints, Ints]:
        if column.component:
            return self.segments.component(rows, column.element - 1, column.component)
        return self.segments.element(rows, column.element - 1)

    def _values(self, column: Column, spans: ValueSpans) -> pl.Series:
        made, bad = array(column.kind, "", spans, self.segments.data, self.segments.words)
        if bad.any():
            label = f"{column.tag}{column.element:02d}"
            self._unreadable(spans.start[bad], label, _UNREADABLE.get(column.kind, "SYN054"))
        return series_of(made)

    def _unreadable(self, starts: Ints, label: str, fault: str) -> None:
        rows = np.searchsorted(self.segments.start, starts, side="right") - 1
        number = self.segments.number[rows]
        self.faults.append(
            pl.DataFrame(
                {
                    "code": [fault] * len(rows),
                    "segment": number,
                    "element": [label] * len(rows),
                    "detail": pl.Series([None] * len(rows), dtype=pl.String),
                },
                schema=_FAULTS,
            )
        )

    # Repeating segments.

    def _adjustments(self) -> pl.DataFrame:
        parts = []
        for stage, loop in ((CLAIM, "2100"), (LINE, "2110")):
            rows = self._segments(Column("", loop, "CAS", 1, Kind.CODE))
            for triplet in range(ADJUSTMENT_TRIPLETS):
                first = 2 + 3 * triplet
                held = rows[self.segments.element(rows, first - 1)[1] > 0]
                values = {
                    "group": Column("group", loop, "CAS", 1, Kind.CODE),
                    "reason": Column("reason", loop, "CAS", first, Kind.CODE),
                    "amount": Column("amount", loop, "CAS", first + 1, Kind.AMOUNT),
                    "quantity": Column("quantity", loop, "CAS", first + 2, Kind.QUANTITY),
                }
                position = pl.lit(triplet, pl.Int32).alias("position")
                parts.append(self._repeated(stage, held, values).with_columns(position))
        frame = pl.concat(parts).sort("segment", "position", maintain_order=True)
        ordinal = pl.int_range(1, pl.len() + 1, dtype=pl.Int32).over("claim", "line")
        return frame.select(
            "payment", "claim", "line", "segment", position=ordinal, group="group", reason="reason",
            amount="amount", quantity="quantity",
        )  # fmt: skip

    def _remarks(self) -> pl.DataFrame:
        parts = []
        for tag, elements in REMARK_ELEMENTS.items():
            for element in elements:
                column = Column("code", "2100", tag, element, Kind.CODE)
                rows = self._segments(column)
                held = rows[self.segments.element(rows, element - 1)[1] > 0]
                parts.append(self._repeated(CLAIM, held, {"code": column}))
        tag, qualifier, element = LINE_REMARK
        column = Column("code", "2110", tag, element, Kind.CODE)
        rows = self._segments(column)
        rows = rows[self.segments.codes(*self.segments.element(rows, 0)) == code(qualifier)]
        parts.append(self._repeated(LINE, rows, {"code": column}))
        return pl.concat(parts).sort("segment", maintain_order=True)

    def _references(self) -> pl.DataFrame:
        parts = []
        for stage, loop in ((CLAIM, "2100"), (LINE, "2110")):
            values = {
                "qualifier": Column("qualifier", loop, "REF", 1, Kind.CODE),
                "value": Column("value", loop, "REF", 2, Kind.TEXT),
            }
            parts.append(self._repeated(stage, self._segments(values["qualifier"]), values))
        return pl.concat(parts).sort("segment", maintain_order=True)

    def _repeated(self, stage: int, rows: Ints, columns: dict[str, Column]) -> pl.DataFrame:
        """One row per segment: its keys, and these values of it."""
        keys = self._keys(stage, rows)
        keys.setdefault("line", pl.Series([None] * len(rows), dtype=pl.Int64))
        values = {
            name: self._values(column, ValueSpans(*self._spans(rows, column)))
            for name, column in columns.items()
        }
        ordered = {name: keys[name] for name in ("payment", "claim", "line", "segment")}
        return pl.DataFrame({**ordered, **values})


def _where(flags: npt.NDArray[np.bool_]) -> Ints:
    return np.flatnonzero(flags).astype(np.int32)


def _numbered(rows: npt.NDArray[np.integer], first: int) -> pl.Series:
    """Row numbers as ordinals; null for -1."""
    numbers = pl.Series(rows.astype(np.int64) + first)
    return numbers.set(pl.Series(rows < 0), None)
