"""`claimwright db retain`: delete data that is past its retention period."""

from __future__ import annotations

import typer

from .session import AllTenants, Environment, Tenant, callers_of, settings_of, store_of
from .terminal import err, fail, out


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("retain")(retain)


def retain(environment: Environment = None, tenant: Tenant = None, all_tenants: AllTenants = False) -> None:
    """Delete data that is older than the `retention` settings allow. Run this every day.

    Claims are deleted by whole months and the audit log by whole years, for all tenants. Source files,
    delivered events, ended runs and leftovers of killed intakes are deleted for one tenant, or for all with
    --all-tenants. Months with a claim that still waits are kept. Each deletion is recorded in the audit log.

    Exit status: 0, or 2 if it cannot be done.
    """
    from claimwright.assembly.errors import OwnerRequiredError
    from claimwright.assembly.retention import apply_retention
    from claimwright.platform.objects import ObjectError
    from claimwright.store.retention import RetentionClockError

    settings = settings_of(environment)
    with store_of(settings) as database:
        callers = callers_of(settings, database, tenant, everyone=all_tenants)
        try:
            done = apply_retention(callers, settings, database)
        except (OwnerRequiredError, ObjectError, RetentionClockError) as problem:
            fail(str(problem))
    gone = done.counts
    out.print(
        f"{done.months} months of claims, {done.years} years of the audit log, {gone['runs']:,} runs and"
        f" {gone['events']:,} events deleted; {gone['files']:,} files, and {gone['swept']:,} parts of"
        f" unfinished intakes; {gone['rows']:,} predictions of API clients.",
        soft_wrap=True,
    )
    if done.spared_from is not None:
        err.print(
            f"Claims from {done.spared_from:%B %Y} on are kept longer than the policy: some still wait "
            "(staged, in review or dead letters). See: claimwright claims list.",
            soft_wrap=True,
        )
