"""One-time links that set a password: for the first administrator of an installation, and for new accounts.

There is no default password: the first start prints such a link.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Collection
from typing import TYPE_CHECKING

from claimwright.domain.caller import Caller
from claimwright.foundation import clock
from claimwright.platform import audit

from .accounts import Account, account_of, create_account, has_accounts, set_password
from .bearer import LINK, Bearer, digest_of, new_secret
from .errors import AccountError, SignInError

if TYPE_CHECKING:
    from claimwright.platform.database import Connection

_SETUP_HOURS, _PASSWORD_HOURS = 24, 72
ADMINISTRATOR = "administrator"


def setup_link(caller: Caller, connection: Connection) -> Bearer:
    """A link that creates the first administrator of the tenant.

    Raises:
        AccountError: the tenant has accounts; an administrator creates further ones.
    """
    if has_accounts(connection):
        raise AccountError("the tenant has accounts already. Use: claimwright user add, or user link.")
    return _link(caller, connection, None, _SETUP_HOURS)


def password_link(caller: Caller, connection: Connection, account_id: int) -> Bearer:
    """A link that sets the password of an account.

    Raises:
        AccountNotFoundError: there is no such account.
    """
    account_of(connection, account_id)
    return _link(caller, connection, account_id, _PASSWORD_HOURS)


def use_link(
    caller: Caller,
    connection: Connection,
    bearer: Bearer,
    *,
    name: str,
    password: str,
    known_roles: Collection[str],
) -> Account:
    """Set the password of the link's account; for the first administrator, also create the account.

    Raises:
        SignInError: the link is unknown, used or expired.
        AccountError: the name or the password is refused; the link stays valid.
    """
    row = connection.execute(
        "update identity.links set used_at = clock_timestamp() "
        "where secret_hash = %s and used_at is null and expires_at > clock_timestamp() returning account_id",
        [bearer.digest],
    ).fetchone()
    if row is None:
        raise SignInError("the link was already used or has expired. Ask for a new one.")
    if row[0] is None:
        if has_accounts(connection):
            raise SignInError("the tenant has accounts already. Ask an administrator.")
        return create_account(
            caller, connection, name, roles=[ADMINISTRATOR], known_roles=known_roles, password=password
        )
    account = account_of(connection, row[0])
    if account.name != name.strip().lower():
        raise AccountError("the link is for a different account. Enter the name that you were given.")
    set_password(caller, connection, account.account_id, password)
    return account


def _link(caller: Caller, connection: Connection, account_id: int | None, hours: int) -> Bearer:
    secret = new_secret()
    connection.execute(
        "insert into identity.links (secret_hash, account_id, expires_at) values (%s, %s, %s)",
        [digest_of(secret), account_id, clock.now() + datetime.timedelta(hours=hours)],
    )
    audit.append(
        caller,
        connection,
        action="link.made",
        subject=f"account:{account_id or 'first'}",
        detail={},
        correlation_id=str(uuid.uuid4()),
    )
    return Bearer(LINK, caller.tenant, str(account_id or 0), secret)
