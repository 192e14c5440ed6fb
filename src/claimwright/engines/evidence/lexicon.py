"""The concepts and measurements that are recognised in notes, and the one pattern that finds them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class Concept:
    """A condition, symptom, sign or treatment. `diagnoses` are prefixes of ICD-10-CM codes that mean it."""

    name: str
    kind: str
    diagnoses: tuple[str, ...]
    words: tuple[str, ...]


@dataclass(frozen=True)
class Measurement:
    """A laboratory value or vital sign. `factors` convert other units to `unit`."""

    name: str
    unit: str
    factors: dict[str, Decimal]
    lowest: Decimal
    highest: Decimal
    words: tuple[str, ...]


@cache
def concepts() -> dict[str, Concept]:
    """Every concept by its name."""
    made = {}
    for name, kind, diagnoses, words in _rows("concepts.txt"):
        made[name] = Concept(name, kind, tuple(diagnoses.split()), _listed(words))
    return made


@cache
def measurements() -> dict[str, Measurement]:
    """Every measurement by its name."""
    made = {}
    for name, unit, others, span, words in _rows("measurements.txt"):
        factors = {}
        for each in _listed(others):
            other, _, factor = each.rpartition(" ")
            factors[other.lower()] = Decimal(factor)
        lowest, highest = map(Decimal, span.split())
        made[name] = Measurement(name, unit, factors, lowest, highest, _listed(words))
    return made


@cache
def concept_pattern() -> tuple[re.Pattern[str], dict[str, str]]:
    """A pattern that finds the words of all concepts, the longest first, and the concept of each word.

    Keys are in lower case; those of words that end in `*` keep it.
    """
    names = {word: each.name for each in concepts().values() for word in each.words}
    ordered = sorted(names, key=lambda word: (-len(word), word))
    parts = [re.escape(word.removesuffix("*")) + (r"\w*" if word.endswith("*") else "") for word in ordered]
    return re.compile(r"(?<![\w-])(?:" + "|".join(parts) + r")(?!\w)", re.IGNORECASE), names


def concept_of(word: str) -> str:
    """The concept of a word that the pattern found."""
    names = concept_pattern()[1]
    low = word.lower()
    if low in names:
        return names[low]
    return next(names[each] for each in names if each.endswith("*") and low.startswith(each[:-1]))


@cache
def measurement_pattern() -> tuple[re.Pattern[str], dict[str, str]]:
    """A pattern that finds a measurement with its value and unit, and the measurement of each word."""
    names = {word: each.name for each in measurements().values() for word in each.words}
    words = "|".join(re.escape(word) for word in sorted(names, key=lambda word: (-len(word), word)))
    units = {each.unit for each in measurements().values()} | {
        unit for each in measurements().values() for unit in each.factors
    }
    unit = "|".join(re.escape(each) for each in sorted(units, key=lambda each: (-len(each), each)))
    return (
        re.compile(
            rf"(?<![\w-])(?P<name>{words})(?:\s*(?:\([^)]{{0,30}}\)))?"
            r"(?:\s+(?:was|is|of|at|level|score|today|on admission|to|"
            r"measured|remains|found to be)){0,4}\s*[:=]?\s*"
            rf"(?P<value>-?\d{{1,6}}(?:\.\d{{1,4}})?)(?!\d)\s*(?P<unit>(?:{unit})(?![\w/]))?",
            re.IGNORECASE,
        ),
        names,
    )


def _rows(name: str) -> list[list[str]]:
    text = (files(__package__) / name).read_text(encoding="utf-8")
    return [
        [part.strip() for part in row.split("|")]
        for row in text.splitlines()
        if row.strip() and not row.startswith("#")
    ]


def _listed(words: str) -> tuple[str, ...]:
    return tuple(each.strip() for each in words.split(",") if each.strip())
