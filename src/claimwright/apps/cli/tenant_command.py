"""`claimwright tenant`: create and list tenants."""

from __future__ import annotations

from typing import Annotated

import typer

from .session import Environment, caller_of, settings_of, store_of
from .terminal import ValueTable, out, wide

app = typer.Typer(help="Tenants: create and list them. The store separates their data.", no_args_is_help=True)


@app.command("create")
def create(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME", help="ID: 1 to 63 lower-case letters, digits, - and _; no person's name."
        ),
    ],
    environment: Environment = None,
) -> None:
    """Create a tenant. Data is stored only for existing tenants, so a misspelled name creates none.

    The tenant `default` always exists.

    Exit status: 0, or 2 if the tenant exists or the ID is invalid.
    """
    from claimwright.assembly.tenants import create_tenant

    settings = settings_of(environment)
    caller = caller_of(settings, name)
    with store_of(settings) as database:
        create_tenant(caller, database)
    out.print(f"Tenant {name} exists now. Use it with: --tenant {name}", markup=False)


@app.command("list")
def list_all(environment: Environment = None) -> None:
    """List the tenants: when and by whom each was created, and whether it has data.

    Exit status: 0.
    """
    from claimwright.assembly.tenants import list_tenants

    with store_of(settings_of(environment)) as database:
        found = list_tenants(database)
    table = ValueTable("tenant", "since", "made by", "has data")
    for each in found:
        table.add_row(
            each.tenant,
            f"{each.created_at:%Y-%m-%d %H:%M}",
            each.created_by,
            "yes" if each.has_data else "no",
        )
    wide().print(table)
