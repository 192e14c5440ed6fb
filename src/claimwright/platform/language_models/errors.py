"""What can go wrong with one call of a language model. The messages say nothing of what was sent or answered.

LanguageModelError
    ModelRateLimitedError   429, or the provider's word for it; `retry_after` if it said when
    ModelServerError        5xx, overloaded, an error in the middle of the answer
    ModelUnreachableError   no connection, an address that is not allowed
    ModelTimeoutError       too long in all, or too long silent
    ModelCutOffError        the answer ended before its end
    ModelMalformedError     not the provider's format, or no JSON object in it
    ModelSchemaError        a JSON object that is not of the form that was asked for; `problems` says where
    ModelTruncatedError     it ran into the limit of output tokens
    ModelDeclinedError      the model or its filter would not answer
    ModelRefusedError       4xx: key, model name or request are wrong
    ModelBusyError          this installation has as many calls under way as it may
    ModelBreakerError       the circuit breaker of the provider is open
    ModelBudgetError        the month's money for models is spent
    ModelPatienceError      the time for all tries together is over
    NoModelAnswerError      no provider gave an answer that can be used; `notes` says what each did
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from claimwright.foundation.errors import ClaimwrightError


class LanguageModelError(ClaimwrightError):
    """A call that gave no usable answer. `word` is its name in tables and pages.

    `again`: the same request may work a little later. `counts`: it speaks against the provider.
    """

    word = "failed"
    says = "failed"
    again = False
    counts = True

    def __init__(
        self, detail: str = "", *, retry_after: float | None = None, status: int | None = None
    ) -> None:
        super().__init__(f"{self.says}: {detail}" if detail else self.says)
        self.retry_after, self.status, self.is_noted = retry_after, status, False
        # What whoever sets it up has to know, where it was refused: a status, or the rule of addresses.
        self.detail = detail if self.word in ("refused", "unreachable") else ""


class ModelRateLimitedError(LanguageModelError):
    """The provider wants fewer requests."""

    word, says, again = "rate_limited", "the provider limits the rate", True


class ModelServerError(LanguageModelError):
    """The provider failed."""

    word, says, again = "server_error", "the provider failed", True


class ModelUnreachableError(LanguageModelError):
    """No connection."""

    word, says, again = "unreachable", "the provider can't be reached", True


class ModelTimeoutError(LanguageModelError):
    """Too late."""

    word, says, again = "timed_out", "the answer took too long", True


class ModelCutOffError(LanguageModelError):
    """The answer ended before its end."""

    word, says, again = "cut_off", "the answer ended in the middle", True


class ModelMalformedError(LanguageModelError):
    """The answer is not in the provider's format, or has no JSON object."""

    word, says = "malformed", "the answer can't be read"


class ModelSchemaError(LanguageModelError):
    """The answer is not of the form that was asked for."""

    word, says = "schema_violation", "the answer has not the form that was asked for"

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(problems[0] if problems else "")
        self.problems = tuple(problems)


class ModelTruncatedError(LanguageModelError):
    """The limit of output tokens was reached."""

    word, says, counts = "truncated", "the answer was longer than the limit", False


class ModelDeclinedError(LanguageModelError):
    """The model would not answer."""

    word, says, counts = "declined", "the model would not answer", False


class ModelRefusedError(LanguageModelError):
    """The provider refused the request."""

    word, says = "refused", "the provider refused the request"


class ModelBusyError(LanguageModelError):
    """As many calls are under way as may be."""

    word, says, counts = "busy", "as many calls are under way as the settings allow", False


class ModelBreakerError(LanguageModelError):
    """The provider's breaker is open."""

    word, says, counts = "breaker_open", "the provider failed too often; its circuit breaker is open", False


class ModelBudgetError(LanguageModelError):
    """The month's money is spent."""

    word, says, counts = "over_budget", "the month's money for language models is spent", False


class ModelPatienceError(LanguageModelError):
    """The time for all tries is over."""

    word, says, counts = "out_of_time", "the time for all tries is over", False


@dataclass(frozen=True)
class Note:
    """What one try did: `word` is that of the error, or `answered`, `repaired`, `cached`.

    `detail` says what was refused, with nothing of what was sent.
    """

    provider: str
    word: str
    detail: str = ""

    @property
    def says(self) -> str:
        """The try in words."""
        return f"{self.provider}: {self.word}" + (f" ({self.detail})" if self.detail else "")


class NoModelAnswerError(LanguageModelError):
    """No provider gave an answer that can be used."""

    word, says, counts = "no_answer", "no language model gave a usable answer", False

    def __init__(self, notes: Sequence[Note]) -> None:
        super().__init__(in_words(notes))
        self.notes = tuple(notes)


def in_words(notes: Sequence[Note]) -> str:
    """The tries as a sentence: `anthropic: rate_limited (3 times), openai: cut_off`."""
    runs: list[tuple[Note, int]] = []
    for each in notes:
        if runs and runs[-1][0] == each:
            runs[-1] = (each, runs[-1][1] + 1)
        else:
            runs.append((each, 1))
    return ", ".join(note.says + (f" ({count} times)" if count > 1 else "") for note, count in runs)
