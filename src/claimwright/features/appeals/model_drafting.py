"""The drafter that asks a language model, and falls back to the one without. It says which wrote, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from claimwright.domain.appeal_case import Case, Draft, Source
from claimwright.domain.caller import Caller
from claimwright.domain.letter_templates import LetterTemplate
from claimwright.engines.drafting import (
    RULES,
    AnswerFormError,
    ModelQuestion,
    PromptError,
    draft_by_rules,
    drafter_name,
)
from claimwright.features.governance import Gets, GovernedFileError, active_prompt
from claimwright.foundation.errors import NotFoundError
from claimwright.platform.objects import ObjectError

if TYPE_CHECKING:
    from claimwright.platform.database import Database
    from claimwright.platform.language_models import Answered, Gateway

MODEL = "model"
PROMPT_ID = "appeal-draft"
STAGE = "drafting"
NO_MODEL = "no language model is set up"
WANTED_RULES = "it was wanted without a language model"


@dataclass(frozen=True)
class Written:
    """Who wrote a draft, and why. `by` is rules or model; `tries` are what each provider did, in order.

    `own` counts the sentences that are not approved ones; `call_id` is the call that was answered.
    """

    by: str
    why: str
    drafter: str = RULES
    tries: tuple[str, ...] = ()
    prompt: str | None = None
    prompt_digest: str | None = None
    call_id: int | None = None
    own: int = 0

    def stored(self) -> dict[str, Any]:
        """As the stage stores it."""
        return asdict(self) | {"tries": list(self.tries)}

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Written:
        """What the stage stored."""
        return cls(**{**stored, "tries": tuple(stored["tries"])})


@dataclass(frozen=True)
class ModelDrafter:
    """Asks the gateway for the statements of a letter, with the prompt in force."""

    gateway: Gateway
    database: Database
    shelf: Gets

    def write(
        self, caller: Caller, case: Case, template: LetterTemplate, sources: Mapping[str, Source]
    ) -> tuple[Draft, Written]:
        """The draft, of a model if one gave a usable answer, else of the rules; and who wrote it.

        It waits for the network: call it outside of a transaction.

        Raises:
            PhiError: a record of a call can't be sealed or opened.
        """
        from claimwright.platform.language_models import NoModelAnswerError

        try:
            with self.database.transaction(caller) as connection:
                prompt = active_prompt(connection, self.shelf, PROMPT_ID, case.as_of)
        except (GovernedFileError, PromptError, NotFoundError, ObjectError) as problem:
            return self._by_rules(case, template, sources, f"the prompt can't be used: {problem}", ())
        question = ModelQuestion(case, template, sources, prompt)
        try:
            found = ask_for_draft(self.gateway, caller, question)
        except NoModelAnswerError as problem:
            tries = tuple(each.says for each in problem.notes)
            return self._by_rules(case, template, sources, str(problem), tries)
        draft = found.value
        own = sum(each.statement_id.startswith("written-") for each in draft.statements)
        kept = " (a kept answer)" if found.is_cached else ""
        return draft, Written(
            MODEL, f"{found.provider} answered with {found.model}{kept}", draft.drafter,
            tuple(each.says for each in found.notes), prompt.name, prompt.digest, found.call_id, own,
        )  # fmt: skip

    def _by_rules(
        self, case: Case, template: LetterTemplate, sources: Mapping[str, Source], why: str,
        tries: tuple[str, ...],
    ) -> tuple[Draft, Written]:  # fmt: skip
        return draft_by_rules(case, template, sources), Written(RULES, why, tries=tries)


def ask_for_draft(
    gateway: Gateway, caller: Caller, question: ModelQuestion, *, subject: str | None = None,
    stage: str = STAGE, only: tuple[str, ...] | None = None, use_cache: bool = True,
) -> Answered[Draft]:  # fmt: skip
    """A draft of the first provider whose answer has the form.

    Raises:
        NoModelAnswerError: none has.
    """
    from claimwright.platform.language_models import Ask, ModelSchemaError, Purpose

    def check(answer: Mapping[str, Any]) -> Draft:
        try:
            return question.draft(answer, "model")
        except AnswerFormError as problem:
            raise ModelSchemaError(problem.problems) from None

    ask = Ask(
        question.system, question.user, question.schema, "letter", question.prompt.max_output_tokens, "facts"
    )
    purpose = Purpose(subject or f"appeal:{question.case.case_id}", stage, question.prompt.name)
    found = gateway.ask(caller, ask, purpose, check, only=only, use_cache=use_cache)
    named = found.value.model_copy(update={"drafter": drafter_name(found.provider, found.model)})
    return type(found)(named, found.provider, found.model, found.call_id, found.is_cached, found.notes)
