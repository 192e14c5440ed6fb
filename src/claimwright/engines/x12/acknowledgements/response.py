"""The part of the 999 that reports the faults of one transaction set: IK3, CTX, IK4 and IK5.

Source: ASC X12C 005010X231A1, loops 2000, 2100 and 2110.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from claimwright.engines.x12.checks.faults import BY_CODE, Fault
from claimwright.engines.x12.guides.guide import Guide, all_guides, guide_for_version

DELIMITERS = str.maketrans("*:^~", "    ")
# IK5 and AK9 have room for five codes.
MOST_CODES = 5
# Data element 447, IK303.
_LOOP_LENGTH = 4
# The minimum length of IK301; a segment id that is not in the guide is not repeated.
_NAMELESS = "???"
# Faults that another element triggers: the fault and the element of its trigger.
_TRIGGERS = {"SYN076": ("CLM", 5, 3)}


def segment(name: str, *elements: object) -> str:
    """A segment with its terminator, without empty elements at the end."""
    values = ["" if element is None else str(element) for element in elements]
    while values and not values[-1]:
        values.pop()
    return "*".join([name, *values]) + "~"


def clean(text: str) -> str:
    """A value without the delimiters that we use for writing."""
    return text.translate(DELIMITERS)


def of_level(codes: Iterable[str], level: str) -> list[Fault]:
    """The distinct catalogue entries of the faults that a level of the acknowledgement can report."""
    return [BY_CODE[code] for code in dict.fromkeys(codes) if getattr(BY_CODE[code], level) is not None]


def codes_of(faults: list[Fault], level: str) -> list[str]:
    """The distinct codes of that level, up to the maximum number."""
    return list(dict.fromkeys(getattr(fault, level) for fault in faults))[:MOST_CODES]


def respond(
    head: dict[str, Any], version: str | None, faults: list[dict[str, Any]], ids: dict[int, str]
) -> tuple[list[str], str]:
    """The segments AK2 to IK5 for a transaction set, and its state: A, E or R.

    `head` is the envelope row of its ST, `version` that of its group, `faults` are its own; `ids` gives the
    identifiers of claims.
    """
    stated = head["version"]
    made = [
        segment("AK2", clean(head["kind"] or "837"), clean(head["control_number"] or ""), clean(stated or ""))
    ]
    if not faults:
        return [*made, segment("IK5", "A")], "A"
    guide = guide_for_version(stated or version or "")
    rows = [row for row in faults if BY_CODE[row["code"]].ik3 is not None]
    places: dict[tuple[int, str, str, str], list[dict[str, Any]]] = {}
    for row in rows:
        fault = BY_CODE[row["code"]]
        place = row["segment_in_transaction"] or max(row["segment"] - head["segment"] + 1, 1)
        key = (place, row["segment_id"] or _NAMELESS, row["loop"] or "", fault.ik3 or "")
        places.setdefault(key, []).append(row)
    for (place, name, loop, code), here in places.items():
        # Segments of the header and the trailer belong to no loop; a loop's name can have four characters.
        within = "" if loop == "HEADER" else loop[:_LOOP_LENGTH]
        made.append(segment("IK3", name, place, within, code))
        made += _contexts(here, place, within, ids)
        made += _elements(here, guide)
    relevant = of_level((row["code"] for row in faults), "ik5")
    if not relevant:
        return [*made, segment("IK5", "A")], "A"
    state = "R" if any(fault.severity == "block" for fault in relevant) else "E"
    return [*made, segment("IK5", state, *codes_of(relevant, "ik5"))], state


def _contexts(here: list[dict[str, Any]], place: int, loop: str, ids: dict[int, str]) -> list[str]:
    """CTX: the claim, and the element that requires what is missing."""
    made = []
    for row in here:
        trigger = _TRIGGERS.get(row["code"])
        if trigger is not None:
            tag, element, component = trigger
            made.append(segment("CTX", "SITUATIONAL TRIGGER", tag, place, loop, f"{element}:{component}"))
    claim = next((ids[row["claim"]] for row in here if row["claim"] in ids), None)
    if claim:
        made.append(segment("CTX", f"CLM01:{clean(claim)[:35]}"))
    return made


def _elements(here: list[dict[str, Any]], guide: Guide | None) -> list[str]:
    """IK4: the element, its data element number, and the error."""
    made: dict[str, None] = {}
    for row in here:
        fault = BY_CODE[row["code"]]
        if fault.ik4 is None or not row["element"]:
            continue
        name = row["segment_id"]
        element, _, component = row["element"].removeprefix(name).partition("-")
        position = f"{int(element)}:{component}" if component else str(int(element))
        number = _number(guide, row["loop"], name, int(element), int(component or 0)) if guide else None
        made[segment("IK4", position, number, fault.ik4)] = None
    return list(made)


def _number(guide: Guide, loop: str | None, name: str, element: int, component: int) -> str | None:
    """The data element number of an element; composites have none, only their components do."""
    return _numbers(guide.name).get((loop or "", name, element, component))


@cache
def _numbers(guide: str) -> dict[tuple[str, str, int, int], str]:
    found: dict[tuple[str, str, int, int], str] = {}
    for node in next(each for each in all_guides() if each.name == guide).nodes:
        for ordinal, spec in enumerate(node.elements, 1):
            parts = [(0, spec)] if not spec.components else list(enumerate(spec.components, 1))
            for part, described in parts:
                if described.number.isdigit():
                    found.setdefault((node.loop, node.segment, ordinal, part), described.number)
    return found
