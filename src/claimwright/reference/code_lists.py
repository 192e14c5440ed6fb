"""The short public code lists that ship with the package, each code with the days between which it holds.

A list is a file of `codes/`: comments that name its source, then `code,from,to,label`. An empty day is
open: the source gives none, or it lies before claims were electronic. Labels are ours, for a person to
recognise a code by; they are not the publisher's descriptions.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from importlib.resources import files

import polars as pl


@dataclass(frozen=True, slots=True)
class Code:
    """One code, the first and the last day on which it may be used, and our label of it."""

    code: str
    valid_from: date | None
    valid_to: date | None
    label: str

    def holds_on(self, day: date) -> bool:
        """Whether the code may be used for services of this day."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or day <= self.valid_to
        )


@dataclass(frozen=True)
class CodeList:
    """The codes of one list, by code."""

    name: str
    source: str
    codes: dict[str, Code]

    @cached_property
    def _known(self) -> pl.Series:
        return pl.Series(list(self.codes), dtype=pl.String)

    @cached_property
    def _bounds(self) -> tuple[dict[str, date], dict[str, date]]:
        first = {code.code: code.valid_from for code in self.codes.values() if code.valid_from}
        last = {code.code: code.valid_to for code in self.codes.values() if code.valid_to}
        return first, last

    def contains(self, values: pl.Series, on: pl.Series | None = None) -> pl.Series:
        """Whether each value is in the list, and on its day where days are given; null for a null value.

        A value without a day is judged by the list alone.
        """
        known = values.is_in(self._known.implode())
        if on is None:
            return known
        for bounds, before in zip(self._bounds, (True, False), strict=True):
            if bounds:
                days = values.replace_strict(bounds, default=None, return_dtype=pl.Date)
                outside = on < days if before else on > days
                known &= ~outside.fill_null(False)
        return known


@cache
def code_list_names() -> tuple[str, ...]:
    """The names of the lists that ship, in alphabetical order."""
    folder = files(__package__) / "codes"
    return tuple(
        sorted(path.name.removesuffix(".csv") for path in folder.iterdir() if path.name.endswith(".csv"))
    )


@cache
def code_list(name: str) -> CodeList:
    """The list of this name.

    Raises:
        KeyError: no list of this name ships.
    """
    if name not in code_list_names():
        raise KeyError(name)
    text = (files(__package__) / "codes" / f"{name}.csv").read_text(encoding="utf-8").splitlines()
    source = " ".join(line.removeprefix("#").strip() for line in text if line.startswith("#"))
    return CodeList(
        name, source, {code.code: code for code in _read(line for line in text if line[:1] != "#")}
    )


def _read(lines: Iterable[str]) -> Iterable[Code]:
    for row in csv.DictReader(lines):
        yield Code(row["code"], _day(row["from"]), _day(row["to"]), row["label"])


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
