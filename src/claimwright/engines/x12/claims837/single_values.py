"""Single values as their kinds: the shapes that the column-wise reader takes for certain, and no others."""

from __future__ import annotations

import datetime
import re
from decimal import Decimal
from typing import Any

from claimwright.domain.dictionary import Kind
from claimwright.foundation.errors import InputError

_NUMBERS = {
    Kind.AMOUNT: (re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,2})?", re.ASCII), Decimal("0.01")),
    Kind.QUANTITY: (re.compile(r"-?[0-9]{1,12}(?:\.[0-9]{1,3})?", re.ASCII), Decimal("0.001")),
    Kind.RATIO: (re.compile(r"-?[0-9]{1,9}(?:\.[0-9]{1,6})?", re.ASCII), Decimal("0.000001")),
}
_WHOLE = re.compile(r"-?[0-9]{1,9}", re.ASCII)
_DAY = re.compile(r"[0-9]{8}", re.ASCII)
DAY_LETTERS, STAMP_LETTERS, PERIOD_LETTERS = 8, 12, 17


class UnusualRecordError(InputError):
    """Something that the column-wise reader decides on."""


def value_of(kind: Kind, part: str, text: str) -> Any:
    """A value of its kind; None for a day without its time, where the time is asked for.

    Raises:
        UnusualRecordError: the column-wise reader has to decide what it is.
    """
    match kind:
        case Kind.TEXT | Kind.CODE:
            return text
        case Kind.DATE:
            return _day(part, text)
        case Kind.TIME:
            return _time(part, text)
        case Kind.INTEGER:
            if not _WHOLE.fullmatch(text):
                raise UnusualRecordError
            return int(text)
    pattern, step = _NUMBERS[kind]
    if not pattern.fullmatch(text):
        raise UnusualRecordError
    # Adding nothing turns a negative zero into zero.
    return Decimal(text).quantize(step) + 0


def _day(part: str, text: str) -> datetime.date:
    size = len(text)
    if part == "short" and size == 6:
        text = f"20{text}"
    elif part in ("from", "to") and size == PERIOD_LETTERS and text[DAY_LETTERS] == "-":
        text = text[9:] if part == "to" else text[:DAY_LETTERS]
    elif part == "day" and size == STAMP_LETTERS:
        text = text[:DAY_LETTERS]
    if not _DAY.fullmatch(text):
        raise UnusualRecordError
    try:
        return datetime.date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        raise UnusualRecordError from None


def _time(part: str, text: str) -> str | None:
    size = len(text)
    if not part or (part == "hour" and size == 4):
        return text
    if part == "hour" or size not in (DAY_LETTERS, STAMP_LETTERS):
        raise UnusualRecordError
    return text[DAY_LETTERS:] or None
