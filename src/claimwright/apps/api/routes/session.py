"""Signing in and out, one's own account, second factor, sessions and tokens; credentials of services."""

from __future__ import annotations

import base64
import datetime
import uuid
from typing import Annotated
from urllib.parse import unquote_plus

from fastapi import Form, Request, Response
from pydantic import BaseModel, Field

from claimwright.apps.api.asking import COOKIE, Asking, address_of, services_of
from claimwright.apps.api.bodies import Body
from claimwright.apps.api.errors import ApiError
from claimwright.apps.api.few_at_once import few_at_once
from claimwright.apps.api.pages import Page, Paging
from claimwright.apps.api.resources import PUBLIC, Resource
from claimwright.domain.caller import Caller, Origin, Purpose
from claimwright.platform.access import ACTIONS, ROLES, SCOPES
from claimwright.platform.identity import (
    ACCESS_TOKEN_SECONDS,
    CLIENT,
    LINK,
    Bearer,
    Session,
    SignInError,
    Token,
    access_token,
    begin_factor,
    confirm_factor,
    confirm_password,
    end_earlier,
    end_every_session,
    end_session,
    issue_token,
    list_tokens,
    parse_bearer,
    public_keys,
    refuse_breached,
    revoke_token,
    sessions_of,
    set_password,
    sign_in,
    token_of,
    use_link,
)

routes = Resource("session", "Sign-in, your account and your tokens")
_TENANT = Field(default="default", pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")


class Credentials(Body):
    """What somebody signs in with."""

    tenant: str = _TENANT
    name: str = Field(min_length=1, max_length=64)
    password: str = Field(min_length=1, max_length=256)
    code: str | None = Field(
        default=None, max_length=32, description="Of the authenticator, or a recovery code."
    )
    purpose: Purpose = Purpose.PAYMENT


class SignedIn(BaseModel):
    """Somebody who is signed in, and what every changing request of the session carries."""

    account_id: int
    name: str
    tenant: str
    roles: list[str]
    facilities: list[str] | None
    purpose: Purpose
    factors: list[str]
    has_second_factor: bool
    csrf_token: str = Field(description="Send it as X-CSRF-Token.")


class CurrentSession(SignedIn):
    """The session of a request, and what its person may do."""

    actions: list[str] = Field(description="As `GET /own/actions` lists them.")


class SessionShown(BaseModel):
    """A session of one's own."""

    session_id: uuid.UUID
    address: str
    factors: list[str]
    created_at: datetime.datetime
    seen_at: datetime.datetime
    is_this: bool


class FactorBegun(BaseModel):
    """A new secret for an authenticator; it is kept once a code of it is sent back."""

    secret: str
    address: str


class FactorConfirmed(Body):
    """The secret, and a code that the authenticator shows for it."""

    secret: str = Field(pattern=r"^[A-Z2-7]{16,64}$")
    code: str = Field(pattern=r"^[0-9 ]{6,8}$")


class RecoveryCodes(BaseModel):
    """Codes that stand in for the second factor once each; shown once."""

    codes: list[str]


class NewPassword(Body):
    """A new password, with the old one."""

    old: str = Field(min_length=1, max_length=256)
    new: str = Field(min_length=1, max_length=256)


class LinkUsed(Body):
    """A set-up or password link, the account's name, and the password to be."""

    link: str = Field(max_length=200)
    name: str = Field(min_length=1, max_length=64)
    password: str = Field(min_length=1, max_length=256)


class NewToken(Body):
    """A token of one's own."""

    label: str = Field(min_length=1, max_length=100)
    scopes: list[str] = Field(min_length=1)
    days: int = Field(default=90, ge=1, le=365)


class TokenIssued(BaseModel):
    """A token with its secret, which is shown this once."""

    token: Token
    secret: str | None = None


class AccessTokenAnswer(BaseModel):
    """As RFC 6749, 5.1, has it."""

    access_token: str
    token_type: str = "Bearer"  # noqa: S105 - the name of a scheme
    expires_in: int = ACCESS_TOKEN_SECONDS
    scope: str


@routes.post("/session", action=PUBLIC, status=201, errors=("second_factor_needed",))
async def begin(request: Request, response: Response, given: Credentials) -> SignedIn:
    """Sign in; the cookie of the session comes with the answer. The session that the browser had ends."""
    services = services_of(request)

    def begun() -> tuple[Session, Bearer]:
        made = sign_in(
            services.database, services.sealer, given.tenant, given.name, given.password,
            code=given.code, address=address_of(request), purpose=given.purpose,
        )  # fmt: skip
        end_earlier(services.database, parse_bearer(request.cookies.get(COOKIE, "")))
        return made

    session, bearer = await few_at_once(request, "passwords", begun)
    response.set_cookie(COOKIE, str(bearer), secure=True, httponly=True, samesite="strict", path="/")
    return signed_in(session, bearer)


@routes.get("/session", action="own.read")
def current(asker: Asking) -> CurrentSession:
    """Who is signed in, what they may do in general, and the token against forgery."""
    if asker.session is None or asker.bearer is None:
        raise ApiError("not_signed_in", "a token has no session.")
    begun = signed_in(asker.session, asker.bearer)
    return CurrentSession(**begun.model_dump(), actions=own_actions(asker))


@routes.delete("/session", action="own.change", status=204)
def end(asker: Asking, response: Response) -> None:
    """Sign out."""
    if asker.session is not None:
        with asker.services.database.transaction(asker.caller) as connection:
            end_session(asker.caller, connection, asker.session.account.account_id, asker.session.session_id)
    response.delete_cookie(COOKIE, secure=True, httponly=True, samesite="strict", path="/")


@routes.post("/session/link", action=PUBLIC, status=204)
async def use(request: Request, given: LinkUsed) -> None:
    """Set the first administrator's, or an account's, password with a link that was given once."""
    bearer = parse_bearer(given.link.rpartition("#")[2])
    if bearer is None or bearer.kind != LINK:
        raise SignInError("the link is none of ours. Copy the whole of it.")
    caller = Caller(bearer.tenant, "system:link", origin=Origin.API)
    services = services_of(request)

    def used() -> None:
        refuse_breached(services.settings.identity.breached_passwords_file, given.password)
        with services.database.transaction(caller) as connection:
            use_link(caller, connection, bearer, name=given.name, password=given.password, known_roles=ROLES)

    await few_at_once(request, "passwords", used)


@routes.get("/own/actions", action="own.read")
def own_actions(asker: Asking) -> list[str]:
    """The actions that policies allow the caller in general; a page need not offer the others."""
    return [name for name in ACTIONS if asker.may(name)]


@routes.get("/own/sessions", action="own.read")
def own_sessions(asker: Asking) -> list[SessionShown]:
    """One's sessions that have not ended."""
    with asker.services.database.transaction(asker.caller) as connection:
        found = sessions_of(connection, own_account(asker))
    this = asker.session.session_id if asker.session else None
    return [
        SessionShown(
            session_id=each.session_id, address=each.address, factors=each.factors,
            created_at=each.created_at, seen_at=each.seen_at, is_this=each.session_id == this,
        )
        for each in found
    ]  # fmt: skip


@routes.delete("/own/sessions", action="own.change", status=204)
def end_all_own(asker: Asking) -> None:
    """Sign out everywhere: every session of one's own ends, this one as well."""
    with asker.services.database.transaction(asker.caller) as connection:
        end_every_session(asker.caller, connection, own_account(asker))


@routes.delete("/own/sessions/{session_id}", action="own.change", status=204)
def end_own(asker: Asking, session_id: uuid.UUID) -> None:
    """End one of one's sessions."""
    with asker.services.database.transaction(asker.caller) as connection:
        end_session(asker.caller, connection, own_account(asker), session_id)


@routes.post("/own/password", action="own.change", status=204)
async def change_password(request: Request, asker: Asking, given: NewPassword) -> None:
    """Change one's password; every session ends, this one as well."""
    if asker.session is None:
        raise ApiError("not_permitted", "a password is changed in a session, not with a token.")
    number, services = asker.session.account.account_id, asker.services

    def changed() -> None:
        refuse_breached(services.settings.identity.breached_passwords_file, given.new)
        confirm_password(services.database, asker.caller, number, given.old, asker.address)
        with services.database.transaction(asker.caller) as connection:
            set_password(asker.caller, connection, number, given.new)

    await few_at_once(request, "passwords", changed)


@routes.post("/own/factor", action="own.change")
def new_factor(asker: Asking) -> FactorBegun:
    """A secret for an authenticator, not kept yet."""
    with asker.services.database.transaction(asker.caller) as connection:
        secret, address = begin_factor(connection, own_account(asker))
    return FactorBegun(secret=secret, address=address)


@routes.post("/own/factor/confirmation", action="own.change")
def keep_factor(asker: Asking, given: FactorConfirmed) -> RecoveryCodes:
    """Keep the secret; from then on signing in takes a code."""
    if asker.session is None:
        raise ApiError("not_permitted", "a second factor is set in a session, not with a token.")
    demand_every_factor(asker)
    with asker.services.database.transaction(asker.caller) as connection:
        codes = confirm_factor(
            asker.caller, connection, asker.services.sealer, own_account(asker), given.secret, given.code
        )
    return RecoveryCodes(codes=codes)


@routes.get("/own/tokens", action="own.read")
def own_tokens(asker: Asking, page: Paging) -> Page[Token]:
    """One's tokens, without their secrets."""
    with asker.services.database.transaction(asker.caller) as connection:
        found = list_tokens(connection, account_id=own_account(asker), after=page.place, limit=page.limit)
    return page.page(found, lambda each: each.token_id)


@routes.post("/own/tokens", action="own.change", status=201)
def new_token(asker: Asking, given: NewToken) -> TokenIssued:
    """A token that may do, of what one may oneself, what its scopes say.

    It needs no second factor when it is used, so the session in which it is issued has shown one, if the
    account has one or a role needs it.
    """
    if asker.session is None:
        raise ApiError("not_permitted", "a token is issued in a session, not with another token.")
    demand_every_factor(asker)
    asker.demand_second_factor()
    with asker.services.database.transaction(asker.caller) as connection:
        token, bearer = issue_token(
            asker.caller, connection, label=given.label, scopes=given.scopes, known_scopes=SCOPES,
            days=given.days, account_id=own_account(asker),
        )  # fmt: skip
    return TokenIssued(token=token, secret=str(bearer))


@routes.delete("/own/tokens/{token_id}", action="own.change", status=204)
def end_token(asker: Asking, token_id: int) -> None:
    """Revoke one of one's tokens."""
    with asker.services.database.transaction(asker.caller) as connection:
        revoke_token(asker.caller, connection, token_id, account_id=own_account(asker))


@routes.post("/oauth/token", action=PUBLIC)
def exchange(
    request: Request,
    grant_type: Annotated[str, Form()],
    client_secret: Annotated[
        str | None,
        Form(max_length=200, description="Or as the password of HTTP Basic, as most libraries do."),
    ] = None,
    scope: Annotated[str, Form(max_length=1_000)] = "",
) -> AccessTokenAnswer:
    """Credentials of a service to an access token (RFC 6749, 4.4).

    The secret is in the form, or in `Authorization: Basic` with any name: it says by itself whose it is.
    """
    if grant_type != "client_credentials":
        raise ApiError("unusable_input", "grant_type is client_credentials.")
    bearer = parse_bearer(client_secret or _basic_password(request) or "")
    if bearer is None or bearer.kind != CLIENT:
        raise SignInError("these are no credentials of a service.")
    services = services_of(request)
    door = Caller(bearer.tenant, "system:sign-in", origin=Origin.API)
    with services.database.transaction(door) as connection:
        token = token_of(connection, bearer)
        wanted = scope.split() or token.scopes
        text = access_token(door, connection, services.sealer, token, wanted)
    return AccessTokenAnswer(access_token=text, scope=" ".join(sorted(wanted)))


@routes.get("/oauth/keys", action=PUBLIC)
def keys(request: Request, tenant: str = "default") -> dict[str, list[dict[str, str]]]:
    """The key set by which others verify access tokens of a tenant (RFC 7517)."""
    door = Caller(tenant, "system:sign-in", origin=Origin.API)
    with services_of(request).database.transaction(door) as connection:
        return public_keys(connection)


def _basic_password(request: Request) -> str | None:
    """The password of HTTP Basic, form-decoded as RFC 6749, 2.3.1, has it; None without one."""
    scheme, _, packed = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        _, _, password = base64.b64decode(packed.strip(), validate=True).decode().partition(":")
    except ValueError:
        return None
    return unquote_plus(password)


def own_account(asker: Asking) -> int:
    """The number of the asker's account.

    Raises:
        ApiError: a service asks.
    """
    kind, _, number = asker.caller.actor.partition(":")
    if kind != "user":
        raise ApiError("not_permitted", "a service has no account.")
    return int(number)


def demand_every_factor(asker: Asking) -> None:
    """How an account is signed in to is changed in a session that has shown a second factor, if it has one.

    Raises:
        ApiError: there is no session, or it has only the password.
    """
    if asker.session is None:
        raise ApiError("not_permitted", "this is changed in a session, not with a token.")
    if asker.session.lacks_second_factor:
        raise ApiError("second_factor_needed", "sign in with your second factor to change this.")


def signed_in(session: Session, bearer: Bearer) -> SignedIn:
    """Who is signed in, with the token against forgery."""
    account = session.account
    return SignedIn(
        account_id=account.account_id, name=account.name, tenant=bearer.tenant, roles=account.roles,
        facilities=account.facilities, purpose=Purpose(session.purpose), factors=session.factors,
        has_second_factor=account.has_any_second_factor, csrf_token=bearer.proof("csrf"),
    )  # fmt: skip
