"""How the lines and diagnoses of the catalogue are written.

A diagnosis is its code without a dot, or several with strokes between, one of which is taken, and how
often it is there: ``E785/E782 60%``. Without a percentage it always is.

A line is its procedure with modifiers, ``20610-RT``, or several with strokes between, then in any order

    60%       how often the line is there
    x4 x2..8  units
    MJ DA     the unit, where it is not one service (minutes, days)
    days      units are the days of the stay
    +2        days after the first day
    >12       the diagnoses it points to, where not the first alone
    $9        price of one unit in dollars, where the fee schedule has none
    r0450     revenue code; a procedure of ``-`` is none
    ndc=00003029305:1:ML     drug, quantity and unit
    text=A_FEW_WORDS         what was done, where the code leaves it open
    tooth=3/14  surface=MO/DO  area=10  prosthesis=I     dental; one tooth, one of the surfaces

A range ``2..8`` includes both ends.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import product

from claimwright.foundation.errors import InputError

_RANGE = re.compile(r"(\d+)(?:\.\.(\d+))?")


class CatalogueError(InputError, ValueError):
    """The catalogue says something that can't be read; names the encounter and the words."""


@dataclass(frozen=True, slots=True)
class Service:
    """One way in which a line can turn out."""

    procedure: str | None
    modifiers: tuple[str, ...] = ()
    units: tuple[int, int] = (1, 1)
    unit_basis: str = "UN"
    by_days: bool = False
    day: int = 0
    pointers: tuple[int, ...] = (1,)
    price_cents: int | None = None
    """Of one unit; None where the fee schedule knows."""
    revenue_code: str | None = None
    ndc: str | None = None
    ndc_quantity: int | None = None
    ndc_unit: str | None = None
    description: str | None = None
    tooth: str | None = None
    surfaces: str = ""
    area: str | None = None
    prosthesis: str | None = None


@dataclass(frozen=True, slots=True)
class Slot:
    """A line or diagnosis that may be there: the ways it can turn out, and in how many of a hundred."""

    choices: tuple[Service, ...] | tuple[str, ...]
    percent: int = 100


def read_range(text: str) -> tuple[int, int]:
    """Both ends of ``2..8``, or of ``4``.

    Raises:
        ValueError: the text is no range.
    """
    found = _RANGE.fullmatch(text)
    if found is None:
        raise ValueError(text)
    return int(found[1]), int(found[2] or found[1])


def read_diagnosis(text: str) -> Slot:
    """The slot of one diagnosis.

    Raises:
        CatalogueError: the text is no diagnosis.
    """
    codes, *rest = text.split()
    percent = 100
    for word in rest:
        if not word.endswith("%"):
            raise CatalogueError(f"diagnosis: {text}")
        percent = int(word[:-1])
    return Slot(tuple(codes.split("/")), percent)


def read_line(text: str) -> Slot:
    """The slot of one service line.

    Raises:
        CatalogueError: a word is not of the notation.
    """
    procedures, *rest = text.split()
    percent = 100
    common: dict[str, object] = {}
    teeth: list[str | None] = [None]
    surfaces = [""]
    for word in rest:
        name, _, value = word.partition("=")
        if word.endswith("%"):
            percent = int(word[:-1])
        elif name == "tooth":
            teeth = list(value.split("/"))
        elif name == "surface":
            surfaces = value.split("/")
        else:
            common |= _property(word, name, value, text)
    choices = [
        Service(procedure=procedure, modifiers=modifiers, tooth=tooth, surfaces=surface, **common)  # type: ignore[arg-type]
        for (procedure, modifiers), tooth, surface in product(_procedures(procedures), teeth, surfaces)
    ]
    return Slot(tuple(choices), percent)


def _procedures(text: str) -> list[tuple[str | None, tuple[str, ...]]]:
    if text == "-":
        return [(None, ())]
    parts = [each.split("-") for each in text.split("/")]
    return [(code, tuple(modifiers)) for code, *modifiers in parts]


def _property(word: str, name: str, value: str, text: str) -> dict[str, object]:
    try:
        match word[0]:
            case "x":
                return {"units": read_range(word[1:])}
            case "+":
                return {"day": int(word[1:])}
            case ">":
                return {"pointers": tuple(int(digit) for digit in word[1:])}
            case "$":
                dollars, _, cents = word[1:].partition(".")
                return {"price_cents": int(dollars) * 100 + int(cents.ljust(2, "0"))}
            case "r":
                return {"revenue_code": word[1:]}
    except ValueError as error:
        raise CatalogueError(f"{word} in line: {text}") from error
    match name:
        case "MJ" | "DA":
            return {"unit_basis": name}
        case "days":
            return {"by_days": True, "unit_basis": "DA"}
        case "ndc":
            code, quantity, unit = value.split(":")
            return {"ndc": code, "ndc_quantity": int(quantity), "ndc_unit": unit}
        case "text":
            return {"description": value.replace("_", " ")}
        case "area" | "prosthesis":
            return {name: value}
    raise CatalogueError(f"{word} in line: {text}")
