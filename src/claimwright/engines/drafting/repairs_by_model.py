"""What a language model is asked about a claim's findings, and the repairs that its answer proposes.

A fact is a field of the claim at its place. Its value is told where it is a short code, an amount or a
number. Names, addresses, dates, numbers of people and organizations are known to a model by the id of the
fact only, with the shape of their characters for codes. A proposal changes facts: to a short code, to the
value of another hidden fact of the same kind, or to nothing. It can't change what was done, found or charged,
and it can't write a name, a date or an identifier. It says nothing in words: there is nothing to be believed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from claimwright.domain.claim_changes import Change, ChangeError, read_value
from claimwright.domain.dictionary import Field as Entry
from claimwright.domain.dictionary import Kind, Phi, field_named

from .answer_forms import MOST_LISTED, AnswerFormError, data_block, strict_object
from .prompts import Prompt

MOST_PROPOSALS, MOST_CHANGES = 5, 10
MOST_FACTS = MOST_LISTED
_LONGEST_CODE = 8
_TOLD_KINDS = frozenset({Kind.CODE, Kind.INTEGER, Kind.QUANTITY, Kind.AMOUNT, Kind.TIME})
_WRITTEN_KINDS = frozenset({Kind.CODE, Kind.INTEGER, Kind.TIME})
# What was done and found. A record decides that, not what would be paid.
_NEVER = frozenset({"procedure", "procedure_qualifier", "revenue_code", "equipment", "ndc"})
_CODE = re.compile(r"[A-Za-z0-9.:]{1,8}")


@dataclass(frozen=True)
class ClaimFact:
    """A field of a claim at its place, with its value as text."""

    fact_id: str
    field: str
    line: int | None
    position: int | None
    value: str | None

    @property
    def entry(self) -> Entry:
        """The field in the dictionary."""
        return field_named(self.field)

    @property
    def is_told(self) -> bool:
        """Whether a model knows the value."""
        if self.value is None:
            return True
        return (
            self.entry.phi in (Phi.NONE, Phi.CLINICAL)
            and self.entry.kind in _TOLD_KINDS
            and (self.entry.kind is not Kind.CODE or len(self.value) <= _LONGEST_CODE)
        )

    @property
    def shown(self) -> str | None:
        """The value as a model writes it: itself, or the id of the fact in braces."""
        return self.value if self.is_told else f"{{{self.fact_id}}}"


@dataclass(frozen=True)
class ClaimFinding:
    """A finding as a model is told of it: texts of its rule, no value."""

    finding_id: str
    code: str
    title: str
    what: str
    fix: str
    field: str | None
    line: int | None


@dataclass(frozen=True)
class ProposedRepair:
    """Changes that a model proposes, and the ids of the findings and facts that it rests on."""

    changes: tuple[Change, ...]
    findings: tuple[str, ...]
    facts: tuple[str, ...]


class _Change(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    fact: str = Field(max_length=20)
    old: str | None = Field(max_length=300)
    new: str | None = Field(max_length=300)


class _Repair(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    findings: list[str] = Field(min_length=1, max_length=40)
    facts: list[str] = Field(min_length=1, max_length=40)
    changes: list[_Change] = Field(min_length=1, max_length=MOST_CHANGES)


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    repairs: list[_Repair] = Field(max_length=MOST_PROPOSALS)


@dataclass(frozen=True)
class RepairQuestion:
    """The question about one claim, and how its answer becomes proposals. Facts beyond the limit are left
    out.
    """

    form: str
    facts: Sequence[ClaimFact]
    findings: Sequence[ClaimFinding]
    prompt: Prompt

    @cached_property
    def by_id(self) -> Mapping[str, ClaimFact]:
        """The facts by their ids."""
        return {each.fact_id: each for each in self.facts[:MOST_FACTS]}

    @property
    def system(self) -> str:
        """What the model is told in general."""
        return self.prompt.system

    @cached_property
    def user(self) -> str:
        """The question, in which nobody is named."""
        findings = [
            {
                "id": each.finding_id, "rule": each.code, "title": each.title, "what": each.what,
                "fix": each.fix, "field": each.field, "line": each.line,
            }
            for each in self.findings
        ]  # fmt: skip
        facts = [_told(each) for each in self.by_id.values()]
        return self.prompt.filled(
            {"claim": data_block({"form": self.form, "facts": facts}), "findings": data_block(findings)}
        )

    @cached_property
    def schema(self) -> Mapping[str, Any]:
        """The JSON schema of the answer, in the subset that the providers' strict modes have."""
        fact = {"type": "string", "enum": list(self.by_id)}
        text = {"anyOf": [{"type": "string"}, {"type": "null"}]}
        change = strict_object({"fact": fact, "old": text, "new": text})
        finding = {"type": "string", "enum": [each.finding_id for each in self.findings][:MOST_LISTED]}
        repair = strict_object(
            {
                "findings": {"type": "array", "items": finding}, "facts": {"type": "array", "items": fact},
                "changes": {"type": "array", "items": change},
            }
        )  # fmt: skip
        return strict_object({"repairs": {"type": "array", "items": repair}})

    def proposals(self, answer: Mapping[str, Any]) -> list[ProposedRepair]:
        """The repairs that an answer proposes; none is an answer too.

        Raises:
            AnswerFormError: it has not the form that was asked for, or changes what it may not.
        """
        try:
            said = _Answer.model_validate(answer).repairs
        except ValidationError as problem:
            raise AnswerFormError.of(problem) from None
        problems = [f"repairs.{at}: {says}" for at, each in enumerate(said) for says in self._problems(each)]
        if problems:
            raise AnswerFormError(problems)
        return [
            ProposedRepair(
                tuple(self._change(one) for one in each.changes), tuple(dict.fromkeys(each.findings)),
                tuple(dict.fromkeys(each.facts)),
            )
            for each in said
        ]  # fmt: skip

    def _problems(self, said: _Repair) -> Iterator[str]:
        known = {each.finding_id for each in self.findings}
        if any(each not in known for each in said.findings):
            yield "findings: no finding has this id"
        if any(each not in self.by_id for each in said.facts):
            yield "facts: no fact has this id"
        if len({each.fact for each in said.changes}) != len(said.changes):
            yield "changes: a fact is changed twice"
        for each in said.changes:
            fact = self.by_id.get(each.fact)
            if fact is None:
                yield "changes: no fact has this id"
            elif each.fact not in said.facts:
                yield "facts: a fact that is changed is one that the repair rests on"
            elif each.old != fact.shown:
                yield "old: it is not the value of the fact"
            elif each.new == each.old:
                yield "new: nothing changes"
            elif (why := self._why_not(fact, each.new)) is not None:
                yield f"new: {why}"

    def _why_not(self, fact: ClaimFact, new: str | None) -> str | None:
        """Why a fact may not get a value; None if it may."""
        entry = fact.entry
        if (
            entry.name in _NEVER
            or entry.phi is Phi.CLINICAL
            or entry.kind in (Kind.AMOUNT, Kind.QUANTITY, Kind.RATIO)
        ):
            return "what was done, found or charged is not changed"
        if new is None:
            return None
        other = self.by_id.get(new[1:-1]) if new.startswith("{") and new.endswith("}") else None
        if other is not None:
            if other.is_told or (other.entry.kind, other.entry.phi) != (entry.kind, entry.phi):
                return "a value is taken over only from a hidden fact of the same kind"
            return None
        if not _CODE.fullmatch(new) or entry.kind not in _WRITTEN_KINDS or entry.phi is not Phi.NONE:
            return "write a short code, or the id of a hidden fact in braces"
        try:
            read_value(entry, new)
        except ChangeError:
            return "the field can't have this value"
        return None

    def _change(self, said: _Change) -> Change:
        fact = self.by_id[said.fact]
        new = said.new
        if new is not None and new.startswith("{"):
            new = self.by_id[new[1:-1]].value
        return Change(1, fact.field, new, fact.line, fact.position)


def _told(fact: ClaimFact) -> dict[str, Any]:
    entry = fact.entry
    told: dict[str, Any] = {
        "id": fact.fact_id, "field": entry.name, "is": entry.meaning, "kind": entry.kind.value,
        "line": fact.line, "position": fact.position, "value": fact.shown,
    }  # fmt: skip
    if not fact.is_told and entry.kind is Kind.CODE and fact.value is not None:
        told["shape"] = re.sub(r"[0-9]", "9", re.sub(r"[a-z]", "a", re.sub(r"[A-Z]", "A", fact.value)))
    return told
