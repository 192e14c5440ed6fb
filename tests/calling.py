"""Callers for tests, and a connection that acts for one until its transaction ends."""

from __future__ import annotations

from typing import Any

import psycopg

from claimwright.domain.caller import Caller


def caller_of(tenant: str = "north", actor: str = "user:7") -> Caller:
    """A person at work on a tenant's data."""
    return Caller(tenant, actor)


def act_for(connection: psycopg.Connection[Any], caller: Caller) -> None:
    """Have the database know the caller until the transaction under way ends."""
    connection.execute(
        "select set_config('claimwright.tenant', %s, true), set_config('claimwright.actor', %s, true)",
        (caller.tenant, caller.actor),
    )
