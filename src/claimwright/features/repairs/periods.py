"""Periods of which a person changes the first day: where it was a single day, it stays one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from claimwright.domain.batch import ClaimBatch
from claimwright.domain.claim_changes import Change, as_text
from claimwright.domain.dictionary import DICTIONARY, Level

_FROM, _TO = ".from", ".to"


def with_last_days(batch: ClaimBatch, changes: Sequence[Change]) -> list[Change]:
    """The changes of a claim, each change of the first day of a single day with one of its last day.

    An 837 has a single day once, and it is read as both ends of a period (005010X222A1, 2400 DTP with D8).
    """
    form = batch.claims["form"][0]
    named = {(each.field, each.line, each.position) for each in changes}
    added = []
    for each in changes:
        twin = _last_days(form).get(each.field)
        if twin is None or (twin, each.line, each.position) in named:
            continue
        first, last = (_day(batch, name, each.line) for name in (each.field, twin))
        if last is None or first == last:
            added.append(Change(each.claim, twin, each.new, each.line, each.position))
    return [*changes, *added]


@cache
def _last_days(form: str) -> Mapping[str, str]:
    """The field of the last day for each field of a first day."""
    places = {each.locator(form): each.name for each in DICTIONARY if each.locator(form)}
    return {
        name: places[place.removesuffix(_FROM) + _TO]
        for place, name in places.items()
        if place and place.endswith(_FROM) and place.removesuffix(_FROM) + _TO in places
    }


def _day(batch: ClaimBatch, name: str, line: int | None) -> str | None:
    """A day of the claim, or of one of its lines; None where there is none."""
    if name in batch.frame(Level.CLAIM).columns:
        return as_text(batch.claims[name][0])
    if name in batch.frame(Level.LINE).columns:
        found = batch.lines.filter(line=line)[name].to_list()
        return as_text(found[0]) if found else None
    return None
