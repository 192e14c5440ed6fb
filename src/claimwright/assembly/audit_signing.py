"""Periodic work on audit logs: their ends are signed, and unusual access is looked for."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from .repeating import for_each_tenant, repeated

if TYPE_CHECKING:
    from claimwright.domain.caller import Caller
    from claimwright.platform.database import Database
    from claimwright.platform.settings import Settings


def sign_audit_logs(
    callers: Iterable[Caller], settings: Settings, database: Database, notify: Callable[[str], None]
) -> None:
    """Sign the end of each caller's audit log and store the signature in object storage.

    The work is already committed: if signing fails, `notify` gets the reason, and nothing is undone.
    """
    import psycopg

    from claimwright.platform.audit import AuditError, SigningKey, checkpoint
    from claimwright.platform.objects import ObjectError, open_objects

    try:
        objects, key = open_objects(settings), SigningKey.open(settings.audit.signing_key_file)
        with database.connect() as connection:
            for caller in callers:
                checkpoint(caller, connection, objects, key)
    except (AuditError, ObjectError) as problem:
        notify(f"the audit log was not signed: {problem} Sign it: claimwright audit checkpoint.")
    except psycopg.Error as problem:
        notify(f"the audit log was not signed: the database does not answer ({type(problem).__name__}).")


@contextmanager
def signing_hourly(
    callers: Callable[[], Iterable[Caller]],
    settings: Settings,
    database: Database,
    notify: Callable[[str], None],
    *,
    wait: Callable[[threading.Event, float], bool] = threading.Event.wait,
) -> Iterator[None]:
    """Sign the ends of audit logs every `audit.checkpoint_minutes` until the context ends.

    `callers` is called each time, because tenants come and go. If the setting is 0, nothing is signed. `wait`
    waits a number of seconds for the end, and returns True when it has come.
    """
    with repeated(
        settings.audit.checkpoint_minutes * 60,
        lambda: sign_audit_logs(callers(), settings, database, notify),
        "signs-audit-logs",
        wait,
    ):
        yield


@contextmanager
def watching_accesses(
    callers: Callable[[], Iterable[Caller]],
    settings: Settings,
    database: Database,
    notify: Callable[[str], None],
    *,
    wait: Callable[[threading.Event, float], bool] = threading.Event.wait,
) -> Iterator[None]:
    """Look for unusual access to patient data every `audit.watch_minutes` until the context ends.

    Several processes may do so: an alert is raised once. `notify` gets each, and why a search failed.
    """
    from claimwright.features.access_watch import watch_accesses
    from claimwright.foundation import clock

    def look(caller: Caller) -> None:
        for alert in watch_accesses(caller, database, until=clock.now()):
            notify(f"tenant {caller.tenant}: unusual access, alert {alert.alert_id} ({alert.kind}).")

    def look_everywhere() -> None:
        for_each_tenant(callers, look, notify, "no search for unusual access")

    with repeated(settings.audit.watch_minutes * 60, look_everywhere, "watches-accesses", wait):
        yield
