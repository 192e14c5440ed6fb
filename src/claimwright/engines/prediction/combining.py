"""Rates of lines and causes, combined for a claim: it is paid if no cause denies any of its lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from .catalogue import COMBINED, ENCODING_OF, ENCODINGS, RECENT, Encoding, Level
from .categories import CATEGORIES
from .demand_kinds import DEMAND_OF
from .encoding import Real, Whole, frame_of
from .facts import Facts


def rows_at(facts: Facts, level: Level) -> Whole:
    """The claim of each row of this level."""
    rows: Whole = frame_of(facts, level)["row"].to_numpy().astype(np.int64)
    return rows


def of_claim(rate: Real, facts: Facts, level: Level) -> Real:
    """Combine line rates to a claim rate: the chance that any is denied; for pairs, the highest; 0 without
    lines.
    """
    if level is Level.CLAIM:
        return rate
    rows = rows_at(facts, level)
    if level is Level.LINE:
        survived = np.bincount(rows, np.log1p(-np.minimum(rate, 0.999999)), len(facts))
        return -np.expm1(survived)
    return highest_of(rate, facts, level)


def highest_of(rate: Real, facts: Facts, level: Level) -> Real:
    """The highest rate of each claim's rows; 0 without rows."""
    rows = rows_at(facts, level)
    highest = np.zeros(len(facts))
    if len(rows):
        starts = np.flatnonzero(np.diff(rows, prepend=-1))
        highest[rows[starts]] = np.maximum.reduceat(rate, starts)
    return highest


def cause_hazards(facts: Facts, rates: dict[str, Real]) -> dict[str, Real]:
    """The chance that each single cause denies any line of each claim, from the rates that count it.

    `rates` are by encoding and by row of its level. Rates of the same denials count once: the highest on each
    line stands for all of them. Those of other details of the cause, such as a modifier and a place, are
    independent.
    """
    found: dict[str, Real] = {}
    for category in CATEGORIES:
        own = [each for each in ENCODINGS if each.reasons == (category,) and each.name in rates]
        hazards = {str(at): _highest(facts, rates, group) for at, group in enumerate(_apart(own))}
        found[category] = any_of(hazards) if hazards else np.zeros(len(facts))
    return found


def _apart(encodings: list[Encoding]) -> list[list[Encoding]]:
    """The encodings in groups that count the same denials; without details, they count all."""
    if not all(each.details for each in encodings):
        return [encodings]
    groups: list[list[Encoding]] = []
    for each in encodings:
        same = [group for group in groups if any(set(each.details) & set(other.details) for other in group)]
        groups = [group for group in groups if group not in same]
        groups.append([other for group in same for other in group] + [each])
    return groups


def _highest(facts: Facts, rates: dict[str, Real], encodings: list[Encoding]) -> Real:
    """The chance that any line is denied, from the highest rate on each."""
    hazard = np.zeros(len(facts))
    on_lines = [rates[each.name] for each in encodings if each.level is Level.LINE]
    if on_lines:
        hazard = of_claim(np.maximum.reduce(on_lines), facts, Level.LINE)
    for each in encodings:
        if each.level is not Level.LINE:
            hazard = np.maximum(hazard, of_claim(rates[each.name], facts, each.level))
    return hazard


@dataclass(frozen=True)
class CauseEvidence:
    """What the combined features of claims consist of, by category.

    Attributes:
        weight: by how much the cause raises the chance of a denial over what is usual, as a difference of
            minus log survival; below 0 if it lowers it.
        feature: the feature whose rate decides it; one per claim.
    """

    weight: dict[str, Real]
    feature: dict[str, list[str]]


def cause_evidence(facts: Facts, rates: dict[str, Real], base: Mapping[str, float]) -> CauseEvidence:
    """The causes behind the combined features of claims to be scored.

    `rates` are by encoding and by row of its level, `base` is the overall rate of each encoding.
    """
    weight: dict[str, Real] = {}
    feature: dict[str, list[str]] = {}
    for category in CATEGORIES:
        names = [
            name
            for each in ENCODINGS
            if each.reasons == (category,)
            for name in (each.name, f"recent_{each.name}")
            if name in rates
        ]
        if not names:
            continue
        encodings = [ENCODING_OF[name.removeprefix("recent_")] for name in names]
        of_claims = np.stack(
            [of_claim(rates[name], facts, each.level) for name, each in zip(names, encodings, strict=True)]
        )
        usual = np.stack(
            [
                of_claim(np.full(len(rates[name]), base[each.name]), facts, each.level)
                for name, each in zip(names, encodings, strict=True)
            ]
        )
        best = of_claims.argmax(axis=0)
        at = np.arange(len(facts))
        weight[category] = np.log1p(-np.minimum(usual[best, at], 0.999)) - np.log1p(
            -np.minimum(of_claims[best, at], 0.999)
        )
        feature[category] = [names[each] for each in best]
    return CauseEvidence(weight, feature)


# Rates that each stand for a cause of its own: what payers demand, one by one, and what no demand explains.
_APART: tuple[str, ...] = (
    *DEMAND_OF, "beside_rate", "duplicate_rate", "eligibility_rate", "coordination_rate", "rendering_rate",
    "taxonomy_rate", "drug_code_rate", "provider_data_rate", "payer_unexplained_rate",
)  # fmt: skip


def combined(facts: Facts, rates: dict[str, Real]) -> dict[str, Real]:
    """The features of `COMBINED`: a noisy or over causes (Pearl 1988)."""
    year = {each.name: rates[each.name] for each in ENCODINGS if each.name in rates}
    recent = {name: rates[f"recent_{name}"] for name in RECENT if f"recent_{name}" in rates}
    worst = {name: np.maximum(rate, recent[name]) if name in recent else rate for name, rate in year.items()}
    apart = {name: of_claim(year[name], facts, ENCODING_OF[name].level) for name in _APART if name in year}
    hazards = (apart, cause_hazards(facts, year | recent), cause_hazards(facts, worst))
    return {name: any_of(own) for name, own in zip(COMBINED, hazards, strict=True)}


def any_of(hazards: dict[str, Real]) -> Real:
    """The chance that any of independent causes denies each claim."""
    chance: Real = -np.expm1(sum(np.log1p(-np.minimum(each, 0.999)) for each in hazards.values()))
    return chance
