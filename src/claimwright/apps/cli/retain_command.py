"""`claimwright db retain`: what has been kept long enough goes."""

from __future__ import annotations

import datetime
from collections import Counter
from typing import TYPE_CHECKING

import typer

from .session import AllTenants, Environment, Tenant, callers_of, settings_of, store_of
from .terminal import fail, out

if TYPE_CHECKING:
    from claimwright.domain.caller import Caller
    from claimwright.platform.database import Connection, Database
    from claimwright.platform.settings import Settings

_TOLD = ("runs", "events", "files", "swept", "rows")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("retain")(retain)


def retain(environment: Environment = None, tenant: Tenant = None, all_tenants: AllTenants = False) -> None:
    """Let go what is older than `retention` in the settings says; run it every day.

    Claims and the audit log go by whole months and years, of all tenants; source files, delivered events,
    ended runs and what killed intakes left in object storage go for one tenant, or with --all-tenants. What
    was let go is a record of the audit log.

    Exit status: 0, or 2 where it can't be done.
    """
    import psycopg

    from claimwright.platform.database import place
    from claimwright.platform.objects import ObjectError
    from claimwright.store.retention import OF_CLAIMS, drop_audit_years, drop_months

    settings = settings_of(environment)
    keep = settings.retention
    wanted = settings.database
    owner_url = wanted.owner_url or wanted.url
    with store_of(settings) as database:
        found = place(
            wanted.url.get_secret_value() if wanted.url else None,
            wanted.home,
            owner_url=owner_url.get_secret_value() if owner_url else None,
        )
        try:
            with psycopg.connect(found.owner, autocommit=True) as owner:
                months = sum(drop_months(owner, OF_CLAIMS, _before(days=keep.claims_days).date()).values())
                years = drop_audit_years(owner, _before(days=keep.audit_days).date())
                gone: Counter[str] = Counter()
                for caller in callers_of(settings, database, tenant, everyone=all_tenants):
                    gone += _let_go(settings, database, owner, caller, months, years)
        except psycopg.errors.InsufficientPrivilege:
            fail("database.owner_url: only the owner of the tables can let them go.")
        except ObjectError as problem:
            fail(str(problem))
    out.print(
        f"{months} months of claims, {years} years of the audit log, {gone['runs']:,} runs and"
        f" {gone['events']:,} events let go; {gone['files']:,} files, and {gone['swept']:,} pieces that no"
        f" intake finished; {gone['rows']:,} predictions of API clients.",
        soft_wrap=True,
    )


def _let_go(
    settings: Settings, database: Database, owner: Connection, caller: Caller, months: int, years: int
) -> Counter[str]:
    """What of one tenant is old enough goes; says how much of what."""
    from claimwright.features.intake import expire_files, forget_files, sweep_files
    from claimwright.platform.audit import append
    from claimwright.platform.events import expire
    from claimwright.platform.objects import open_objects
    from claimwright.store.retention import delete_predictions, delete_runs

    keep, shelf = settings.retention, open_objects(settings)
    gone: Counter[str] = Counter(
        runs=delete_runs(caller, owner, _before(days=keep.runs_days)),
        rows=delete_predictions(
            caller, owner, ended=_before(days=keep.runs_days), told=_before(days=keep.claims_days)
        ),
        files=expire_files(caller, owner, shelf, before=_before(days=keep.files_days)),
        swept=sweep_files(caller, database, shelf, before=_before(hours=keep.orphan_hours)),
    )
    forget_files(caller, owner, before=_before(days=keep.claims_days))
    with database.connect() as connection:
        gone["events"] = expire(caller, connection, before=_before(days=keep.outbox_days))
    with database.transaction(caller) as connection:
        append(
            caller,
            connection,
            action="retention.applied",
            subject=f"tenant:{caller.tenant}",
            detail={"months": months, "years": years, **{name: gone[name] for name in _TOLD}},
            correlation_id="",
        )
    return gone


def _before(*, days: int = 0, hours: int = 0) -> datetime.datetime:
    from claimwright.foundation import clock

    return clock.now() - datetime.timedelta(days=days, hours=hours)
