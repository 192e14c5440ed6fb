"""One circuit breaker: three states, the last problem and the time of the next retry. Reports every change.

Closed: calls go through. After a number of consecutive failures it opens: calls are skipped and the fallback
is used. After a while it is half open: calls are tried again, and the next outcome closes or reopens it.
"""

from __future__ import annotations

import datetime
import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from claimwright.foundation import clock
from claimwright.platform.observability import METRICS, get_logger

_LOG = get_logger("breakers")


class State(StrEnum):
    """Where a breaker stands."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


@dataclass(frozen=True)
class Standing:
    """A breaker's state at its last change; `problem` is the class of the last failure."""

    name: str
    state: State
    failures: int
    problem: str | None
    changed_at: datetime.datetime
    retry_at: datetime.datetime | None


class Breaker:
    """One breaker of one process. Thread-safe. `tell` is called at every change."""

    def __init__(
        self,
        name: str,
        failures_to_open: int,
        open_seconds: float,
        tell: Callable[[Breaker], None],
        *,
        before: Standing | None = None,
        now: Callable[[], datetime.datetime] = clock.now,
    ) -> None:
        """A breaker that opens after `failures_to_open` consecutive failures, for `open_seconds`.

        `before` is its state in an earlier process: an open breaker stays open for the rest of its time.
        """
        self.name, self.tell, self._now = name, tell, now
        self._failures_to_open = failures_to_open
        self._open_for = datetime.timedelta(seconds=open_seconds)
        self._lock = threading.RLock()
        self.state = before.state if before else State.CLOSED
        self.failures = before.failures if before else 0
        self.problem = before.problem if before else None
        self._retry_at = now() + self._open_for
        if before is not None and before.retry_at is not None:
            self._retry_at = before.retry_at
        METRICS().breaker(name, self.state.value)

    @property
    def retry_at(self) -> datetime.datetime | None:
        """When an open breaker lets a call through again."""
        return self._retry_at if self.state is State.OPEN else None

    @property
    def standing(self) -> Standing:
        """Its present state."""
        return Standing(self.name, self.state, self.failures, self.problem, self._now(), self.retry_at)

    def allows(self) -> bool:
        """Whether a call may be made now."""
        with self._lock, self._told():
            if self.state is State.OPEN and self._now() >= self._retry_at:
                self.state = State.HALF_OPEN
            return self.state is not State.OPEN

    def succeeded(self) -> None:
        """A call went well."""
        with self._lock, self._told():
            self.failures, self.problem = 0, None
            # A call that began before the breaker opened says nothing about the time since.
            if self.state is State.HALF_OPEN:
                self.state = State.CLOSED

    def failed(self, problem: BaseException) -> None:
        """A call failed."""
        with self._lock, self._told():
            self.failures += 1
            # Only the class: a message could contain a value.
            self.problem = type(problem).__name__
            if self.state is State.HALF_OPEN or (
                self.state is State.CLOSED and self.failures >= self._failures_to_open
            ):
                self.state, self._retry_at = State.OPEN, self._now() + self._open_for

    def _told(self) -> _Told:
        return _Told(self)


class _Told:
    """Report the breaker's state if it differs at the end of the block from the beginning."""

    def __init__(self, breaker: Breaker) -> None:
        self._breaker, self._before = breaker, breaker.state

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        breaker = self._breaker
        if breaker.state is self._before:
            return
        METRICS().breaker(breaker.name, breaker.state.value)
        _LOG.warning("a circuit breaker changed", breaker=breaker.name, state=breaker.state.value)
        breaker.tell(breaker)
