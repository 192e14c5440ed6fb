"""Short-lived access tokens of services: JWTs signed with ES256 (RFC 7519, 7518; OAuth 2.0 client
credentials).

A service exchanges its credentials for a token that is valid for ten minutes. Each tenant has its own keys;
the private key is sealed. After 30 days a new key signs; the old one verifies until its last token has
expired. Each request checks whether the credentials were revoked, so that a revocation takes effect
immediately.
"""

from __future__ import annotations

import datetime
import json
import uuid
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from claimwright.domain.caller import Caller, is_tenant
from claimwright.foundation import clock

from .errors import SignInError
from .second_factor import Seals
from .tokens import Token, live_token

if TYPE_CHECKING:
    from joserfc.jwk import ECKey

    from claimwright.platform.database import Connection

ALGORITHM = "ES256"
ISSUER, AUDIENCE = "claimwright", "claimwright-api"
SECONDS = 600
_SIGNS_DAYS = 30
# Allowed difference between the clocks of two machines.
_LEEWAY_SECONDS = 30


def signing_context(tenant: str, key_id: str) -> bytes:
    """The context that a sealed private key is bound to."""
    return f"signing-key/{tenant}/{key_id}".encode()


def access_token(
    caller: Caller, connection: Connection, sealer: Seals, token: Token, scopes: Collection[str]
) -> str:
    """A signed token for a service, with some or all of its scopes.

    Raises:
        SignInError: the service does not have a requested scope.
    """
    from joserfc import jwt

    if not set(scopes) <= set(token.scopes):
        raise SignInError("a requested scope is not one of the service's.")
    key_id, key = _signing_key(connection, sealer, caller.tenant)
    now = int(clock.now().timestamp())
    claims = {
        "iss": ISSUER, "aud": AUDIENCE, "sub": f"client:{token.client_name}", "tenant": caller.tenant,
        "credentials": token.token_id, "scope": " ".join(sorted(scopes or token.scopes)),
        "iat": now, "nbf": now, "exp": now + SECONDS, "jti": str(uuid.uuid4()),
    }  # fmt: skip
    return jwt.encode({"alg": ALGORITHM, "kid": key_id, "typ": "at+jwt"}, claims, key)


def tenant_of(text: str) -> str | None:
    """The tenant that a token claims to belong to. Unverified: only for looking up the verification keys.

    None if it names none, or something that is not an id.
    """
    import base64
    import binascii

    try:
        body = text.split(".")[1]
        said = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        tenant = said["tenant"]
    except (IndexError, KeyError, TypeError, ValueError, binascii.Error, RecursionError):
        return None
    return tenant if isinstance(tenant, str) and is_tenant(tenant) else None


def verified_token(
    connection: Connection, tenant: str, text: str
) -> tuple[Token, list[str], datetime.datetime]:
    """The credentials that a token was issued for, its scopes, and when it ends.

    Raises:
        SignInError: wrong algorithm, key, issuer, audience or tenant; or expired, revoked or modified.
    """
    from joserfc import errors, jwk, jwt

    refused = SignInError("the access token is not valid. Request a new one.")
    rows = connection.execute(
        "select public_key from identity.signing_keys "
        "where retired_at is null or retired_at > clock_timestamp() - make_interval(secs => %s)",
        [SECONDS + _LEEWAY_SECONDS],
    ).fetchall()
    if not rows:
        raise refused
    keys = jwk.KeySet.import_key_set({"keys": [row[0] for row in rows]})
    try:
        found = jwt.decode(text, keys, algorithms=[ALGORITHM])
        jwt.JWTClaimsRegistry(
            now=lambda: int(clock.now().timestamp()),
            leeway=_LEEWAY_SECONDS,
            iss={"essential": True, "value": ISSUER},
            aud={"essential": True, "value": AUDIENCE},
            exp={"essential": True},
            nbf={"essential": True},
        ).validate(found.claims)
    except (errors.JoseError, ValueError, KeyError, TypeError, RecursionError):
        raise refused from None
    claims: dict[str, Any] = found.claims
    if found.header.get("typ") != "at+jwt" or claims.get("tenant") != tenant:
        raise refused
    token = live_token(connection, int(claims.get("credentials", 0)))
    if token.client_name is None or claims.get("sub") != f"client:{token.client_name}":
        raise refused
    scopes = set(str(claims.get("scope", "")).split()) & set(token.scopes)
    return token, sorted(scopes), datetime.datetime.fromtimestamp(int(claims["exp"]), datetime.UTC)


def public_keys(connection: Connection) -> dict[str, Any]:
    """The tenant's public key set (RFC 7517), with which others verify its tokens."""
    rows = connection.execute(
        "select public_key from identity.signing_keys where retired_at is null order by created_at"
    ).fetchall()
    return {"keys": [row[0] for row in rows]}


def _signing_key(connection: Connection, sealer: Seals, tenant: str) -> tuple[str, ECKey]:
    """The current signing key; a new one if there is none or it is due for rotation."""
    from joserfc.jwk import ECKey

    connection.execute(
        "select pg_advisory_xact_lock(hashtextextended('identity.signing_keys' || %s, 0))", [tenant]
    )
    row = connection.execute(
        "select key_id, sealed, created_at from identity.signing_keys where retired_at is null "
        "order by created_at desc limit 1"
    ).fetchone()
    if row is not None and row[2] > clock.now() - datetime.timedelta(days=_SIGNS_DAYS):
        [private] = sealer.open([bytes(row[1])], [signing_context(tenant, row[0])])
        return row[0], ECKey.import_key(json.loads(private))
    key_id = str(uuid.uuid4())
    key = ECKey.generate_key("P-256", {"kid": key_id, "use": "sig", "alg": ALGORITHM}, private=True)
    [sealed] = sealer.seal(
        [json.dumps(key.as_dict(private=True)).encode()], [signing_context(tenant, key_id)]
    )
    connection.execute(
        "update identity.signing_keys set retired_at = clock_timestamp() where retired_at is null"
    )
    connection.execute(
        "insert into identity.signing_keys (key_id, sealed, public_key) values (%s, %s, %s::jsonb)",
        [key_id, sealed, json.dumps(key.as_dict(private=False))],
    )
    return key_id, key
