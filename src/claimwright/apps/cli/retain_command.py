"""`claimwright db retain`: what has been kept long enough goes."""

from __future__ import annotations

import typer

from .session import AllTenants, Environment, Tenant, callers_of, settings_of, store_of
from .terminal import err, fail, out


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("retain")(retain)


def retain(environment: Environment = None, tenant: Tenant = None, all_tenants: AllTenants = False) -> None:
    """Delete what is older than `retention` in the settings says; run it every day.

    Claims and the audit log go by whole months and years, of all tenants; source files, delivered events,
    ended runs and what killed intakes left in object storage go for one tenant, or with --all-tenants. Months
    with a claim that still waits are kept. What was deleted is a record of the audit log.

    Exit status: 0, or 2 where it can't be done.
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
        f" {gone['events']:,} events let go; {gone['files']:,} files, and {gone['swept']:,} pieces that no"
        f" intake finished; {gone['rows']:,} predictions of API clients.",
        soft_wrap=True,
    )
    if done.spared_from is not None:
        err.print(
            f"Claims from {done.spared_from:%B %Y} on are kept longer than the policy says: some still wait "
            "(staged, in review or dead letters). See: claimwright claims list.",
            soft_wrap=True,
        )
