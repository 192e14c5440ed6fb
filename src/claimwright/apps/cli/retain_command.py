"""`claimwright db retain`: what has been kept long enough goes."""

from __future__ import annotations

import datetime

import typer

from .opening import Environment, Tenant, settings_of, store_of
from .terminal import fail, out


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("retain")(retain)


def retain(environment: Environment = None, tenant: Tenant = None) -> None:
    """Let go what is older than `retention` in the settings says; run it every day.

    Claims and the audit log go by whole months and years, of all tenants; delivered events and ended runs go
    for one tenant. What was let go is a record of the audit log.

    Exit status: 0, or 2 where it can't be done.
    """
    import psycopg

    from claimwright.platform import clock
    from claimwright.platform.audit import append
    from claimwright.platform.database import place
    from claimwright.platform.database.retention import (
        OF_CLAIMS,
        delete_runs,
        drop_audit_years,
        drop_months,
    )
    from claimwright.platform.events import expire

    settings = settings_of(environment)
    keep, whose, now = settings.retention, tenant or settings.tenant, clock.now()
    wanted = settings.database
    owner_url = wanted.owner_url or wanted.url

    def before(days: int) -> datetime.datetime:
        return now - datetime.timedelta(days=days)

    with store_of(settings) as database:
        found = place(
            wanted.url.get_secret_value() if wanted.url else None,
            wanted.home,
            owner_url=owner_url.get_secret_value() if owner_url else None,
        )
        try:
            with psycopg.connect(found.owner, autocommit=True) as owner:
                months = sum(drop_months(owner, OF_CLAIMS, before(keep.claims_days).date()).values())
                years = drop_audit_years(owner, before(keep.audit_days).date())
                runs = delete_runs(owner, before(keep.runs_days), tenant=whose)
        except psycopg.errors.InsufficientPrivilege:
            fail("database.owner_url: only the owner of the tables can let them go.")
        with database.connect() as connection:
            gone = expire(connection, tenant=whose, before=before(keep.outbox_days))
        with database.transaction(whose) as connection:
            append(
                connection,
                tenant=whose,
                actor="system:retention",
                action="retention.applied",
                subject=f"tenant:{whose}",
                detail={"months": months, "years": years, "runs": runs, "events": gone},
                correlation_id="",
            )
    out.print(
        f"{months} months of claims, {years} years of the audit log, {runs:,} runs and {gone:,} events"
        " let go.",
        soft_wrap=True,
    )
