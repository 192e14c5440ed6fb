"""One claim of the store, opened for a person: who looks and why is in the audit log before it is shown.

ClaimNotFoundError   the tenant has no such claim
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from claimwright.domain.batch import ClaimBatch
from claimwright.domain.caller import Caller
from claimwright.domain.errors import ClaimNotFoundError
from claimwright.engines.x12.claims837.records import Records, read_records
from claimwright.features.intake import context_of
from claimwright.features.pipeline import Opens
from claimwright.platform import audit
from claimwright.platform.database import Connection, Database

# What the log says of a claim that was shown with its marks of a patient masked.
MASKED = ("masked",)


@dataclass(frozen=True)
class OpenedClaim:
    """A claim and where it stands: `place` is staged, production, review or dead; `why` a word for it."""

    batch: ClaimBatch
    place: str
    why: str | None
    facility: str
    file_id: int
    position: int


def opened_claim(
    caller: Caller,
    database: Database,
    opener: Opens,
    *,
    claim_key: int,
    reason: str,
    unmasked: bool,
) -> OpenedClaim:
    """Open a claim, once the audit log says who wants it for which reason, and whether masked.

    Raises:
        ClaimNotFoundError: there is none of this key.
        AuditError: the reason can't be kept; nothing was opened.
        PhiError: its record does not open.
    """
    with database.transaction(caller) as connection:
        row = connection.execute(
            "select heading_bytes, provider_bytes, sealed from staging.records where claim_key = %s",
            [claim_key],
        ).fetchone()
        place = connection.execute(_PLACE, {"key": claim_key}).fetchone()
        if row is None or place is None:
            raise ClaimNotFoundError(f"there is no claim {claim_key} at tenant {caller.tenant}")
        _note(caller, connection, claim_key, reason, unmasked)
    heading, provider, sealed = row
    [text] = opener.open([bytes(sealed)], [context_of(caller.tenant, claim_key)])
    return OpenedClaim(read_records(Records([text], [heading], [provider])), *place)


def _note(caller: Caller, connection: Connection, claim_key: int, reason: str, unmasked: bool) -> None:
    audit.record_phi_access(
        caller,
        connection,
        subject=f"claim:{claim_key}",
        fields=() if unmasked else MASKED,
        reason=reason,
        correlation_id=str(uuid.uuid4()),
    )


_PLACE = """
select 'staged', null, facility, file_id, position from staging.claims where claim_key = %(key)s
union all
select route, route_reason, facility, file_id, position from production.claims where claim_key = %(key)s
union all
select state, reason, facility, file_id, position from pipeline.dead_letters where claim_key = %(key)s
"""
