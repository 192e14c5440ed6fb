"""`claimwright waivers`: findings that a named owner accepts for a time, applied by runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .session import After, Environment, Most, Tenant, permitted_caller, settings_of, store_of
from .terminal import ValueTable, fail, out, wide

app = typer.Typer(help="Waivers of the store, which runs apply: list, add, end.", no_args_is_help=True)


@app.command("list")
def list_all(
    after: After = 0, limit: Most = 100, environment: Environment = None, tenant: Tenant = None
) -> None:
    """List waivers in the order in which they were added, with who ended those that have ended.

    Exit status: 0.
    """
    from claimwright.features.claims import list_waivers

    settings = settings_of(environment)
    caller, _ = permitted_caller(settings, tenant, "waivers.read")
    with store_of(settings) as database, database.transaction(caller) as connection:
        found = list_waivers(connection, after=after, limit=limit)
    if not found:
        out.print("No waivers. Add some: claimwright waivers add FILE.", markup=False)
        return
    table = ValueTable("number", "waiver", "rules", "payers", "providers", "from", "to", "owner", "ended by")
    for each in found:
        table.add_row(
            str(each.waiver_key), each.waiver_id, ", ".join(each.rules),
            ", ".join([*each.claim_filing, *each.payer_ids]) or "all", ", ".join(each.providers) or "all",
            str(each.valid_from), str(each.valid_to), each.owner, each.ended_by or "",
        )  # fmt: skip
    wide().print(table)
    if len(found) == limit:
        out.print(f"Next page: --after {found[-1].waiver_key}", markup=False)


@app.command("add")
def add(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="YAML file of waivers, as for --waivers.")],
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Add the waivers of a file: all of them, or none. Runs that begin from now on apply them.

    Exit status: 0, or 2 if a waiver cannot be used or its id was used before.
    """
    from claimwright.assembly.checkers import read_waivers
    from claimwright.features.claims import add_waiver
    from claimwright.foundation.errors import ClaimwrightError

    settings = settings_of(environment)
    caller, _ = permitted_caller(settings, tenant, "waivers.change")
    try:
        wanted, book = read_waivers(file)
        with store_of(settings) as database, database.transaction(caller) as connection:
            for each in wanted:
                add_waiver(caller, connection, each, book)
    except ClaimwrightError as problem:
        fail(str(problem))
    out.print(f"{len(wanted):,} waivers added.", markup=False)


@app.command("end")
def end(
    waiver: Annotated[str, typer.Argument(metavar="ID", help="The waiver's id.")],
    reason: Annotated[
        str, typer.Option("--reason", help="Reason, 8 to 200 characters; kept in the audit log.")
    ],
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """End a waiver now. Findings that it covered stay waived; later runs do not apply it.

    Exit status: 0, or 2 if there is no such waiver, it has been ended, or the reason is invalid.
    """
    from claimwright.features.claims import WaiverNotFoundError, end_waiver
    from claimwright.platform.audit import AuditError

    settings = settings_of(environment)
    caller, _ = permitted_caller(settings, tenant, "waivers.change")
    try:
        with store_of(settings) as database, database.transaction(caller) as connection:
            end_waiver(caller, connection, waiver, reason=reason)
    except WaiverNotFoundError as problem:
        fail(str(problem))
    except AuditError as problem:
        fail(f"--reason: {problem}")
    out.print(f"Waiver {waiver} is ended.", markup=False)
