"""Citations that name a section and what stands in it agree: a section that was renumbered is noticed."""

from __future__ import annotations

import re

from claimwright.engines.rules import RuleBook

# Medicare Claims Processing Manual: table of contents of ch. 25 (Rev. 4194) and of ch. 26 (Rev. 12779).
FORM_LOCATORS = {
    "75.1": (1, 15),
    "75.2": (16, 30),
    "75.3": (31, 41),
    "75.4": (42, 42),
    "75.5": (43, 65),
    "75.6": (66, 81),
}
ITEMS = {"10.2": (1, 11), "10.4": (14, 33)}


def misplaced(text: str, chapter: str, parts: dict[str, tuple[int, int]], word: str) -> list[str]:
    """What the text names beside a section of the chapter that does not hold it."""
    if f"ch. {chapter}, section" not in text:
        return []
    own = text.split(f"ch. {chapter}, section", 1)[1]
    wrong = []
    for piece in re.split(r", and (?=section)", own):
        sections = re.findall(r"\b(\d\d\.\d)\b", piece.split(word)[0])
        held = [parts[section] for section in sections if section in parts]
        named = re.findall(rf"{word}s? ?(\d+)[A-Za-z]?(?:[-–](\d+))?", piece)
        numbers = sorted({int(number) for pair in named for number in pair if number})
        wrong += [
            f"{text}: {word} {number}"
            for number in numbers
            if held and not any(low <= number <= high for low, high in held)
        ]
    return wrong


def test_a_citation_of_the_institutional_form_names_the_section_of_its_locator(rulebook: RuleBook) -> None:
    assert [
        wrong
        for rule in rulebook
        for text in rule.authority
        for wrong in misplaced(text, "25", FORM_LOCATORS, "FL")
    ] == []


def test_a_citation_of_the_professional_form_names_the_section_of_its_item(rulebook: RuleBook) -> None:
    assert [
        wrong
        for rule in rulebook
        for text in rule.authority
        for wrong in misplaced(text, "26", ITEMS, "item")
    ] == []


def test_a_wrong_section_is_noticed() -> None:
    text = "Medicare Claims Processing Manual, ch. 25, section 75.4, FL 46, and section 75.3, FL 39-41"
    assert misplaced(text, "25", FORM_LOCATORS, "FL") == [f"{text}: FL 46"]
    assert misplaced("Manual, ch. 26, section 10.4, items 24A and 24G", "26", ITEMS, "item") == []
    assert len(misplaced("Manual, ch. 26, section 10.4, item 4", "26", ITEMS, "item")) == 1
