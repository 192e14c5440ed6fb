"""Opens one stored claim for a person. The audit log records who and why before the claim is shown.

ClaimNotFoundError   the tenant has no such claim
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import polars as pl

from claimwright.domain import findings as found
from claimwright.domain.batch import ClaimBatch
from claimwright.domain.caller import Caller
from claimwright.domain.errors import ClaimNotFoundError
from claimwright.engines.x12 import BY_CODE, read_records
from claimwright.platform import audit
from claimwright.platform.database import Database
from claimwright.store.listings import StoredFinding, findings_of_claim
from claimwright.store.overview import place_of
from claimwright.store.sealed_claims import sealed_claims_of

from .sensitivity import sensitivity_labels
from .shown_claim import Decide, Reads, Withheld, alert_of_broken_glass, patient_token

# The audit log's value for a claim that was shown with patient identifiers masked.
MASKED = ("masked",)


@dataclass(frozen=True)
class OpenedClaim:
    """A claim with its place and its stored findings; `why` is a word for the reason of its place.

    `place` is staged, production, review, returned, dead or discarded. `findings` are those of the run that
    processed the claim; before that, the structural findings of intake. `shown` and `reasons` are the
    decision by kind of field; `withheld` names the fields that were taken out.
    """

    batch: ClaimBatch
    place: str
    why: str | None
    facility: str
    file_id: int
    position: int
    findings: pl.DataFrame
    shown: Mapping[str, bool]
    reasons: Mapping[str, str]
    withheld: Sequence[Withheld] = ()

    @property
    def is_processed(self) -> bool:
        """Whether a run has checked the claim, so that `findings` is complete."""
        return self.place in {"production", "review", "returned"}

    @property
    def structural_findings(self) -> pl.DataFrame:
        """The structural findings of intake, which can't be recomputed from the sealed record."""
        return self.findings.filter(pl.col("code").is_in(list(BY_CODE)))


def opened_claim(
    caller: Caller,
    database: Database,
    opener: Reads,
    *,
    claim_key: int,
    reason: str,
    unmasked: bool,
    decide: Decide,
    correlation_id: str | None = None,
    broke_glass: bool = False,
) -> OpenedClaim:
    """Open a claim, after the audit log has recorded who, for which reason, and which kinds of field.

    `decide` is as for `shown_claim`. The batch is whole: `withhold` takes out what may not be seen, once
    findings and prices are computed.

    Raises:
        ClaimNotFoundError: there is none with this key.
        AuditError: the reason is not acceptable; nothing was opened.
        PhiError: its record can't be opened.
    """
    with database.transaction(caller) as connection:
        sealed, place = sealed_claims_of(connection, [claim_key]), place_of(connection, claim_key)
        if not len(sealed) or place is None:
            raise ClaimNotFoundError(f"there is no claim {claim_key} at tenant {caller.tenant}")
        # Checked first, so that nobody learns from a refusal what is on the claim.
        decide(place.facility, frozenset())
        audit.stated_reason(reason, "patient data is read")
        stored = findings_of_claim(connection, claim_key)
        batch = read_records(sealed.opened(opener, caller.tenant))
        shown, why = decide(place.facility, sensitivity_labels(batch).get(1, frozenset()))
        fields = tuple(kind for kind, allowed in shown.items() if allowed)
        noted = _noted(fields, unmasked, all(shown.values()))
        correlation = correlation_id or str(uuid.uuid4())
        audit.record_phi_access(
            caller,
            connection,
            subject=f"claim:{claim_key}",
            fields=noted,
            reason=reason,
            correlation_id=correlation,
            broke_glass=broke_glass,
            digest=patient_token(caller, opener, batch.claims.row(0, named=True)),
        )
        if broke_glass:
            alert_of_broken_glass(caller, connection, claim_key, correlation)
    return OpenedClaim(
        batch, place.place, place.why, place.facility, place.file_id, place.position, _frame(stored),
        shown, why,
    )  # fmt: skip


def _frame(stored: Sequence[StoredFinding]) -> pl.DataFrame:
    """The stored findings in the format of a check, for the single claim of a batch."""
    rows = [{"claim": 1, **asdict(each)} for each in stored]
    if not rows:
        return found.empty()
    return found.complete(pl.DataFrame(rows, infer_schema_length=None))


def _noted(fields: tuple[str, ...], unmasked: bool, whole: bool) -> tuple[str, ...]:
    """What the audit log has as the fields that were shown; nothing for all of a claim."""
    if not unmasked:
        return MASKED
    return () if whole else fields
