"""Reads the terms for whole claims in a contract file; `claim_terms` applies them.

claims:
- name: joint replacement
  drgs: ["469", "470"]
  bill_types: ["11"]
  kind: case_rate
  terms:
    rates: {"469": 31000, "470": 24000}       # or rate: one amount
    outlier: {after: 5, rate: 1500}           # days
    stop_loss: {above: 150000, percent: 60}   # of: excess (default) or all_charges
- name: stays by weight
  bill_types: ["11"]
  kind: case_rate
  terms: {base_rate: 6500, weights_of: 2026, percent: 110}    # or weights, or weights_file
- name: medical days
  bill_types: ["11"]
  kind: per_diem
  terms: {days: [{through: 3, rate: 2600}, {rate: 2100}], minimum: 3000, maximum: 90000}
- name: everything else
  kind: lines
  terms: {maximum: 50000, lesser_of_charge: true}
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from claimwright.foundation.located_yaml import Located

from .carve_outs import Selector
from .claim_terms import ClaimTerm, ClaimTermKind, StopLoss
from .contract_numbers import WEIGHT, by_drg
from .contract_services import SELECTORS, read_selector
from .contract_tables import Files, weights_of_file, weights_of_year

CLAIM_FIELDS = ("name", "kind", "terms", *SELECTORS)
"""The keys of a term for whole claims."""

_LIMITS = ("outlier", "stop_loss", "minimum", "maximum", "lesser_of_charge")
_WEIGHTS = ("weights", "weights_file", "weights_of")
_TERMS_OF = {
    ClaimTermKind.CASE_RATE: ("rate", "rates", "base_rate", *_WEIGHTS, "percent", *_LIMITS),
    ClaimTermKind.PER_DIEM: ("days", *_LIMITS),
    ClaimTermKind.LINES: tuple(name for name in _LIMITS if name != "outlier"),
}

Read = Callable[[Located], Any]


def read_claim_term(
    place: Located, unnamed: str, *, amount: Read, percent: Read, flag: Read, files: Files | None = None
) -> tuple[Selector, ClaimTerm]:
    """One term for whole claims, with its selector.

    `amount`, `percent` and `flag` read dollars, a percentage, and true or false; `files` reads a file that
    the contract names.

    Raises:
        YamlError: it has a key or a value that is not allowed.
    """
    given = place.members(CLAIM_FIELDS)
    kinds = ", ".join(ClaimTermKind)
    if "kind" not in given:
        raise place.fault(f"kind is missing; it is one of {kinds}")
    if given["kind"].text() not in set(ClaimTermKind):
        raise given["kind"].fault(f"must be one of {kinds}")
    kind = ClaimTermKind(given["kind"].text())
    terms = given["terms"].members(_TERMS_OF[kind]) if "terms" in given else {}
    read: dict[str, Any] = {}
    for name in ("rate", "minimum", "maximum"):
        if name in terms:
            read[name] = _cents(terms[name], amount)
    if "lesser_of_charge" in terms:
        read["lesser_of_charge"] = flag(terms["lesser_of_charge"])
    if read.get("minimum", Decimal(0)) > read.get("maximum", Decimal("Infinity")):
        raise terms["maximum"].fault("is less than the minimum")
    if "outlier" in terms:
        outlier = terms["outlier"].members(("after", "rate"))
        read["outlier_after"] = _days(_needed(terms["outlier"], outlier, "after"))
        read["outlier_rate"] = _cents(_needed(terms["outlier"], outlier, "rate"), amount)
    if "stop_loss" in terms:
        read["stop_loss"] = _stop_loss(terms["stop_loss"], amount, percent)
    selector = read_selector(place, fields=CLAIM_FIELDS)
    if kind is ClaimTermKind.PER_DIEM:
        read["days"] = _tiers(_needed(place, terms, "days"), amount)
    if kind is ClaimTermKind.CASE_RATE:
        selector = _case_rate(place, terms, read, selector, amount, percent, files)
    name = given["name"].text() if "name" in given else unnamed
    return selector, ClaimTerm(name=name, kind=kind, **read)


def _case_rate(
    place: Located, terms: dict[str, Located], read: dict[str, Any], selector: Selector, amount: Read,
    percent: Read, files: Files | None,
) -> Selector:  # fmt: skip
    """Read the rate of a case into `read`; the selector, limited to the DRGs that have a rate."""
    if sum(name in terms for name in ("rate", "rates", "base_rate")) != 1:
        raise place.fault("terms must give one of rate, rates by DRG, and base_rate with weights")
    if "base_rate" in terms:
        read |= _by_weight(place, terms, amount, percent, files)
        if set(selector.drgs) - set(read["weights"]):
            raise place.fault("names a DRG that has no weight")
        selector = replace(selector, drgs=selector.drgs or tuple(read["weights"]))
    elif set(terms) & {*_WEIGHTS, "percent"}:
        raise place.fault("weights and percent need a base_rate")
    if "rates" in terms:
        read["drg_rates"] = by_drg(terms["rates"], lambda value: _cents(value, amount))
        drgs = tuple(read["drg_rates"])
        if set(selector.drgs) - set(drgs):
            raise place.fault("names a DRG that rates does not have")
        # The term does not match claims with another DRG.
        selector = replace(selector, drgs=selector.drgs or drgs)
    return selector


def _by_weight(
    place: Located, terms: dict[str, Located], amount: Read, percent: Read, files: Files | None
) -> dict[str, Any]:
    """The base rate, the weights and the percentage of a case rate by weight."""
    given = [name for name in _WEIGHTS if name in terms]
    if len(given) != 1:
        raise place.fault(f"base_rate needs one of {', '.join(_WEIGHTS)}")
    source = terms[given[0]]
    if given[0] == "weights_of":
        weights = weights_of_year(source)
    else:
        weights = by_drg(source, WEIGHT) if given[0] == "weights" else weights_of_file(source, files)
    read: dict[str, Any] = {"base_rate": _cents(terms["base_rate"], amount), "weights": weights}
    if "percent" in terms:
        read["percent"] = percent(terms["percent"])
    return read


def _needed(owner: Located, given: dict[str, Located], name: str) -> Located:
    if name not in given:
        raise owner.fault(f"must give {name}")
    return given[name]


def _cents(place: Located, amount: Read) -> Decimal:
    value: Decimal = amount(place)
    if value != round(value, 2):
        raise place.fault("must be dollars and cents")
    return value


def _days(place: Located) -> int:
    if not re.fullmatch(r"[0-9]{1,3}", place.text()):
        raise place.fault("must be a number of days")
    return int(place.text())


def _tiers(place: Located, amount: Read) -> tuple[tuple[int | None, Decimal], ...]:
    tiers: list[tuple[int | None, Decimal]] = []
    for item in place.items():
        given = item.members(("through", "rate"))
        if tiers and tiers[-1][0] is None:
            raise item.fault("follows a tier that has no last day")
        last = _days(given["through"]) if "through" in given else None
        if last is not None and last <= (tiers[-1][0] or 0 if tiers else 0):
            raise item.fault("must end after the tier before it")
        tiers.append((last, _cents(_needed(item, given, "rate"), amount)))
    if not tiers or tiers[-1][0] is not None:
        raise place.fault("the last tier must be without through, for all days that are left")
    return tuple(tiers)


def _stop_loss(place: Located, amount: Read, percent: Read) -> StopLoss:
    given = place.members(("above", "percent", "of"))
    of = given["of"].text() if "of" in given else "excess"
    if of not in {"excess", "all_charges"}:
        raise given["of"].fault("must be excess or all_charges")
    return StopLoss(
        above=_cents(_needed(place, given, "above"), amount),
        percent=percent(_needed(place, given, "percent")),
        of_all_charges=of == "all_charges",
    )
