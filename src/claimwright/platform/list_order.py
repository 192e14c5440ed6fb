"""Orders of a list: by a value and then by the key, either way, page by page.

A page begins after a value and a key, so that rows which arrive meanwhile shift nothing, and a later page
costs no more than the first where an index has the value and the key. The name of an order is that of the
field; a minus before it means descending.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

# A value of an order and a key: where a page ends.
Place = tuple[int | str, int]
_EPOCH_DAY = datetime.date(1970, 1, 1)
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


def after_key(key: int | None) -> Place | None:
    """The place of a key in the order of keys; None for the beginning."""
    return None if key is None else (key, key)


@dataclass(frozen=True, slots=True)
class OrderValue:
    """What a list is ordered by: `column`, which is never null; `parameter` is a place in its type."""

    column: str
    parameter: str
    of: Callable[[Any], int | str]


def known(column: str, otherwise: str) -> str:
    """A column, or something else where it has no value, written as an index has to have it.

    Not with coalesce: PostgreSQL does not hold that for free of leaks, so that behind row-level security a
    page would be looked for from the beginning of the index.
    """
    return f"case when {column} is null then {otherwise} else {column} end"


def number(field: str, column: str | None = None) -> OrderValue:
    """A whole number; none counts as 0, for which the column is `known`."""
    return OrderValue(column or field, "%(place_value)s::bigint", lambda item: int(getattr(item, field) or 0))


def day(field: str, column: str | None = None) -> OrderValue:
    """A day; none counts as the first of January 1970: `known` of it is in an index."""

    def of(item: Any) -> int:
        value: datetime.date | None = getattr(item, field)
        return (value - _EPOCH_DAY).days if value else 0

    column = known(column or field, "date '1970-01-01'")
    return OrderValue(column, "(date '1970-01-01' + %(place_value)s::integer)", of)


def instant(field: str, column: str | None = None) -> OrderValue:
    """An instant, to the microsecond."""

    def of(item: Any) -> int:
        value: datetime.datetime = getattr(item, field)
        return (value - _EPOCH) // datetime.timedelta(microseconds=1)

    parameter = "(timestamptz 'epoch' + %(place_value)s::bigint * interval '1 microsecond')"
    return OrderValue(column or field, parameter, of)


def text(field: str, column: str | None = None) -> OrderValue:
    """A text, by its characters' numbers, whatever the language of the database."""
    column = f'({column or field}) collate "C"'
    return OrderValue(column, '%(place_value)s::text collate "C"', lambda item: str(getattr(item, field)))


@dataclass(frozen=True, slots=True)
class ListOrder:
    """The orders that a list has: by its key, which is unique, or by a value and its key."""

    field: str
    values: Mapping[str, OrderValue]
    column: str | None = None

    def clauses(self, sort: str, place: Place | None) -> tuple[str, str, dict[str, Any]]:
        """A condition, what comes after `order by`, and parameters: what is after a place in an order."""
        name, way, beyond = sort.removeprefix("-"), "asc", ">"
        if sort.startswith("-"):
            way, beyond = "desc", "<"
        key = self.column or self.field
        parameters = {} if place is None else {"place_value": place[0], "place_key": place[1]}
        if name == self.field:
            condition = "true" if place is None else f"{key} {beyond} %(place_key)s::bigint"
            return condition, f"{key} {way}", parameters
        value = self.values[name]
        condition = (
            "true" if place is None
            else f"({value.column}, {key}) {beyond} ({value.parameter}, %(place_key)s::bigint)"
        )  # fmt: skip
        return condition, f"{value.column} {way}, {key} {way}", parameters

    def place_of(self, item: Any, sort: str) -> Place:
        """Where an item is in an order."""
        key = int(getattr(item, self.field))
        name = sort.removeprefix("-")
        return (key if name == self.field else self.values[name].of(item), key)
