"""Writes remittances as 835. Reading the result with `read.py` gives the same remittance.

Segments keep the order of the file that they were read from, within the order of the guide. A remittance
that was made otherwise needs no `segment`; values that it has only as columns of claims and lines, such as
`received_on` or `control`, are written as well.

Source: ASC X12N 005010X221A1.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl

from claimwright.engines.x12.syntax.tokenizer import DEFAULT_DELIMITERS, Delimiters
from claimwright.engines.x12.syntax.writing import (
    ELEMENT,
    TERMINATOR,
    Envelope,
    IsaElements,
    UnwritableError,
    free_delimiters,
)

from .parts import CLAIMS_AT_ONCE, parts_of
from .remittance import Remittance, schemas
from .segment_rows import BATCH_POSITION, segment_rows

_VERSION = "005010X221A1"
# Columns of an ISA by position.
_ISA = {
    5: "interchange_sender_qualifier",
    6: "interchange_sender",
    7: "interchange_receiver_qualifier",
    8: "interchange_receiver",
    9: "interchange_date",
    10: "interchange_time",
    13: "interchange_control_number",
    15: "interchange_usage",
}
_INTERCHANGE = tuple(_ISA.values())
_GROUP = ("group_sender", "group_receiver", "group_date", "group_time", "group_control_number")
_ENVELOPE = (*_INTERCHANGE, *_GROUP, "transaction_control_number")


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
    writer = _Writer(Envelope(delimiters, b"\n" if line_breaks else b""))
    for part in _small(parts):
        yield from writer.part(part)
    yield from writer.envelope.close()


def _small(parts: Remittance | Iterable[Remittance]) -> Iterator[Remittance]:
    for part in [parts] if isinstance(parts, Remittance) else parts:
        if part.claims.height <= CLAIMS_AT_ONCE:
            yield part
        else:
            yield from parts_of({name: getattr(part, name).lazy() for name in schemas()})


@dataclass
class _Writer:
    envelope: Envelope
    has_batch: bool = False
    is_begun: bool = False

    def part(self, part: Remittance) -> Iterator[bytes]:
        """The segments of one part, with the envelope segments that must open for them."""
        headings = {row["payment"]: row for row in part.payments.iter_rows(named=True)}
        rows = segment_rows(part, self.envelope.transaction if self.has_batch else None)
        around = part.payments.select(_ENVELOPE)
        free = free_delimiters(self.envelope.delimiters, rows["text"], *around.get_columns())
        if free != self.envelope.delimiters and self.is_begun:
            raise UnwritableError(
                "a value contains a delimiter of this file. Write it with other delimiters."
            )
        self.envelope.delimiters = free
        self.is_begun = self.is_begun or rows.height > 0
        texts = rows.group_by("payment", maintain_order=True).agg(
            pl.col("text").str.join(TERMINATOR),
            pl.len(),
            batches=(pl.col("position") == BATCH_POSITION).any(),
        )
        for payment, text, count, batches in texts.iter_rows():
            if payment != self.envelope.transaction:
                if payment not in headings:
                    raise UnwritableError("claims.payment names a row that payments does not have")
                yield from self._open(headings[payment])
            self.has_batch = self.has_batch or batches
            yield self.envelope.body(text, count)

    def _open(self, heading: dict[str, Any]) -> Iterator[bytes]:
        interchange = tuple(heading[name] for name in _INTERCHANGE)
        group = tuple(heading[name] for name in _GROUP)
        yield from self.envelope.enter(interchange, _isa(heading), group, _gs(heading))
        control = heading["transaction_control_number"] or f"{self.envelope.transactions + 1:04d}"
        self.has_batch = False
        yield self.envelope.begin(heading["payment"], control, [ELEMENT.join(("ST", "835", control))])


def _isa(heading: dict[str, Any]) -> IsaElements:
    said = {position: (f"payments.{name}", heading[name]) for position, name in _ISA.items()}
    for position, meant in ((6, "SENDER"), (8, "RECEIVER"), (9, _day(heading)[2:])):
        name, value = said[position]
        said[position] = name, value or meant
    return said


def _gs(heading: dict[str, Any]) -> list[str]:
    return [
        "GS",
        "HP",
        heading["group_sender"] or "SENDER",
        heading["group_receiver"] or "RECEIVER",
        heading["group_date"] or _day(heading),
        heading["group_time"] or "0000",
        heading["group_control_number"] or "1",
        "X",
        _VERSION,
    ]


def _day(heading: dict[str, Any]) -> str:
    day = heading["produced_on"] or heading["paid_on"]
    return day.strftime("%Y%m%d") if day else "20000101"
