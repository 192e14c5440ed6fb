"""Signs the end of audit logs: a run signs when it ends, long-lived processes sign every hour."""

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
