"""What writing any transaction set needs: separators until the delimiters are known, values as text.

Segments are made with control characters as separators, which no value may contain; at the end each is
replaced by its delimiter in one step.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from claimwright.domain.dictionary import Kind
from claimwright.foundation.errors import InputError

from .headers import ISA_WIDTHS
from .tokenizer import Delimiters

TERMINATOR, ELEMENT, REPETITION, COMPONENT = "\x1c", "\x1d", "\x1e", "\x1f"
# Tried in this order if a value contains one of the usual delimiters.
_ELEMENTS, _COMPONENTS, _REPETITIONS, _TERMINATORS = b"*|+\x1d", b":>\\<\x1f", b"^!`\x1e", b"~'\x1c\n"
# Elements of an ISA that have no value, by position (ASC X12.5).
_ISA_DEFAULTS = {1: "00", 3: "00", 5: "ZZ", 7: "ZZ", 10: "0000", 13: "1", 14: "0", 15: "T"}
_REPETITION_SEPARATOR, _VERSION, _CONTROL_NUMBER = 11, 12, 13
_GROUP_CONTROL_NUMBER = 6

IsaElements = Mapping[int, tuple[str, str | None]]
"""Elements of an ISA by position: the column for error messages, and the value."""


class UnwritableError(InputError, ValueError):
    """Claims or remittances that can't be written as X12; the message names the column, never a value."""


def free_delimiters(present: Delimiters, *texts: pl.Series) -> Delimiters:
    """The present delimiters; if a value contains one of them, delimiters that no value contains."""
    choices = (
        (present.element, _ELEMENTS),
        (present.component, _COMPONENTS),
        (present.repetition, _REPETITIONS),
        (present.terminator, _TERMINATORS),
    )
    # No value contains these; the texts contain separators, which are all replaced in one step.
    marks = [ord(mark) for mark in (ELEMENT, COMPONENT, REPETITION, TERMINATOR)]
    chosen: list[int] = []
    for now, others in choices:
        free = (
            byte
            for byte in (now, *others)
            if byte not in chosen
            and (byte in marks or not any(text.str.contains(chr(byte), literal=True).any() for text in texts))
        )
        byte = next(free, None)
        if byte is None:
            raise UnwritableError("values contain every character that could be a delimiter")
        chosen.append(byte)
    return Delimiters(*chosen)


def finish(text: bytes, delimiters: Delimiters, line_break: bytes) -> bytes:
    """Segments with their delimiters, and a terminator after the last one."""
    if not text:
        return b""
    element, component, repetition, terminator = delimiters.as_bytes()
    # In one step: each delimiter may itself be one of the separators to replace.
    table = bytes.maketrans(b"\x1d\x1f\x1e\x1c", element + component + repetition + terminator)
    ender = _ender(delimiters, line_break)
    return text.translate(table).replace(terminator, ender) + ender


def _ender(delimiters: Delimiters, line_break: bytes) -> bytes:
    """The terminator with a line break, unless it is one itself."""
    terminator = bytes([delimiters.terminator])
    return terminator if terminator in b"\r\n" else terminator + line_break


def _interchange_header(elements: IsaElements, delimiters: Delimiters, line_break: bytes) -> bytes:
    """The ISA with its terminator.

    Raises:
        UnwritableError: an element is longer than its width in an ISA.
    """
    element, component, repetition, _ = delimiters.as_bytes()
    parts = [b"ISA"]
    for position, width in enumerate(ISA_WIDTHS, 1):
        if position == _REPETITION_SEPARATOR:
            parts.append(repetition)
            continue
        name, value = elements.get(position, ("", None))
        text = value or _ISA_DEFAULTS.get(position, "")
        if position == _VERSION:
            text = "00501"
        elif position == _CONTROL_NUMBER:
            text = _interchange_control(elements)
        if len(text) > width:
            raise UnwritableError(f"{name} is longer than the {width} characters of an ISA")
        parts.append(text.ljust(width).encode("utf-8"))
    return element.join([*parts, component]) + _ender(delimiters, line_break)


def _interchange_control(elements: IsaElements) -> str:
    _, value = elements.get(_CONTROL_NUMBER, ("", None))
    return (value or _ISA_DEFAULTS[_CONTROL_NUMBER]).rjust(ISA_WIDTHS[_CONTROL_NUMBER - 1], "0")


@dataclass
class Envelope:
    """The open interchange, group and transaction of a file, with their control numbers and counts.

    Each is known by a key; another key means another interchange, group or transaction.
    """

    delimiters: Delimiters
    line_break: bytes
    interchange: tuple[Any, ...] | None = None
    group: tuple[Any, ...] | None = None
    transaction: Any = None
    interchange_control: str = ""
    group_control: str = ""
    transaction_control: str = ""
    groups: int = 0
    transactions: int = 0
    segments: int = 0

    def enter(
        self, interchange: tuple[Any, ...], isa: IsaElements, group: tuple[Any, ...], gs: Sequence[str]
    ) -> Iterator[bytes]:
        """The trailers and headers between the last transaction and one of this interchange and group."""
        yield from self._close_transaction()
        if (interchange, group) != (self.interchange, self.group):
            yield from self._close_group()
        if interchange != self.interchange:
            yield from self._close_interchange()
        if self.interchange is None:
            self.interchange, self.interchange_control = interchange, _interchange_control(isa)
            yield _interchange_header(isa, self.delimiters, self.line_break)
        if self.group is None:
            self.group, self.group_control = group, gs[_GROUP_CONTROL_NUMBER]
            self.groups += 1
            yield self._line(gs)

    def begin(self, transaction: Any, control: str, segments: Sequence[str]) -> bytes:
        """The first segments of a transaction, from its ST."""
        self.transaction, self.transaction_control = transaction, control
        self.transactions += 1
        self.segments = 0
        return self.body(TERMINATOR.join(segments), len(segments))

    def body(self, text: str, count: int) -> bytes:
        """So many segments of the open transaction, with their delimiters."""
        self.segments += count
        return finish(text.encode("utf-8"), self.delimiters, self.line_break)

    def close(self) -> Iterator[bytes]:
        """The trailers of everything that is open."""
        yield from self._close_transaction()
        yield from self._close_group()
        yield from self._close_interchange()

    def _close_transaction(self) -> Iterator[bytes]:
        if self.transaction is not None:
            yield self._line(("SE", str(self.segments + 1), self.transaction_control))
            self.transaction = None

    def _close_group(self) -> Iterator[bytes]:
        if self.group is not None:
            yield self._line(("GE", str(self.transactions), self.group_control))
            self.group, self.transactions = None, 0

    def _close_interchange(self) -> Iterator[bytes]:
        if self.interchange is not None:
            yield self._line(("IEA", str(self.groups), self.interchange_control))
            self.interchange, self.groups = None, 0

    def _line(self, elements: Sequence[str]) -> bytes:
        return finish(ELEMENT.join(elements).encode("utf-8"), self.delimiters, self.line_break)


def refuse_control_characters(name: str, frame: pl.DataFrame) -> None:
    """Check that no text of a frame contains a separator.

    Raises:
        UnwritableError: one does; names the frame and the column.
    """
    texts = [
        column.name for column in frame if column.dtype == pl.String and column.null_count() < frame.height
    ]
    if not texts:
        return
    held = frame.select(pl.col(texts).str.contains(rf"[{TERMINATOR}-{COMPONENT}]").any()).row(0, named=True)
    for column, is_held in held.items():
        if is_held:
            raise UnwritableError(
                f"{name}.{column}: a value contains control characters (1C to 1F, hexadecimal)"
            )


def value_text(name: str, kind: Kind) -> pl.Expr:
    """A field as X12 writes it: numbers without trailing zeros, days as CCYYMMDD."""
    column = pl.col(name)
    match kind:
        case Kind.AMOUNT | Kind.QUANTITY | Kind.RATIO:
            return column.cast(pl.String).str.strip_chars_end("0").str.strip_chars_end(".")
        case Kind.DATE:
            return column.dt.to_string("%Y%m%d")
        case Kind.INTEGER:
            return column.cast(pl.String)
        case _:
            return column


def composite(parts: dict[int, pl.Expr]) -> pl.Expr:
    """Components, by number from 1, as one element; null if none has a value."""
    last = max(parts)
    pieces = [parts[place].fill_null("") if place in parts else pl.lit("") for place in range(1, last + 1)]
    text = pl.concat_str(pieces, separator=COMPONENT).str.strip_chars_end(COMPONENT)
    return pl.when(text != "").then(text)
