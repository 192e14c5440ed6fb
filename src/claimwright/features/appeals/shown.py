"""How values stand in letters, and facts made of them."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from decimal import Decimal

from claimwright.domain.appeal_case import Fact, FactKind

_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
           "November", "December")  # fmt: skip


def dollars(cents: int) -> str:
    """An amount as letters write it."""
    return f"${Decimal(cents).scaleb(-2):,.2f}"


def day_in_words(day: datetime.date) -> str:
    """A day as letters write it."""
    return f"{_MONTHS[day.month - 1]} {day.day}, {day.year}"


def plain_fact(
    fact_id: str,
    kind: FactKind,
    label: str,
    value: object,
    source: str,
    place: str = "",
    shown: str | None = None,
) -> Iterator[Fact]:
    """The fact, if there is a value: amounts are whole cents, days are dates."""
    if value is None or value == "":
        return
    if isinstance(value, datetime.date):
        text, words = value.isoformat(), day_in_words(value)
    elif kind is FactKind.AMOUNT:
        assert isinstance(value, int)
        text, words = str(Decimal(value).scaleb(-2)), dollars(value)
    else:
        text = words = str(value)
    yield Fact(
        fact_id=fact_id, kind=kind, label=label, value=text, shown=shown or words, source=source, place=place
    )
