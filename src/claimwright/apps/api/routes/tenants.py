"""Tenants: listed and created, by accounts of the installation's own tenant."""

from __future__ import annotations

from pydantic import Field

from claimwright.apps.api.asking import Asking
from claimwright.apps.api.bodies import Body
from claimwright.apps.api.errors import ApiError
from claimwright.apps.api.resources import Resource
from claimwright.assembly.tenants import TenantExistsError, create_tenant, list_tenants
from claimwright.store.tenants import Tenant

routes = Resource("tenants", "Tenants, whose data the store separates")


class NewTenant(Body):
    """A tenant to be."""

    tenant: str = Field(
        pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$",
        description="ID: 1 to 63 lower-case letters, digits, - and _; no person's name.",
    )


@routes.get("/tenants", action="tenants.read")
def every(asker: Asking) -> list[Tenant]:
    """The tenants by name: since when, made by whom, whether anything is stored for them."""
    asker.demand_installation("tenants")
    return list_tenants(asker.services.database)


@routes.post("/tenants", action="tenants.change", status=201, errors=("state_conflict",))
def create(asker: Asking, new: NewTenant) -> Tenant:
    """Create a tenant; the first record of its audit log says so. Its first account gets in by a link that
    `claimwright serve --tenant` or `claimwright user add --tenant` prints.
    """
    asker.demand_installation("tenants")
    try:
        create_tenant(asker.caller.of_tenant(new.tenant), asker.services.database)
    except TenantExistsError as problem:
        raise ApiError("state_conflict", str(problem)) from None
    [made] = [each for each in list_tenants(asker.services.database) if each.tenant == new.tenant]
    return made
