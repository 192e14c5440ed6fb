"""The end of the audit log is signed by what appends to it: by a run at its end, by what lasts every hour."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from claimwright.domain.caller import Caller
    from claimwright.platform.database import Database
    from claimwright.platform.settings import Settings


def sign_audit_logs(
    callers: Iterable[Caller], settings: Settings, database: Database, notify: Callable[[str], None]
) -> None:
    """Sign the end of each caller's audit log and store the signature in object storage.

    The work is done by then: what keeps it from being signed is said with `notify`, and undoes nothing.
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
    """Sign the ends of audit logs every `audit.checkpoint_minutes` for as long as the context lasts.

    `callers` is asked each time: tenants come and go. Nothing is signed where the setting is 0. `wait` waits
    so many seconds for the end, and is True when it has come.
    """
    seconds = settings.audit.checkpoint_minutes * 60
    if not seconds:
        yield
        return
    ended = threading.Event()

    def sign() -> None:
        while not wait(ended, seconds):
            sign_audit_logs(callers(), settings, database, notify)

    thread = threading.Thread(target=sign, name="signs-audit-logs", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
