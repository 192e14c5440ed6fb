"""Verification and export of a tenant's audit log in the store, with the checkpoints in object storage."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from claimwright.domain.caller import Caller
    from claimwright.platform.audit import Verdict
    from claimwright.platform.database import Database
    from claimwright.platform.settings import Settings


def verified_log(
    caller: Caller, settings: Settings, database: Database, *, public_key_pem: bytes | None = None
) -> Verdict:
    """All faults of the log. The public key in object storage is used unless another one is given.

    Raises:
        AuditError: the public key or a checkpoint is invalid.
        ObjectError: object storage can't be read.
    """
    from claimwright.platform.audit import PUBLIC_KEY, checkpoints, head, public_key, records, verify
    from claimwright.platform.objects import open_objects

    objects = open_objects(settings)
    pem = public_key_pem or objects.get(PUBLIC_KEY)
    with database.connect() as connection:
        # Read before the records: records appended in the meantime come after it.
        newest = head(caller, connection)
        return verify(
            records(caller, connection),
            public_key(pem) if pem else None,
            tenant=caller.tenant,
            checkpoints=checkpoints(objects, tenant=caller.tenant),
            head=newest,
        )


def exported_log(
    caller: Caller, settings: Settings, database: Database, *, correlation_id: str
) -> Iterator[str]:
    """The lines of an export of the log, read as they are asked for; its last record is of itself.

    Raises:
        AuditError: a checkpoint is invalid.
        ObjectError: object storage can't be read.
    """
    from claimwright.platform.audit import append, checkpoints, export_lines, records
    from claimwright.platform.objects import open_objects

    signed = checkpoints(open_objects(settings), tenant=caller.tenant)
    with database.transaction(caller) as connection:
        # Appended before the log is read, so that the export contains the record of itself.
        append(
            caller, connection, action="audit.exported", subject=f"tenant:{caller.tenant}", detail={},
            correlation_id=correlation_id,
        )  # fmt: skip

    def lines() -> Iterator[str]:
        with database.connect() as connection:
            yield from export_lines(
                tenant=caller.tenant, records=records(caller, connection), checkpoints=signed
            )

    return lines()
