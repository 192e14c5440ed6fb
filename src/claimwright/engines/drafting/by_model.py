"""What a language model is asked for a letter, and the draft that its answer is, if it has the form.

The answer is a list of statements: approved sentences by their ids, or sentences of its own with slots for
facts. So a model writes no value: names, dates, amounts, codes and quotations are put in from the case, and
the citations from the library. What it says all the same is for the gate.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from claimwright.domain.appeal_case import Case, Draft, Source, Statement
from claimwright.domain.letter_templates import LetterTemplate, TemplateLine

from .answer_forms import MOST_LISTED, AnswerFormError, data_block, strict_object
from .by_rules import head_of
from .minimising import Minimised, tokens_of
from .prompts import Prompt

MOST_OWN = 12
MOST_STATEMENTS = 120
_SOURCE = re.compile(r"\[\[([a-z0-9][a-z0-9_.-]*)\]\]")
_LEFT_OVER = re.compile(r"[{}<>]|\[\[|\]\]|[\x00-\x1f]")
_SHORTEST_OWN = 12


class _Answered(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    approved: str | None = Field(max_length=80)
    section: str | None = Field(max_length=80)
    text: str | None = Field(max_length=1_200)
    facts: list[str] = Field(max_length=40)
    sources: list[str] = Field(max_length=20)


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    statements: list[_Answered] = Field(min_length=1, max_length=MOST_STATEMENTS)


@dataclass(frozen=True)
class Offered:
    """An approved sentence that the case has all facts for."""

    name: str
    line: TemplateLine
    number: int | None


@dataclass
class ModelQuestion:
    """The question about one case, and how its answer becomes a draft."""

    case: Case
    template: LetterTemplate
    library: Mapping[str, Source]
    prompt: Prompt
    minimised: Minimised = field(init=False)

    def __post_init__(self) -> None:
        self.minimised = Minimised(self.case)

    @cached_property
    def offered(self) -> Mapping[str, Offered]:
        """The approved sentences by their ids, in the order of the template."""
        made = {}
        for line in self.template.lines:
            for number in line.numbers(self.case):
                if line.missing(self.case, number) or any(each not in self.library for each in line.sources):
                    continue
                name = line.name if number is None else f"{line.name}.{number}"
                made[name] = Offered(name, line, number)
        return made

    @cached_property
    def sections(self) -> tuple[str, ...]:
        """The sections of the template, in order."""
        return tuple(dict.fromkeys(line.section for line in self.template.lines))

    @cached_property
    def sources(self) -> Mapping[str, Source]:
        """The sources that the letter may cite: those of the template that are in force."""
        names = (*self.template.footing, *(name for line in self.template.lines for name in line.sources))
        found = {name: self.library[name] for name in names if name in self.library}
        return {name: each for name, each in found.items() if each.in_force(self.case.as_of)}

    @cached_property
    def system(self) -> str:
        """What the model is told in general."""
        return self.prompt.system

    @cached_property
    def user(self) -> str:
        """The question, in which nobody is named."""
        case = self.case
        about = {
            "category": case.category, "cause": case.root_cause, "kind_of_payer": case.payer_kind,
            "level": case.level_name, "template": self.template.title,
        }  # fmt: skip
        sentences = [
            {
                "id": each.name, "section": each.line.section, "text": _numbered_text(each),
                "required": not each.line.optional and each.line.repeats is None,
            }
            for each in self.offered.values()
        ]  # fmt: skip
        sources = [
            {"id": each.source_id, "citation": each.citation, "says": each.says}
            for each in self.sources.values()
        ]
        return self.prompt.filled(
            {
                "case": data_block(about), "facts": data_block(self.minimised.facts),
                "sources": data_block(sources),
                "sentences": data_block({"sections": self.sections, "sentences": sentences}),
            }
        )  # fmt: skip

    @cached_property
    def schema(self) -> Mapping[str, Any]:
        """The JSON schema of the answer, in the subset that the providers' strict modes have."""
        facts = [each.fact_id for each in self.case.facts if each.holds]

        def names(listed: Sequence[str]) -> dict[str, Any]:
            known = {"enum": list(listed)} if 0 < len(listed) <= MOST_LISTED else {}
            return {"type": "string", **known}

        def or_null(listed: Sequence[str]) -> dict[str, Any]:
            return {"anyOf": [names(listed), {"type": "null"}]}

        statement = {
            "approved": or_null(list(self.offered)), "section": or_null(self.sections), "text": or_null(()),
            "facts": {"type": "array", "items": names(facts)},
            "sources": {"type": "array", "items": names(list(self.sources))},
        }  # fmt: skip
        one = strict_object(statement)
        return strict_object({"statements": {"type": "array", "items": one}})

    def draft(self, answer: Mapping[str, Any], drafter: str) -> Draft:
        """The draft that an answer is. Its head is the case's: no model writes it.

        Raises:
            AnswerFormError: it has not the form that was asked for.
        """
        try:
            said = _Answer.model_validate(answer).statements
        except ValidationError as problem:
            raise AnswerFormError.of(problem) from None
        problems = [
            f"statements.{at}: {says}" for at, each in enumerate(said) for says in self._problems(each)
        ]
        problems += self._missing(said)
        if problems:
            raise AnswerFormError(problems)
        own = iter(range(1, MOST_STATEMENTS + 1))
        made = [self._statement(each, own) for each in said]
        made.sort(key=lambda each: self.sections.index(each.section))
        return Draft(
            drafter=drafter, template_id=self.template.template_id,
            template_version=self.template.version, template_digest=self.template.digest,
            fields=head_of(self.case), statements=tuple(made),
        )  # fmt: skip

    def _problems(self, said: _Answered) -> Iterator[str]:
        if said.approved is not None:
            if said.approved not in self.offered:
                yield "approved: no sentence has this id"
            if said.text is not None:
                yield "text: an approved sentence has no text of yours"
            return
        if said.text is None or len(said.text.strip()) < _SHORTEST_OWN:
            yield "text: neither an approved sentence nor a sentence of your own"
            return
        if said.section not in self.sections:
            yield "section: the template has no such section"
        if not said.facts and not said.sources:
            yield "facts: a sentence rests on a fact or a source"
        if any(self.case.fact(each) is None for each in said.facts):
            yield "facts: no fact has this id"
        cited = (*said.sources, *_SOURCE.findall(said.text))
        if any(each not in self.sources for each in cited):
            yield "sources: no source has this id"
        for name in tokens_of(said.text):
            if name not in self.minimised.removed and self.case.fact(name) is None:
                yield "text: no fact has the id in braces"
        if _LEFT_OVER.search(_SOURCE.sub("", _without_tokens(said.text))):
            yield "text: braces, brackets, markup or line breaks that are no id of a fact or source"

    def _missing(self, said: Sequence[_Answered]) -> Iterator[str]:
        used = [each.approved for each in said if each.approved is not None]
        for name, each in self.offered.items():
            if not each.line.optional and each.line.repeats is None and name not in used:
                yield f"statements: the required sentence {name} is missing"
        if len(set(used)) != len(used):
            yield "statements: an approved sentence occurs twice"
        if len(said) - len(used) > MOST_OWN:
            yield f"statements: more than {MOST_OWN} sentences of your own"

    def _statement(self, said: _Answered, own: Iterator[int]) -> Statement:
        if said.approved is not None:
            each = self.offered[said.approved]
            return each.line.fill(self.case, self.library, each.number)
        assert said.text is not None and said.section is not None  # noqa: PT018 - `_problems` says so
        text = " ".join(said.text.split())
        named = [name for name in tokens_of(text) if self.case.fact(name) is not None]
        cited = _SOURCE.findall(text)
        text = _SOURCE.sub(lambda match: self.sources[match[1]].citation, text)
        return Statement(
            statement_id=f"written-{next(own)}", section=said.section, text=self.minimised.put_back(text),
            facts=tuple(dict.fromkeys((*said.facts, *named))),
            sources=tuple(dict.fromkeys((*said.sources, *cited))),
        )  # fmt: skip


def drafter_name(provider: str, model: str) -> str:
    """How a draft names the model that wrote it."""
    return re.sub(r"[^a-z0-9_.:/ -]", "-", f"model:{provider}/{model}".lower())[:100]


def _numbered_text(offered: Offered) -> str:
    """The sentence with the ids of its facts, such as {finding.2.quote}."""
    text = offered.line.text
    for slot, fact_id in zip(offered.line.slots, offered.line.fact_ids(offered.number), strict=True):
        text = text.replace(f"{{{slot}}}", f"{{{fact_id}}}")
    return text


def _without_tokens(text: str) -> str:
    for name in tokens_of(text):
        text = text.replace(f"{{{name}}}", "")
    return text
