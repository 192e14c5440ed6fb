"""What writing any transaction set needs: separators until the delimiters are known, values as text.

Segments are made with control characters as separators, which no value may contain; at the end each is
replaced by its delimiter in one step.
"""

from __future__ import annotations

import polars as pl

from claimwright.domain.dictionary import Kind
from claimwright.foundation.errors import InputError

from .tokenizer import Delimiters

TERMINATOR, ELEMENT, REPETITION, COMPONENT = "\x1c", "\x1d", "\x1e", "\x1f"
# Tried in this order if a value contains one of the usual delimiters.
_ELEMENTS, _COMPONENTS, _REPETITIONS, _TERMINATORS = b"*|+\x1d", b":>\\<\x1f", b"^!`\x1e", b"~'\x1c\n"


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
    ender = terminator + (line_break if terminator not in b"\r\n" else b"")
    return text.translate(table).replace(terminator, ender) + ender


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
