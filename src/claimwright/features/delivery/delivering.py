"""Delivers the production claims that the target does not have yet, batch by batch.

A batch is recorded as delivered after the target has committed it. If the process is killed in between, the
batch is sent again; the target accepts each claim and version only once and does not change.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import polars as pl
import psycopg
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
    wait_random_exponential,
)

from claimwright.domain.caller import Caller
from claimwright.platform.database import Connection, Database
from claimwright.platform.observability import METRICS, get_logger, scope, span
from claimwright.store import deliveries

from .tables import CLAIMS, LINES
from .target import Target

_LOG = get_logger("delivery")


# Transient failures: the target restarts, is full, or disconnected. The SQL Server driver raises other
# classes.
TRANSIENT = (psycopg.OperationalError, psycopg.InterfaceError, psycopg.InternalError, OSError, RuntimeError)


@dataclass(frozen=True, slots=True)
class Patience:
    """How many consecutive attempts a failing target gets, and the waits between them in seconds."""

    attempts: int = 5
    first_seconds: float = 1
    longest_seconds: float = 300


@dataclass(frozen=True, slots=True)
class Delivered:
    """One batch: the number of claims sent, and of those that the target did not have yet.

    `differing` are the keys of claims for which the target has different data under the same key and version.
    They are not recorded as delivered.
    """

    claims: int
    new: int
    differing: frozenset[int] = frozenset()


def deliver(caller: Caller, database: Database, target: Target, *, batch: int = 5_000) -> Iterator[Delivered]:
    """Deliver every active production claim of the tenant that is not held for review; yields each batch.

    Raises:
        psycopg.Error: the store or a PostgreSQL target failed. Batches already yielded are delivered.
    """
    after = 0
    with scope(tenant=caller.tenant):
        while True:
            with database.transaction(caller) as connection:
                keys = deliveries.next_undelivered(connection, target.name, batch, after=after)
                if not keys.height:
                    return
                frames = {
                    CLAIMS.name: deliveries.claims_to_deliver(connection, keys),
                    LINES.name: deliveries.lines_to_deliver(connection, keys),
                }
            with span("delivery.batch", target=target.name, claims=keys.height):
                put = target.put(frames)
            after = int(keys["claim_key"].to_list()[-1])
            taken = keys.filter(~pl.col("claim_key").is_in(list(put.differing)))
            with database.transaction(caller) as connection:
                deliveries.note_delivered(connection, target.name, taken)
            _LOG.info("claims delivered", target=target.name, claims=taken.height, rows=put.new)
            if put.differing:
                _LOG.error(
                    "the target has different claims under these keys", claim_keys=sorted(put.differing)
                )
            yield Delivered(taken.height, put.new, put.differing)


def deliver_patiently(
    caller: Caller,
    database: Database,
    open_again: Callable[[], Target],
    *,
    batch: int = 5_000,
    patience: Patience | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[Delivered]:
    """Like `deliver`, but reconnects to a failing target, with growing waits and jitter.

    Raises:
        the target's error, after `attempts` failures with nothing delivered between them.
    """
    patience = patience or Patience()
    progress = [0]

    def connected() -> Iterator[Delivered]:
        with open_again() as target:
            yield from deliver(caller, database, target, batch=batch)

    while True:
        before = progress[0]
        waits = Retrying(
            retry=retry_if_exception_type(TRANSIENT),
            stop=stop_after_attempt(patience.attempts),
            wait=wait_random_exponential(multiplier=patience.first_seconds, max=patience.longest_seconds),
            sleep=sleep,
            before_sleep=_log_retry,
            reraise=True,
        )
        for attempt in waits:
            with attempt:
                try:
                    for done in connected():
                        progress[0] += 1
                        yield done
                except TRANSIENT:
                    if progress[0] == before:
                        raise
                    # Something was delivered: reset the count of consecutive failures.
                    break
                return


def _log_retry(state: RetryCallState) -> None:
    problem = state.outcome.exception() if state.outcome else None
    METRICS().retried(type(problem).__name__)
    _LOG.warning("the target failed", error_class=type(problem).__name__, attempt=state.attempt_number)


def undelivered(connection: Connection, target: str) -> int:
    """How many claims of the tenant are waiting for delivery to a target."""
    return deliveries.count_undelivered(connection, target)
