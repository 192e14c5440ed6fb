"""The tenants.

A tenant must be created before data is stored for it, so that a misspelled name is an error.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from claimwright.domain.caller import Caller, UnknownTenantError
from claimwright.platform.database import Connection


@dataclass(frozen=True)
class Tenant:
    """One tenant. `has_data` is whether anything was ever stored for it."""

    tenant: str
    created_at: datetime.datetime
    created_by: str
    has_data: bool


def known_tenants(connection: Connection) -> list[Tenant]:
    """All tenants, by name."""
    rows = connection.execute(
        "select k.tenant, k.created_at, k.created_by, t.tenant is not null "
        "from store.known_tenants() k left join store.tenants() as t (tenant) using (tenant) "
        "order by k.tenant"
    ).fetchall()
    return [Tenant(*row) for row in rows]


def add_tenant(connection: Connection) -> bool:
    """Create the tenant of the present transaction. False if there is one with this name."""
    return (
        connection.execute(
            "insert into platform.tenants (created_by) values (store.actor()) on conflict do nothing"
        ).rowcount
        == 1
    )


def require_tenant(caller: Caller, connection: Connection) -> None:
    """Check, in a transaction on the caller's behalf, that the tenant exists.

    Raises:
        UnknownTenantError: there is no tenant with this name.
    """
    row = connection.execute("select 1 from platform.tenants where tenant = %s", [caller.tenant]).fetchone()
    if row is None:
        raise UnknownTenantError(caller.tenant)
