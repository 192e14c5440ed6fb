"""The dictionary against the guides: every place exists, types and lengths agree, and nothing is lost."""

from __future__ import annotations

from decimal import Decimal
from itertools import count

import polars as pl
import pytest

from claimwright.domain.dictionary import DICTIONARY, Field, Kind
from claimwright.engines.x12.claims837.locator import Locator, parse_locator
from claimwright.engines.x12.guides.guide import ElementSpec, Guide, SegmentNode, load_guide

from .comparing import assert_same_claims, normal_file, read, written
from .generated import GUIDES, Knobs, Maker, Segment, encode
from .interchanges import claims, encoded

ENVELOPE_LOOPS = ("ISA", "GS")
each_form = pytest.mark.parametrize("form", ["P", "I", "D"])
# Elements whose type leaves open what they hold: 1250 says of 1251 whether it is a date or a time.
_MOMENT = "1251"
_TYPES = {
    Kind.TEXT: {"AN", "ID"},
    Kind.CODE: {"AN", "ID", "N0"},
    Kind.AMOUNT: {"R"},
    Kind.QUANTITY: {"R"},
    Kind.INTEGER: {"N0"},
    Kind.DATE: {"DT"},
    Kind.TIME: {"TM"},
}
# What the guide of the form does not use and files have all the same: read, and told as SYN051.
_READ_ALL_THE_SAME = {
    ("provider_signature", "I"): "CLM06, which the 4010 guide required",
    ("certification_condition_4", "I"): "CRC of an institutional claim has three conditions",
    ("certification_condition_5", "I"): "CRC of an institutional claim has three conditions",
}
# Three fields stand in every third element of a CAS: no single element is theirs.
_TRIPLETS = ("adjustment_reason", "adjustment_amount", "adjustment_quantity")


def nodes(form: str, place: Locator) -> list[SegmentNode]:
    """The nodes of the guide that a locator names."""
    guide = load_guide("envelope" if place.loop in ENVELOPE_LOOPS else GUIDES[form])
    return [
        node
        for node in guide.loop(place.loop).nodes
        if node.segment == place.tag
        and (not place.qualifiers or not node.qualifiers or set(place.qualifiers) & set(node.qualifiers))
    ]


def specs(node: SegmentNode, place: Locator) -> list[ElementSpec]:
    """The elements of a node that a locator names: one, or every repetition of it."""
    found = list(node.elements) if not place.element else [node.elements[place.element - 1]]
    found = [each for each in found if each.usage != "N"]
    if place.component:
        found = [each.components[place.component - 1] for each in found]
    return [each for each in found if each.usage != "N"]


def located(form: str) -> list[tuple[Field, Locator]]:
    """The fields of a form with their places."""
    texts = [(entry, entry.locator(form)) for entry in DICTIONARY if entry.name not in _TRIPLETS]
    return [(entry, parse_locator(text)) for entry, text in texts if text]


@each_form
def test_every_place_of_the_dictionary_is_one_of_the_guide(form: str) -> None:
    wrong = []
    for entry, place in located(form):
        found = nodes(form, place)
        used = [spec for node in found for spec in specs(node, place)]
        if not found or not (used or place.channel or (entry.name, form) in _READ_ALL_THE_SAME):
            wrong.append(entry.name)
        if used and (entry.name, form) in _READ_ALL_THE_SAME:
            wrong.append(f"{entry.name} is used after all")
    assert wrong == []


@each_form
def test_every_qualifier_of_a_place_is_one_of_the_guide(form: str) -> None:
    wrong = []
    for entry, place in located(form):
        known = {code for node in nodes(form, place) for code in codes(node)}
        if place.party and place.party not in load_guide(GUIDES[form]).loop(place.loop).opener.qualifiers:
            wrong.append(f"{entry.name}: {place.party}")
        # Of alternatives (a number of the employer or of the person) a guide may allow some.
        if place.qualifiers and not known & set(place.qualifiers):
            wrong.append(f"{entry.name}: {place.qualifiers}")
        if place.channel and place.channel not in known:
            wrong.append(f"{entry.name}: {place.channel}")
    assert wrong == []


def codes(node: SegmentNode) -> set[str]:
    """All codes that a guide lists for the elements of a node."""
    parts = [part for spec in node.elements for part in (spec.components or (spec,))]
    return {code for part in parts for code in part.codes}


@each_form
def test_every_field_is_of_the_type_of_its_element(form: str) -> None:
    wrong = []
    for entry, place in located(form):
        for node in nodes(form, place):
            wrong += [
                (entry.name, entry.kind, spec)
                for spec in ([] if place.channel else specs(node, place))
                if not is_of_type(entry, place, spec)
            ]
    assert wrong == []


def is_of_type(entry: Field, place: Locator, spec: ElementSpec) -> bool:
    """Whether the kind of a field can hold what the guide allows in its element."""
    if place.part:
        is_time = place.part in ("time", "hour")
        return spec.number == _MOMENT and entry.kind is (Kind.TIME if is_time else Kind.DATE)
    if spec.number == _MOMENT:
        return entry.kind is Kind.DATE
    return spec.type in _TYPES[entry.kind] and not spec.components


@each_form
def test_every_length_that_a_guide_allows_has_room_in_its_column(form: str) -> None:
    """A text has any length; what a number's column has no room for is carried whole instead."""
    tight = {
        entry.name: spec.max_length
        for entry, place in located(form)
        for node in nodes(form, place)
        for spec in ([] if place.channel else specs(node, place))
        if entry.kind is Kind.INTEGER and spec.max_length > 9
    }
    assert tight == {}
    digits = {Kind.AMOUNT: Decimal("9" * 15 + ".99"), Kind.QUANTITY: Decimal("9" * 12 + ".999")}
    for kind, most in digits.items():
        assert pl.Series([most], dtype=kind.dtype)[0] == most


def test_a_number_without_room_in_its_column_is_carried_whole() -> None:
    # The standard allows 18 digits for an amount: 18 whole dollars' digits leave no room for cents.
    segments = [text.replace("CLM*PCN001*150.5", f"CLM*PCN001*{'9' * 18}") for text in claims()]
    batch = read(encoded(segments))
    assert batch.claims["total_charge"].to_list() == [None, Decimal("150.50")]
    assert batch.claims["claim_id"].to_list() == ["PCN001", "PCN002"]
    again = written(batch)
    assert b"*" + b"9" * 18 + b"*" in again
    assert_same_claims(batch, read(again))


@each_form
def test_no_two_fields_have_one_place(form: str) -> None:
    seen: dict[str, str] = {}
    for entry, _ in located(form):
        text = entry.locator(form) or ""
        assert text not in seen, f"{entry.name} and {seen[text]} stand in {text}"
        seen[text] = entry.name


class Recording(Maker):
    """Draws a file and notes which elements of the guide it filled."""

    def __init__(self, seed: int, knobs: Knobs) -> None:
        super().__init__(seed, knobs)
        self.filled: set[tuple[int, int]] = set()

    def adapt(self, node: SegmentNode, made: Segment) -> None:
        super().adapt(node, made)
        self.filled.update((node.index, at) for at, part in enumerate(made[1:]) if part)


# Drawn otherwise than from the elements of the node, or left empty on purpose: places in the United
# States have no country.
_OTHERWISE = {"HL", "ST", "SE", "BHT", "N4"}


def wanted(guide: Guide) -> set[tuple[int, int]]:
    """The elements that a guide uses."""
    return {
        (node.index, at)
        for loop in guide.loops
        for node in loop.nodes
        if node.segment not in _OTHERWISE
        for at, spec in enumerate(node.elements)
        if spec.usage != "N"
    }


@pytest.mark.slow
@each_form
def test_every_element_of_a_guide_is_a_field_or_carried_whole(form: str) -> None:
    guide = load_guide(GUIDES[form])
    left = wanted(guide)
    for seed in count(1):
        maker = Recording(seed, Knobs(likelihood=0.7 if seed % 2 else 0.95, billing=1, claims=1, lines=2))
        data = encode(maker.file(form))
        assert normal_file(data) == normal_file(written(read(data))), seed
        left -= maker.filled
        if not left or seed == 12:
            break
    names = {node.index: f"{loop.name}/{node.segment}" for loop in guide.loops for node in loop.nodes}
    assert sorted(f"{names[node]}{at + 1:02d}" for node, at in left) == []
