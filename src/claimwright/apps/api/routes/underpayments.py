"""What payers paid too little, as it was found in posted remittances."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import Query, Response
from pydantic import BaseModel, Field

from claimwright.apps.api.asking import Asker, Asking
from claimwright.apps.api.bodies import Body
from claimwright.apps.api.pages import Page, Paging
from claimwright.apps.api.resources import Resource
from claimwright.apps.api.scope import OneFacility
from claimwright.engines.underpayments import CONFIDENCE, KINDS, Confidence, Kind
from claimwright.features.claims import always_withheld
from claimwright.features.remittance import dispute_packet, seen_dispute, seen_underpayments
from claimwright.foundation.errors import NotFoundError
from claimwright.store.underpayments import (
    UNDERPAYMENT_ORDERS,
    Underpayment,
    UnderpaymentTotal,
    count_underpayments,
    list_underpayments,
)

from .claims import withheld_of_claims

if TYPE_CHECKING:
    from claimwright.platform.database import Connection

routes = Resource("underpayments", "What payers paid too little, with how it is computed")
Order = Literal["underpayment_id", "-underpayment_id", "amount_cents", "-amount_cents"]
Payer = Annotated[str | None, Query(max_length=100, description="ID or name of the payer.")]


class UnderpaymentInFull(BaseModel):
    """An underpayment, with what its kind and confidence mean; amounts are whole cents."""

    underpayment: Underpayment
    kind_means: str
    confidence_means: str
    basis: list[str]


class DisputeWanted(Body):
    """The payer whose underpayments are disputed; with a reason, with the numbers of its claims."""

    payer: str = Field(min_length=1, max_length=100, description="ID or name of the payer.")
    reason: str | None = Field(
        default=None, min_length=8, max_length=200,
        description="Why the numbers of claims are opened. Without it they are left out.",
    )  # fmt: skip


@routes.get("/underpayments", action="underpayments.list")
def list_all(
    asker: Asking,
    page: Paging,
    payer: Payer = None,
    kind: Kind | None = None,
    claim_key: int | None = None,
    facility: OneFacility = None,
    sort: Order = "underpayment_id",
) -> Page[Underpayment]:
    """Underpayments in force, by number or by dollars. Amounts are whole cents.

    The day of service is withheld from callers who may not see who the patients are; procedures, modifiers
    and the basis from those who may not see what was done, which depends on the labels of the claim.
    """
    with asker.services.database.transaction(asker.caller) as connection:
        found = list_underpayments(
            connection, payer=payer, kind=kind, claim_key=claim_key, facilities=asker.within(facility),
            sort=sort, after=page.place, limit=page.limit,
        )  # fmt: skip
        return _as_seen(
            asker, connection, page.page(found, lambda each: UNDERPAYMENT_ORDERS.place_of(each, sort))
        )


@routes.get("/underpayments/totals", action="underpayments.list")
def totals(asker: Asking, payer: Payer = None, facility: OneFacility = None) -> list[UnderpaymentTotal]:
    """Underpayments in force by payer and kind, most dollars first."""
    with asker.services.database.transaction(asker.caller) as connection:
        return count_underpayments(connection, payer=payer, facilities=asker.within(facility))


@routes.get("/underpayments/{underpayment_id}", action="underpayments.list")
def one(asker: Asking, underpayment_id: int) -> UnderpaymentInFull:
    """One underpayment with how it is computed, one statement a line."""
    with asker.services.database.transaction(asker.caller) as connection:
        found = list_underpayments(connection, underpayment_id=underpayment_id, facilities=asker.facilities)
        if not found:
            raise NotFoundError(f"there is no underpayment {underpayment_id} in force.")
        (each,) = _as_seen(asker, connection, Page(items=found, next=None)).items
    return UnderpaymentInFull(
        underpayment=each, kind_means=KINDS[Kind(each.kind)],
        confidence_means=CONFIDENCE[Confidence(each.confidence)], basis=each.basis.splitlines(),
    )  # fmt: skip


@routes.post(
    "/underpayments/disputes", action="underpayments.list", errors=("reason_needed",),
    response_class=Response, openapi_extra={"x-media-type": "text/csv"},
)  # fmt: skip
def dispute(asker: Asking, wanted: DisputeWanted) -> Response:
    """The dispute of a payer as CSV, one row an underpayment. The audit log has every one.

    A POST: it writes into the audit log. The numbers of claims name patients: they need a reason, and an
    account that may see who the patients are.
    """
    opener = None
    if wanted.reason is not None:
        asker.demand("claims.identity")
        opener = asker.services.sealer
    with asker.services.database.transaction(asker.caller) as connection:
        packet = dispute_packet(
            asker.caller, connection, wanted.payer, facilities=asker.facilities, opener=opener,
            reason=wanted.reason,
        )  # fmt: skip
        withheld = withheld_of_claims(asker, connection, packet["claim_key"])
    packet = seen_dispute(packet, always_withheld(asker.withheld_kind), withheld)
    return Response(
        packet.write_csv(), media_type="text/csv",
        headers={"Content-Disposition": 'attachment; filename="dispute.csv"'},
    )  # fmt: skip


def _as_seen(asker: Asker, connection: Connection, page: Page[Underpayment]) -> Page[Underpayment]:
    by_claim = withheld_of_claims(asker, connection, [each.claim_key for each in page.items])
    items, withheld = seen_underpayments(page.items, always_withheld(asker.withheld_kind), by_claim)
    return page.model_copy(update={"items": items, "withheld": withheld}) if withheld else page
