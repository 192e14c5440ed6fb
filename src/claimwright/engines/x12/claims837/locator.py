"""Parses the dictionary's X12 locators. Their syntax: `claimwright.domain.dictionary.field`."""

from __future__ import annotations

import re
from dataclasses import dataclass

_LOCATOR = re.compile(
    r"(?P<loop>[A-Z0-9]+)(?:\[(?P<party>[A-Z0-9]+)\])?/(?P<tag>[A-Z][A-Z0-9]{1,2})(?:\[(?P<qualifiers>[A-Z0-9|]+)\])?"
    r"(?P<element>\d\d|nn|TE|EX|FX|EM)(?:-(?P<component>\d+))?(?:\.(?P<part>from|to|day|time|hour))?"
)


@dataclass(frozen=True, slots=True)
class Locator:
    """One place in an 837. `element` counts from 1; 0 means every repetition (``nn``).

    `party` is the NM101 of the loop's party if a loop has several, else empty. `channel` is a PER's
    communication qualifier, whose number may be in element 04, 06 or 08.
    """

    loop: str
    party: str
    tag: str
    qualifiers: tuple[str, ...]
    element: int
    component: int
    part: str
    channel: str


def parse_locator(text: str) -> Locator:
    """The parts of a locator such as ``2300/DTP[434]03.from``.

    Raises:
        ValueError: it is not a locator.
    """
    found = _LOCATOR.fullmatch(text)
    if found is None:
        raise ValueError(f"not an X12 locator: {text}")
    element = found["element"]
    return Locator(
        loop=found["loop"],
        party=found["party"] or "",
        tag=found["tag"],
        qualifiers=tuple(found["qualifiers"].split("|")) if found["qualifiers"] else (),
        element=int(element) if element.isdigit() else 0,
        component=int(found["component"] or 0),
        part=found["part"] or "",
        channel=element if element.isalpha() and element != "nn" else "",
    )
