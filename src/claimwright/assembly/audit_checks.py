"""A tenant's audit log verified as it is in the store, with the checkpoints of object storage."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from claimwright.domain.caller import Caller
    from claimwright.platform.audit import Verdict
    from claimwright.platform.database import Database
    from claimwright.platform.settings import Settings


def verified_log(
    caller: Caller, settings: Settings, database: Database, *, public_key_pem: bytes | None = None
) -> Verdict:
    """Every fault of the log; the public key is that of object storage unless another is given.

    Raises:
        AuditError: the public key, or a checkpoint, is none.
        ObjectError: object storage can't be read.
    """
    from claimwright.platform.audit import PUBLIC_KEY, checkpoints, head, public_key, records, verify
    from claimwright.platform.objects import open_objects

    objects = open_objects(settings)
    pem = public_key_pem or objects.get(PUBLIC_KEY)
    with database.connect() as connection:
        # Before the records: what is appended meanwhile comes after it.
        newest = head(caller, connection)
        return verify(
            records(caller, connection),
            public_key(pem) if pem else None,
            tenant=caller.tenant,
            checkpoints=checkpoints(objects, tenant=caller.tenant),
            head=newest,
        )
