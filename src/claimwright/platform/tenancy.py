"""Transactions on a caller's behalf: row-level security uses their tenant and actor until they end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from claimwright.domain.caller import Caller

if TYPE_CHECKING:
    import psycopg


@contextmanager
def tenancy(connection: psycopg.Connection[Any], caller: Caller) -> Iterator[None]:
    """A transaction on the caller's behalf, on an existing connection; within another one, a savepoint."""
    import psycopg
    from psycopg.pq import TransactionStatus

    if not connection.autocommit or connection.info.transaction_status != TransactionStatus.IDLE:
        with connection.transaction():
            # One statement, one round trip; `true` means until the transaction ends.
            connection.execute(
                "select set_config('claimwright.tenant', %s, true), "
                "set_config('claimwright.actor', %s, true)",
                [caller.tenant, caller.actor],
            )
            yield
        return
    try:
        _begin(connection, caller)
        yield
    except BaseException as problem:
        # What went wrong is told, not that the connection could not be used any more.
        with suppress(psycopg.Error):
            connection.rollback()
        if not isinstance(problem, psycopg.Rollback):
            raise
    else:
        connection.commit()


def _begin(connection: psycopg.Connection[Any], caller: Caller) -> None:
    """Begin, and name the caller, in one round trip: statements without parameters may be sent together."""
    connection.execute(_beginning(caller.tenant, caller.actor))


@lru_cache(maxsize=1_000)
def _beginning(tenant: str, actor: str) -> bytes:
    from psycopg import sql

    text = (
        "begin; select set_config('claimwright.tenant', {}, true), set_config('claimwright.actor', {}, true)"
    )
    return sql.SQL(text).format(tenant, actor).as_bytes(None)
