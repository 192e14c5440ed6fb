"""Writes remittances as 835. Reading the result with `read.py` gives the same remittance.

Segments keep the order of the file that they were read from, within the order of the guide. A remittance
that was made otherwise needs no `segment`; values that it has only as columns of claims and lines, such as
`received_on` or `control`, are written as well.

Source: ASC X12N 005010X221A1.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from claimwright.engines.x12.syntax.tokenizer import DEFAULT_DELIMITERS, Delimiters
from claimwright.engines.x12.syntax.writing import (
    ELEMENT,
    TERMINATOR,
    UnwritableError,
    finish,
    free_delimiters,
)

from .parts import CLAIMS_AT_ONCE, parts_of
from .remittance import Remittance, schemas
from .segment_rows import BATCH_POSITION, segment_rows

_VERSION = "005010X221A1"
_INTERCHANGE = (
    "interchange_sender_qualifier",
    "interchange_sender",
    "interchange_receiver_qualifier",
    "interchange_receiver",
    "interchange_date",
    "interchange_time",
    "interchange_control_number",
    "interchange_usage",
)
_GROUP = ("group_sender", "group_receiver", "group_date", "group_time", "group_control_number")


def write_835(
    parts: Remittance | Iterable[Remittance],
    *,
    delimiters: Delimiters = DEFAULT_DELIMITERS,
    line_breaks: bool = True,
) -> Iterator[bytes]:
    """The 835 of a remittance, in pieces of one file; several parts are those of one remittance in order.

    If a value of the first part contains a delimiter, other delimiters are used.

    Raises:
        UnwritableError: a value contains control characters that represent delimiters here, a later part
            contains a delimiter, or claims name a payment that is not there.
    """
    writer = _Writer(delimiters, b"\n" if line_breaks else b"")
    for part in _small(parts):
        yield from writer.part(part)
    yield from writer.close()


def _small(parts: Remittance | Iterable[Remittance]) -> Iterator[Remittance]:
    for part in [parts] if isinstance(parts, Remittance) else parts:
        if part.claims.height <= CLAIMS_AT_ONCE:
            yield part
        else:
            yield from parts_of({name: getattr(part, name).lazy() for name in schemas()})


@dataclass
class _Writer:
    delimiters: Delimiters
    line_break: bytes
    interchange: tuple[Any, ...] | None = None
    group: tuple[Any, ...] | None = None
    payment: int | None = None
    control: str = ""
    groups: int = 0
    transactions: int = 0
    segments: int = 0
    has_batch: bool = False
    is_begun: bool = False
    used: set[tuple[Any, ...]] = field(default_factory=set)

    def part(self, part: Remittance) -> Iterator[bytes]:
        """The segments of one part, with the envelope segments that must open for them."""
        headings = {row["payment"]: row for row in part.payments.iter_rows(named=True)}
        rows = segment_rows(part, self.payment if self.has_batch else None)
        around = part.payments.select(_INTERCHANGE + _GROUP)
        free = free_delimiters(self.delimiters, rows["text"], *around.get_columns())
        if free != self.delimiters and self.is_begun:
            raise UnwritableError(
                "a value contains a delimiter of this file. Write it with other delimiters."
            )
        self.delimiters = free
        self.is_begun = self.is_begun or rows.height > 0
        texts = rows.group_by("payment", maintain_order=True).agg(
            pl.col("text").str.join(TERMINATOR),
            pl.len(),
            batches=(pl.col("position") == BATCH_POSITION).any(),
        )
        for payment, text, count, batches in texts.iter_rows():
            if payment != self.payment:
                if payment not in headings:
                    raise UnwritableError("claims.payment names a row that payments does not have")
                yield from self._open(headings[payment])
            self.segments += count
            self.has_batch = self.has_batch or batches
            yield finish(text.encode("utf-8"), self.delimiters, self.line_break)

    def _open(self, heading: dict[str, Any]) -> Iterator[bytes]:
        interchange = tuple(heading[name] for name in _INTERCHANGE)
        group = tuple(heading[name] for name in _GROUP)
        yield from self._close_transaction()
        if self.group is not None and (group != self.group or interchange != self.interchange):
            yield from self._close_group()
        if self.interchange is not None and interchange != self.interchange:
            yield from self._close_interchange()
        if self.interchange is None:
            self.interchange = interchange
            yield _interchange_header(heading, self.delimiters) + self.line_break
        if self.group is None:
            self.group = group
            self.groups += 1
            said = (
                *("GS", "HP", heading["group_sender"] or "SENDER", heading["group_receiver"] or "RECEIVER"),
                *(heading["group_date"] or _day(heading), heading["group_time"] or "0000"),
                *(group[4] or "1", "X", _VERSION),
            )
            yield self._line(said)
        self.transactions += 1
        self.payment = heading["payment"]
        self.control = heading["transaction_control_number"] or f"{self.transactions:04d}"
        self.segments, self.has_batch = 1, False
        yield self._line(("ST", "835", self.control))

    def close(self) -> Iterator[bytes]:
        """The trailers of everything that is open."""
        yield from self._close_transaction()
        yield from self._close_group()
        yield from self._close_interchange()

    def _close_transaction(self) -> Iterator[bytes]:
        if self.payment is not None:
            yield self._line(("SE", str(self.segments + 1), self.control))
            self.payment = None

    def _close_group(self) -> Iterator[bytes]:
        if self.group is not None:
            yield self._line(("GE", str(self.transactions), self.group[4] or "1"))
            self.group, self.transactions = None, 0

    def _close_interchange(self) -> Iterator[bytes]:
        if self.interchange is not None:
            control = (self.interchange[6] or "1").rjust(9, "0")
            yield self._line(("IEA", str(self.groups), control))
            self.interchange, self.groups = None, 0

    def _line(self, parts: Sequence[str]) -> bytes:
        return finish(ELEMENT.join(parts).encode("utf-8"), self.delimiters, self.line_break)


def _day(heading: dict[str, Any]) -> str:
    day = heading["produced_on"] or heading["paid_on"]
    return day.strftime("%Y%m%d") if day else "20000101"


# Elements of an ISA with their widths, and what is meant if nothing is said (ASC X12.5).
_ISA = (
    (None, 2, "00"),
    (None, 10, ""),
    (None, 2, "00"),
    (None, 10, ""),
    ("interchange_sender_qualifier", 2, "ZZ"),
    ("interchange_sender", 15, "SENDER"),
    ("interchange_receiver_qualifier", 2, "ZZ"),
    ("interchange_receiver", 15, "RECEIVER"),
    ("interchange_date", 6, ""),
    ("interchange_time", 4, "0000"),
)


def _interchange_header(heading: dict[str, Any], delimiters: Delimiters) -> bytes:
    element, component, repetition, terminator = delimiters.as_bytes()
    parts = [b"ISA"]
    for name, width, meant in _ISA:
        text = (heading[name] if name else None) or meant or ("" if name is None else _day(heading)[2:])
        if len(text) > width:
            raise UnwritableError(f"payments.{name} is longer than the {width} characters of an ISA")
        parts.append(text.ljust(width).encode("utf-8"))
    control = (heading["interchange_control_number"] or "1").rjust(9, "0")
    usage = heading["interchange_usage"] or "T"
    parts += [repetition, b"00501", control.encode("utf-8"), b"0", usage.encode("utf-8"), component]
    return element.join(parts) + terminator
