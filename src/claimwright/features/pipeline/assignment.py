"""Parameters of a worker: its run, its handling of failures, its callbacks, its protection."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from claimwright.domain.caller import Caller
from claimwright.platform.breakers import Breaker
from claimwright.platform.database import Connection, Database, tenancy
from claimwright.platform.observability import scope
from claimwright.store.runs import Run

from .isolation import Trial
from .writing import Committed, Notices


@dataclass(frozen=True)
class Assignment:
    """The caller, the run and the store that a worker works for."""

    caller: Caller
    database: Database
    run: Run

    def transaction(self) -> AbstractContextManager[Connection]:
        """A transaction on the caller's behalf, on a connection of the store's pool."""
        return self.database.transaction(self.caller)

    def on(self, connection: Connection) -> AbstractContextManager[None]:
        """A transaction on the caller's behalf, on the worker's own connection."""
        return tenancy(connection, self.caller)

    def scope(self) -> AbstractContextManager[None]:
        """The ids for logs and spans."""
        run = self.run
        return scope(tenant=self.caller.tenant, run_id=run.run_id, correlation_id=run.correlation_id)


@dataclass
class Reports:
    """Callbacks during a run.

    `notices` records a chunk and `finished` records the end of the run, each in its transaction; `committed`
    is called after a chunk's transaction.
    """

    notices: Notices | None = None
    finished: Callable[[Connection, Run], None] = lambda _connection, _run: None
    committed: Callable[[Committed], None] = lambda _: None


@dataclass
class Safeguards:
    """Protects a run from claims that crash workers, and an unavailable store from calls.

    `trial` tests the claims of a chunk that keeps crashing its workers; without it, they are processed like
    others. `breaker` is the circuit breaker of the store.
    """

    trial: Trial | None = None
    breaker: Breaker | None = None


@dataclass(frozen=True)
class Patience:
    """How failures are handled; each value is a setting (`pipeline.*`)."""

    attempts: int = 5
    first_seconds: float = 1
    longest_seconds: float = 300
    lease_seconds: float = 120
    crashes: int = 2
    crashes_alone: int = 2
