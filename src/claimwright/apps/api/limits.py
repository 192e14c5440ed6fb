"""Rate limits: requests per identity and minute, and sign-in attempts per address and minute.

Counted in the database, so that they hold over all processes of the API. A minute begins for all of them with
the server's. Requests of an identity are metered in the same transaction.
"""

from __future__ import annotations

from fastapi import Request, Response

from claimwright.domain.caller import Caller, Origin
from claimwright.platform.identity import SignInError
from claimwright.platform.metering import Counted, QuotaExceededError
from claimwright.platform.metering import count_request as counted

from .asking import address_of, asker_of, services_of
from .errors import ApiError

# An account without quota can still read its usage, and an administrator can raise the quota.
_WITHOUT_QUOTA = ("own.", "usage.")


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
    reads = request.method == "GET"
    identity = None if is_public else _identity(request)
    if identity is not None:
        caller, key, limit, metered = identity, identity.actor, settings.requests_per_minute, True
    else:
        caller = Caller(services.settings.tenant, "system:limits", origin=Origin.API)
        key, metered = f"address {address_of(request)}", False
        limit = settings.requests_per_minute if reads else settings.sign_ins_per_minute

    def count(*, metered: bool) -> Counted:
        with services.database.transaction(caller) as connection:
            return counted(connection, f"{'read' if reads else 'write'} {key}", limit, metered=metered)

    try:
        found = count(metered=metered)
    except QuotaExceededError:
        if not action.startswith(_WITHOUT_QUOTA):
            raise
        found = count(metered=False)
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
