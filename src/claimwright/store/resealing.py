"""The sealed columns of the store and their contexts, for resealing with a new key."""

from __future__ import annotations

from claimwright.platform.identity import factor_context, signing_context
from claimwright.platform.language_models import call_context
from claimwright.platform.phi import Sealed
from claimwright.platform.repeated_requests import answer_context as reply_context

from .acceptances import acceptance_context
from .alert_deliveries import target_context
from .appeals import draft_context
from .appeals import stage_context as appeal_stage_context
from .corrections import correction_context
from .documents import document_context, finding_context
from .prediction_jobs import stage_context
from .remittances import answer_context, provider_adjustment_context
from .sealed_claims import context_of
from .work_attachments import content_context, name_context
from .work_notes import note_context


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
        Sealed(
            "identity", "accounts", "sealed_factor", ("account_id",), ("bigint",),
            lambda account_id: factor_context(tenant, account_id),
        ),
        Sealed(
            "identity", "signing_keys", "sealed", ("key_id",), ("text",),
            lambda key_id: signing_context(tenant, key_id),
        ),
        Sealed(
            "platform", "idempotency_keys", "sealed", ("actor", "key"), ("text", "text"),
            lambda actor, key: reply_context(tenant, actor, key),
        ),
        *(
            Sealed(
                "platform", "model_calls", column, ("call_id",), ("bigint",),
                lambda call_id, part=part: call_context(tenant, call_id, part),
            )
            for column, part in (("sealed_request", "request"), ("sealed_answer", "answer"))
        ),
        Sealed(
            "remittance", "answers", "sealed", ("answer_id",), ("bigint",),
            lambda answer_id: answer_context(tenant, answer_id),
        ),
        Sealed(
            "remittance", "acceptances", "sealed", ("acceptance_id",), ("bigint",),
            lambda acceptance_id: acceptance_context(tenant, acceptance_id),
        ),
        Sealed(
            "remittance", "provider_adjustments", "sealed", ("payment_id", "ordinal"), ("bigint", "integer"),
            lambda payment_id, ordinal: provider_adjustment_context(tenant, payment_id, ordinal),
        ),
        Sealed(
            "work", "notes", "sealed", ("note_id",), ("bigint",),
            lambda note_id: note_context(tenant, note_id),
        ),
        Sealed(
            "work", "attachments", "sealed_name", ("attachment_id",), ("bigint",),
            lambda attachment_id: name_context(tenant, attachment_id),
        ),
        Sealed(
            "work", "attachments", "sealed", ("attachment_id",), ("bigint",),
            lambda attachment_id: content_context(tenant, attachment_id), most=5,
        ),
        *(
            Sealed(
                "appeals", "documents", column, ("document_id",), ("bigint",),
                lambda document_id, part=part: document_context(tenant, document_id, part), most=5,
            )
            for column, part in (("sealed_name", "name"), ("sealed", "content"), ("sealed_text", "text"))
        ),
        Sealed(
            "appeals", "findings", "sealed", ("document_id", "ordinal"), ("bigint", "integer"),
            lambda document_id, ordinal: finding_context(tenant, document_id, ordinal),
        ),
        Sealed(
            "appeals", "stages", "sealed", ("case_id", "stage"), ("bigint", "text"),
            lambda case_id, stage: appeal_stage_context(tenant, case_id, stage),
        ),
        Sealed(
            "appeals", "drafts", "sealed", ("case_id", "number"), ("bigint", "integer"),
            lambda case_id, number: draft_context(tenant, case_id, number),
        ),
        Sealed(
            "production", "corrected_fields", "sealed", ("correction_id", "ordinal"), ("bigint", "integer"),
            lambda correction_id, ordinal: correction_context(tenant, correction_id, ordinal),
        ),
        Sealed(
            "alerting", "targets", "sealed", ("target_id",), ("bigint",),
            lambda target_id: target_context(tenant, target_id),
        ),
    )  # fmt: skip
