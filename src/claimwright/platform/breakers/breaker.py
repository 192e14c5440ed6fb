"""One breaker: purgatory's states, with the last problem and when to try again, told at every change.

Closed: calls go through. After some failures in a row it opens: nothing is called, the fallback is used.
After a while it is half open: one call is tried, and closes it or opens it again.
"""

from __future__ import annotations

import datetime
import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from claimwright.foundation import clock
from claimwright.platform.observability import METRICS, get_logger

if TYPE_CHECKING:
    from purgatory.typing import StateName

_LOG = get_logger("breakers")


class State(StrEnum):
    """Where a breaker stands."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


# As purgatory calls them.
_STATES: dict[StateName, State] = {
    "closed": State.CLOSED,
    "opened": State.OPEN,
    "half-opened": State.HALF_OPEN,
}
_NAMES = {state: name for name, state in _STATES.items()}


@dataclass(frozen=True)
class Standing:
    """Where a breaker stood when it last changed; `problem` is the class of the last failure."""

    name: str
    state: State
    failures: int
    problem: str | None
    changed_at: datetime.datetime
    retry_at: datetime.datetime | None


class Breaker:
    """One breaker of one process, which threads may share. `tell` is called at every change."""

    def __init__(
        self,
        name: str,
        failures_to_open: int,
        open_seconds: float,
        tell: Callable[[Breaker], None],
        *,
        before: Standing | None = None,
    ) -> None:
        """`before` is where it stood in a process that has ended: an open one stays open for its time."""
        from purgatory.domain.model import Context

        self.name, self.tell = name, tell
        self.problem = before.problem if before else None
        self._lock = threading.RLock()
        state = before.state if before else State.CLOSED
        opened_at = None
        if before is not None and before.retry_at is not None:
            opened_at = before.retry_at.timestamp() - open_seconds
        self._context = Context(
            name, failures_to_open, open_seconds, _NAMES[state], before.failures if before else 0, opened_at
        )
        self.failures = before.failures if before else 0
        METRICS().breaker(name, self.state.value)

    @property
    def state(self) -> State:
        """Where it stands."""
        return _STATES[self._context.state]

    @property
    def retry_at(self) -> datetime.datetime | None:
        """When an open one lets a call through again."""
        opened = self._context.opened_at
        if self.state is not State.OPEN or opened is None:
            return None
        return datetime.datetime.fromtimestamp(opened + self._context.ttl, datetime.UTC)

    @property
    def standing(self) -> Standing:
        """What may be told of it now."""
        return Standing(self.name, self.state, self.failures, self.problem, clock.now(), self.retry_at)

    def allows(self) -> bool:
        """Whether to call now."""
        from purgatory.domain.model import OpenedState

        with self._lock, self._told():
            try:
                self._context.handle_new_request()
            except OpenedState:
                return False
            return True

    def succeeded(self) -> None:
        """A call went well."""
        with self._lock, self._told():
            self.failures, self.problem = 0, None
            self._context.handle_end_request()

    def failed(self, problem: BaseException) -> None:
        """A call failed."""
        with self._lock, self._told():
            self.failures += 1
            # The class alone: a message may hold a value.
            self.problem = type(problem).__name__
            self._context.handle_exception(problem)

    def _told(self) -> _Told:
        return _Told(self)


class _Told:
    """Tells of a breaker where its state is another at the end than at the beginning."""

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
