"""A transaction on a caller's behalf: row-level security compares tenant and actor until it ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from claimwright.domain.caller import Caller

if TYPE_CHECKING:
    import psycopg


@contextmanager
def tenancy(connection: psycopg.Connection[Any], caller: Caller) -> Iterator[None]:
    """A transaction on the caller's behalf, on a connection that one has."""
    with connection.transaction():
        # One statement, one round trip; `true`: until the transaction ends.
        connection.execute(
            "select set_config('claimwright.tenant', %s, true), set_config('claimwright.actor', %s, true)",
            [caller.tenant, caller.actor],
        )
        yield
