"""Sign-in with a passkey, and one's own passkeys."""

from __future__ import annotations

from typing import Any

from fastapi import Request, Response
from pydantic import BaseModel, Field

from claimwright.apps.api.asking import Asking, address_of, services_of
from claimwright.apps.api.bodies import Body
from claimwright.apps.api.errors import ApiError
from claimwright.apps.api.resources import PUBLIC, Resource
from claimwright.domain.caller import Purpose
from claimwright.platform.identity import (
    Passkey,
    begin_passkey,
    begin_passkey_sign_in,
    keep_passkey,
    passkeys_of,
    remove_passkey,
    sign_in_with_passkey,
)

from .session import SignedIn, demand_every_factor, own_account
from .sign_in import flow_of, keep_flow, show_begun

routes = Resource("passkeys", "Passkeys: sign-in without a password")


class Options(BaseModel):
    """Options for the browser, as `PublicKeyCredential.parse...OptionsFromJSON` reads them."""

    options: dict[str, Any]


class PasskeyMade(Body):
    """What the browser made, as `toJSON` of the credential writes it, and a name to know it by."""

    label: str = Field(min_length=1, max_length=100)
    credential: dict[str, Any]


class PasskeyTenant(Body):
    """The tenant to sign in to."""

    tenant: str = Field(default="default", pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")


class PasskeyUsed(Body):
    """What the authenticator signed, as `toJSON` of the credential writes it."""

    credential: dict[str, Any]
    purpose: Purpose = Purpose.PAYMENT


@routes.post("/session/passkey/options", action=PUBLIC, status=201, errors=("not_found",))
def begin(request: Request, response: Response, given: PasskeyTenant) -> Options:
    """Begin a sign-in with a passkey. The response sets a cookie that completing it needs."""
    options, flow = begin_passkey_sign_in(services_of(request).database, given.tenant, _origin(request))
    keep_flow(response, flow)
    return Options(options=options)


@routes.post("/session/passkey", action=PUBLIC, status=201, errors=("not_found",))
def sign_in(request: Request, response: Response, given: PasskeyUsed) -> SignedIn:
    """Sign in with a passkey. Sets the session cookie."""
    made = sign_in_with_passkey(
        services_of(request).database, flow_of(request), _origin(request), given.credential,
        address=address_of(request), purpose=given.purpose,
    )  # fmt: skip
    return show_begun(request, response, *made)


@routes.get("/own/passkeys", action="own.read")
def own_passkeys(asker: Asking) -> list[Passkey]:
    """One's passkeys."""
    with asker.services.database.transaction(asker.caller) as connection:
        return passkeys_of(connection, own_account(asker))


@routes.post("/own/passkeys/options", action="own.change", status=201, errors=("not_found",))
def begin_own(request: Request, asker: Asking, response: Response) -> Options:
    """Begin to register a passkey. The response sets a cookie that completing it needs."""
    origin = _origin(request)
    demand_every_factor(asker)
    with asker.services.database.transaction(asker.caller) as connection:
        options, flow = begin_passkey(connection, asker.caller.tenant, own_account(asker), origin)
    keep_flow(response, flow)
    return Options(options=options)


@routes.post("/own/passkeys", action="own.change", status=201, errors=("not_found",))
def keep_own(request: Request, asker: Asking, given: PasskeyMade) -> Passkey:
    """Register the passkey that the browser has made."""
    origin = _origin(request)
    demand_every_factor(asker)
    return keep_passkey(
        asker.caller, asker.services.database, flow_of(request), own_account(asker), origin,
        label=given.label, credential=given.credential,
    )  # fmt: skip


@routes.delete("/own/passkeys/{passkey_id}", action="own.change", status=204)
def remove_own(asker: Asking, passkey_id: int) -> None:
    """Remove one of one's passkeys."""
    demand_every_factor(asker)
    with asker.services.database.transaction(asker.caller) as connection:
        remove_passkey(asker.caller, connection, own_account(asker), passkey_id)


def _origin(request: Request) -> str:
    origin = services_of(request).settings.identity.passkeys.origin
    if origin is None:
        raise ApiError("not_found", "there are no passkeys here: identity.passkeys.origin is not set.")
    return origin
