"""The dictionary combined with the guides: for each field, the segment variants that contain it.

One table for both directions: `read.py` reads by it, `write.py` writes by it.
"""

from __future__ import annotations

import enum
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from claimwright.domain.dictionary import DICTIONARY, Field, Level
from claimwright.engines.x12.guides.guide import SegmentNode
from claimwright.engines.x12.native.widths import MAX_ELEMENTS
from claimwright.engines.x12.syntax.grammar import Grammar, qualifier_place
from claimwright.engines.x12.syntax.tokenizer import Ints, Words

from .locator import Locator, parse_locator
from .transaction import claims_grammar

GUIDE_OF_FORM = {"P": "837P", "I": "837I", "D": "837D"}

# PER has a qualifier and then the number, three times: elements 03 to 08. The fourth number, if there is one,
# is in a second PER, under the last qualifier.
CHANNELS = ("TE", "EX", "FX", "EM")
CHANNEL_PAIRS = ((2, 3), (4, 5), (6, 7))

# Elements that are generated on writing, and so need no field.
_MADE_ANEW = {
    "DTP": (2,),
    "HL": (1, 2, 3, 4),
    "BHT": (1,),
    "ST": (1, 3),
}
# By segment, an element that gives the format of another, and that other (both from 0): a date's format, a
# unit. It is written only together with the other one.
FORMATS = {"DMG": {0: 1}, "PAT": {4: 5, 6: 7}, "CR1": {0: 1, 4: 5}}
# The formats of a DTP: by format, its bit in `Layout.dated` and the length of the value.
PERIOD_FORMATS = {"D8": (1, 8), "RD8": (2, 17), "DT": (4, 12), "TM": (8, 0)}
ALWAYS = -1


class Domain(enum.IntEnum):
    """The kind of row to which a segment's values belong."""

    INTERCHANGE = 0
    GROUP = 1
    TRANSACTION = 2
    BILLING = 3
    SUBSCRIBER = 4
    PATIENT = 5
    CLAIM = 6
    OTHER_PAYER = 7
    LINE = 8
    ADJUDICATION = 9


_DOMAINS = {
    "ISA": Domain.INTERCHANGE,
    "GS": Domain.GROUP,
    "HEADER": Domain.TRANSACTION,
    "1000": Domain.TRANSACTION,
    "2000A": Domain.BILLING,
    "2010A": Domain.BILLING,
    "2000B": Domain.SUBSCRIBER,
    "2010B": Domain.SUBSCRIBER,
    "2000C": Domain.PATIENT,
    "2010C": Domain.PATIENT,
    "2300": Domain.CLAIM,
    "2310": Domain.CLAIM,
    "2320": Domain.OTHER_PAYER,
    "2330": Domain.OTHER_PAYER,
    "2400": Domain.LINE,
    "2410": Domain.LINE,
    "2420": Domain.LINE,
    "2430": Domain.ADJUDICATION,
    "2440": Domain.LINE,
}

# Segments that are rows of their own frames, in any loop.
REPEATING = {
    Level.ATTACHMENT: "PWK",
    Level.NOTE: "NTE",
    Level.CERTIFICATION: "CRC",
    Level.ADJUSTMENT: "CAS",
}
DIAGNOSIS_CODES = ("ABK", "BK", "ABJ", "BJ", "APR", "PR", "ABN", "BN", "ABF", "BF")
PROCEDURE_CODES = ("BBR", "BR", "CAH", "BBQ", "BQ", "BP", "BO")
NUBC_CODES = ("BG", "BH", "BI", "BE", "TC")
HI_LEVELS = {
    Level.DIAGNOSIS: DIAGNOSIS_CODES,
    Level.PROCEDURE: PROCEDURE_CODES,
    Level.INSTITUTIONAL_CODE: NUBC_CODES,
}

FIELD_LEVELS = (Level.TRANSACTION, Level.CLAIM, Level.LINE, Level.OTHER_PAYER, Level.ADJUDICATION)


@cache
def domain_of(loop: str) -> Domain:
    """The domain of a loop."""
    return next(domain for prefix, domain in _DOMAINS.items() if loop.startswith(prefix))


@dataclass(frozen=True, slots=True)
class FieldPlace:
    """The position of a field: the variants that contain it, and its element and component. `element` counts
    from 0.
    """

    form: str
    locator: Locator
    variants: tuple[int, ...]
    element: int
    domain: Domain


class Plan(NamedTuple):
    """The places of a level, one row per variant of each: one comparison finds those that a block uses."""

    field: Ints
    """Index of the field in the level."""
    place: Ints
    """Index of the field's place."""
    variant: Ints
    bit: Words
    """The bit of the element within its segment; all bits if the element is not known in advance."""


@dataclass(frozen=True, eq=False)
class Layout:
    """Places of the fields, and the parts of each variant that the dictionary covers."""

    grammar: Grammar
    places: dict[Level, list[tuple[Field, list[FieldPlace]]]]
    mapped: Words
    """By variant: bits of the elements that fields or the guide's constants cover."""
    components: np.ndarray[tuple[int, int], np.dtype[np.int8]]
    """By variant and element: how many components are covered; 1 for a simple element."""
    constants: dict[int, list[tuple[int, str, int]]]
    """By variant: elements (from 0) that can have only one value, that value, and the element with which they
    are written: if it is empty, so are they. `ALWAYS` for elements that are never empty."""
    telling: Words
    """By variant: bits of the elements of which one must have a value for the segment to be written; 0 for
    the first segment of a loop, which is written if anything of the loop is."""
    dated: npt.NDArray[np.uint8]
    """By variant of a DTP: bits of the formats that its guide allows; 0 for all other segments."""
    variant_domain: Ints
    parties: dict[int, set[str]] = field(default_factory=dict)
    """By variant of a loop that several parties share: the parties (NM101) that have fields in it."""
    repeating: dict[str, set[int]] = field(default_factory=dict)
    """By tag: the variants whose segments are rows of their own frame."""
    groups: tuple[tuple[int, str], ...] = ()
    """Every variant that contains a field, with the field's party."""
    plans: dict[Level, Plan] = field(default_factory=dict)


@cache
def layout() -> Layout:
    """The layout of all three forms.

    Raises:
        ValueError: a locator of the dictionary names a segment that its guide does not have.
    """
    rules = claims_grammar()
    mapped = np.zeros(len(rules.variants) + 1, dtype=np.uint32)
    components = np.ones((len(rules.variants) + 1, MAX_ELEMENTS), dtype=np.int8)
    places: dict[Level, list[tuple[Field, list[FieldPlace]]]] = defaultdict(list)
    for entry in DICTIONARY:
        found = [place for form in "PID" for place in _places(entry, form, rules)]
        if found:
            places[entry.level].append((entry, found))
        for place in found:
            _account(place, mapped, components)
    held = {
        variant
        for entries in places.values()
        for _, found in entries
        for p in found
        for variant in p.variants
    }
    telling = mapped.copy()
    openers = {loop.opener for loop in rules.loops}
    dated = np.zeros(len(rules.variants) + 1, dtype=np.uint8)
    constants: dict[int, list[tuple[int, str, int]]] = defaultdict(list)
    repeating: dict[str, set[int]] = defaultdict(set)
    domains = np.full(len(rules.variants) + 1, -1, dtype=np.int32)
    for variant, (number, qualifier) in enumerate(rules.variants):
        node = rules.nodes[number]
        domains[variant] = domain_of(node.loop)
        if _is_repeating(node.segment, node.loop, qualifier):
            repeating[node.segment].add(variant)
            _account_repeating(node.segment, variant, mapped, components)
            # They form a row whatever their content.
            telling[variant] = 0xFFFFFFFF
        elif variant not in held:
            continue
        if node.segment == "PER":
            mapped[variant] |= np.uint32(0b11111110)
            telling[variant] |= np.uint32(0b11111110)
        for element, value, needs in _constants(node, int(mapped[variant])):
            mapped[variant] |= np.uint32(1 << element)
            # The elements that identify a variant need no further check.
            if not (qualifier and element == qualifier_place(node.segment)[0] - 1):
                constants[variant].append((element, value, needs))
        for element in _MADE_ANEW.get(node.segment, ()):
            mapped[variant] |= np.uint32(1 << (element - 1))
        if node in openers:
            telling[variant] = 0
        if node.segment == "DTP":
            dated[variant] = sum(PERIOD_FORMATS[each][0] for each in node.elements[1].codes)
        if qualifier:
            mapped[variant] |= np.uint32(1 << (qualifier_place(node.segment)[0] - 1))
    groups = {
        (variant, place.locator.party)
        for entries in places.values()
        for _, found in entries
        for place in found
        for variant in place.variants
    }
    return Layout(
        rules,
        places,
        mapped,
        components,
        constants,
        telling,
        dated,
        domains,
        _parties(places),
        repeating,
        tuple(sorted(groups)),
        {level: _plan(entries) for level, entries in places.items()},
    )


def _constants(node: SegmentNode, held: int) -> Iterator[tuple[int, str, int]]:
    """As in `Layout.constants`; elements that a field covers (a bit each in `held`) are left to the field."""
    formats = FORMATS.get(node.segment, {})
    for element, spec in enumerate(node.elements):
        if len(spec.codes) != 1 or spec.components or held >> element & 1:
            continue
        if element in formats:
            yield element, spec.codes[0], formats[element]
        elif spec.usage == "R":
            yield element, spec.codes[0], ALWAYS


def _parties(places: dict[Level, list[tuple[Field, list[FieldPlace]]]]) -> dict[int, set[str]]:
    """As in `Layout.parties`."""
    parties: dict[int, set[str]] = defaultdict(set)
    for entries in places.values():
        for _, found in entries:
            for place in found:
                for variant in place.variants if place.locator.party else ():
                    parties[variant].add(place.locator.party)
    return dict(parties)


def _plan(entries: list[tuple[Field, list[FieldPlace]]]) -> Plan:
    rows = [
        # A qualifier may be in any of the elements.
        (field_number, place_number, variant, 1 << place.element if place.element >= 0 else 0xFFFFFFFF)
        for field_number, (_, places) in enumerate(entries)
        for place_number, place in enumerate(places)
        for variant in place.variants
    ]
    columns = np.array(rows, dtype=np.int64).reshape(-1, 4).T
    field_of, place_of, variant = columns[:3].astype(np.int32)
    return Plan(field_of, place_of, variant, columns[3].astype(np.uint32))


def _places(entry: Field, form: str, rules: Grammar) -> list[FieldPlace]:
    text = entry.locator(form)
    if text is None or entry.level not in FIELD_LEVELS:
        return []
    locator = parse_locator(text)
    guide = "envelope" if locator.loop in ("ISA", "GS") else GUIDE_OF_FORM[form]
    if guide == "envelope" and form != "P":
        return []
    variants = rules.variant_numbers(guide, locator.loop, locator.tag, locator.qualifiers)
    if not variants:
        raise ValueError(f"{entry.name}: the {guide} guide has no {text}")
    element = -1 if locator.channel else locator.element - 1
    return [FieldPlace(form, locator, tuple(variants), element, domain_of(locator.loop))]


def _account(place: FieldPlace, mapped: Words, components: np.ndarray[Any, np.dtype[np.int8]]) -> None:
    if place.element < 0:
        return
    for variant in place.variants:
        mapped[variant] |= np.uint32(1 << place.element)
        if place.locator.component:
            known = components[variant, place.element]
            components[variant, place.element] = max(known, place.locator.component)


def _is_repeating(tag: str, loop: str, qualifier: str) -> bool:
    match tag:
        case "NTE" | "PWK" | "CRC":
            return loop in ("2300", "2400")
        case "CAS":
            return loop in ("2320", "2430")
        case "HI":
            return qualifier != "DR"
        case "TOO" | "DN2":
            return True
    return False


def _account_repeating(tag: str, variant: int, mapped: Words, components: np.ndarray) -> None:
    bits = {
        "NTE": 0b11,
        "PWK": 0b110011,
        "CRC": 0b1111111,
        "CAS": (1 << 19) - 1,
        "HI": (1 << 12) - 1,
        "TOO": 0b111,
        "DN2": 0b100011,
    }[tag]
    mapped[variant] |= np.uint32(bits)
    if tag == "HI":
        components[variant, :12] = 9
    if tag == "TOO":
        components[variant, 2] = 5
