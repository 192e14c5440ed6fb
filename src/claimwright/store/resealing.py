"""What the store holds sealed, and what each record is bound to: for sealing again under a new key."""

from __future__ import annotations

from claimwright.platform.phi import Sealed

from .prediction_jobs import stage_context
from .sealed_claims import context_of


def sealed_columns(tenant: str) -> tuple[Sealed, ...]:
    """Every sealed column of a tenant."""
    return (
        Sealed(
            "staging", "records", "sealed", ("claim_key", "received_on"), ("bigint", "date"),
            lambda claim_key, _: context_of(tenant, claim_key),
        ),
        Sealed(
            "prediction", "stages", "sealed", ("job_id", "stage"), ("bigint", "text"),
            lambda job_id, stage: stage_context(tenant, job_id, stage),
        ),
    )  # fmt: skip
