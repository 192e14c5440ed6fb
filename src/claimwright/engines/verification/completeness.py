"""What a letter must show, by kind of payer and level, as the law of each says."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from pydantic import BaseModel, ConfigDict

from claimwright.appeal_sources import packaged_requirements
from claimwright.domain.appeal_case import Case, Draft
from claimwright.foundation.located_yaml import read_yaml, validated

from .verdict import Finding, Problem


class Requirement(BaseModel):
    """Facts that letters of these categories, payers and levels must show; empty means any."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    payer_kinds: tuple[str, ...] = ()
    levels: tuple[int, ...] = ()
    categories: tuple[str, ...] = ()
    categories_excluded: tuple[str, ...] = ()
    authority: str
    facts: tuple[str, ...]


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    requirements: tuple[Requirement, ...]


@cache
def load_requirements() -> tuple[Requirement, ...]:
    """The requirements that ship with the package."""
    place = read_yaml(packaged_requirements(), "appeal_sources/requirements.yaml")
    assert place is not None
    return validated(place, _File).requirements


def required_facts(payer_kind: str, level: int, category: str) -> dict[str, str]:
    """The facts that a letter must show, each with its authority."""
    return {
        fact: each.authority
        for each in load_requirements()
        if (not each.payer_kinds or payer_kind in each.payer_kinds)
        and (not each.levels or level in each.levels)
        and (not each.categories or category in each.categories)
        and category not in each.categories_excluded
        for fact in each.facts
    }


def missing_fields(case: Case, draft: Draft) -> Iterator[Finding]:
    """What the letter must show and does not."""
    shown = {each.fact for each in draft.fields} | {fact for each in draft.statements for fact in each.facts}
    for fact, authority in required_facts(case.payer_kind, case.level, case.category).items():
        if fact not in shown or case.fact(fact) is None:
            why = "the case does not have it" if case.fact(fact) is None else "the letter does not show it"
            yield Finding(None, Problem.MISSING_FIELD, f"{fact} is required ({authority}); {why}", fact)


# What deadlines say that the law needs, and what of a case meets it. Anything else is seen to by a person.
ASSIGNMENT = "the patient's assignment or authorization"
MEDICAL_JUDGMENT = "a denial by medical judgment"


def needed_beside(case: Case) -> Iterator[Finding]:
    """What the law asks for beside the letter, without which a payer dismisses it: a waiver, a consent.

    Whether it is enclosed is on no document that is read, so a person says so, or why it is not needed.
    """
    needs = case.fact("appeal.needs")
    if needs is None or (needs.shown.startswith(ASSIGNMENT) and case.fact("claim.assigned") is not None):
        return
    if needs.shown.startswith(MEDICAL_JUDGMENT) and case.category == "medical_necessity":
        return
    yield Finding(
        "appeal.needs", Problem.NEEDED_BESIDE,
        f"the law asks for {needs.shown}: enclose it and say so, or say why it is not needed",
    )  # fmt: skip
