"""Service lines that are removed from a claim, with all that is said of them; no number is left out."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import polars as pl

from .batch import ClaimBatch
from .claim_changes import ORDINAL, Change, Changed, ChangeError, as_text
from .dictionary import KEYS, Level, fields_of


@dataclass(frozen=True, slots=True)
class LinesRemoved:
    """A claim without some of its lines.

    `left` is every value that went with them, by the line's old number. `numbers` has the old number of each
    line that stays, by its new one.
    """

    batch: ClaimBatch
    left: list[Changed]
    numbers: Mapping[int, int]


def without_lines(batch: ClaimBatch, lines: Collection[int]) -> LinesRemoved:
    """A batch of one claim without these lines, and without what other levels say of them.

    The lines that stay are numbered anew, and so is a submitter's number (LX01) that was the line's own: it
    begins at 1 and goes up by 1 (005010X222A1, 2400 LX).

    Raises:
        ChangeError: the claim has no such line, or would keep none.
    """
    there: list[int] = batch.lines["line"].to_list()
    if not set(lines) <= set(there):
        raise ChangeError("line", "the claim has no such line to remove.")
    stay = [each for each in there if each not in lines]
    if not stay:
        raise ChangeError("line", "a claim keeps at least one service line.")
    new_number = {old: new for new, old in enumerate(stay, start=1)}
    left: list[Changed] = []
    frames = batch.frames()
    for level, frame in frames.items():
        if "line" not in KEYS[level] or frame.is_empty():
            continue
        goes = frame["line"].is_in(list(lines)).fill_null(value=False)
        left += _values(frame.filter(goes), level)
        kept = frame.filter(~goes)
        if level is Level.LINE:
            kept = kept.with_columns(assigned_number=_own_number(kept, new_number))
        renumbered = [None if each is None else new_number[each] for each in kept["line"].to_list()]
        frames[level] = kept.with_columns(pl.Series("line", renumbered, dtype=pl.Int32))
    return LinesRemoved(ClaimBatch.of(frames), left, {new: old for old, new in new_number.items()})


def _values(rows: pl.DataFrame, level: Level) -> list[Changed]:
    claim = rows["claim"].to_list()
    line = rows["line"].to_list()
    ordinal = ORDINAL.get(level)
    position = rows[ordinal].to_list() if ordinal else [None] * rows.height
    return [
        Changed(Change(claim[at], entry.name, None, line[at], position[at]), as_text(value))
        for entry in fields_of(level)
        if entry.name in rows.columns
        for at, value in enumerate(rows[entry.name].to_list())
        if value is not None
    ]


def _own_number(lines: pl.DataFrame, new_number: Mapping[int, int]) -> pl.Series:
    given = zip(lines["line"].to_list(), lines["assigned_number"].to_list(), strict=True)
    numbers = [new_number[line] if number == line else number for line, number in given]
    return pl.Series("assigned_number", numbers, dtype=lines.schema["assigned_number"])
