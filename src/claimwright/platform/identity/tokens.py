"""Personal access tokens, and service credentials. A secret is shown once; the store contains its hash."""

from __future__ import annotations

import datetime
import re
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from claimwright.domain.caller import Caller
from claimwright.foundation import clock
from claimwright.platform import audit
from claimwright.platform.list_order import ListOrder, Place, instant

from .bearer import CLIENT, PERSONAL, Bearer, digest_of, new_secret
from .errors import AccountError, AccountNotFoundError, SignInError

if TYPE_CHECKING:
    from claimwright.platform.database import Connection

LONGEST_DAYS = 365
_CLIENT = re.compile(r"[a-z0-9][a-z0-9_-]{1,40}")
_COLUMNS = (
    "token_id, account_id, client_name, label, scopes, roles, facilities, expires_at, created_at, used_at, "
    "revoked_at"
)

# A person's token has the facilities of the account.
_WITHIN = (
    "(%(own)s::text[] is null or case when account_id is null then tokens.facilities <@ %(own)s::text[] "
    "else exists (select from identity.accounts a where a.account_id = tokens.account_id "
    "and a.facilities <@ %(own)s::text[]) end)"
)

# Tokens end within a year and are few for each account: they are sorted without an index.
TOKEN_ORDERS = ListOrder("token_id", {"expires_at": instant("expires_at")})


@dataclass(frozen=True)
class Token:
    """A token without its secret; `client_name` is set if it belongs to a service."""

    token_id: int
    account_id: int | None
    client_name: str | None
    label: str
    scopes: list[str]
    roles: list[str]
    facilities: list[str] | None
    expires_at: datetime.datetime
    created_at: datetime.datetime
    used_at: datetime.datetime | None
    revoked_at: datetime.datetime | None


def issue_token(
    caller: Caller,
    connection: Connection,
    *,
    label: str,
    scopes: Collection[str],
    known_scopes: Collection[str],
    days: int,
    account_id: int | None = None,
    client_name: str | None = None,
    roles: Collection[str] = (),
    known_roles: Collection[str] = (),
    facilities: Sequence[str] | None = None,
    certificate: bytes | None = None,
) -> tuple[Token, Bearer]:
    """A token of a person (`account_id`) or of a service (`client_name`), and its secret, shown once.

    With `certificate`, the SHA-256 of a client certificate, the service authenticates with that instead.

    Raises:
        AccountError: a scope, role, name or number of days that cannot be used, or a name in use.
    """
    import psycopg

    if unknown := sorted(set(scopes) - set(known_scopes)):
        raise AccountError(f"no such scope: {', '.join(unknown)}.")
    if unknown := sorted(set(roles) - set(known_roles)):
        raise AccountError(f"no such role: {', '.join(unknown)}.")
    if not 1 <= days <= LONGEST_DAYS:
        raise AccountError(f"a token must be valid for 1 to {LONGEST_DAYS} days.")
    if client_name is not None and not _CLIENT.fullmatch(client_name):
        raise AccountError("a service's name has 2 to 41 lower-case letters, digits, - and _.")
    secret = new_secret()
    expires = clock.now() + datetime.timedelta(days=days)
    try:
        with connection.transaction():
            row = connection.execute(
                "insert into identity.tokens (account_id, client_name, "  # noqa: S608 - of this module
                "label, secret_hash, scopes, roles, "
                "facilities, expires_at, certificate_sha256) values (%s, %s, %s, %s, %s, %s, %s, %s, %s) "
                f"returning {_COLUMNS}".encode(),
                [
                    account_id, client_name, label[:100], digest_of(secret), sorted(set(scopes)),
                    sorted(set(roles)), None if facilities is None else sorted(set(facilities)), expires,
                    certificate,
                ],
            ).fetchone()  # fmt: skip
    except psycopg.errors.UniqueViolation as problem:
        if problem.diag.constraint_name == "one_service_of_a_certificate":
            raise AccountError("another service has this certificate. Each needs its own.") from None
        raise AccountError("a service with this name already has credentials. Revoke them first.") from None
    assert row is not None
    token = Token(*row)
    _tell(caller, connection, "token.issued", token)
    kind = PERSONAL if client_name is None else CLIENT
    return token, Bearer(kind, caller.tenant, str(token.token_id), secret)


def token_of(connection: Connection, bearer: Bearer) -> Token:
    """The token of a secret; records that it was used now.

    Raises:
        SignInError: there is none, it was revoked, or it has expired.
    """
    row = connection.execute(
        f"select {_COLUMNS}, secret_hash from identity.tokens "  # noqa: S608 - of this module
        "where token_id = %s and certificate_sha256 is null "
        "and revoked_at is null and expires_at > clock_timestamp()".encode(),
        [int(bearer.id)],
    ).fetchone()
    if row is None or bytes(row[-1]) != bearer.digest:
        raise SignInError("the token is not valid: unknown, revoked or expired.")
    return _used(connection, Token(*row[:-1]))


def certificate_digest(pem: bytes) -> bytes:
    """The SHA-256 of the first certificate of a PEM text.

    Raises:
        AccountError: it has none, or one that cannot be read.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives.hashes import SHA256

    try:
        return x509.load_pem_x509_certificate(pem).fingerprint(SHA256())
    except ValueError:
        raise AccountError("this is no certificate in PEM.") from None


def tenant_of_certificate(connection: Connection, digest: bytes) -> str | None:
    """The tenant of the service that has this client certificate; None if no service has it."""
    row = connection.execute("select identity.tenant_of_certificate(%s)", [digest]).fetchone()
    return None if row is None else row[0]


def certified_token(connection: Connection, digest: bytes) -> Token:
    """The token of the service with this client certificate; records that it was used now.

    Raises:
        SignInError: there is none, it was revoked, or it has expired.
    """
    row = connection.execute(
        f"select {_COLUMNS} from identity.tokens "  # noqa: S608 - of this module
        "where certificate_sha256 = %s and revoked_at is null and expires_at > clock_timestamp()".encode(),
        [digest],
    ).fetchone()
    if row is None:
        raise SignInError("no service has this certificate, or its credentials have ended.")
    return _used(connection, Token(*row))


def live_token(connection: Connection, token_id: int) -> Token:
    """A token by its number.

    Raises:
        SignInError: there is no such token, it was revoked, or it has expired.
    """
    row = connection.execute(
        f"select {_COLUMNS} from identity.tokens "  # noqa: S608 - of this module
        "where token_id = %s and revoked_at is null and expires_at > clock_timestamp()".encode(),
        [token_id],
    ).fetchone()
    if row is None:
        raise SignInError("the token is not valid: unknown, revoked or expired.")
    return Token(*row)


def list_tokens(
    connection: Connection,
    *,
    account_id: int | None = None,
    facilities: Sequence[str] | None = None,
    sort: str = "token_id",
    after: Place | None = None,
    limit: int = 100,
) -> list[Token]:
    """Tokens in one of `TOKEN_ORDERS` after a place of it: of one account, or of all and of services. With
    `facilities`, of accounts and services that are only at these.
    """
    beyond, order, place = TOKEN_ORDERS.clauses(sort, after)
    rows = connection.execute(
        f"select {_COLUMNS} from identity.tokens where {beyond} "  # noqa: S608
        "and (%(account)s::bigint is null or account_id = %(account)s) "
        f"and {_WITHIN} order by {order} limit %(limit)s".encode(),
        {"account": account_id, "own": _listed(facilities), "limit": limit, **place},
    ).fetchall()
    return [Token(*row) for row in rows]


def revoke_token(
    caller: Caller,
    connection: Connection,
    token_id: int,
    *,
    account_id: int | None = None,
    facilities: Sequence[str] | None = None,
) -> Token:
    """Revoke a token immediately; if an account is given, only a token of that account, and with
    `facilities`, only one of an account or a service that is only at these.

    Raises:
        AccountNotFoundError: there is none with this number, or it was already revoked.
    """
    revoked = _revoke(caller, connection, token_id, account_id, facilities)
    if not revoked:
        raise AccountNotFoundError(f"there is no token {token_id}.")
    return revoked[0]


def end_tokens(caller: Caller, connection: Connection, account_id: int) -> int:
    """Revoke all tokens of an account. Returns how many there were."""
    return len(_revoke(caller, connection, None, account_id))


def _revoke(
    caller: Caller,
    connection: Connection,
    token_id: int | None,
    account_id: int | None,
    facilities: Sequence[str] | None = None,
) -> list[Token]:
    """Revoke those of a number, of an account, or both."""
    assert token_id is not None or account_id is not None
    rows = connection.execute(
        "update identity.tokens set revoked_at = clock_timestamp() "  # noqa: S608 - of this module
        "where (%(token)s::bigint is null or token_id = %(token)s) "
        "and (%(account)s::bigint is null or account_id = %(account)s) and revoked_at is null "
        f"and {_WITHIN} returning {_COLUMNS}".encode(),
        {"token": token_id, "account": account_id, "own": _listed(facilities)},
    ).fetchall()
    revoked = [Token(*row) for row in rows]
    for token in revoked:
        _tell(caller, connection, "token.revoked", token)
    return revoked


def _listed(facilities: Sequence[str] | None) -> list[str] | None:
    return None if facilities is None else list(facilities)


def _used(connection: Connection, token: Token) -> Token:
    """The token; records that it was used now, at most once a minute."""
    connection.execute(
        "update identity.tokens set used_at = clock_timestamp() where token_id = %s "
        "and (used_at is null or used_at < clock_timestamp() - interval '1 minute')",
        [token.token_id],
    )
    return token


def _tell(caller: Caller, connection: Connection, action: str, token: Token) -> None:
    audit.append(
        caller,
        connection,
        action=action,
        subject=f"token:{token.token_id}",
        detail={"type": "service" if token.client_name else "person", "role": " ".join(token.roles)},
        correlation_id=str(uuid.uuid4()),
    )
