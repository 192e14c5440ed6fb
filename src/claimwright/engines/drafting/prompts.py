"""Reads a prompt: front matter in YAML, what the model is told in general, the question with its variables.

    ---
    id: appeal-draft
    version: 1
    title: Draft the statements of an appeal letter
    task: appeal_draft
    effective_from: 2026-01-01
    author: claimwright
    max_output_tokens: 6000
    ---
    ## System
    ...
    ## Question
    ... <<case>> ... <<sentences>> ... <<facts>> ... <<sources>>

Each variable of the task stands once in the question, and none in the system text, which is the same for all.

PromptError (ValueError)   names the file and what is wrong
"""

from __future__ import annotations

import datetime
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from claimwright.foundation.errors import InputError
from claimwright.foundation.located_yaml import YamlError, read_yaml, validated

APPEAL_DRAFT, REPAIR_PROPOSAL = "appeal_draft", "repair_proposal"
# The variables of each task.
TASKS: Mapping[str, tuple[str, ...]] = {
    APPEAL_DRAFT: ("case", "sentences", "facts", "sources"),
    REPAIR_PROPOSAL: ("claim", "findings"),
}
LARGEST = 40_000  # characters
_FILE = re.compile(
    r"---\n(?P<front>.*?)\n---\n## System\n(?P<system>.*?)\n## Question\n(?P<question>.*)", re.DOTALL
)
_VARIABLE = re.compile(r"<<([a-z_]+)>>")


class PromptError(InputError, ValueError):
    """The prompt can't be used."""


class _PromptFront(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{2,79}$")
    version: int = Field(ge=1)
    title: str = Field(min_length=5, max_length=120)
    task: Literal["appeal_draft", "repair_proposal"]
    effective_from: datetime.date
    effective_until: datetime.date | None = None
    author: str = Field(min_length=1, max_length=80)
    max_output_tokens: int = Field(ge=256, le=64_000)


@dataclass(frozen=True)
class Prompt:
    """A prompt as its file states it. `digest` is that of its text."""

    prompt_id: str
    version: int
    title: str
    task: str
    effective_from: datetime.date
    effective_until: datetime.date | None
    author: str
    max_output_tokens: int
    system: str
    question: str
    digest: str

    @property
    def name(self) -> str:
        """Id and version: `appeal-draft@1`."""
        return f"{self.prompt_id}@{self.version}"

    def in_force(self, day: datetime.date) -> bool:
        """Whether it may be used on a day."""
        return self.effective_from <= day and (self.effective_until is None or day <= self.effective_until)

    def filled(self, values: Mapping[str, str]) -> str:
        """The question with the values of its variables, each put in once: a value is never read again."""
        return _VARIABLE.sub(lambda match: values[match[1]], self.question)


def read_prompt(text: str, source: str) -> Prompt:
    """The prompt in a file's text.

    Raises:
        PromptError: it is no prompt, or its variables are not those of its task.
    """
    if len(text) > LARGEST:
        raise PromptError(f"{source}: larger than {LARGEST:,} characters.")
    text = text.replace("\r\n", "\n")
    parts = _FILE.fullmatch(text)
    if parts is None:
        raise PromptError(
            f"{source}: write front matter between two lines of ---, then ## System and ## Question."
        )
    try:
        place = read_yaml(parts["front"], source)
        if place is None:
            raise PromptError(f"{source}: the front matter is empty.")
        front = validated(place, _PromptFront)
    except YamlError as problem:
        raise PromptError(str(problem)) from None
    if front.effective_until is not None and front.effective_until < front.effective_from:
        raise PromptError(f"{source}: effective_until is before effective_from.")
    system, question = parts["system"].strip(), parts["question"].strip()
    if not system or not question:
        raise PromptError(f"{source}: the system text or the question is empty.")
    if _VARIABLE.search(system):
        raise PromptError(f"{source}: a variable stands in the system text: put it into the question.")
    named, wanted = _VARIABLE.findall(question), TASKS[front.task]
    if unknown := [each for each in named if each not in wanted]:
        raise PromptError(f"{source}: there is no variable <<{unknown[0]}>> for {front.task}.")
    for each in wanted:
        if named.count(each) != 1:
            raise PromptError(f"{source}: <<{each}>> has to stand in the question once.")
    return Prompt(
        prompt_id=front.id, version=front.version, title=front.title, task=front.task,
        effective_from=front.effective_from, effective_until=front.effective_until, author=front.author,
        max_output_tokens=front.max_output_tokens, system=system, question=question,
        digest=hashlib.sha256(text.encode()).hexdigest(),
    )  # fmt: skip
