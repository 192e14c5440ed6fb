"""Asks language models in an order, with limits; each try is kept, and says what it did.

For each provider in turn: nothing is asked while its circuit breaker is open; what failed in passing is tried
again after a wait with jitter, or as long as the provider says; an answer of another form than was asked for
gets one try to be repaired. Then comes the next provider. If none has an answer, the caller does without.
"""

from __future__ import annotations

import datetime
import threading
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from urllib.parse import urlsplit

from claimwright.domain.caller import Caller
from claimwright.foundation import clock
from claimwright.platform.breakers import Breaker, database_notifier_of, standing_of
from claimwright.platform.observability import METRICS, get_logger
from claimwright.platform.phi import Sealer

from . import calls
from .asking import Ask, Reply, Wire, compact, one_object
from .calling import call
from .errors import (
    LanguageModelError,
    ModelBreakerError,
    ModelBudgetError,
    ModelBusyError,
    ModelMalformedError,
    ModelPatienceError,
    ModelSchemaError,
    NoModelAnswerError,
    Note,
)

if TYPE_CHECKING:
    from claimwright.platform.database import Database

_LOG = get_logger("language_models")
_MILLION = Decimal(1_000_000)
_CENT_OF_A_CENT = Decimal("0.000001")
_PROGRESS_SECONDS = 0.5
_MOST_PROBLEMS = 12
T = TypeVar("T")


@dataclass(frozen=True)
class Price:
    """Dollars for a million tokens, in and out."""

    tokens_in: Decimal
    tokens_out: Decimal

    def of(self, tokens_in: int, tokens_out: int) -> Decimal:
        """The dollars for so many tokens."""
        cost = (tokens_in * self.tokens_in + tokens_out * self.tokens_out) / _MILLION
        return cost.quantize(_CENT_OF_A_CENT)


@dataclass(frozen=True)
class Provider:
    """A provider in the order: how it is spoken to, what it costs, how many calls it may have at once."""

    wire: Wire
    price: Price | None = None
    concurrent: int = 4

    @property
    def name(self) -> str:
        """Such as `bedrock`."""
        return self.wire.name

    @property
    def host(self) -> str:
        """The host that is asked."""
        return urlsplit(self.wire.url).hostname or ""


@dataclass(frozen=True)
class ModelLimits:
    """How long and how often is asked. `patience_seconds` are for all tries of a question together."""

    attempts: int = 3
    retry_first_seconds: float = 1.0
    retry_longest_seconds: float = 20.0
    timeout_seconds: float = 120.0
    quiet_seconds: float = 30.0
    patience_seconds: float = 240.0
    breaker_failures: int = 5
    breaker_seconds: float = 60.0
    cache_days: int = 7
    monthly_dollars: Decimal | None = None
    inward_hosts: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Purpose:
    """For what is asked: `appeal:12`, `drafting`, and the prompt with its version."""

    subject: str
    stage: str
    prompt: str


@dataclass(frozen=True)
class Answered(Generic[T]):
    """An answer that has the form that was asked for. `notes` are all tries, with the last one."""

    value: T
    provider: str
    model: str
    call_id: int
    is_cached: bool
    notes: tuple[Note, ...]


@dataclass
class _Question:
    """A question under way."""

    caller: Caller
    purpose: Purpose
    asked_id: uuid.UUID
    until: datetime.datetime
    notes: list[Note] = field(default_factory=list)
    number: int = 0

    def note(self, provider: Provider, problem: LanguageModelError) -> None:
        """Note a failure once."""
        if not problem.is_noted:
            problem.is_noted = True
            self.notes.append(Note(provider.name, problem.word, problem.detail))


class Gateway:
    """Asks the providers in their order. One for a process: it has breakers and places. Thread-safe."""

    def __init__(
        self,
        providers: Sequence[Provider],
        limits: ModelLimits,
        database: Database,
        sealer: Sealer,
        *,
        now: Callable[[], datetime.datetime] = clock.now,
        sleep: Callable[[float], None] | None = None,
        jitter: Callable[[], float] | None = None,
    ) -> None:
        """`sleep` waits, `jitter` is a number from 0 to 1; both for tests."""
        self.providers, self.limits = tuple(providers), limits
        self.database, self._sealer, self._now = database, sealer, now
        self._sleep = sleep or threading.Event().wait
        self._jitter = jitter or _jitter()
        self._places = {each.name: threading.BoundedSemaphore(each.concurrent) for each in self.providers}
        self._breakers: dict[tuple[str, str], Breaker] = {}
        self._lock = threading.Lock()

    def ask(
        self,
        caller: Caller,
        ask: Ask,
        purpose: Purpose,
        check: Callable[[Mapping[str, Any]], T],
        *,
        only: Collection[str] | None = None,
        use_cache: bool = True,
    ) -> Answered[T]:
        """The first answer that `check` takes. `only` leaves out the other providers.

        `check` raises `ModelSchemaError` with what is wrong, in words that name no value.

        Raises:
            NoModelAnswerError: no provider has one; its notes say what each did.
        """
        patience = datetime.timedelta(seconds=self.limits.patience_seconds)
        question = _Question(caller, purpose, uuid.uuid4(), self._now() + patience)
        for provider in self.providers:
            if only is not None and provider.name not in only:
                continue
            try:
                if use_cache and (known := self._known(question, provider, ask, check)) is not None:
                    return known
                return self._ask_one(question, provider, ask, check)
            except LanguageModelError as problem:
                question.note(provider, problem)
                if isinstance(problem, ModelBudgetError | ModelPatienceError):
                    break
        raise NoModelAnswerError(question.notes)

    def breaker_of(self, caller: Caller, name: str) -> Breaker:
        """The breaker of a provider, for a tenant. It begins as the database has it."""
        with self._lock:
            found = self._breakers.get((caller.tenant, name))
            if found is None:
                known = f"language_model_{name}"
                with self.database.transaction(caller) as connection:
                    before = standing_of(connection, known)
                found = self._breakers[caller.tenant, name] = Breaker(
                    known, self.limits.breaker_failures, self.limits.breaker_seconds,
                    database_notifier_of(caller, self.database), before=before, now=self._now,
                )  # fmt: skip
            return found

    def _known(
        self, question: _Question, provider: Provider, ask: Ask, check: Callable[[Mapping[str, Any]], T]
    ) -> Answered[T] | None:
        """A kept answer to the same question; None if there is none that the check still takes."""
        if not self.limits.cache_days:
            return None
        caller, since = question.caller, self._now() - datetime.timedelta(days=self.limits.cache_days)
        digest = self._digest(caller, provider, ask)
        with self.database.transaction(caller) as connection:
            found = calls.known_answer(caller, connection, self._sealer, digest, since)
            if found is None:
                return None
            try:
                value = check(one_object(found[1]))
            except (ModelSchemaError, ModelMalformedError):
                return None
            call_id = calls.insert_cached(
                caller, connection, self._sealer, found[0], asked_id=question.asked_id,
                subject=question.purpose.subject, stage=question.purpose.stage,
                prompt=question.purpose.prompt, now=self._now(),
            )  # fmt: skip
        question.notes.append(Note(provider.name, "cached"))
        return Answered(value, provider.name, provider.wire.model, call_id, True, tuple(question.notes))

    def _ask_one(
        self, question: _Question, provider: Provider, ask: Ask, check: Callable[[Mapping[str, Any]], T]
    ) -> Answered[T]:
        """One provider's answer, tried again and repaired as far as that goes."""
        digest = self._digest(question.caller, provider, ask)
        asked, is_repair = ask, False
        while True:
            try:
                reply, call_id = self._with_retries(question, provider, asked, digest, is_repair)
                problem: LanguageModelError
                try:
                    value = check(reply.value)
                except ModelSchemaError as wrong:
                    self._judged(question, call_id, wrong.word)
                    problem, said, before = wrong, "; ".join(wrong.problems[:_MOST_PROBLEMS]), reply.text
                else:
                    self._judged(question, call_id, None)
                    self.breaker_of(question.caller, provider.name).succeeded()
                    question.notes.append(Note(provider.name, "repaired" if is_repair else "answered"))
                    return Answered(
                        value, provider.name, provider.wire.model, call_id, False, tuple(question.notes)
                    )
            except ModelMalformedError as wrong:
                problem, said, before = wrong, str(wrong), ""
            question.note(provider, problem)
            if is_repair:
                # Twice another form than was asked for speaks against the provider.
                self.breaker_of(question.caller, provider.name).failed(problem)
                raise problem
            asked, is_repair = ask.again(said, before), True

    def _with_retries(
        self, question: _Question, provider: Provider, ask: Ask, digest: bytes, is_repair: bool
    ) -> tuple[Reply, int]:
        """A reply, after waits where it failed in passing.

        Raises:
            LanguageModelError: the last failure.
        """
        breaker = self.breaker_of(question.caller, provider.name)
        attempt = 0
        while True:
            attempt += 1
            if not breaker.allows() or self._is_open_elsewhere(question.caller, breaker):
                raise ModelBreakerError
            try:
                return self._once(question, provider, ask, digest, is_repair)
            except LanguageModelError as problem:
                question.note(provider, problem)
                # What can't be read gets its try to be repaired first.
                if problem.counts and not isinstance(problem, ModelMalformedError):
                    breaker.failed(problem)
                wait = self._wait(attempt, problem)
                if not problem.again or attempt >= self.limits.attempts or wait is None:
                    raise
                if self._now() + datetime.timedelta(seconds=wait) >= question.until:
                    raise ModelPatienceError from None
                METRICS().retried(type(problem).__name__)
                self._sleep(wait)

    def _once(
        self, question: _Question, provider: Provider, ask: Ask, digest: bytes, is_repair: bool
    ) -> tuple[Reply, int]:
        """One request, kept before it is sent."""
        caller, limits = question.caller, self.limits
        remaining = (question.until - self._now()).total_seconds()
        if remaining <= 0:
            raise ModelPatienceError
        if not self._places[provider.name].acquire(timeout=min(remaining, limits.quiet_seconds)):
            raise ModelBusyError
        try:
            request = provider.wire.request(ask)
            question.number += 1
            with self.database.transaction(caller) as connection:
                self._refuse_overspent(connection)
                call_id = calls.begin_call(
                    caller, connection, self._sealer, asked_id=question.asked_id,
                    subject=question.purpose.subject, stage=question.purpose.stage,
                    prompt=question.purpose.prompt, provider=provider.name, model=provider.wire.model,
                    host=provider.host, number=question.number, is_repair=is_repair, digest=digest,
                    request=request.body, now=self._now(), most=provider.concurrent,
                    lost_after=datetime.timedelta(seconds=limits.timeout_seconds * 2),
                )  # fmt: skip
            told = _Told(self.database, caller, call_id, ask.counted)
            try:
                reply = call(
                    provider.wire, request, inward_hosts=limits.inward_hosts,
                    timeout_seconds=min(limits.timeout_seconds, remaining),
                    quiet_seconds=limits.quiet_seconds, on_text=told.take, now=self._now(),
                )  # fmt: skip
            except LanguageModelError as problem:
                self._end(caller, call_id, told, "failed", problem.word, problem.status, 0, 0, provider)
                METRICS().language_model(provider.name, problem.word)
                _LOG.warning(
                    "a language model did not answer", provider=provider.name, word=problem.word,
                    subject=question.purpose.subject,
                )  # fmt: skip
                raise
            except BaseException:
                self._end(caller, call_id, told, "failed", "interrupted", None, 0, 0, provider)
                raise
            told.text = reply.text
            METRICS().language_model(provider.name, "answered")
            self._end(
                caller, call_id, told, "answered", None, 200, reply.tokens_in, reply.tokens_out, provider
            )
            return reply, call_id
        finally:
            self._places[provider.name].release()

    def _end(
        self, caller: Caller, call_id: int, told: _Told, state: str, word: str | None, status: int | None,
        tokens_in: int, tokens_out: int, provider: Provider,
    ) -> None:  # fmt: skip
        cost = provider.price.of(tokens_in, tokens_out) if provider.price is not None else None
        with self.database.transaction(caller) as connection:
            calls.end_call(
                caller, connection, self._sealer, call_id, state=state, word=word, status=status,
                text=told.text, parts=told.parts, tokens_in=tokens_in, tokens_out=tokens_out, cost=cost,
                now=self._now(),
            )  # fmt: skip

    def _judged(self, question: _Question, call_id: int, word: str | None) -> None:
        with self.database.transaction(question.caller) as connection:
            calls.judge_call(connection, call_id, is_used=word is None, word=word)

    def _refuse_overspent(self, connection: Any) -> None:
        most = self.limits.monthly_dollars
        if most is not None:
            first = self._now().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
            if calls.spent_since(connection, first) >= most:
                raise ModelBudgetError

    def _is_open_elsewhere(self, caller: Caller, breaker: Breaker) -> bool:
        """Whether another process found the provider to be down, and its time is not over."""
        with self.database.transaction(caller) as connection:
            known = standing_of(connection, breaker.name)
        return known is not None and known.retry_at is not None and known.retry_at > self._now()

    def _wait(self, attempt: int, problem: LanguageModelError) -> float | None:
        """Seconds until the next try; None: the provider wants longer than anybody waits."""
        if problem.retry_after is not None:
            if problem.retry_after > self.limits.retry_longest_seconds:
                return None
            return problem.retry_after + self._jitter() * self.limits.retry_first_seconds
        most: float = min(
            self.limits.retry_longest_seconds, self.limits.retry_first_seconds * 2 ** (attempt - 1)
        )
        return most / 2 + self._jitter() * most / 2

    def _digest(self, caller: Caller, provider: Provider, ask: Ask) -> bytes:
        said = compact([provider.name, provider.wire.model, ask.system, ask.user, ask.schema, ask.max_tokens])
        [digest] = self._sealer.blind("model question", caller.tenant, [said.decode()])
        assert digest is not None
        return digest


class _Told:
    """Keeps the answer so far, and stores now and then how far it is."""

    def __init__(self, database: Database, caller: Caller, call_id: int, counted: str) -> None:
        self._database, self._caller, self._call_id = database, caller, call_id
        self._counted = f'"{counted}"' if counted else None
        self._at = clock.seconds()
        self.text = ""

    @property
    def parts(self) -> int:
        """How many parts of the answer have begun."""
        return self.text.count(self._counted) if self._counted else 0

    def take(self, text: str) -> None:
        """The answer as far as it came."""
        self.text = text
        if clock.seconds() - self._at < _PROGRESS_SECONDS:
            return
        self._at = clock.seconds()
        with self._database.transaction(self._caller) as connection:
            calls.tell_progress(connection, self._call_id, len(text), self.parts)


def _jitter() -> Callable[[], float]:
    import numpy as np

    # Unseeded on purpose: processes must not wait alike.
    rng, lock = np.random.default_rng(), threading.Lock()

    def drawn() -> float:
        with lock:
            return float(rng.random())

    return drawn
