"""`claimwright user`: accounts and their roles."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from .session import After, Environment, Most, Tenant, caller_of, settings_of, store_of
from .terminal import ValueTable, fail, out, wide

if TYPE_CHECKING:
    from claimwright.domain.caller import Caller
    from claimwright.platform.database import Connection

T = TypeVar("T")

app = typer.Typer(
    help="Accounts: who may sign in, with which roles, at which facilities.", no_args_is_help=True
)

Number = Annotated[int, typer.Argument(metavar="NUMBER", help="Account number, from `user list`.")]
Facilities = Annotated[
    list[str] | None, typer.Option("--facility", help="Allowed facility; can be repeated. Default: all.")
]


@app.command("list")
def list_all(
    after: After = 0,
    limit: Most = 100,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """List accounts.

    Exit status: 0.
    """
    from claimwright.platform.identity import list_accounts
    from claimwright.platform.list_order import after_key

    settings = settings_of(environment)
    with store_of(settings) as database, database.transaction(caller_of(settings, tenant)) as connection:
        found = list_accounts(connection, after=after_key(after), limit=limit)
    if not found:
        out.print("No accounts. Add one: claimwright user add NAME --role administrator.")
        return
    table = ValueTable("account", "name", "roles", "facilities", "state", "second factor")
    for each in found:
        table.add_row(
            str(each.account_id), each.name, ", ".join(each.roles),
            "all" if each.facilities is None else ", ".join(each.facilities), each.state,
            "set" if each.has_any_second_factor else "none",
        )  # fmt: skip
    wide().print(table)


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Sign-in name, such as jlee.")],
    roles: Annotated[list[str], typer.Option("--role", help="A role; can be repeated.")],
    facilities: Facilities = None,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Add an account and print a link with which its owner sets the password. The link is shown once.

    Exit status: 0, or 2 if the name is in use or a role is unknown.
    """
    from claimwright.platform.access import ROLES
    from claimwright.platform.identity import AccountError, create_account, password_link

    settings = settings_of(environment)
    caller = caller_of(settings, tenant)
    with store_of(settings) as database:
        try:
            with database.transaction(caller) as connection:
                account = create_account(
                    caller, connection, name, roles=roles, known_roles=ROLES, facilities=facilities
                )
                link = password_link(caller, connection, account.account_id)
        except AccountError as problem:
            fail(str(problem))
    out.print(f"Account {account.account_id}. Link to set the password (works once, valid for three days):")
    out.print(str(link), soft_wrap=True, markup=False)


@app.command("change")
def change(
    number: Number,
    roles: Annotated[
        list[str] | None,
        typer.Option("--role", help="The new roles, which replace the old ones; can be repeated."),
    ] = None,
    facilities: Facilities = None,
    every_facility: Annotated[
        bool, typer.Option("--every-facility", help="Allow all facilities of the tenant.")
    ] = False,
    disable: Annotated[bool, typer.Option("--disable", help="Disable sign-in and end all sessions.")] = False,
    enable: Annotated[bool, typer.Option("--enable", help="Allow sign-in again.")] = False,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Change an account's roles, facilities or state. Options that are not given change nothing.

    Exit status: 0, or 2 if there is no such account or role.
    """
    from claimwright.platform.access import ROLES
    from claimwright.platform.identity import AccountError, AccountNotFoundError, change_account

    if disable and enable:
        fail("--disable and --enable: use only one of them.")
    settings = settings_of(environment)
    caller = caller_of(settings, tenant)
    with store_of(settings) as database:
        try:
            with database.transaction(caller) as connection:
                account = change_account(
                    caller, connection, number, known_roles=ROLES, roles=roles, facilities=facilities,
                    every_facility=every_facility,
                    state="disabled" if disable else "active" if enable else None,
                )  # fmt: skip
        except (AccountError, AccountNotFoundError) as problem:
            fail(str(problem))
    out.print(f"Account {account.account_id}: {', '.join(account.roles) or 'no role'}, {account.state}.")


@app.command("link")
def link(number: Number, environment: Environment = None, tenant: Tenant = None) -> None:
    """Print a link to set a new password. It works once and is valid for three days.

    Exit status: 0, or 2 if there is no such account.
    """
    from claimwright.platform.identity import password_link

    made = _done_to(number, password_link, environment, tenant)
    out.print(str(made), soft_wrap=True, markup=False)


@app.command("reset-factor")
def reset_factor(number: Number, environment: Environment = None, tenant: Tenant = None) -> None:
    """Remove a lost second factor. The owner sets a new one after signing in.

    The authenticator, the recovery codes and all passkeys of the account are removed.

    Exit status: 0, or 2 if there is no such account.
    """
    from claimwright.platform.identity import remove_factor

    _done_to(number, remove_factor, environment, tenant)
    out.print(f"Account {number} has no second factor.")


def _done_to(
    number: int,
    act: Callable[[Caller, Connection, int], T],
    environment: str | None,
    tenant: str | None,
) -> T:
    """Apply a change to an account. Ends the command if there is no account with this number."""
    from claimwright.platform.identity import AccountNotFoundError

    settings = settings_of(environment)
    caller = caller_of(settings, tenant)
    with store_of(settings) as database:
        try:
            with database.transaction(caller) as connection:
                return act(caller, connection, number)
        except AccountNotFoundError as problem:
            fail(str(problem))
