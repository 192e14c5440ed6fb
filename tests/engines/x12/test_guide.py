"""The guides as data: what the loader reads, what it refuses, and facts that everybody can look up."""

from __future__ import annotations

import re

import pytest

from claimwright.engines.x12.guides import guide as guides
from claimwright.engines.x12.guides.guide import (
    UNBOUNDED,
    Guide,
    GuideError,
    all_guides,
    envelope_guide,
    load_guide,
    parse_guide,
)

HEAD = "guide X transaction=837 versions=1 writes=1\n"


def test_there_is_a_guide_for_each_form_and_for_the_remittance() -> None:
    assert [guide.name for guide in all_guides()] == [
        "277CA",
        "835",
        "837D",
        "837I",
        "837P",
        "999",
    ]


def test_the_envelope_is_that_of_one_transaction_set() -> None:
    header = envelope_guide("HP").loop("GS").opener
    assert header.elements[0].codes == ("HP",)


@pytest.mark.parametrize(
    ("version", "name"),
    [
        ("005010X222A1", "837P"),
        ("005010X222A2", "837P"),
        ("005010X223A2", "837I"),
        ("005010X223A3", "837I"),
        ("005010X224A2", "837D"),
        ("005010X224A3", "837D"),
        ("005010X221A1", "835"),
    ],
)
def test_a_version_names_its_guide(version: str, name: str) -> None:
    guide = guides.guide_for_version(version)
    assert guide is not None
    assert guide.name == name


def test_an_unknown_version_names_none() -> None:
    assert guides.guide_for_version("004010X098A1") is None


@pytest.mark.parametrize("guide", [*all_guides(), load_guide("envelope")], ids=lambda guide: guide.name)
def test_a_guide_holds_together(guide: Guide) -> None:
    assert [node.index for node in guide.nodes] == list(range(len(guide.nodes)))
    for loop in guide.loops:
        assert loop.opener.usage == "R"
        assert len(loop.parents) == len(loop.usages) or not loop.parents
        positions = [node.position for node in loop.nodes]
        assert positions == sorted(positions), loop.name
        seen: set[tuple[str, str]] = set()
        for node in loop.nodes:
            keys = {(node.segment, qualifier) for qualifier in node.qualifiers or ("",)}
            assert not keys & seen, (loop.name, node.segment)
            seen |= keys


@pytest.mark.parametrize("guide", all_guides(), ids=lambda guide: guide.name)
def test_a_qualifier_is_among_the_codes_of_its_element(guide: Guide) -> None:
    for node in guide.nodes:
        if node.qualifiers:
            element = node.elements[node.qualifier_element - 1]
            spec = element.components[node.qualifier_component - 1] if node.qualifier_component else element
            assert set(node.qualifiers) == set(spec.codes), (node.loop, node.segment)


@pytest.mark.parametrize("guide", all_guides(), ids=lambda guide: guide.name)
def test_a_relational_condition_names_elements_that_are_used(guide: Guide) -> None:
    for node in guide.nodes:
        for note in node.notes:
            assert all(node.elements[at - 1].usage != "N" for at in note.positions), (node.loop, str(note))


# Facts from the guides' own summaries: loop, how often it may repeat, and the standard's limits of length.


@pytest.mark.parametrize(
    ("name", "loop", "most"),
    [
        ("837P", "2300", 100),
        ("837P", "2400", 50),
        ("837I", "2400", 999),
        ("837D", "2400", 50),
        ("837P", "2320", 10),
        ("837P", "2430", 15),
        ("837P", "2310A", 2),
        ("837P", "2000A", UNBOUNDED),
    ],
)
def test_a_loop_repeats_as_often_as_published(name: str, loop: str, most: int) -> None:
    assert load_guide(name).loop(loop).max_repeat == most


@pytest.mark.parametrize(
    ("name", "loop", "segment", "element", "number", "least", "most"),
    [
        ("837P", "2300", "CLM", 1, "1028", 1, 38),
        ("837P", "2010AA", "NM1", 9, "67", 2, 80),
        ("837P", "2010AA", "N4", 3, "116", 3, 15),
        ("837I", "2400", "SV2", 1, "234", 1, 48),
        ("837D", "2400", "SV3", 6, "380", 1, 15),
        ("837P", "2010BA", "REF", 2, "127", 1, 50),
    ],
)
def test_an_element_has_the_length_of_the_dictionary(
    name: str, loop: str, segment: str, element: int, number: str, least: int, most: int
) -> None:
    node = next(node for node in load_guide(name).loop(loop).nodes if node.segment == segment)
    spec = node.elements[element - 1]
    assert (spec.number, spec.min_length, spec.max_length) == (number, least, most)


def test_a_professional_claim_has_up_to_twelve_diagnoses() -> None:
    nodes = load_guide("837P").loop("2300").nodes
    diagnoses = next(node for node in nodes if node.segment == "HI" and "ABK" in node.qualifiers)
    assert sum(spec.usage != "N" for spec in diagnoses.elements) == 12


def test_a_dental_claim_has_up_to_four_diagnoses() -> None:
    nodes = load_guide("837D").loop("2300").nodes
    diagnoses = next(node for node in nodes if node.segment == "HI")
    assert sum(spec.usage != "N" for spec in diagnoses.elements) == 4


def test_an_institutional_claim_has_up_to_25_diagnoses() -> None:
    """The principal, and two HI segments of twelve others."""
    nodes = load_guide("837I").loop("2300").nodes
    principal, others = (
        next(node for node in nodes if node.segment == "HI" and wanted in node.qualifiers)
        for wanted in ("ABK", "ABF")
    )
    used = sum(spec.usage != "N" for spec in others.elements)
    assert principal.max_use + others.max_use * used == 25


def test_claims_hang_on_subscribers_and_on_patients() -> None:
    loop = load_guide("837P").loop("2300")
    assert dict(zip(loop.parents, loop.usages, strict=True)) == {"2000B": "S", "2000C": "R"}


def test_elements_that_the_guide_leaves_out_are_there_as_not_used() -> None:
    """NM1 has twelve elements in release 005010, of which the pay-to address uses two."""
    opener = load_guide("837P").loop("2010AB").opener
    assert [spec.usage for spec in opener.elements] == ["R", "R"] + ["N"] * 10


# What the loader refuses.


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (HEAD + "  0010 N3 R 1 : 166 R", 2, "before the first loop"),
        (HEAD + "loop A parent=- usage=R", 2, "not a loop"),
        (HEAD + "loop A parent=- usage=R max=1\n  0010 N3 R 1 = 166 R", 3, "not a segment"),
        (HEAD + "loop A parent=- usage=R max=1\n  0010 N3 R 1 : 166 X", 3, "not an element"),
        (HEAD + "loop A parent=- usage=R max=1\n  0010 N3 R 1 : 99999 R", 3, "99999"),
        (HEAD + "loop A parent=- usage=R max=1\n  0010 N3 R 1 : 166 R =@nowhere", 3, "nowhere"),
        (HEAD + "loop A parent=- usage=R max=1\n  0010 N3 R 1 : 166 R ; X01", 3, "not a relational"),
        (HEAD + "loop A parent=- usage=R max=1\n  0010 CLM R 1 : C023 R ( 1331 R", 3, "not a composite"),
    ],
)
def test_a_malformed_line_is_named_with_file_and_number(text: str, line: int, words: str) -> None:
    with pytest.raises(GuideError, match=rf"x\.guide, line {line}: .*{re.escape(words)}"):
        parse_guide(text, "x.guide")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no guide line"),
        (HEAD, "no loop"),
        (HEAD + "loop A parent=- usage=R max=1", "no segment"),
        (HEAD + "loop A parent=B usage=R max=1\n  0010 N3 R 1 : 166 R", "unknown parent B"),
        (HEAD + 2 * "loop A parent=- usage=R max=1\n  0010 N3 R 1 : 166 R\n", "twice"),
    ],
)
def test_a_guide_that_does_not_hold_together_is_refused(text: str, words: str) -> None:
    with pytest.raises(GuideError, match=rf"x\.guide: .*{words}"):
        parse_guide(text, "x.guide")


def test_the_short_forms_of_a_line_say_the_same_as_the_long() -> None:
    short = HEAD + "codes yes = Y,N\nloop A parent=- usage=R max=*\n  0010 N3 S 2 : 2 x 166 R 3-5 =@yes\n"
    long = HEAD + "loop A parent=- usage=R max=*\n  0010 N3 S 2 : 166 R 3-5 =Y,N | 166 R 3-5 =Y,N\n"
    assert parse_guide(short, "x") == parse_guide(long, "x")
