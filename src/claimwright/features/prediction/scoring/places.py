"""Where something stands on a claim, in the words of its form: the box on paper and the loop of the 837."""

from __future__ import annotations

import re

from claimwright.domain.dictionary import field_named

# A locator of the dictionary: loop, segment, qualifier, element, component.
_LOCATOR = re.compile(r"(\w+)(?:\[\w+\])?/([A-Z]+[0-9]??)(?:\[([\w|]+)\])?((?:\d\d|nn)(?:-\d)?)")


def place(form: str, name: str) -> str:
    """Where a field of the dictionary stands, such as `box 23, Loop 2300 REF*G1`.

    `form` is the claim's: P, I or D. The 837D has no paper form in the dictionary, so a loop alone is named.
    Empty if the form has no such field.
    """
    field = field_named(name)
    locator = field.locator(form)
    if locator is None:
        return ""
    box = {"P": f"box {field.cms1500}", "I": f"form locator {field.ub04}"}.get(form, "")
    on_paper = box if {"P": field.cms1500, "I": field.ub04}.get(form) else ""
    return ", ".join(each for each in (on_paper, _loop(locator)) if each)


def _loop(locator: str) -> str:
    match = _LOCATOR.fullmatch(locator)
    if match is None:
        return locator
    loop, segment, qualifier, element = match.groups()
    return f"Loop {loop} {segment}*{qualifier}" if qualifier else f"Loop {loop} {segment}{element}"
