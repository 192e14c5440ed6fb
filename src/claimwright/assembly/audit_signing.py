"""The end of the audit log is signed by what has just appended to it: a run, retention."""

from __future__ import annotations

from collections.abc import Callable, Iterable
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
    from claimwright.platform.audit import AuditError, SigningKey, checkpoint
    from claimwright.platform.objects import ObjectError, open_objects

    try:
        objects, key = open_objects(settings), SigningKey.open(settings.audit.signing_key_file)
        with database.connect() as connection:
            for caller in callers:
                checkpoint(caller, connection, objects, key)
    except (AuditError, ObjectError) as problem:
        notify(f"the audit log was not signed: {problem} Sign it: claimwright audit checkpoint.")
