"""What a payment is made of: its claims, their lines and adjustments, and whether all adds up to it."""

from __future__ import annotations

from pydantic import BaseModel, Field

from claimwright.apps.api.asking import Asking
from claimwright.apps.api.pages import Page, Paging
from claimwright.apps.api.resources import Resource
from claimwright.features.remittance import (
    PaymentSums,
    ProviderAdjustment,
    StatementClaim,
    payment_sums,
    provider_adjustments,
    statement_claims,
)
from claimwright.features.remittance_files import CLAIM_STATUSES, GROUPS, PROVIDER_ADJUSTMENTS
from claimwright.foundation.errors import NotFoundError

routes = Resource("payments", "What a payment is made of, claim by claim; amounts are cents")


class CodeWords(BaseModel):
    """What the codes of a payment mean, by code."""

    claim_statuses: dict[str, str]
    groups: dict[str, str]
    provider_adjustments: dict[str, str]


class PaymentStatement(BaseModel):
    """What a payment is made of; `difference_cents` is what its claims and provider adjustments do not
    explain.
    """

    sums: PaymentSums
    provider_adjustments: list[ProviderAdjustment]
    difference_cents: int = Field(description="Amount less claims plus provider adjustments; 0 if it adds up")
    words: CodeWords


@routes.get("/payments/{payment_id}/statement", action="remittances.list")
def statement(asker: Asking, payment_id: int) -> PaymentStatement:
    """The sums of a payment and its provider adjustments (PLB): what its claims must add up to."""
    with asker.services.database.transaction(asker.caller) as connection:
        sums = payment_sums(connection, payment_id, facilities=asker.facilities)
        if sums is None:
            raise NotFoundError(f"there is no payment {payment_id}.")
        adjustments = provider_adjustments(connection, payment_id)
    return PaymentStatement(
        sums=sums, provider_adjustments=adjustments,
        difference_cents=sums.amount_cents - sums.claims_cents + sums.provider_cents,
        words=CodeWords(
            claim_statuses=CLAIM_STATUSES, groups=GROUPS, provider_adjustments=PROVIDER_ADJUSTMENTS
        ),
    )  # fmt: skip


@routes.get("/payments/{payment_id}/claims", action="remittances.list")
def claims(asker: Asking, payment_id: int, page: Paging) -> Page[StatementClaim]:
    """The claims of a payment in its order, each with its lines and adjustments; no patients, no services."""
    with asker.services.database.transaction(asker.caller) as connection:
        found = statement_claims(
            connection, payment_id, facilities=asker.facilities, after=page.after or 0, limit=page.limit
        )
    return page.page(found, lambda each: each.position)
