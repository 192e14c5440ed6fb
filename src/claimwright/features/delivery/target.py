"""A target: a database that claims are delivered to.

DeliveryError (ValueError)   the target can't be used as it stands; one line, without its password
DriverPanicError (RuntimeError)   the target's driver broke down, in a way that is no exception of Python's
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

# What `Target.claims_between` returns.
THERE: dict[str, pl.DataType] = {
    "claim_key": pl.Int64(),
    "version": pl.Int32(),
    "total_charge": pl.Decimal(18, 2),
}


class DeliveryError(StoreError, ValueError):
    """The target can't be used as it stands."""


class DriverPanicError(StoreError, RuntimeError):
    """The driver broke down: a panic of compiled code, which `except Exception` lets pass."""

    def __init__(self, panic: BaseException) -> None:
        super().__init__(
            f"the target's driver broke down ({type(panic).__name__}); nothing is noted as delivered"
        )


@contextmanager
def panics_caught() -> Iterator[None]:
    """A panic of a driver's compiled code is an error like others; what ends a program stays what it is.

    Raises:
        DriverPanicError: it panicked; never with its own words, which may show a row.
    """
    try:
        yield
    except BaseException as panic:
        if isinstance(panic, Exception) or type(panic).__module__ == "builtins":
            raise
        raise DriverPanicError(panic) from None


class TargetUnavailableError(StoreError):
    """A target that failed again and again is left alone for a while."""

    def __init__(self, retry_at: datetime.datetime | None) -> None:
        until = f"{retry_at:%H:%M:%S} UTC" if retry_at else "later"
        super().__init__(f"the target failed again and again, and is left alone until {until}")


@dataclass(frozen=True, slots=True)
class Put:
    """What became of claims that were sent: how many were new, and the keys of those that differ there."""

    new: int
    differing: frozenset[int] = frozenset()


class Target(Protocol):
    """Where claims are delivered to."""

    name: str
    """The kind, server and database: what is noted as delivered was delivered there and not elsewhere."""

    def __enter__(self) -> Target:
        """Connect, and make the tables and the partitions that are missing."""

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Disconnect."""

    def put(self, frames: Mapping[str, pl.DataFrame]) -> Put:
        """Write rows of each table that are not there yet, all or none.

        A claim of which something else is there under its key and version is left as it is there, and named.
        """

    def claims_between(self, tenant: str, first_key: int, last_key: int) -> pl.DataFrame:
        """The claims of a tenant that are there, of a range of keys; columns as `THERE`."""

    def highest_key(self) -> int:
        """The highest claim key of all that are there, of any tenant; 0 where there are none."""
