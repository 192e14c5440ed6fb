"""Sign-in with an OpenID Connect provider, and the links of one's own account to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from anyio import to_thread
from fastapi import Form, Request, Response
from pydantic import BaseModel, Field

from claimwright.apps.api.asking import COOKIE, FLOW_COOKIE, Asking, address_of, services_of
from claimwright.apps.api.bodies import Body
from claimwright.apps.api.errors import ApiError
from claimwright.apps.api.few_at_once import few_at_once
from claimwright.apps.api.limits import MANY_BY_ADDRESS
from claimwright.apps.api.resources import PUBLIC, Resource
from claimwright.domain.caller import Purpose
from claimwright.platform.identity import (
    FLOW,
    FLOW_MINUTES,
    Bearer,
    ExternalIdentity,
    Session,
    SignInError,
    begin_external,
    complete_external,
    confirm_external,
    end_by_provider,
    end_earlier,
    external_identities,
    parse_bearer,
    unlink_external,
)

from .session import SignedIn, demand_every_factor, own_account, signed_in

if TYPE_CHECKING:
    from claimwright.assembly.sign_in import ProviderSignIn

routes = Resource("sign-in", "Sign-in with an OpenID Connect provider")


class ProviderAddress(BaseModel):
    """The provider's address, to which the browser goes to sign in."""

    address: str


class ProviderAnswer(Body):
    """The parameters with which the provider sent the browser back."""

    state: str = Field(min_length=1, max_length=200)
    code: str | None = Field(default=None, max_length=4_000)
    iss: str | None = Field(default=None, max_length=500)
    purpose: Purpose = Purpose.PAYMENT


class SessionsEnded(BaseModel):
    """How many sessions ended."""

    ended: int


class FactorCode(Body):
    """A code of the authenticator, or a recovery code."""

    code: str = Field(min_length=1, max_length=32)
    purpose: Purpose = Purpose.PAYMENT


@routes.post("/session/oidc", action=PUBLIC, status=201, errors=("not_found",))
async def begin(request: Request, response: Response) -> ProviderAddress:
    """Begin a sign-in with the provider. The response sets a cookie that completing it needs."""
    services, wanted = services_of(request), _provider(request)
    address, flow = await few_at_once(
        request, "provider",
        lambda: begin_external(services.database, wanted.provider, wanted.directory.tenant),
    )  # fmt: skip
    keep_flow(response, flow)
    return ProviderAddress(address=address)


@routes.post("/session/oidc/answer", action=PUBLIC, status=201, errors=("not_found", "second_factor_needed"))
async def complete(request: Request, response: Response, given: ProviderAnswer) -> SignedIn:
    """Complete a sign-in with the provider's answer. Sets the session cookie.

    If the account has a second factor here and the provider did not check one, the answer is
    `second_factor_needed`: send a code to `/session/oidc/code`.
    """
    services, wanted = services_of(request), _provider(request)
    flow = flow_of(request)
    made = await few_at_once(
        request, "provider",
        lambda: complete_external(
            services.database, wanted.provider, wanted.directory, flow,
            state=given.state, code=given.code, issuer=given.iss,
            address=address_of(request), purpose=given.purpose,
        ),
    )  # fmt: skip
    if isinstance(made, Bearer):
        waiting = Response()
        keep_flow(waiting, made)
        raise ApiError(
            "second_factor_needed", "enter the code of your authenticator, or a recovery code.",
            headers={"Set-Cookie": waiting.headers["set-cookie"]},
        )  # fmt: skip
    return await to_thread.run_sync(show_begun, request, response, *made)


@routes.post("/session/oidc/code", action=PUBLIC, status=201, errors=("second_factor_needed",))
def confirm(request: Request, response: Response, given: FactorCode) -> SignedIn:
    """Complete a sign-in of an account that has a second factor here. Sets the session cookie."""
    services = services_of(request)
    made = confirm_external(
        services.database, services.sealer, flow_of(request), given.code,
        address=address_of(request), purpose=given.purpose,
    )  # fmt: skip
    return show_begun(request, response, *made)


@routes.post(
    "/session/oidc/sign-out", action=PUBLIC, errors=("not_found", "too_large"), openapi_extra=MANY_BY_ADDRESS
)
async def sign_out(
    request: Request, logout_token: Annotated[str, Form(min_length=1, max_length=64_000)]
) -> SessionsEnded:
    """For the provider: somebody has signed out there, and what they began with it here ends.

    OpenID Connect Back-Channel Logout 1.0: register this address as `backchannel_logout_uri`.
    """
    services, wanted = services_of(request), _provider(request)
    tenant, address = wanted.directory.tenant, address_of(request)
    ended = await few_at_once(
        request, "provider",
        lambda: end_by_provider(services.database, wanted.provider, tenant, logout_token, address=address),
    )  # fmt: skip
    return SessionsEnded(ended=ended)


@routes.get("/own/providers", action="own.read")
def own_providers(asker: Asking) -> list[ExternalIdentity]:
    """One's links to sign-in providers."""
    with asker.services.database.transaction(asker.caller) as connection:
        return external_identities(connection, own_account(asker))


@routes.post("/own/providers", action="own.change", status=201, errors=("not_found",))
async def link(request: Request, asker: Asking, response: Response) -> ProviderAddress:
    """Begin to link one's account to the provider. Completing it is a sign-in with the provider."""
    wanted = _provider(request)
    account_id = own_account(asker)
    demand_every_factor(asker)
    if asker.caller.tenant != wanted.directory.tenant:
        raise ApiError("not_found", "there is no sign-in provider for this tenant.")
    address, flow = await few_at_once(
        request, "provider",
        lambda: begin_external(
            asker.services.database, wanted.provider, wanted.directory.tenant, account_id
        ),
    )  # fmt: skip
    keep_flow(response, flow)
    return ProviderAddress(address=address)


@routes.delete("/own/providers/{identity_id}", action="own.change", status=204)
def unlink(asker: Asking, identity_id: int) -> None:
    """Remove a link to a sign-in provider."""
    demand_every_factor(asker)
    with asker.services.database.transaction(asker.caller) as connection:
        unlink_external(asker.caller, connection, own_account(asker), identity_id)


def _provider(request: Request) -> ProviderSignIn:
    wanted = services_of(request).sign_in
    if wanted is None:
        raise ApiError("not_found", "there is no sign-in provider: identity.oidc.issuer is not set.")
    return wanted


def flow_of(request: Request) -> Bearer:
    """The sign-in that this browser has begun.

    Raises:
        SignInError: there is none.
    """
    flow = parse_bearer(request.cookies.get(FLOW_COOKIE, ""))
    if flow is None or flow.kind != FLOW:
        raise SignInError("the sign-in was not begun in this browser, or took too long. Begin again.")
    return flow


def keep_flow(response: Response, flow: Bearer) -> None:
    """Have this browser, and no other, complete a sign-in."""
    response.set_cookie(
        FLOW_COOKIE, str(flow), max_age=FLOW_MINUTES * 60,
        secure=True, httponly=True, samesite="strict", path="/",
    )  # fmt: skip


def show_begun(request: Request, response: Response, session: Session, bearer: Bearer) -> SignedIn:
    """Who is signed in now; sets the session cookie and removes that of the sign-in. Ends what the browser
    had before.
    """
    end_earlier(services_of(request).database, parse_bearer(request.cookies.get(COOKIE, "")))
    response.set_cookie(COOKIE, str(bearer), secure=True, httponly=True, samesite="strict", path="/")
    response.delete_cookie(FLOW_COOKIE, secure=True, httponly=True, samesite="strict", path="/")
    return signed_in(session, bearer)
