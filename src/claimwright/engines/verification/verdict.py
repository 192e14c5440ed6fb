"""What the gate says of a draft: for each statement what it rests on, and what is wrong with it."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property


class Problem(enum.StrEnum):
    """Why a statement does not pass."""

    AMOUNT = "amount"
    DATE = "date"
    CODE = "code"
    IDENTIFIER = "identifier"
    NAME = "name"
    NUMBER = "number"
    LEVEL = "level"
    QUOTATION = "quotation"
    CITATION = "citation"
    POLICY = "policy"
    UNKNOWN_FACT = "unknown_fact"
    FACT_NOT_ACCEPTED = "fact_not_accepted"
    SOURCE_NOT_IN_FORCE = "source_not_in_force"
    EVIDENCE_CHANGED = "evidence_changed"
    """The document no longer says what the fact says."""
    CLINICAL_UNKNOWN = "clinical_unknown"
    POLARITY = "polarity"
    SUBJECT = "subject"
    TIME = "time"
    CERTAINTY = "certainty"
    VALUE = "value"
    """A measurement with another value or unit than in the record."""
    CHARACTERS = "characters"
    """Invisible, look-alike or overlaid characters: what is read is not what is compared."""
    HEAD = "head"
    """A line of the letter's head shows another value than the case has."""
    MISSING_FIELD = "missing_field"
    MISSING_STATEMENT = "missing_statement"
    NOTHING_SHOWN = "nothing_shown"
    """The letter only disagrees: no evidence, no fact and no law speaks against the decision."""
    NEEDED_BESIDE = "needed_beside"
    """The law asks for something beside the letter, such as a signed waiver: a person says where it is."""
    TEMPLATE = "template"
    NOT_APPROVED_WORDING = "not_approved_wording"
    """Nothing in it is wrong, but no approved sentence says it: a person has to confirm it."""


UNPROVEN = frozenset({Problem.NOT_APPROVED_WORDING, Problem.NEEDED_BESIDE})
"""What a person may confirm. Everything else has to be corrected."""


@dataclass(frozen=True)
class Finding:
    """One problem. `where` is the id of a statement or of a line of the head; null for the letter.

    `words` is the part of the text that does not resolve.
    """

    where: str | None
    problem: Problem
    says: str
    words: str = ""

    @property
    def may_be_confirmed(self) -> bool:
        """Whether a person may let it through."""
        return self.problem in UNPROVEN


@dataclass(frozen=True)
class Tick:
    """A statement and what it rests on: facts with their places, sources with their citations."""

    where: str
    rests_on: tuple[str, ...]


@dataclass(frozen=True)
class Verdict:
    """The gate's judgement of a draft."""

    findings: tuple[Finding, ...]
    ticks: tuple[Tick, ...]

    @cached_property
    def marked(self) -> frozenset[str]:
        """The statements and lines of the head with a problem."""
        return frozenset(each.where for each in self.findings if each.where is not None)

    def open_after(self, confirmed: Sequence[str]) -> tuple[Finding, ...]:
        """What remains where a person has confirmed these statements."""
        return tuple(
            each for each in self.findings if not (each.may_be_confirmed and each.where in set(confirmed))
        )
