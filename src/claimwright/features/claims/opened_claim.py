"""One claim of the store, opened for a person: who looks and why is in the audit log before it is shown.

ClaimNotFoundError   the tenant has no such claim
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from claimwright.domain.batch import ClaimBatch
from claimwright.domain.caller import Caller
from claimwright.domain.errors import ClaimNotFoundError
from claimwright.engines.x12 import read_records
from claimwright.platform import audit
from claimwright.platform.database import Connection, Database
from claimwright.store.overview import place_of
from claimwright.store.sealed_claims import Opens, sealed_claims_of

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
        sealed, place = sealed_claims_of(connection, [claim_key]), place_of(connection, claim_key)
        if not len(sealed) or place is None:
            raise ClaimNotFoundError(f"there is no claim {claim_key} at tenant {caller.tenant}")
        _note(caller, connection, claim_key, reason, unmasked)
    batch = read_records(sealed.opened(opener, caller.tenant))
    return OpenedClaim(batch, place.place, place.why, place.facility, place.file_id, place.position)


def _note(caller: Caller, connection: Connection, claim_key: int, reason: str, unmasked: bool) -> None:
    audit.record_phi_access(
        caller,
        connection,
        subject=f"claim:{claim_key}",
        fields=() if unmasked else MASKED,
        reason=reason,
        correlation_id=str(uuid.uuid4()),
    )
