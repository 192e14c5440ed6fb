"""Sign-out by the provider (OpenID Connect Back-Channel Logout 1.0): it says who, and their sessions end.

The provider calls us, without a browser. A session here keeps a hash of the provider's session (`sid`) with
which it was begun. A token ends the sessions that began before it was issued, and works once: a copy of it
does not sign out somebody who has signed in again.
"""

from __future__ import annotations

import datetime
import hashlib
import uuid
from typing import TYPE_CHECKING

from claimwright.domain.caller import Caller, Origin
from claimwright.platform import audit

from .errors import ProviderAnswerError
from .flows import OIDC_CODE, is_new
from .sessions import tell_refused

if TYPE_CHECKING:
    from claimwright.platform.database import Connection, Database

    from .provider import OidcProvider, SignedOut

# How far the provider's clock may be behind ours.
_LEEWAY = datetime.timedelta(seconds=60)
_BY_SESSION = "provider_session = %(session)s"
_BY_PERSON = (
    "account_id in (select account_id from identity.external_identities "
    "where issuer = %(issuer)s and subject = %(subject)s)"
)


def provider_session(issuer: str, session: str) -> bytes:
    """The hash by which a session at a provider is known here."""
    return hashlib.sha256(f"{issuer}\n{session}".encode()).digest()


def end_by_provider(
    database: Database, provider: OidcProvider, tenant: str, token: str, *, address: str
) -> int:
    """End the sessions that the provider's logout token names: one of its own, or all of the person's.

    Returns how many. Sessions that were begun here with a password or a passkey stay.

    Raises:
        ProviderAnswerError: it is no logout token of the provider for this installation; it is audited.
        ProviderUnavailableError: the provider's keys can't be fetched.
    """
    door = Caller(tenant, "system:sign-in", origin=Origin.API)
    try:
        said = provider.signed_out(token)
    except ProviderAnswerError as problem:
        with database.transaction(door) as connection:
            tell_refused(door, connection, None, address, problem.check)
        raise
    with database.transaction(door) as connection:
        ended = _end(connection, said) if is_new(connection, token) else []
        for account_id in sorted(set(ended)):
            audit.append(
                door,
                connection,
                action="session.ended",
                subject=f"account:{account_id}",
                detail={"reason_code": "provider", "count": ended.count(account_id)},
                correlation_id=str(uuid.uuid4()),
            )
    return len(ended)


def _end(connection: Connection, said: SignedOut) -> list[int]:
    """The accounts of the sessions that were ended, one for each session."""
    conditions = [_BY_PERSON] if said.subject is not None else []
    if said.session is not None:
        conditions.append(_BY_SESSION)
    where = " and ".join(conditions)
    values = {
        "issuer": said.issuer,
        "subject": said.subject,
        "session": provider_session(said.issuer, said.session) if said.session else None,
        "until": said.at + _LEEWAY,
        "kind": OIDC_CODE,
    }
    # A sign-in that still waits for its code does not come to a session.
    connection.execute(f"delete from identity.flows where kind = %(kind)s and {where}".encode(), values)  # noqa: S608 - of constants
    rows = connection.execute(
        "update identity.sessions set ended_at = clock_timestamp() where ended_at is null "  # noqa: S608 - of constants
        f"and 'oidc' = any(factors) and created_at <= %(until)s and {where} returning account_id".encode(),
        values,
    ).fetchall()
    return [row[0] for row in rows]
