"""Accounts of a tenant: who can sign in, with which roles, at which facilities.

Records refer to an account by its number: `user:7`. The name is only for signing in.
"""

from __future__ import annotations

import datetime
import re
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from claimwright.domain.caller import Caller
from claimwright.platform import audit
from claimwright.platform.list_order import ListOrder, Place, text

from . import passwords
from .errors import AccountError, AccountNotFoundError, StaleVersionError
from .tokens import end_tokens

if TYPE_CHECKING:
    from claimwright.platform.database import Connection

_NAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{1,62}")
_FACILITY = re.compile(r"[\w.-]{1,64}")
_COLUMNS = (
    "account_id, name, roles, facilities, state, sealed_factor is not null, locked_until, version, "
    "created_at, "
    "(select count(*) from identity.passkeys p where p.account_id = accounts.account_id)"
)


# A tenant has as many accounts as people: they are sorted without an index of the names.
ACCOUNT_ORDERS = ListOrder("account_id", {"name": text("name")})


@dataclass(frozen=True)
class Account:
    """A person who can sign in; `facilities` is None if the account covers all facilities of the tenant."""

    account_id: int
    name: str
    roles: list[str]
    facilities: list[str] | None
    state: str
    has_second_factor: bool
    locked_until: datetime.datetime | None
    version: int
    created_at: datetime.datetime
    passkeys: int

    @property
    def has_any_second_factor(self) -> bool:
        """Whether an authenticator or a passkey protects the account beside its password."""
        return self.has_second_factor or self.passkeys > 0

    @property
    def actor(self) -> str:
        """The account as an actor: `user:7`."""
        return f"user:{self.account_id}"


def is_account_name(name: str) -> bool:
    """Whether an account can have this name."""
    return _NAME.fullmatch(name) is not None


def create_account(
    caller: Caller,
    connection: Connection,
    name: str,
    *,
    roles: Collection[str],
    known_roles: Collection[str],
    facilities: Sequence[str] | None = None,
    password: str | None = None,
) -> Account:
    """Create an account. Without a password, one is set later with a link.

    Raises:
        AccountError: the name is taken or invalid, a role is unknown, or the password is refused.
    """
    name = name.strip().lower()
    if not is_account_name(name):
        raise AccountError("an account's name has 2 to 63 letters, digits and . _ @ + -, such as jlee.")
    kept = passwords.hashed(password, name=name) if password is not None else None
    row = connection.execute(
        "insert into identity.accounts (name, password_hash, roles, facilities) "  # noqa: S608 - of this module
        "values (%s, %s, %s, %s) "
        f"on conflict (tenant, name) do nothing returning {_COLUMNS}".encode(),
        [name, kept, _roles(roles, known_roles), _facilities(facilities)],
    ).fetchone()
    if row is None:
        raise AccountError("an account with this name exists. Choose another name, or change that account.")
    account = Account(*row)
    _tell(caller, connection, "account.created", account)
    return account


def account_of(
    connection: Connection, account_id: int, *, facilities: Sequence[str] | None = None
) -> Account:
    """One account of the tenant; of accounts that are only at some facilities, where those are given.

    Raises:
        AccountNotFoundError: there is none with this number.
    """
    row = connection.execute(
        f"select {_COLUMNS} from identity.accounts where account_id = %(account)s "  # noqa: S608
        "and (%(own)s::text[] is null or facilities <@ %(own)s::text[])".encode(),
        {"account": account_id, "own": None if facilities is None else list(facilities)},
    ).fetchone()
    if row is None:
        raise AccountNotFoundError(f"there is no account {account_id}.")
    return Account(*row)


def account_named(connection: Connection, name: str) -> Account:
    """One account of the tenant, by its sign-in name.

    Raises:
        AccountNotFoundError: there is none with this name.
    """
    row = connection.execute(
        f"select {_COLUMNS} from identity.accounts where name = %s".encode(),  # noqa: S608
        [name.strip().lower()],
    ).fetchone()
    if row is None:
        raise AccountNotFoundError("there is no account with this name.")
    return Account(*row)


def list_accounts(
    connection: Connection,
    *,
    facilities: Sequence[str] | None = None,
    sort: str = "account_id",
    after: Place | None = None,
    limit: int = 100,
) -> list[Account]:
    """Accounts in one of `ACCOUNT_ORDERS` after a place of it; of those that are only at some facilities,
    where those are given.
    """
    beyond, order, place = ACCOUNT_ORDERS.clauses(sort, after)
    rows = connection.execute(
        f"select {_COLUMNS} from identity.accounts where {beyond} "  # noqa: S608 - of this module
        "and (%(own)s::text[] is null or facilities <@ %(own)s::text[]) "
        f"order by {order} limit %(limit)s".encode(),
        {"limit": limit, "own": None if facilities is None else list(facilities), **place},
    ).fetchall()
    return [Account(*row) for row in rows]


def has_accounts(connection: Connection) -> bool:
    """Whether the tenant has an account. If not, a setup link creates the first administrator."""
    return connection.execute("select 1 from identity.accounts limit 1").fetchone() is not None


def change_account(
    caller: Caller,
    connection: Connection,
    account_id: int,
    *,
    known_roles: Collection[str],
    version: int | None = None,
    roles: Collection[str] | None = None,
    facilities: Sequence[str] | None = None,
    every_facility: bool = False,
    state: str | None = None,
) -> Account:
    """Change an account's roles, facilities or state. None leaves a value unchanged. Disabling ends its
    sessions and revokes its tokens.

    Raises:
        AccountNotFoundError: there is none with this number.
        StaleVersionError: it was changed since it was read.
        AccountError: a role is unknown, or the caller changes their own roles or disables their own account.
    """
    before = account_of(connection, account_id)
    if version is not None and version != before.version:
        raise StaleVersionError(f"account {account_id} is at version {before.version}, not {version}.")
    if before.actor == caller.actor and (
        state == "disabled" or (roles is not None and set(roles) != set(before.roles))
    ):
        raise AccountError(
            "you can't change your own roles or disable your own account. Ask another administrator."
        )
    if state not in {None, "active", "disabled"}:
        raise AccountError("the state of an account must be active or disabled.")
    row = connection.execute(
        "update identity.accounts set roles = %s, facilities = %s, "  # noqa: S608 - of this module
        "state = %s, version = version + 1 "
        f"where account_id = %s and version = %s returning {_COLUMNS}".encode(),
        [
            before.roles if roles is None else _roles(roles, known_roles),
            None
            if every_facility
            else (before.facilities if facilities is None else _facilities(facilities)),
            state or before.state,
            account_id,
            before.version,
        ],
    ).fetchone()
    if row is None:
        raise StaleVersionError(f"account {account_id} was changed in the meantime.")
    after = Account(*row)
    if after.state == "disabled":
        end_sessions(connection, account_id)
        end_tokens(caller, connection, account_id)
    _tell(caller, connection, "account.changed", after)
    return after


def set_password(caller: Caller, connection: Connection, account_id: int, password: str) -> None:
    """Set a password. Ends all sessions of the account, its lock after failed attempts, and the links that
    would set another one.

    Raises:
        AccountNotFoundError: there is none with this number.
        AccountError: the password is refused.
    """
    account = account_of(connection, account_id)
    connection.execute(
        "update identity.accounts set password_hash = %s, failures = 0, locked_until = null, "
        "version = version + 1 where account_id = %s",
        [passwords.hashed(password, name=account.name), account_id],
    )
    connection.execute(
        "update identity.links set used_at = clock_timestamp() where account_id = %s and used_at is null",
        [account_id],
    )
    end_sessions(connection, account_id)
    _tell(caller, connection, "account.password_set", account)


def end_sessions(connection: Connection, account_id: int) -> int:
    """End all sessions of an account. Returns how many there were."""
    return connection.execute(
        "update identity.sessions set ended_at = clock_timestamp() "
        "where account_id = %s and ended_at is null",
        [account_id],
    ).rowcount


def _roles(roles: Collection[str], known: Collection[str]) -> list[str]:
    if unknown := sorted(set(roles) - set(known)):
        raise AccountError(f"no such role: {', '.join(unknown)}. There are: {', '.join(sorted(known))}.")
    return sorted(set(roles))


def _facilities(facilities: Sequence[str] | None) -> list[str] | None:
    if facilities is not None and not all(_FACILITY.fullmatch(each) for each in facilities):
        raise AccountError("a facility has 1 to 64 letters, digits and . _ -.")
    return None if facilities is None else sorted(set(facilities))


def _tell(caller: Caller, connection: Connection, action: str, account: Account) -> None:
    audit.append(
        caller,
        connection,
        action=action,
        subject=f"account:{account.account_id}",
        detail={"state": account.state, "version": account.version, "role": " ".join(account.roles)},
        correlation_id=str(uuid.uuid4()),
    )
