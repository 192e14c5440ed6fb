"""What a tenant uses, and may use."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Query, Response
from pydantic import BaseModel, Field

from claimwright.apps.api.asking import Asking
from claimwright.apps.api.bodies import Body
from claimwright.apps.api.resources import Resource
from claimwright.platform.metering import (
    Quota,
    Usage,
    quotas_of,
    set_quota,
    this_month,
    usage_csv,
    usage_of,
)
from claimwright.store.tenants import require_tenant

routes = Resource("usage", "Usage and quotas")
Month = Annotated[
    str | None,
    Query(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$", description="Such as 2026-11 (UTC). Default: this month."),
]


class MonthlyUsage(BaseModel):
    """What each identity of a tenant used in a month."""

    tenant: str
    month: str
    identities: list[Usage]


class QuotaWanted(Body):
    """A quota to be set; `most` is null to remove it."""

    tenant: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")
    kind: Literal["requests", "claims", "bytes", "storage"]
    most: int | None = Field(default=None, ge=0, le=2**62)


@routes.get("/usage", action="usage.read")
def usage(asker: Asking, month: Month = None) -> MonthlyUsage:
    """Requests, claims and bytes of a month by identity, and the bytes stored at its end."""
    wanted = month or this_month()
    with asker.services.database.transaction(asker.caller) as connection:
        found = usage_of(connection, wanted)
    return MonthlyUsage(tenant=asker.caller.tenant, month=wanted, identities=found)


@routes.get(
    "/usage/export", action="usage.read", response_class=Response,
    openapi_extra={"x-media-type": "text/csv"},
)  # fmt: skip
def export(asker: Asking, month: Month = None) -> Response:
    """The same as CSV, one row an identity, for a bill."""
    told = usage(asker, month)
    text = usage_csv(told.tenant, told.month, told.identities)
    name = f"usage-{told.tenant}-{told.month}.csv"
    return Response(
        text, media_type="text/csv", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


@routes.get("/usage/quotas", action="usage.read")
def quotas(asker: Asking) -> list[Quota]:
    """The quotas of the tenant, and how much of each is used."""
    with asker.services.database.transaction(asker.caller) as connection:
        return quotas_of(connection)


@routes.post("/usage/quotas", action="usage.limit", status=204, errors=("not_found",))
def limit(asker: Asking, wanted: QuotaWanted) -> None:
    """Set or remove a quota of a tenant. For accounts of the installation's own tenant."""
    asker.demand_installation("quotas")
    caller = asker.caller.of_tenant(wanted.tenant)
    with asker.services.database.transaction(caller) as connection:
        require_tenant(caller, connection)
        set_quota(caller, connection, wanted.kind, wanted.most)
