"""The stand-in language model as a drafter of the evaluation: over HTTP, in the protocols of the providers.

It drafts from the facts that it is told. No real model is asked: what a real one writes is not measured here.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from pydantic import SecretStr

from claimwright.domain.appeal_case import Case, Draft, Source
from claimwright.domain.letter_templates import LetterTemplate
from claimwright.engines.drafting import ModelQuestion, drafter_name, hides
from claimwright.features.appeals import PROMPT_ID
from claimwright.features.governance import shipped_prompts
from claimwright.platform.language_models import AnthropicWire, Ask, BedrockWire, OpenAiWire, Wire
from claimwright.platform.language_models.calling import call
from claimwright_lab.model_standin import KEY, REGION, SECRET, ModelStandin, draft_from_facts, standing_in

NAME = "stand-in model"


@dataclass
class StandinDrafter:
    """A drafter. Of what it sent it keeps how long it was, and how often it named somebody."""

    wires: tuple[Wire, ...]
    sent: list[int] = field(default_factory=list)
    named: int = 0

    def __call__(self, case: Case, template: LetterTemplate, sources: Mapping[str, Source]) -> Draft:
        """The draft of a letter for the case; the providers take turns."""
        question = ModelQuestion(case, template, sources, shipped_prompts()[PROMPT_ID])
        ask = Ask(question.system, question.user, question.schema, "letter", 6_000, "facts")
        wire = self.wires[case.case_id % len(self.wires)]
        request = wire.request(ask)
        self.sent.append(len(request.body))
        self.named += sum(hides(case, request.body.decode()).values())
        now = datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC)
        reply = call(
            wire, request, inward_hosts=("127.0.0.1",), timeout_seconds=60, quiet_seconds=30,
            on_text=_nobody_looks, now=now,
        )  # fmt: skip
        return question.draft(reply.value, drafter_name("stand-in", wire.name))


@contextmanager
def standin_drafter() -> Iterator[StandinDrafter]:
    """The drafter, with its server, until the block ends."""
    with standing_in(draft_from_facts) as standin:
        yield StandinDrafter(_wires(standin))


def _wires(standin: ModelStandin) -> tuple[Wire, ...]:
    return (
        AnthropicWire("stand-in", standin.address("anthropic"), SecretStr(KEY)),
        OpenAiWire("stand-in", standin.address("openai"), SecretStr(KEY)),
        BedrockWire("stand-in", REGION, standin.address("bedrock"), SecretStr(KEY), SecretStr(SECRET)),
    )


def _nobody_looks(_: str) -> None:
    return
