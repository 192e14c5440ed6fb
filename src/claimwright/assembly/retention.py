"""Deletes the data that the retention settings no longer keep, with an audit record."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .errors import OwnerRequiredError
from .stores import place_of

if TYPE_CHECKING:
    from claimwright.domain.caller import Caller
    from claimwright.platform.database import Connection, Database
    from claimwright.platform.settings import Settings


@dataclass(frozen=True)
class Retained:
    """What was deleted: months of claims and years of the audit log, of all tenants; the rest by name.

    `spared_from` is the month from which claims were kept beyond the policy because some of them are waiting.
    """

    months: int
    years: int
    counts: Counter[str]
    spared_from: datetime.date | None


def apply_retention(callers: Sequence[Caller], settings: Settings, database: Database) -> Retained:
    """Delete data older than `retention` in the settings; recorded in each tenant's audit log.

    Claims and the audit log are deleted by whole months and years, for all tenants. Source files, delivered
    events, ended runs and pieces of unfinished intakes are deleted for the callers' tenants. A month with a
    waiting claim stays, and so do the months after it.

    Raises:
        OwnerRequiredError: the settings name no owner of the tables.
        RetentionClockError: the clocks of this machine and the database differ; nothing was deleted.
        ObjectError: object storage refused.
    """
    import psycopg

    from claimwright.foundation import clock
    from claimwright.store.retention import OF_CLAIMS, check_clock, drop_audit_years, drop_months

    keep = settings.retention
    try:
        with psycopg.connect(place_of(settings, as_owner=True).owner, autocommit=True) as owner:
            check_clock(owner, clock.now())
            claims, spared_from = _spare_open_claims(callers, database, _before(days=keep.claims_days))
            months = sum(drop_months(owner, OF_CLAIMS, claims.date()).values())
            _prove_audit_retention(callers, settings, database)
            years = drop_audit_years(owner, _before(days=keep.audit_days).date())
            gone: Counter[str] = Counter()
            for caller in callers:
                gone += _of_tenant(caller, settings, database, owner, months, years, claims)
    except psycopg.errors.InsufficientPrivilege as problem:
        raise OwnerRequiredError(
            "database.owner_url: only the owner of the tables can delete old data."
        ) from problem
    return Retained(months, years, gone, spared_from)


def _spare_open_claims(
    callers: Sequence[Caller], database: Database, before: datetime.datetime
) -> tuple[datetime.datetime, datetime.date | None]:
    """`before`, or the month of the oldest waiting claim of any tenant (its first day), if earlier."""
    from claimwright.store.retention import earliest_open_claim

    if not callers:
        return before, None
    with database.connect() as connection:
        waiting = [
            day
            for tenant in database.tenants()
            if (day := earliest_open_claim(callers[0].of_tenant(tenant), connection))
        ]
    oldest = min(waiting, default=None)
    if oldest is None or oldest >= before.date():
        return before, None
    spared = oldest.replace(day=1)
    return datetime.datetime.combine(spared, datetime.time(), datetime.UTC), spared


def _prove_audit_retention(callers: Sequence[Caller], settings: Settings, database: Database) -> None:
    """Sign, for every tenant, up to which record its audit log is deleted: all before the first year that
    stays.
    """
    from claimwright.platform.audit import SigningKey, prove_retention
    from claimwright.platform.objects import open_objects

    if not callers:
        return
    objects, key = open_objects(settings), SigningKey.open(settings.audit.signing_key_file)
    kept_from = _before(days=settings.retention.audit_days).replace(
        month=1, day=1, hour=0, minute=0, second=0, microsecond=0
    )
    with database.connect() as connection:
        for tenant in database.tenants():
            prove_retention(callers[0].of_tenant(tenant), connection, objects, key, before=kept_from)


def _of_tenant(
    caller: Caller,
    settings: Settings,
    database: Database,
    owner: Connection,
    months: int,
    years: int,
    claims: datetime.datetime,
) -> Counter[str]:
    from claimwright.features.intake import expire_files, forget_files, sweep_files
    from claimwright.platform.audit import append
    from claimwright.platform.events import expire
    from claimwright.platform.objects import open_objects
    from claimwright.platform.tenancy import tenancy
    from claimwright.store.alerts import delete_incidents
    from claimwright.store.corrections import delete_corrections
    from claimwright.store.remittance_answers import forget_patients
    from claimwright.store.retention import delete_appeals, delete_figures, delete_predictions, delete_runs
    from claimwright.store.work_changes import delete_items

    keep, shelf = settings.retention, open_objects(settings)
    runs = _before(days=keep.runs_days)
    gone: Counter[str] = Counter(
        runs=delete_runs(caller, owner, runs),
        rows=delete_predictions(caller, owner, ended=runs, told=claims),
        files=expire_files(caller, owner, shelf, before=_before(days=keep.files_days)),
        swept=sweep_files(caller, database, shelf, before=_before(hours=keep.orphan_hours)),
    )
    forget_files(caller, owner, before=claims)
    with tenancy(owner, caller):
        forget_patients(owner, claims)
        gone["rows"] += delete_items(owner, claims)
        delete_corrections(owner, claims)
        gone["rows"] += delete_appeals(owner, claims)
        gone["rows"] += delete_incidents(owner, runs)
        gone["rows"] += delete_figures(owner, claims, reports=runs)
    with database.connect() as connection:
        gone["events"] = expire(caller, connection, before=_before(days=keep.outbox_days))
    named = {name: gone[name] for name in ("runs", "events", "files", "swept", "rows")}
    with database.transaction(caller) as connection:
        append(
            caller,
            connection,
            action="retention.applied",
            subject=f"tenant:{caller.tenant}",
            detail={"months": months, "years": years, **named},
            correlation_id="",
        )
    return gone


def _before(*, days: int = 0, hours: int = 0) -> datetime.datetime:
    from claimwright.foundation import clock

    return clock.now() - datetime.timedelta(days=days, hours=hours)
