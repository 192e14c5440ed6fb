"""`claimwright tenant`: tenants made and listed."""

from __future__ import annotations

from typing import Annotated

import typer

from .session import Environment, caller_of, settings_of, store_of
from .terminal import ValueTable, out, wide

app = typer.Typer(help="Tenants: whose data the store keeps apart.", no_args_is_help=True)


@app.command("create")
def create(
    name: Annotated[
        str,
        typer.Argument(metavar="NAME", help="1 to 63 lower-case letters, digits, - and _; an id, no name."),
    ],
    environment: Environment = None,
) -> None:
    """Make a tenant. Nothing is stored for one that was not made, so that a misspelt name makes none.

    The tenant `default` is there from the start.

    Exit status: 0, or 2 where there is one of this name or it is no id.
    """
    from claimwright.assembly.tenants import create_tenant

    settings = settings_of(environment)
    caller = caller_of(settings, name)
    with store_of(settings) as database:
        create_tenant(caller, database)
    out.print(f"Tenant {name} is there. Use it: --tenant {name}", markup=False)


@app.command("list")
def list_all(environment: Environment = None) -> None:
    """List the tenants: since when, made by whom, and whether anything is stored for them.

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
