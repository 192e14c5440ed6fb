"""Which cause one combination of codes and facts has: the most specific one that matches.

Where several match, the more specific one counts; between equals, the one that comes first in order of
precedence.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from .cause import KNOWN, Causes, Given, Match, load_causes

FACTS = ("claim_status", "claim_filing", "frequency")
KEY = ("kind", "group", "carc", "rarc", *FACTS, "paid", *KNOWN)
# A cause's position fits below it in one number with the specificity, so that a maximum finds the best.
ROOM = 1000


def resolve(key: Mapping[str, Any], causes: Causes) -> int:
    """The position of the cause of one combination, and how specific it is, in one number: see `unpack`."""
    candidates = causes.by_carc.get((key["kind"], key["carc"]), [])
    if key["kind"] != "adjustment":
        candidates = causes.by_carc.get((key["kind"], None), [])
    found = [
        specificity * ROOM + (ROOM - 1 - position)
        for specificity, position, match in candidates
        if agrees(match, key)
    ]
    if found:
        return max(found)
    unknown = causes.by_carc.get(("unknown", None))
    return ROOM - 1 - unknown[0][1] if unknown else -1


def resolve_rejection(status: str | None, entity: str | None, causes: Causes) -> int:
    """As `resolve`, for a claim status code and its entity."""
    found = [
        specificity * ROOM + (ROOM - 1 - position)
        for specificity, position, match in causes.by_carc.get(("rejection", status), [])
        if not match.entities or entity in match.entities
    ]
    if found:
        return max(found)
    unknown = causes.by_carc.get(("unknown", None))
    return ROOM - 1 - unknown[0][1] if unknown else -1


def unpack(packed: int) -> int:
    """The position of the cause in a number of `resolve`."""
    return ROOM - 1 - packed % ROOM


def agrees(match: Match, key: Mapping[str, Any]) -> bool:
    """Whether a combination is what a match asks for."""
    return (
        (not match.groups or key["group"] in match.groups)
        and (not match.rarcs or key["rarc"] in match.rarcs)
        and (not match.claim_status or key["claim_status"] in match.claim_status)
        and (not match.claim_filing or key["claim_filing"] in match.claim_filing)
        and (not match.frequency or key["frequency"] in match.frequency)
        and (match.paid is None or key["paid"] is match.paid)
        and all(key[name] is value for name, value in match.known.items())
    )


def cause_of(given: Given, causes: Causes | None = None) -> str | None:
    """The code of the cause of one adjustment, such as that of a case; None if there is no fallback cause."""
    causes = causes or load_causes()
    if given.kind == "rejection":
        packed = resolve_rejection(given.status, given.entity, causes)
        return causes.causes[unpack(packed)].code if packed >= 0 else None
    facts = {name: getattr(given, name) for name in FACTS}
    known = {name: given.known.get(name) for name in KNOWN}
    packed = max(
        resolve(
            {
                "kind": given.kind,
                "group": given.group,
                "carc": given.carc,
                "rarc": rarc,
                "paid": given.paid,
                **facts,
                **known,
            },
            causes,
        )
        for rarc in (None, *given.rarcs)
    )
    return causes.causes[unpack(packed)].code if packed >= 0 else None


def position_of(packed: str) -> pl.Expr:
    """The positions of the causes in a column of numbers of `resolve`."""
    return ROOM - 1 - pl.col(packed) % ROOM
