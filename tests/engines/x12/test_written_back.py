"""What is read comes back as it was: nothing is lost, and nothing is repaired that nobody is told of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from claimwright.engines.x12.syntax.tokenizer import DEFAULT_DELIMITERS

from .comparing import _normal_segment, read, written
from .interchanges import claims, encoded, recounted

# What may stand in the place of an element: nothing, no code, a format, a decimal, a period, a composite.
ODD = ("", "ZZ9", "D8", "1.125", "20260101-20260103", "A:B")
ODD_PARTS = ("", "ZZ9", "9", "D8", "20260101", "15.125")
# Lines without a number are numbered.
MADE_ANEW = ("ISA", "GS", "ST", "SE", "GE", "IEA", "HL", "BHT", "LX")


def oddities(segments: list[str]) -> Iterator[list[str]]:
    """The transaction with one segment changed: each element and component, each of all that is odd."""
    for at, segment in enumerate(segments):
        elements = segment.split("*")
        if elements[0] in MADE_ANEW:
            continue
        changed = [segment + "~" + segment]
        for place in range(1, len(elements) + 1):
            for value in ODD:
                beyond = place == len(elements)
                other = [*elements[:place], value or "X" * beyond, *elements[place + 1 :]]
                changed.append("*".join(other))
            parts = elements[place].split(":") if place < len(elements) else []
            for part in range(len(parts) if len(parts) > 1 else 0):
                for value in ODD_PARTS:
                    composite = ":".join([*parts[:part], value, *parts[part + 1 :]])
                    changed.append("*".join([*elements[:place], composite, *elements[place + 1 :]]))
        for text in dict.fromkeys(changed):
            yield [*segments[:at], *text.split("~"), *segments[at + 1 :]]


def said(segments: list[str]) -> Counter[str]:
    return Counter(each for text in segments for each in _normal_segment(text.encode(), DEFAULT_DELIMITERS))


def transactions_of(data: bytes) -> dict[str, list[str]]:
    """By control number, the segments of each transaction from ST to SE."""
    found: dict[str, list[str]] = {}
    for text in data.decode().split("~"):
        name, *elements = text.strip().split("*")
        if name == "ST":
            found[elements[1]] = []
        if found and name and name not in ("GE", "IEA", "GS", "ISA"):
            found[list(found)[-1]].append(text.strip())
    return found


@pytest.mark.parametrize("form", ["P", "I", "D"])
def test_whatever_one_element_holds_the_same_goes_out(form: str) -> None:
    base = claims(form)
    first, last = (next(n for n, text in enumerate(base) if text[:3] == tag) for tag in ("ST*", "SE*"))
    # A third of all changes tells as much in a third of the time.
    variants = list(oddities(base[first : last + 1]))[::3]
    sent, made = base[:first], {}
    for number, variant in enumerate(variants, 1):
        control = f"{number:04d}"
        variant[0] = "*".join(["ST", "837", control, *variant[0].split("*")[3:]])
        variant[-1] = f"SE*{len(variant)}*{control}"
        made[control] = variant
        sent += variant
    sent += [f"GE*{len(variants)}*{base[-2].split('*')[2]}", base[-1]]
    back = transactions_of(written(read(encoded(sent))))
    different = {
        control: (said(made[control]) - said(back[control]), said(back[control]) - said(made[control]))
        for control in made
        if control in back and said(made[control]) != said(back[control])
    }
    assert len(back) > 0.9 * len(made)
    assert different == {}


@pytest.mark.parametrize(
    ("form", "old", "new"),
    [
        ("P", "HI*ABK:E119*ABF:I10", "HI*ABK:E119~HI*ABF:I10~HI*XX:1"),
        ("P", "DTP*431*D8*20260110", "DTP*431*D8*20260110~CRC*07*Y*01~CRC*XX*Y*01"),
        ("P", "PAT*19", "PAT*19******GR*3500"),
        ("P", "PER*IC*HELP DESK*TE*8005551212", "PER*IC*HELP DESK**8019999999"),
        ("I", "HI*BH:A1:D8:20260101", "HI*BI:70:20251201:20251203"),
        ("I", "HI*BE:80:::2", "HI*BE:A2:15.31~HI*BG:09:X"),
    ],
)
def test_a_segment_that_is_not_understood_keeps_those_beside_it(form: str, old: str, new: str) -> None:
    segments = [each for text in claims(form) for each in (new if text == old else text).split("~")]
    out = written(read(encoded(recounted(segments)))).decode()
    for text in new.split("~"):
        assert text + "~" in out


def test_a_bht_that_can_not_be_read_goes_out_once_and_as_it_was() -> None:
    segments = [text.replace("*20261122*0101*CH", "*261122*0101*CH") for text in claims()]
    out = written(read(encoded(segments))).decode()
    assert [text for text in out.split("~\n") if text.startswith("BHT")] == [segments[3]]


def test_a_version_that_is_not_its_groups_is_not_changed() -> None:
    segments = claims()
    segments[2] = segments[2].replace("005010X222A1", "005010X222A2")
    assert segments[2] != claims()[2]
    out = written(read(encoded(segments))).decode()
    assert segments[2] + "~" in out
    assert segments[1].split("*")[8] in out
