"""Circuit breakers whose state stands in the store: which are open, since when, until when.

Closed: calls go through. After some failures in a row it opens: nothing is called, the fallback answers.
After a while it is half open: one call is tried, and closes it or opens it again.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from claimwright.domain.predicted import Predicted
from claimwright.features.checking import Checked
from claimwright.platform import clock
from claimwright.platform.observability import METRICS, get_logger

from .prediction import Predictor, RulesOnly

_LOG = get_logger("pipeline.breaker")


class State(StrEnum):
    """Where a breaker stands."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


@dataclass
class Breaker:
    """One breaker of one process. `tell` is called at every change, so that all can see it."""

    name: str
    failures_to_open: int
    open_seconds: float
    tell: Callable[[Breaker], None]
    state: State = State.CLOSED
    failures: int = 0
    problem: str | None = None
    retry_at: datetime.datetime | None = None

    def allows(self) -> bool:
        """Whether to call now."""
        if self.state is State.OPEN and self.retry_at is not None and clock.now() >= self.retry_at:
            self._change(State.HALF_OPEN)
        return self.state is not State.OPEN

    def succeeded(self) -> None:
        """A call went well."""
        self.failures, self.problem = 0, None
        if self.state is not State.CLOSED:
            self._change(State.CLOSED)

    def failed(self, problem: BaseException) -> None:
        """A call failed."""
        self.failures += 1
        # The class alone: a message may hold a value.
        self.problem = type(problem).__name__
        if self.state is State.HALF_OPEN or self.failures >= self.failures_to_open:
            self._change(State.OPEN)

    def _change(self, state: State) -> None:
        self.state = state
        self.retry_at = (
            clock.now() + datetime.timedelta(seconds=self.open_seconds) if state is State.OPEN else None
        )
        METRICS().breaker(self.name, state.value)
        _LOG.warning("a circuit breaker changed", breaker=self.name, state=state.value)
        self.tell(self)


class GuardedPredictor:
    """A predictor behind a breaker: where it fails, or its breaker is open, rules alone decide."""

    def __init__(self, predictor: Predictor, breaker: Breaker) -> None:
        self._predictor, self._breaker = predictor, breaker
        self._fallback = RulesOnly()

    def predict(self, checked: Checked) -> Predicted:
        """What the predictor says, or the fallback's nulls."""
        if not self._breaker.allows():
            return self._fallback.predict(checked)
        try:
            predicted = self._predictor.predict(checked)
        except Exception as problem:  # noqa: BLE001 - a model that fails must not stop claims
            self._breaker.failed(problem)
            return self._fallback.predict(checked)
        self._breaker.succeeded()
        return predicted
