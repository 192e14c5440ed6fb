"""A target: a database that claims are delivered to.

DeliveryError (ValueError)   the target can't be used; one line, without its password
DriverPanicError (RuntimeError)   the target's driver panicked, which is not a normal Python exception
TargetUnavailableError (Exception)        its circuit breaker is open
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol

import polars as pl

from claimwright.foundation.errors import StoreError

# The columns that `Target.claims_between` returns.
THERE: dict[str, pl.DataType] = {
    "claim_key": pl.Int64(),
    "version": pl.Int32(),
    "total_charge": pl.Decimal(18, 2),
}


class DeliveryError(StoreError, ValueError):
    """The target can't be used."""


class DriverPanicError(StoreError, RuntimeError):
    """The driver's compiled code panicked. The original panic is not an `Exception`."""

    def __init__(self, panic: BaseException) -> None:
        super().__init__(
            f"the target's driver failed ({type(panic).__name__}); nothing is recorded as delivered"
        )


@contextmanager
def panics_caught() -> Iterator[None]:
    """Convert a panic of the driver's compiled code to an error; KeyboardInterrupt and SystemExit pass
    through.

    Raises:
        DriverPanicError: it panicked; without the driver's message, which could show a row.
    """
    try:
        yield
    except BaseException as panic:
        if isinstance(panic, Exception) or type(panic).__module__ == "builtins":
            raise
        raise DriverPanicError(panic) from None


class TargetUnavailableError(StoreError):
    """The target failed repeatedly and is not called for a while."""

    def __init__(self, retry_at: datetime.datetime | None) -> None:
        until = f"{retry_at:%H:%M:%S} UTC" if retry_at else "later"
        super().__init__(f"the target failed repeatedly and is not called until {until}")


@dataclass(frozen=True, slots=True)
class Put:
    """The result of sending claims: how many were new, and the keys of those that differ in the target."""

    new: int
    differing: frozenset[int] = frozenset()


class Target(Protocol):
    """A database to which claims are delivered."""

    name: str
    """Kind, server and database; deliveries are recorded under this name."""

    def __enter__(self) -> Target:
        """Connect, and create missing tables and partitions."""

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Disconnect."""

    def put(self, frames: Mapping[str, pl.DataFrame]) -> Put:
        """Write the rows of each table that the target does not have yet, all or none.

        If the target has different data under a claim's key and version, it stays unchanged and the key is
        returned.
        """

    def claims_between(self, tenant: str, first_key: int, last_key: int) -> pl.DataFrame:
        """The target's claims of a tenant in a range of keys; columns as `THERE`."""

    def highest_key(self) -> int:
        """The highest claim key in the target, of any tenant; 0 if it has none."""
