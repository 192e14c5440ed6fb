"""What an administrator does to the whole store, as records of the audit log of every tenant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .callers import account_caller

if TYPE_CHECKING:
    from claimwright.domain.caller import Caller


def record_for_all(
    address: str, *, action: str, subject: str, detail: Mapping[str, Any], caller: Caller | None = None
) -> int:
    """Record an act in the log of every tenant that has one; returns of how many.

    `address` is the application's. A store without tenants has no log yet, and one without a schema none at
    all.
    """
    import psycopg

    from claimwright.platform.audit import append
    from claimwright.platform.database import APPLICATION, tenancy

    with psycopg.connect(address, autocommit=True) as connection:
        found = connection.execute("select to_regprocedure('store.tenants()')").fetchone()
        if found is None or found[0] is None:
            return 0
        if connection.info.user != APPLICATION:
            connection.execute(f"set role {APPLICATION}".encode())
        tenants = [row[0] for row in connection.execute("select store.tenants()").fetchall()]
        for tenant in tenants:
            whose = caller.of_tenant(tenant) if caller else account_caller(tenant)
            with tenancy(connection, whose):
                append(whose, connection, action=action, subject=subject, detail=detail, correlation_id="")
        return len(tenants)
