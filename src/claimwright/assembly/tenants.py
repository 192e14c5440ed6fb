"""Creates and lists tenants."""

from __future__ import annotations

from typing import TYPE_CHECKING

from claimwright.foundation.errors import ConfigurationError

if TYPE_CHECKING:
    from claimwright.domain.caller import Caller
    from claimwright.platform.database import Database
    from claimwright.store.tenants import Tenant


class TenantExistsError(ConfigurationError):
    """There is already a tenant with this name."""


def create_tenant(caller: Caller, database: Database) -> None:
    """Create the caller's tenant; this is the first record of its audit log.

    Raises:
        TenantExistsError: there is already one with this name; nothing was done.
    """
    from claimwright.platform.audit import append
    from claimwright.store.tenants import add_tenant

    with database.transaction(caller) as connection:
        if not add_tenant(connection):
            raise TenantExistsError(f"there is already a tenant {caller.tenant}.")
        append(
            caller, connection, action="tenant.created", subject=f"tenant:{caller.tenant}", detail={},
            correlation_id="",
        )  # fmt: skip


def list_tenants(database: Database) -> list[Tenant]:
    """All tenants, by name."""
    from claimwright.store.tenants import known_tenants

    with database.pool.connection() as connection:
        return known_tenants(connection)
