"""Authentication of requests: a session cookie, a personal token, a service's access token or certificate.

An `Asker` is the authenticated sender of a request. A route does not authenticate or authorize: the
resource with which it is registered does so before the route is called.
"""

from __future__ import annotations

import datetime
import hmac
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool

from claimwright.domain.caller import Caller, Origin, Purpose
from claimwright.foundation import clock
from claimwright.platform.access import ACTIONS, Context
from claimwright.platform.identity import (
    PERSONAL,
    SESSION,
    Bearer,
    Session,
    SignInError,
    Token,
    account_of,
    certified_token,
    is_session_open,
    live_token,
    parse_bearer,
    session_of,
    tenant_of,
    tenant_of_certificate,
    token_of,
    verified_token,
    was_vouched_for,
)
from claimwright.platform.metering import count_request

from .errors import ApiError

if TYPE_CHECKING:
    from claimwright.platform.database import Connection

    from .services import Services

COOKIE = "__Host-claimwright"
# Of a sign-in that takes two requests.
FLOW_COOKIE = "__Host-claimwright-flow"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_OF_BROWSERS = frozenset({"origin", "sec-fetch-site"})


@dataclass(frozen=True)
class Asker:
    """The authenticated sender of a request.

    Attributes:
        caller: tenant, actor, roles, purpose.
        facilities: those that are theirs; None where all of the tenant are.
        scopes: of the token; None where a person has signed in.
        session: where a person has signed in.
        request_id: of the request; correlation id of what it does.
        account: the name of the account behind the session or the token; None where it is a service.
        token_id: of the token or the credentials; None where a person has signed in.
        ends_at: of an access token, which ends before its credentials do.
    """

    caller: Caller
    facilities: list[str] | None
    scopes: frozenset[str] | None
    session: Session | None
    bearer: Bearer | None
    services: Services
    request_id: str
    address: str
    account: str | None = None
    token_id: int | None = None
    ends_at: datetime.datetime | None = None

    def owns(self, facility: str) -> bool:
        """Whether a facility is allowed."""
        return self.facilities is None or facility in self.facilities

    def within(self, facility: str | None) -> list[str] | None:
        """The facilities of a list: the one that is asked for, if it is theirs; None for all."""
        if facility is None:
            return self.facilities
        return [facility] if self.owns(facility) else []

    def withheld_kind(self, kind: str, labels: Iterable[str] = ()) -> str | None:
        """Why a kind of field is hidden of a claim with these labels; None if it is visible."""
        return self.services.access.why_withheld(self.caller, kind, labels)

    def may(self, action: str, facility: str | None = None) -> bool:
        """Whether roles, facilities and the token's scopes allow an action, at a facility if one is given."""
        return self._has_scope(action) and self.services.access.may(
            self.caller, action, self._context(facility)
        )

    def demand(self, action: str, facility: str | None = None) -> None:
        """Raise an error unless the action is allowed, at the facility if one is given.

        Raises:
            AccessDeniedError: the roles or facilities do not allow it.
            ApiError: the token's scopes do not.
        """
        if not self._has_scope(action):
            able = ", ".join(sorted(ACTIONS[action].scopes))
            raise ApiError("not_permitted", f"the token's scopes do not allow this. It needs one of: {able}.")
        self.services.access.demand(self.caller, action, self._context(facility))

    def _has_scope(self, action: str) -> bool:
        return self.scopes is None or bool(self.scopes & ACTIONS[action].scopes)

    def _context(self, facility: str | None) -> Context:
        own = facility is None or self.owns(facility)
        return Context(self.caller.purpose, facility_is_own=own, every_facility=self.facilities is None)

    def demand_every_facility(self, why: str) -> None:
        """Go on only if every facility of the tenant is theirs.

        Raises:
            ApiError: only some are.
        """
        if self.facilities is not None:
            raise ApiError("not_permitted", f"this is for accounts of every facility: {why}.")

    def demand_installation(self, what: str) -> None:
        """Go on only where they are of the tenant that the installation belongs to.

        Raises:
            ApiError: they are of another one; what all tenants use is not theirs to change.
        """
        if self.caller.tenant != self.services.settings.tenant:
            raise ApiError("not_permitted", f"{what} of all tenants are changed by the installation's own.")

    def demand_second_factor(self) -> None:
        """Go on only if the session has shown a second factor, where a role of theirs needs one.

        Raises:
            ApiError: it has not.
        """
        needing = self.caller.roles.intersection(self.services.settings.api.second_factor_roles)
        if self.session is not None and needing and not self.session.has_second_factor:
            raise ApiError(
                "second_factor_needed", "your role needs a second factor. Set one up, then sign in with it."
            )

    def of_now(self, connection: Connection) -> Asker | None:
        """The same with roles and facilities of now; None where session or token would not be accepted any
        more. Asked by what lasts longer than a request.
        """
        roles, facilities = list(self.caller.roles), self.facilities
        if self.ends_at is not None and self.ends_at <= clock.now():
            return None
        if self.session is not None:
            if not is_session_open(connection, self.session):
                return None
            account = account_of(connection, self.session.account.account_id)
            roles, facilities = account.roles, account.facilities
        elif self.token_id is not None:
            try:
                token = live_token(connection, self.token_id)
                days = self.services.settings.identity.oidc.token_days
                roles, facilities, _ = _of_token(connection, token, days)
            except SignInError:
                return None
        return replace(self, caller=replace(self.caller, roles=frozenset(roles)), facilities=facilities)

    @contextmanager
    def recorded(self, action: str, subject: str) -> Iterator[dict[str, Any]]:
        """An act outside of the store, in the audit log of their tenant once it is done; gives its detail."""
        from claimwright.assembly.administration import recorded_in

        with recorded_in(
            self.caller, self.services.database, action=action, subject=subject, detail={},
            correlation_id=self.request_id,
        ) as detail:  # fmt: skip
            yield detail


def services_of(request: Request) -> Services:
    """The services of the application."""
    services: Services = request.app.state.services
    return services


def asker_of(request: Request) -> Asker:
    """The sender of a request; authenticated once per request, and the request counted with it.

    Raises:
        SignInError: there are no credentials, or they are invalid.
        ApiError: a cookie without the CSRF token.
    """
    known: Asker | None = getattr(request.state, "asker", None)
    if known is None:
        known = request.state.asker = _identified(request, services_of(request))
    return known


async def known_asker(request: Request) -> Asker:
    """The same; no thread is needed where the request was admitted already."""
    known: Asker | None = getattr(request.state, "asker", None)
    return known if known is not None else await run_in_threadpool(asker_of, request)


def kind_of(request: Request) -> str:
    """Reads and writes are counted apart."""
    return "read" if request.method == "GET" else "write"


def _identified(request: Request, services: Services) -> Asker:
    scheme, _, credential = request.headers.get("authorization", "").partition(" ")
    if scheme:
        if scheme.lower() != "bearer":
            raise SignInError("send the token as Authorization: Bearer.")
        return _by_token(request, services, credential.strip())
    certificate: bytes | None = getattr(request.state, "certificate", None)
    if certificate is not None and COOKIE not in request.cookies:
        return _by_certificate(request, services, certificate)
    cookie = parse_bearer(request.cookies.get(COOKIE, ""))
    if cookie is None or cookie.kind != SESSION:
        raise SignInError("you are not signed in. Sign in, or send a token.")
    if request.method not in _SAFE:
        _refuse_forged(request, cookie)
    with services.database.pool.connection() as connection:
        session, request.state.counted = session_of(
            connection, cookie, kind=kind_of(request), most=services.settings.api.requests_per_minute
        )
    caller = Caller(
        cookie.tenant, session.account.actor, frozenset(session.account.roles),
        purpose=Purpose(session.purpose), origin=Origin.API,
    )  # fmt: skip
    return _asker(
        request, services, caller, session.account.facilities, session=session, bearer=cookie,
        account=session.account.name,
    )  # fmt: skip


def _by_token(request: Request, services: Services, text: str) -> Asker:
    bearer = parse_bearer(text)
    tenant = bearer.tenant if bearer else tenant_of(text)
    if tenant is None or (bearer is not None and bearer.kind != PERSONAL):
        raise SignInError("the token is not valid.")
    door = Caller(tenant, "system:sign-in", origin=Origin.API)
    with services.database.transaction(door) as connection:
        if bearer is not None:
            token = token_of(connection, bearer)
            scopes, ends_at = list(token.scopes), None
        else:
            token, scopes, ends_at = verified_token(connection, tenant, text)
        roles, facilities, account = _of_token(connection, token, services.settings.identity.oidc.token_days)
        actor = f"client:{token.client_name}" if token.client_name else f"user:{token.account_id}"
        _count(request, services, connection, actor)
    caller = Caller(tenant, actor, frozenset(roles), origin=Origin.API)
    return _asker(
        request, services, caller, facilities, scopes=frozenset(scopes), account=account,
        token_id=token.token_id, ends_at=ends_at,
    )  # fmt: skip


def _by_certificate(request: Request, services: Services, digest: bytes) -> Asker:
    """The service whose client certificate TLS has verified.

    A browser shows a certificate by itself, also for the page of somebody else; it says so in these headers,
    which no page can leave out.
    """
    if request.method not in _SAFE and not _OF_BROWSERS.isdisjoint(request.headers):
        raise ApiError("forged_request", "a client certificate is for services. In a browser, sign in.")
    with services.database.pool.connection() as connection:
        tenant = tenant_of_certificate(connection, digest)
    if tenant is None:
        raise SignInError("no service has this certificate, or its credentials have ended.")
    with services.database.transaction(Caller(tenant, "system:sign-in", origin=Origin.API)) as connection:
        token = certified_token(connection, digest)
        _count(request, services, connection, f"client:{token.client_name}")
    caller = Caller(tenant, f"client:{token.client_name}", frozenset(token.roles), origin=Origin.API)
    return _asker(
        request, services, caller, token.facilities, scopes=frozenset(token.scopes), token_id=token.token_id
    )


def _count(request: Request, services: Services, connection: Connection, actor: str) -> None:
    """Count the request in the transaction that found out whose it is."""
    request.state.counted = count_request(
        connection, f"{kind_of(request)} {actor}", services.settings.api.requests_per_minute,
        metered=True, actor=actor,
    )  # fmt: skip


def _of_token(
    connection: Connection, token: Token, days: int
) -> tuple[list[str], list[str] | None, str | None]:
    if token.account_id is None:
        return token.roles, token.facilities, None
    account = account_of(connection, token.account_id)
    if account.state != "active":
        raise SignInError("the token is not valid: its account may not sign in.")
    if not was_vouched_for(connection, token.account_id, days):
        raise SignInError("the token is on hold: its account must sign in with the provider again.")
    return account.roles, account.facilities, account.name


def _asker(
    request: Request,
    services: Services,
    caller: Caller,
    facilities: list[str] | None,
    *,
    scopes: frozenset[str] | None = None,
    session: Session | None = None,
    bearer: Bearer | None = None,
    account: str | None = None,
    token_id: int | None = None,
    ends_at: datetime.datetime | None = None,
) -> Asker:
    return Asker(
        caller, facilities, scopes, session, bearer, services, request.state.request_id, address_of(request),
        account, token_id, ends_at,
    )  # fmt: skip


def _refuse_forged(request: Request, cookie: Bearer) -> None:
    given = request.headers.get("x-csrf-token", "")
    if not hmac.compare_digest(given.encode(), cookie.proof("csrf").encode()):
        raise ApiError("forged_request")


def address_of(request: Request) -> str:
    """The address of the client. Uvicorn trusts X-Forwarded-For only from the proxies in the settings."""
    return request.client.host if request.client else "unknown"


Asking = Annotated[Asker, Depends(known_asker)]
