"""An appeal's case and its draft: the facts that there are, and the statements that rest on them.

A fact knows where it is from; a statement names the facts and sources that it rests on. Whoever writes a
draft,
a person, rules or a model, gives this form and no other. What may leave is decided by
`claimwright.engines.verification`, which compares the two.
"""

from __future__ import annotations

import datetime
import enum
from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

_ID = r"^[a-z][a-z0-9_.-]{0,79}$"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FactKind(enum.StrEnum):
    """How a fact's value is compared."""

    AMOUNT = "amount"
    """Dollars and cents: `value` is 1204.00."""
    DATE = "date"
    """`value` is ISO 8601."""
    CODE = "code"
    IDENTIFIER = "identifier"
    NAME = "name"
    ADDRESS = "address"
    QUANTITY = "quantity"
    """A number with its unit, or without one."""
    WORDS = "words"
    """A quotation or a description from a list of ours."""
    CLINICAL = "clinical"


class Span(_Strict):
    """A place in a document: offsets are of the document's text, `page` counts from 1."""

    document_id: int
    page: int = Field(ge=1)
    start: int = Field(ge=0)
    end: int = Field(ge=0)


class Clinical(_Strict):
    """What a note says of a patient: a concept, and in which sense it is mentioned.

    `value` and `unit` are those of a measurement; `on` is its date, if the note has one.
    """

    concept: str
    polarity: Literal["present", "absent"] = "present"
    subject: Literal["patient", "family", "other"] = "patient"
    time: Literal["current", "past", "hypothetical"] = "current"
    certainty: Literal["stated", "uncertain"] = "stated"
    value: str | None = None
    unit: str | None = None
    on: datetime.date | None = None


class Fact(_Strict):
    """A fact of a case. `shown` is its text in a letter; `place` says where in its source it is.

    `state`: `given` by a claim, a remittance or the law; of what was read from a document, what a reviewer
    made
    of it. Only facts that are given or accepted may carry a statement.
    """

    fact_id: str = Field(pattern=_ID)
    kind: FactKind
    label: str
    value: str
    shown: str
    source: str
    place: str = ""
    span: Span | None = None
    clinical: Clinical | None = None
    state: Literal["given", "accepted", "proposed", "struck"] = "given"

    @property
    def holds(self) -> bool:
        """Whether a statement may rest on it."""
        return self.state in {"given", "accepted"}


class Source(_Strict):
    """A law, manual, policy or study that a letter may cite, as the library has it. `says` is in our
    words; `compared` says with which published text they were compared and `compared_on` when. Both are null
    where nobody did.
    """

    source_id: str = Field(pattern=_ID)
    citation: str
    title: str
    kind: Literal["statute", "regulation", "manual", "coverage_determination", "payer_policy", "study"]
    says: str
    effective_from: datetime.date | None = None
    until: datetime.date | None = None
    compared: str | None = None
    compared_on: datetime.date | None = None

    @model_validator(mode="after")
    def _both(self) -> Source:
        if (self.compared is None) != (self.compared_on is None):
            raise ValueError("compared and compared_on are given together, or neither")
        return self

    def in_force(self, day: datetime.date) -> bool:
        """Whether it is in force on a day."""
        return (self.effective_from is None or self.effective_from <= day) and (
            self.until is None or day <= self.until
        )


class Exhibit(_Strict):
    """A document of the case; `letter` is its letter in the packet: A, B, C."""

    document_id: int
    letter: str
    title: str
    pages: int


class Case(_Strict):
    """All that a letter of one appeal may say. `level` counts from 1; `payer_kind` as deadlines name it."""

    case_id: int
    as_of: datetime.date
    category: str
    root_cause: str
    payer_kind: str
    payer_id: str | None
    state: str | None
    level: int
    level_name: str
    facts: tuple[Fact, ...]
    exhibits: tuple[Exhibit, ...] = ()

    @property
    def by_id(self) -> Mapping[str, Fact]:
        """The facts by their ids. Not kept: a copy with other facts would keep those of the first."""
        return {each.fact_id: each for each in self.facts}

    def fact(self, fact_id: str) -> Fact | None:
        """The fact with this id, if the case has it and a statement may rest on it."""
        found = next((each for each in self.facts if each.fact_id == fact_id), None)
        return found if found is not None and found.holds else None


class Statement(_Strict):
    """One sentence of a letter, with the ids of what it rests on."""

    statement_id: str = Field(pattern=_ID)
    section: str = Field(min_length=1, max_length=80)
    text: str = Field(min_length=1, max_length=2_000)
    facts: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


class LetterField(_Strict):
    """A line of the letter's head, such as the claim number; `fact` is the fact that it shows."""

    name: str = Field(pattern=_ID)
    label: str
    value: str
    fact: str


class Draft(_Strict):
    """A letter as statements. `drafter` says what wrote it, such as `rules` or `person`."""

    drafter: str = Field(pattern=r"^[a-z][a-z0-9_.:/ -]{0,99}$")
    template_id: str
    template_version: int
    template_digest: str
    fields: tuple[LetterField, ...]
    statements: tuple[Statement, ...]


def renumbered(statements: Sequence[Statement]) -> tuple[Statement, ...]:
    """The statements with ids that are unique: of equal ones, the later get a number."""
    seen: dict[str, int] = {}
    made = []
    for each in statements:
        count = seen[each.statement_id] = seen.get(each.statement_id, 0) + 1
        made.append(
            each if count == 1 else each.model_copy(update={"statement_id": f"{each.statement_id}.{count}"})
        )
    return tuple(made)
