"""A letter template: approved sentences with slots for facts, and how a sentence is filled from a case.

The one function that fills a sentence is here, so that whoever drafts and whoever verifies cannot differ.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from .appeal_case import Case, FactKind, Source, Statement

# Facts that a case can have several of; a sentence that repeats has slots of one of them.
GROUPS = ("line", "dx", "finding", "exhibit", "reason", "criterion")
# A letter lists no more of one group than this; the packet has the rest.
MOST_OF_A_GROUP = 40
_CODES = re.compile(r"\bcodes \{([a-z_][a-z0-9_.]*)\}")
_SLOT = re.compile(r"\{([a-z_][a-z0-9_.]*)\}|\[\[([a-z0-9][a-z0-9_.-]*)\]\]")


@dataclass(frozen=True)
class TemplateLine:
    """One approved sentence. `repeats` is the group that it is written once for each of.

    `optional`: it is left out where the case lacks one of its facts; otherwise the letter is then incomplete.
    """

    name: str
    section: str
    text: str
    optional: bool = False
    repeats: str | None = None

    @cached_property
    def slots(self) -> tuple[str, ...]:
        """The facts that it names, in order."""
        return tuple(dict.fromkeys(match[1] for match in _SLOT.finditer(self.text) if match[1]))

    @cached_property
    def sources(self) -> tuple[str, ...]:
        """The sources that it cites, in order."""
        return tuple(dict.fromkeys(match[2] for match in _SLOT.finditer(self.text) if match[2]))

    def fact_ids(self, number: int | None = None) -> tuple[str, ...]:
        """The ids of its facts; `number` is the number within the group."""
        return tuple(self._numbered(slot, number) for slot in self.slots)

    def missing(self, case: Case, number: int | None = None) -> tuple[str, ...]:
        """The facts that the case lacks."""
        return tuple(each for each in self.fact_ids(number) if case.fact(each) is None)

    def fill(
        self, case: Case, sources: Mapping[str, Source], number: int | None = None, *, agrees: bool = True
    ) -> Statement:
        """The sentence for a case. "codes" before a fact that is one code is written "code"; with `agrees`
        false it stays, as in letters from before December 2026.

        Raises:
            KeyError: a fact or a source is not there.
        """

        def shown(match: re.Match[str]) -> str:
            if match[2]:
                return sources[match[2]].citation
            fact = case.fact(self._numbered(match[1], number))
            if fact is None:
                raise KeyError(match[1])
            return fact.shown

        def one_code(match: re.Match[str]) -> str:
            fact = case.fact(self._numbered(match[1], number))
            one = fact is not None and fact.kind is FactKind.CODE and "," not in fact.shown
            return match[0].replace("codes", "code", 1) if one else match[0]

        name = self.name if number is None else f"{self.name}.{number}"
        text = _CODES.sub(one_code, self.text) if agrees else self.text
        return Statement(
            statement_id=name, section=self.section, text=_SLOT.sub(shown, text),
            facts=self.fact_ids(number), sources=self.sources,
        )  # fmt: skip

    def numbers(self, case: Case) -> Iterator[int | None]:
        """For which members of its group a case has it; only None for a sentence that does not repeat."""
        if self.repeats is None:
            yield None
            return
        parts = (fact.fact_id.split(".", 2) for fact in case.facts)
        members = {each[1] for each in parts if len(each) == 3 and each[0] == self.repeats}
        for number in range(1, MOST_OF_A_GROUP + 1):
            if str(number) in members:
                yield number

    def _numbered(self, slot: str, number: int | None) -> str:
        group, _, rest = slot.partition(".")
        return f"{group}.{number}.{rest}" if number is not None and group == self.repeats else slot


@dataclass(frozen=True)
class LetterTemplate:
    """A template as its file states it; see `claimwright.engines.drafting.templates` for the format.

    Empty tuples mean any. `footing` are the sources that the argument rests on. `digest` is that of its text.
    `changes` says, since `changed_on`, what it says otherwise than the version before.
    """

    template_id: str
    version: int
    title: str
    categories: tuple[str, ...]
    causes: tuple[str, ...]
    subtypes: tuple[str, ...]
    payer_kinds: tuple[str, ...]
    payers: tuple[str, ...]
    states: tuple[str, ...]
    levels: tuple[int, ...]
    effective_from: datetime.date
    effective_until: datetime.date | None
    author: str
    footing: tuple[str, ...]
    requires: tuple[str, ...]
    lines: tuple[TemplateLine, ...]
    digest: str
    changed_on: datetime.date | None = None
    changes: str | None = None

    @cached_property
    def by_name(self) -> Mapping[str, TemplateLine]:
        """Its sentences by their names."""
        return {each.name: each for each in self.lines}

    def in_force(self, day: datetime.date) -> bool:
        """Whether it may be used on a day."""
        return self.effective_from <= day and (self.effective_until is None or day <= self.effective_until)
