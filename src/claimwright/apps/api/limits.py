"""Rate limits: requests per identity and minute, and sign-in attempts per address and minute.

Counted in the database, so that they hold over all processes of the API. A minute begins for all of them with
the server's. Requests of an identity are metered in the same transaction.
"""

from __future__ import annotations

from fastapi import Request, Response

from claimwright.domain.caller import Caller, Origin
from claimwright.platform.identity import SignInError
from claimwright.platform.metering import count_request as counted

from .asking import address_of, asker_of, services_of
from .errors import ApiError


def count_request(request: Request, response: Response) -> None:
    """Count a request of an identity, or of an address if it is not authenticated.

    Raises:
        ApiError: there were too many in this minute.
        QuotaExceededError: the requests of the tenant's month are used up.
    """
    services = services_of(request)
    settings = services.settings.api
    reads = request.method == "GET"
    try:
        caller = asker_of(request).caller
        key, limit, metered = caller.actor, settings.requests_per_minute, True
    except (SignInError, ApiError):
        # Public routes are counted by address; the others refuse unauthenticated requests themselves.
        caller = Caller(services.settings.tenant, "system:limits", origin=Origin.API)
        key, metered = f"address {address_of(request)}", False
        limit = settings.requests_per_minute if reads else settings.sign_ins_per_minute
    with services.database.transaction(caller) as connection:
        found = counted(connection, f"{'read' if reads else 'write'} {key}", limit, metered=metered)
    headers = {
        "RateLimit-Limit": str(limit),
        "RateLimit-Remaining": str(max(0, limit - found.count)),
        "RateLimit-Reset": str(found.seconds),
    }
    if found.count > limit:
        raise ApiError("too_many_requests", headers={**headers, "Retry-After": str(found.seconds)})
    response.headers.update(headers)
