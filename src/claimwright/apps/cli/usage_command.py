"""`claimwright usage`: what a tenant used in a month, and its quotas."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from .session import Environment, Tenant, explained, permitted_caller, settings_of, store_of
from .terminal import ValueTable, fail, out, wide

app = typer.Typer(help="What tenants use, and may use.", no_args_is_help=True)


@app.command("show")
def show(
    month: Annotated[
        str | None, typer.Option("--month", help="Such as 2026-11 (UTC). Default: this month.")
    ] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="As CSV, for a bill.")] = False,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Show requests, claims and bytes of a month by identity, the bytes stored at its end, and the quotas.

    Exit status: 0, or 2 if the month is invalid.
    """
    from claimwright.platform.metering import quotas_of, this_month, usage_csv, usage_of

    settings = settings_of(environment)
    caller, _ = permitted_caller(settings, tenant, "usage.read")
    wanted = month or this_month()
    with store_of(settings) as database, explained(), database.transaction(caller) as connection:
        found, quotas = usage_of(connection, wanted), quotas_of(connection)
    if as_csv:
        sys.stdout.write(usage_csv(caller.tenant, wanted, found))
        return
    table = ValueTable("identity", "requests", "claims", "bytes received", "bytes stored")
    for each in found:
        table.add_row(
            each.identity, f"{each.requests:,}", f"{each.claims:,}", f"{each.bytes_received:,}",
            f"{each.bytes_stored:,}",
        )  # fmt: skip
    wide().print(table)
    for quota in quotas:
        out.print(f"quota of {quota.kind}: {quota.used:,} of {quota.most:,} used", markup=False)


@app.command("quota")
def quota(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="requests, claims, bytes or storage.")],
    most: Annotated[
        int | None, typer.Argument(metavar="[NUMBER]", min=0, help="The most. Without it: no limit.")
    ] = None,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Set a quota of a tenant: requests, claims or bytes a month, or stored bytes. No number removes it.

    Exit status: 0, or 2 if there is no such kind or tenant.
    """
    from claimwright.platform.metering import QUOTAS, set_quota
    from claimwright.store.tenants import require_tenant

    if kind not in QUOTAS:
        fail(f"KIND: one of {', '.join(QUOTAS)}.")
    settings = settings_of(environment)
    caller, _ = permitted_caller(settings, tenant, "usage.limit")
    with store_of(settings) as database, database.transaction(caller) as connection:
        require_tenant(caller, connection)
        set_quota(caller, connection, kind, most)
    out.print(f"{caller.tenant}: {'no limit of' if most is None else f'at most {most:,}'} {QUOTAS[kind]}")
