"""A target behind a circuit breaker: one that fails again and again is left alone for a while."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType

import polars as pl

from claimwright.platform.breakers import Breaker

from .target import Put, Target, TargetUnavailableError


class TargetWithBreaker:
    """A target that is not called while its breaker is open: its claims wait in the store."""

    def __init__(self, target: Target, breaker: Breaker, transient: tuple[type[BaseException], ...]) -> None:
        """What `transient` names counts as a failure of the target."""
        self.name = target.name
        self._target, self._breaker, self._transient = target, breaker, transient

    def __enter__(self) -> TargetWithBreaker:
        """Connect, and make the tables and the partitions that are missing.

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
        """Write rows of each table that are not there yet, all or none."""
        try:
            done = self._target.put(frames)
        except self._transient as problem:
            self._breaker.failed(problem)
            raise
        self._breaker.succeeded()
        return done

    def claims_between(self, tenant: str, first_key: int, last_key: int) -> pl.DataFrame:
        """The claims of a tenant that are there, of a range of keys; columns as `THERE`."""
        return self._target.claims_between(tenant, first_key, last_key)

    def highest_key(self) -> int:
        """The highest claim key of all that are there; 0 where there are none."""
        return self._target.highest_key()
