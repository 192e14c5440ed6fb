"""Changes of single fields of claims: read from text, applied to a batch, and told apart by place.

A place is a claim and, below it, a line and a position. Adjustments of other payers, whose rows have more
keys, are changed as the lists of `payer_adjustments`.

    ChangeError (InputError)   a change names no field, no row, or a value that the field can't have
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any

import polars as pl

from claimwright.foundation.errors import InputError

from .batch import ClaimBatch
from .dictionary import KEYS, Field, Kind, Level, field_named
from .new_rows import with_new_rows
from .payer_adjustments import HOW, LISTS, listed, read_adjustments, replaced

# The key below the claim that tells the rows of a level apart, in addition to the line.
ORDINAL: Mapping[Level, str | None] = {
    Level.CLAIM: None,
    Level.LINE: None,
    Level.DIAGNOSIS: "position",
    Level.PROCEDURE: "position",
    Level.INSTITUTIONAL_CODE: "position",
    Level.OTHER_PAYER: "other_payer",
    Level.ADJUDICATION: "adjudication",
    Level.ATTACHMENT: "position",
    Level.NOTE: "position",
    Level.CERTIFICATION: "position",
    Level.TOOTH: "position",
}
_DIGITS_AFTER_POINT = {Kind.AMOUNT: 2, Kind.QUANTITY: 3, Kind.RATIO: 6}
_MOST_DIGITS = 15
_LONGEST = 264  # the longest element of the guides (005010X222A1, NTE02 and K301)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class ChangeError(InputError):
    """A change that can't be made; `field` is the field that it names. The message has no value."""

    def __init__(self, field: str, what: str) -> None:
        super().__init__(f"{field}: {what}")
        self.field, self.what = field, what


@dataclass(frozen=True, slots=True)
class Change:
    """A new value of one field, as text; None removes the value.

    `line` and `position` are those of the row; None where its level has none.
    """

    claim: int
    field: str
    new: str | None
    line: int | None = None
    position: int | None = None

    @property
    def entry(self) -> Field:
        """The field in the dictionary, or the list of adjustments."""
        return LISTS.get(self.field) or field_named(self.field)

    @property
    def place(self) -> tuple[int, str, int | None, int | None]:
        """What the change is of: later changes of the same place win."""
        return self.claim, self.field, self.line, self.position


@dataclass(frozen=True, slots=True)
class Changed:
    """A change with the value that was there before, as text."""

    change: Change
    old: str | None


def as_text(value: Any) -> str | None:
    """A value of a field as text, as changes have it: days as 2025-03-03, amounts with all their decimals."""
    if value is None:
        return None
    return value.isoformat() if isinstance(value, datetime.date) else str(value)


def read_value(entry: Field, text: str | None) -> Any:
    """The value of a field that a text stands for; None for none.

    Raises:
        ChangeError: the field can't have this value.
    """
    if text is None or not text.strip():
        return None
    text = text.strip()
    if _CONTROL.search(text) or len(text) > _LONGEST:
        raise ChangeError(entry.name, "a control character, or too long.")
    try:
        match entry.kind:
            case Kind.TEXT | Kind.CODE | Kind.TIME:
                return text
            case Kind.DATE:
                return datetime.date.fromisoformat(text)
            case Kind.INTEGER:
                number = int(text)
                if abs(number) >= 2**31:
                    raise ValueError
                return number
            case _:
                return _decimal(text, _DIGITS_AFTER_POINT[entry.kind])
    except (ValueError, InvalidOperation):
        how = " as 2026-01-31" if entry.kind is Kind.DATE else ""
        raise ChangeError(entry.name, f"write {entry.kind.value}{how}.") from None


def _decimal(text: str, places: int) -> Decimal:
    number = Decimal(text)
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or number.adjusted() >= _MOST_DIGITS - places:
        raise InvalidOperation
    if number != round(number, places):
        raise InvalidOperation
    return round(number, places)


def with_changes(batch: ClaimBatch, changes: Iterable[Change]) -> tuple[ClaimBatch, list[Changed]]:
    """The batch with the changes, and those that change something, in order of place; later ones win.

    A value for the line or the position after the last one adds it (`new_rows`).

    Raises:
        ChangeError: a field that can't be changed, no such row, or a value that the field can't have.
    """
    wanted = {change.place: change for change in changes}
    by_level: dict[Level, list[Change]] = {}
    for change in wanted.values():
        by_level.setdefault(_level_of(change), []).append(change)
    frames, made = with_new_rows(batch, wanted.values()).frames(), []
    for level, group in by_level.items():
        frame = frames[level]
        rows = _rows(frame, level)
        values: dict[str, list[Any]] = {}
        for change in group:
            row = rows.get((change.claim, change.line, change.position))
            if row is None:
                raise ChangeError(
                    change.field, "the claim has no such line or position, and it is not the next one."
                )
            if change.field in LISTS:
                frames[Level.ADJUSTMENT], one = _with_list(frames[Level.ADJUSTMENT], change)
                made += [one] if one.old != one.change.new else []
                continue
            column = values.setdefault(change.field, frame[change.field].to_list())
            new = read_value(change.entry, change.new)
            if column[row] != new:
                made.append(Changed(replace(change, new=as_text(new)), as_text(column[row])))
                column[row] = new
        frames[level] = frame.with_columns(
            pl.Series(name, column, dtype=frame.schema[name]) for name, column in values.items()
        )
    return ClaimBatch.of(frames), sorted(made, key=lambda each: _order(each.change))


def _with_list(adjustments: pl.DataFrame, change: Change) -> tuple[pl.DataFrame, Changed]:
    try:
        new = read_adjustments(change.new)
    except ValueError:
        raise ChangeError(change.field, HOW) from None
    frame, old = replaced(adjustments, change.field, (change.claim, change.line, change.position), new)
    return frame, Changed(replace(change, new=listed(new)), listed(old))


def _level_of(change: Change) -> Level:
    try:
        level = change.entry.level
    except KeyError:
        raise ChangeError(change.field, "no such field.") from None
    if level not in ORDINAL:
        raise ChangeError(change.field, "fields of this level can't be changed.")
    return level


def _rows(frame: pl.DataFrame, level: Level) -> dict[tuple[int, int | None, int | None], int]:
    line = frame["line"].to_list() if "line" in KEYS[level] else [None] * frame.height
    ordinal = ORDINAL[level]
    position = frame[ordinal].to_list() if ordinal else [None] * frame.height
    return {key: row for row, key in enumerate(zip(frame["claim"].to_list(), line, position, strict=True))}


def _order(change: Change) -> tuple[int, int, int, str]:
    return change.claim, change.line or 0, change.position or 0, change.field
