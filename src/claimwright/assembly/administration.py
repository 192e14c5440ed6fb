"""Audit records of administrative actions on the whole store, in the log of every tenant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from .callers import account_caller

if TYPE_CHECKING:
    from datetime import date

    from claimwright.domain.caller import Caller
    from claimwright.platform.database import Database
    from claimwright.platform.settings import Settings


@contextmanager
def recorded(
    caller: Caller, settings: Settings, *, action: str, subject: str, detail: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    """Record an action outside the store, on a model or on code lists, in the audit log.

    If the store can't be opened, the action does not start; if the action fails, there is no record. The
    context yields the record's detail, to which the action can add. On a machine without a store there is no
    log, and nothing is recorded.

    Raises:
        DatabaseError, StoreUnavailableError: the store can't be opened; nothing was done.
        UnknownTenantError: the caller's tenant does not exist.
    """
    if not has_store(settings):
        yield detail
        return
    from .stores import open_store

    with (
        open_store(settings) as database,
        recorded_in(caller, database, action=action, subject=subject, detail=detail),
    ):
        yield detail


@contextmanager
def recorded_in(
    caller: Caller,
    database: Database,
    *,
    action: str,
    subject: str,
    detail: dict[str, Any],
    correlation_id: str = "",
) -> Iterator[dict[str, Any]]:
    """As `recorded`, in a store that is open. One such act at a time: folders know no transactions.

    Raises:
        UnknownTenantError: the caller's tenant was never made.
    """
    from claimwright.platform.audit import append
    from claimwright.store.tenants import require_tenant

    with database.transaction(caller) as connection:
        connection.execute("select pg_advisory_xact_lock(hashtext('claimwright administration'))")
        require_tenant(caller, connection)
        yield detail
        append(
            caller, connection, action=action, subject=subject, detail=detail, correlation_id=correlation_id
        )


def claims_touched(
    caller: Caller, settings: Settings, codes: Mapping[str, tuple[Sequence[str], date]]
) -> dict[str, int] | None:
    """How many processed claims have procedures that editions changed; None on a machine without a store.

    Args:
        caller: of whose tenant.
        settings: of the store.
        codes: by dataset, the procedures that ended or changed, and the first day on which that holds.

    Raises:
        DatabaseError, StoreUnavailableError: the store can't be had.
    """
    if not has_store(settings):
        return None
    from claimwright.store.listings import claims_with_procedures

    from .stores import open_store

    with open_store(settings) as database, database.transaction(caller) as connection:
        return {name: claims_with_procedures(connection, *given) for name, given in codes.items()}


def has_store(settings: Settings) -> bool:
    """Whether the settings name a database, or there is an embedded one."""
    wanted = settings.database
    return wanted.url is not None or (wanted.home / "postgres" / "PG_VERSION").is_file()


def record_for_all(
    address: str, *, action: str, subject: str, detail: Mapping[str, Any], caller: Caller | None = None
) -> int:
    """Record an action in the log of every tenant that has one. Returns the number of logs.

    `address` is the application's. A store without tenants or without a schema has no log.
    """
    import psycopg

    from claimwright.platform.audit import append
    from claimwright.platform.database import APPLICATION, tenancy

    with psycopg.connect(address, autocommit=True) as connection:
        found = connection.execute("select to_regprocedure('store.tenants()')").fetchone()
        if found is None or found[0] is None:
            return 0
        if connection.info.user != APPLICATION:
            connection.execute(f"set role {APPLICATION}".encode())
        tenants = [row[0] for row in connection.execute("select store.tenants()").fetchall()]
        for tenant in tenants:
            whose = caller.of_tenant(tenant) if caller else account_caller(tenant)
            with tenancy(connection, whose):
                append(whose, connection, action=action, subject=subject, detail=detail, correlation_id="")
        return len(tenants)
