"""The common start of platform commands: the settings in force, and the open store."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from .terminal import fail

if TYPE_CHECKING:
    from claimwright.domain.caller import Caller
    from claimwright.platform.access import Access
    from claimwright.platform.database import Connection, Database
    from claimwright.platform.phi import Sealer
    from claimwright.platform.settings import Settings

Environment = Annotated[
    str | None,
    typer.Option("--environment", "-e", help="Read claimwright.ENVIRONMENT.yaml after claimwright.yaml."),
]
Tenant = Annotated[str | None, typer.Option("--tenant", help="Tenant. Default: the setting `tenant`.")]

After = Annotated[int, typer.Option("--after", min=0, metavar="NUMBER", help="Start after this number.")]
Most = Annotated[int, typer.Option("--limit", "-n", min=1, max=1_000, help="Maximum number of rows.")]

AllTenants = Annotated[
    bool, typer.Option("--all-tenants", help="All tenants that have data, one after another.")
]


def caller_of(settings: Settings, tenant: str | None) -> Caller:
    """The account that runs the command, for one tenant. Ends the command if the tenant is invalid."""
    from claimwright.assembly.callers import terminal_caller
    from claimwright.domain.caller import CallerError

    try:
        return terminal_caller(settings, tenant or settings.tenant)
    except CallerError as problem:
        fail(f"--tenant: {problem}")


def permitted_caller(settings: Settings, tenant: str | None, action: str) -> tuple[Caller, Access]:
    """The account that runs the command, and the policies. Ends the command if they do not allow the action.

    The policies are those of the API; the setting `terminal.roles` says which roles the account has.
    """
    from claimwright.assembly.callers import terminal_access

    caller = caller_of(settings, tenant)
    with explained():
        return caller, terminal_access(settings, caller, action)


def callers_of(settings: Settings, database: Database, tenant: str | None, *, everyone: bool) -> list[Caller]:
    """One caller for each tenant of a command. Ends the command if both one tenant and all were given."""
    if everyone and tenant:
        fail("--tenant and --all-tenants: use only one of them.")
    caller = caller_of(settings, tenant)
    return [caller.of_tenant(each) for each in database.tenants()] if everyone else [caller]


def settings_of(environment: str | None) -> Settings:
    """The settings in force. Ends the command if they cannot be used."""
    from claimwright.platform.settings import SettingsError, load_settings

    try:
        return load_settings(environment)
    except SettingsError as problem:
        fail(str(problem))


@contextmanager
def store_of(settings: Settings) -> Iterator[Database]:
    """The store of the settings; an embedded one is started. Ends the command if that fails."""
    from claimwright.assembly.errors import StoreUnavailableError
    from claimwright.assembly.stores import open_store
    from claimwright.platform.database import DatabaseError
    from claimwright.platform.objects import ObjectError

    try:
        with open_store(settings) as database:
            yield database
    except (DatabaseError, ObjectError, StoreUnavailableError) as problem:
        fail(str(problem))


@contextmanager
def explained() -> Iterator[None]:
    """Ends the command in one line if keys or policies cannot be used."""
    from claimwright.foundation.errors import ConfigurationError, ProtectionError

    try:
        yield
    except (ConfigurationError, ProtectionError) as problem:
        fail(str(problem))


@contextmanager
def connection_of(settings: Settings) -> Iterator[Connection]:
    """One connection to the store, outside its pool."""
    with store_of(settings) as database, database.connect() as connection:
        yield connection


def sealer_of(settings: Settings, database: Database) -> Sealer:
    """The sealer with the keys of the store. Ends the command if they cannot be used."""
    from claimwright.assembly.stores import open_sealer

    with explained():
        return open_sealer(settings, database)
