"""Sign-ins that take two requests: begun by the first, used up by the second, from the same browser.

The browser keeps a secret in a cookie. Every unguessable value of the flow is derived from it
(`Bearer.proof`): state, nonce and PKCE verifier of OpenID Connect, the challenge of a passkey. The store
contains only the hash of the secret, so its contents cannot complete a sign-in.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from .bearer import FLOW, Bearer, digest_of, new_secret
from .errors import SignInError

if TYPE_CHECKING:
    from claimwright.platform.database import Connection

MINUTES = 10
OIDC, OIDC_CODE, PASSKEY, PASSKEY_NEW = "oidc", "oidc-code", "passkey", "passkey-new"
# A token of the provider that was used; not a flow, but kept and forgotten as one.
_USED = "used-token"


def begin_flow(
    connection: Connection,
    tenant: str,
    kind: str,
    account_id: int | None = None,
    provider_session: bytes | None = None,
) -> Bearer:
    """A new flow, of an account where it is known; what has expired at the tenant is deleted.

    `provider_session` is that of the session which the flow may come to.
    """
    connection.execute("delete from identity.flows where expires_at < clock_timestamp()")
    bearer = Bearer(FLOW, tenant, str(uuid.uuid4()), new_secret())
    connection.execute(
        "insert into identity.flows (flow_id, kind, account_id, secret_hash, provider_session, expires_at) "
        "values (%s, %s, %s, %s, %s, clock_timestamp() + make_interval(mins => %s))",
        [bearer.id, kind, account_id, bearer.digest, provider_session, MINUTES],
    )
    return bearer


def flow_account(connection: Connection, bearer: Bearer, kind: str) -> int | None:
    """The account that a flow was begun for, without using it up.

    Raises:
        SignInError: there is no such flow.
    """
    return _found(connection, bearer, kind, "select account_id from identity.flows where {}")


def provider_session_of(connection: Connection, bearer: Bearer) -> bytes | None:
    """The session at the provider with which a flow was begun; None where it names none."""
    row = connection.execute(
        "select provider_session from identity.flows where flow_id = %s", [bearer.id]
    ).fetchone()
    return None if row is None or row[0] is None else bytes(row[0])


def use_flow(connection: Connection, bearer: Bearer, kind: str) -> int | None:
    """Use a flow up; the account that it was begun for, where it was for one.

    Raises:
        SignInError: there is none of this browser and kind, it was used, or its time is over.
    """
    return _found(connection, bearer, kind, "delete from identity.flows where {} returning account_id")


def is_new(connection: Connection, token: str) -> bool:
    """Whether a token that a provider sent was never used before; from now on it was.

    It is known for twice the time of a flow: longer than a token is accepted after it was issued.
    """
    digest = digest_of(token)
    noted = connection.execute(
        "insert into identity.flows (flow_id, kind, secret_hash, expires_at) "
        "values (%s, %s, %s, clock_timestamp() + make_interval(mins => %s)) on conflict do nothing",
        [uuid.UUID(bytes=digest[:16]), _USED, digest, 2 * MINUTES],
    )
    return noted.rowcount == 1


def _found(connection: Connection, bearer: Bearer, kind: str, statement: str) -> int | None:
    row = connection.execute(
        statement.format(
            "flow_id = %s and secret_hash = %s and kind = %s and expires_at > clock_timestamp()"
        ).encode(),
        [bearer.id, bearer.digest, kind],
    ).fetchone()
    if row is None:
        raise SignInError("the sign-in took too long, or was completed already. Begin again.")
    account_id: int | None = row[0]
    return account_id
