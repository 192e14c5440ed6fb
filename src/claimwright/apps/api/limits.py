"""Rate limits: requests per identity and minute, and sign-in attempts per address and minute.

Counted in the database, so that they hold over all processes of the API. A minute begins for all of them with
the server's. Requests of an identity are counted and metered in the transaction that finds out who it is.
"""

from __future__ import annotations

from fastapi import Request, Response

from claimwright.domain.caller import Caller, Origin
from claimwright.platform.identity import SignInError
from claimwright.platform.metering import Counted, QuotaExceededError
from claimwright.platform.metering import count_request as counted

from .asking import address_of, asker_of, kind_of, services_of
from .connections import counted_address
from .errors import ApiError

_WITHOUT_QUOTA = ("own.", "usage.")
# Of a public route that changes something and guesses nothing: a provider signs many people out at once.
MANY_BY_ADDRESS = {"x-many-by-address": True}


def count_request(request: Request, response: Response, action: str, *, is_public: bool) -> None:
    """Count a request, once: by address on public routes and if it is not authenticated, else by identity.

    Raises:
        ApiError: there were too many in this minute.
        QuotaExceededError: the requests of the tenant's month are used up.
    """
    if (known := getattr(request.state, "rate_headers", None)) is not None:
        response.headers.update(known)
        return
    services = services_of(request)
    settings = services.settings.api
    limit = settings.requests_per_minute
    identity = None if is_public else _identity(request)
    if identity is not None:
        found: Counted = request.state.counted
        # An account without quota can still read its usage, and an administrator can raise the quota.
        if found.quota is not None and not action.startswith(_WITHOUT_QUOTA):
            raise QuotaExceededError("requests", found.quota)
    else:
        key = f"{kind_of(request)} address {counted_address(address_of(request))}"
        if (request.scope["route"].openapi_extra or {}).get("x-many-by-address"):
            key = f"provider {key}"
        elif request.method != "GET":
            limit = settings.sign_ins_per_minute
        caller = Caller(services.settings.tenant, "system:limits", origin=Origin.API)
        with services.database.transaction(caller) as connection:
            found = counted(connection, key, limit, metered=False)
    headers = {
        "RateLimit-Limit": str(limit),
        "RateLimit-Remaining": str(max(0, limit - found.count)),
        "RateLimit-Reset": str(found.seconds),
    }
    if found.count > limit:
        request.state.is_first_refused = found.count == limit + 1
        raise ApiError("too_many_requests", headers={**headers, "Retry-After": str(found.seconds)})
    request.state.rate_headers = headers
    response.headers.update(headers)


def _identity(request: Request) -> Caller | None:
    """The authenticated sender; the route itself refuses unauthenticated requests."""
    try:
        return asker_of(request).caller
    except (SignInError, ApiError):
        return None
