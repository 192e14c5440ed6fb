"""One claim of the store, opened for a person: who looks and why is in the audit log before it is shown.

ClaimNotFoundError   the tenant has no such claim
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import polars as pl

from claimwright.domain import findings as found
from claimwright.domain.batch import ClaimBatch
from claimwright.domain.caller import Caller
from claimwright.domain.errors import ClaimNotFoundError
from claimwright.engines.x12 import BY_CODE, read_records
from claimwright.platform import audit
from claimwright.platform.database import Connection, Database
from claimwright.store.listings import StoredFinding, findings_of_claim
from claimwright.store.overview import place_of
from claimwright.store.sealed_claims import Opens, sealed_claims_of

# What the log says of a claim that was shown with its marks of a patient masked.
MASKED = ("masked",)


@dataclass(frozen=True)
class OpenedClaim:
    """A claim, where it stands and what the store has found of it; `why` is a word for its place.

    `place` is staged, production, review, returned, dead or discarded. `findings` are those of the run that
    processed the claim; before that, those that came with reading the file.
    """

    batch: ClaimBatch
    place: str
    why: str | None
    facility: str
    file_id: int
    position: int
    findings: pl.DataFrame

    @property
    def is_processed(self) -> bool:
        """Whether a run has judged the claim, so that `findings` are all there are."""
        return self.place in {"production", "review", "returned"}

    @property
    def structural_findings(self) -> pl.DataFrame:
        """Those that came with reading the file: the sealed record alone can't show them again."""
        return self.findings.filter(pl.col("code").is_in(list(BY_CODE)))


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
        stored = findings_of_claim(connection, claim_key)
        _note(caller, connection, claim_key, reason, unmasked)
    batch = read_records(sealed.opened(opener, caller.tenant))
    return OpenedClaim(
        batch, place.place, place.why, place.facility, place.file_id, place.position, _frame(stored)
    )  # fmt: skip


def _frame(stored: Sequence[StoredFinding]) -> pl.DataFrame:
    """The findings as a check has them, of the one claim of a batch."""
    rows = [{"claim": 1, **asdict(each)} for each in stored]
    if not rows:
        return found.empty()
    return found.complete(pl.DataFrame(rows, infer_schema_length=None))


def _note(caller: Caller, connection: Connection, claim_key: int, reason: str, unmasked: bool) -> None:
    audit.record_phi_access(
        caller,
        connection,
        subject=f"claim:{claim_key}",
        fields=() if unmasked else MASKED,
        reason=reason,
        correlation_id=str(uuid.uuid4()),
    )
