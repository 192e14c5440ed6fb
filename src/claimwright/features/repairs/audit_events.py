"""Records of corrections in history, outbox and audit log, in the transaction of the change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from claimwright.domain.caller import Caller
from claimwright.platform import audit
from claimwright.platform.database import Connection
from claimwright.store import events
from claimwright.store.production import insert_events

from .views import BulkRefused


@dataclass(frozen=True)
class CorrectionMade:
    """A correction for the records: keys, codes and names of fields, never a value."""

    correction_id: int
    claim_key: int
    corrected_key: int
    rules: Sequence[str]
    fields: Sequence[str]
    forced: bool


def record_corrections(
    caller: Caller,
    connection: Connection,
    made: Sequence[CorrectionMade],
    *,
    reason: str,
    correlation_id: str,
) -> None:
    """Record corrections, claim by claim."""
    insert_events(connection, [each.claim_key for each in made], "corrected", correlation_id=correlation_id)
    for each in made:
        events.publish(
            caller,
            connection,
            type="claims.corrected.v1",
            subject=f"claim:{each.claim_key}",
            data={
                "claim_key": each.claim_key,
                "corrected_key": each.corrected_key,
                "correction_id": each.correction_id,
            },
            correlation_id=correlation_id,
        )
    for each in made:
        audit.append(
            caller,
            connection,
            action="claim.corrected",
            subject=f"claim:{each.claim_key}",
            detail={
                "claim_key": each.corrected_key,
                "previous_id": each.claim_key,
                "rule_code": list(each.rules),
                "fields": list(each.fields),
                "option": "forced" if each.forced else "",
                "reason": reason,
            },
            correlation_id=correlation_id,
        )


def record_refused(
    caller: Caller,
    connection: Connection,
    code: str,
    refused: Mapping[int, BulkRefused],
    correlation_id: str,
) -> None:
    """Record that the repair of a rule was wanted for claims and refused, with the words of why."""
    audit.append(
        caller,
        connection,
        action="claim.correction_refused",
        subject=f"tenant:{caller.tenant}",
        detail={
            "rule_code": code, "count": len(refused), "claim_keys": sorted(refused),
            "reason_code": sorted({each.why for each in refused.values()}),
        },
        correlation_id=correlation_id,
    )  # fmt: skip
