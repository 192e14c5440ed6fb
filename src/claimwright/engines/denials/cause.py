"""A cause of denials as its file states it, and how the files are read.

A file contains one mapping. `match` lists the combinations of codes that the cause explains; `cases` state
one adjustment each, and whether it is this cause. The test suite runs the cases of all causes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from claimwright.denial_causes import packaged_causes
from claimwright.domain.denial import Category, NextStep, Responsible, Stage
from claimwright.foundation.located_yaml import YamlError, read_yaml, validated

KNOWN: dict[str, str] = {
    "had_authorization": "an authorization or referral number was on the claim",
    "sent_in_time": "an acceptance (277CA) shows that it was sent within the limit",
    "first_sent_to_other_payer": "it was first sent to another payer, who was not responsible",
    "records_sent": "the records were sent with the claim, or on request",
    "notice_signed": "the patient signed an advance notice of noncoverage",
}
"""What can be known of a claim beside its remittance: columns of `known`, true, false or null."""

# What an entry of `match` is about: an adjustment (CAS), a claim that the payer reversed, a denied claim
# without any adjustment, a line for which the payer put another procedure (SVC06), or a reason in no list.
Kind = Literal["adjustment", "reversal", "no_reason", "procedure_changed", "rejection", "unknown"]

_RANGE = re.compile(r"([A-Z]*)([0-9]+)-\1([0-9]+)")
_CODE = r"[a-z0-9]+(-[a-z0-9]+)*"


def _codes(value: object) -> object:
    """A list of codes, with ranges such as N251-N254 written out."""
    if not isinstance(value, list):
        return value
    found: list[str] = []
    for entry in value:
        text = str(entry)
        span = _RANGE.fullmatch(text)
        if span:
            letters, first, last = span.groups()
            found += [f"{letters}{number}" for number in range(int(first), int(last) + 1)]
        else:
            found.append(text)
    return tuple(found)


Codes = Annotated[tuple[str, ...], BeforeValidator(_codes)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Match(_Strict):
    """What a combination of codes must be to have a cause. An empty list and None accept everything."""

    kind: Kind = "adjustment"
    groups: Codes = ()
    carcs: Codes = ()
    rarcs: Codes = ()
    claim_status: Codes = ()
    claim_filing: Codes = ()
    frequency: Codes = ()
    paid: bool | None = None
    known: Mapping[str, bool] = Field(default_factory=dict)
    # Of a rejection: claim status codes (STC01-2) and entities (STC01-3).
    statuses: Codes = ()
    entities: Codes = ()

    @model_validator(mode="after")
    def _is_bounded(self) -> Match:
        if self.kind == "adjustment" and not self.carcs:
            raise ValueError("a match names no reason code; list carcs")
        if self.kind == "rejection" and not self.statuses:
            raise ValueError("a match names no status code; list statuses")
        strange = set(self.known) - set(KNOWN)
        if strange:
            raise ValueError(f"known has a name that is not one of {', '.join(KNOWN)}; correct it")
        return self

    @cached_property
    def specificity(self) -> int:
        """How much it asks for: each known fact 8, a remark or entity 4, a fact of the claim 2, a group 1."""
        facts = sum(map(bool, (self.claim_status, self.claim_filing, self.frequency)))
        facts += self.paid is not None
        return (
            8 * len(self.known) + 4 * (bool(self.rarcs) + bool(self.entities)) + 2 * facts + bool(self.groups)
        )


class CauseCase(_Strict):
    """One adjustment, and whether it has this cause."""

    name: str
    matches: bool
    given: Given


class Given(_Strict):
    """The codes of a case, and what was known."""

    kind: Kind = "adjustment"
    group: str | None = "CO"
    carc: str | None = None
    rarcs: Codes = ()
    claim_status: str = "4"
    claim_filing: str = "12"
    frequency: str = "1"
    paid: bool = False
    known: Mapping[str, bool] = Field(default_factory=dict)
    status: str | None = None
    entity: str | None = None


class Cause(_Strict):
    """A cause: what it is called, which codes have it, and what to do."""

    code: str = Field(pattern=_CODE)
    name: str
    # Whether a row is made of it. Patient responsibility and contractual reductions are no denials.
    denial: bool = True
    category: Category
    # Bundled and downcoded are stages that follow from the cause; the others follow from the amounts.
    stage: Literal[Stage.BUNDLED, Stage.DOWNCODED] | None = None
    match: tuple[Match, ...]
    preventable: bool
    recoverable: bool
    responsible: Responsible
    core_scenario: Literal["1", "2", "3", "4"] | None = None
    next_step: NextStep
    authority: tuple[str, ...] = Field(min_length=1)
    what: str
    why: str
    fix: str
    rules: tuple[str, ...] = ()
    cases: tuple[CauseCase, ...] = Field(min_length=2)

    @model_validator(mode="after")
    def _has_both_kinds(self) -> Cause:
        if {case.matches for case in self.cases} != {True, False}:
            raise ValueError("a case that matches or one that does not is missing; add it")
        return self


CauseCase.model_rebuild()


@dataclass(frozen=True)
class Causes:
    """All causes, in order of precedence: by category, then by code."""

    causes: tuple[Cause, ...]

    @cached_property
    def by_code(self) -> dict[str, Cause]:
        """The causes by code."""
        return {cause.code: cause for cause in self.causes}

    @cached_property
    def by_carc(self) -> dict[tuple[str, str | None], list[tuple[int, int, Match]]]:
        """For each kind and reason code, what could match: specificity, position of the cause, match."""
        found: dict[tuple[str, str | None], list[tuple[int, int, Match]]] = {}
        for position, cause in enumerate(self.causes):
            for match in cause.match:
                reasons = match.statuses if match.kind == "rejection" else match.carcs
                for carc in reasons or (None,):
                    entry = (match.specificity, position, match)
                    found.setdefault((match.kind, carc), []).append(entry)
        return found

    def __len__(self) -> int:
        return len(self.causes)

    def __getitem__(self, code: str) -> Cause:
        return self.by_code[code]


def read_cause(text: str, source: str) -> Cause:
    """The cause of a file.

    Raises:
        YamlError: the file is not a cause; the message names the line.
    """
    place = read_yaml(text, source)
    if place is None:
        raise YamlError(source, 1, "", "is empty", "write a cause; see docs/denials.md")
    return validated(place, Cause)


def causes_of(causes: Iterable[Cause]) -> Causes:
    """Causes in order of precedence.

    Raises:
        ValueError: two causes have one code.
    """
    order = {category: number for number, category in enumerate(Category)}
    listed = sorted(causes, key=lambda cause: (order[cause.category], cause.code))
    if len({cause.code for cause in listed}) < len(listed):
        raise ValueError("two causes have the same code")
    return Causes(tuple(listed))


@cache
def load_causes() -> Causes:
    """The causes that ship with the package."""
    return causes_of(read_cause(text, source) for source, text in packaged_causes().items())
