"""Transactions on a caller's behalf: row-level security uses their tenant and actor until they end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from claimwright.domain.caller import Caller

if TYPE_CHECKING:
    import psycopg


@contextmanager
def tenancy(connection: psycopg.Connection[Any], caller: Caller) -> Iterator[None]:
    """A transaction on the caller's behalf, on an existing connection."""
    with connection.transaction():
        # One statement, one round trip; `true` means until the transaction ends.
        connection.execute(
            "select set_config('claimwright.tenant', %s, true), set_config('claimwright.actor', %s, true)",
            [caller.tenant, caller.actor],
        )
        yield
