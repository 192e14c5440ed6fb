"""A target behind a circuit breaker: if it fails repeatedly, it is not called for a while."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType

import polars as pl

from claimwright.platform.breakers import Breaker

from .target import Put, Target, TargetUnavailableError


class TargetWithBreaker:
    """A target that is not called while its breaker is open: its claims wait in the store."""

    def __init__(self, target: Target, breaker: Breaker, transient: tuple[type[BaseException], ...]) -> None:
        """The exceptions in `transient` count as failures of the target."""
        self.name = target.name
        self._target, self._breaker, self._transient = target, breaker, transient

    def __enter__(self) -> TargetWithBreaker:
        """Connect, and create missing tables and partitions.

        Raises:
            TargetUnavailableError: the breaker is open.
        """
        if not self._breaker.allows():
            raise TargetUnavailableError(self._breaker.retry_at)
        try:
            self._target.__enter__()
        except self._transient as problem:
            self._breaker.failed(problem)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._target.__exit__(kind, problem, trace)

    def put(self, frames: Mapping[str, pl.DataFrame]) -> Put:
        """Write the rows of each table that the target does not have yet, all or none."""
        try:
            done = self._target.put(frames)
        except self._transient as problem:
            self._breaker.failed(problem)
            raise
        self._breaker.succeeded()
        return done

    def claims_between(self, tenant: str, first_key: int, last_key: int) -> pl.DataFrame:
        """The target's claims of a tenant in a range of keys; columns as `THERE`."""
        return self._target.claims_between(tenant, first_key, last_key)

    def highest_key(self) -> int:
        """The highest claim key in the target; 0 if it has none."""
        return self._target.highest_key()
