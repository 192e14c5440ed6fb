"""Claims to second payers: what first payers left, released with their 837; what patients owe."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Literal

from fastapi import Query, Response
from pydantic import Field

from claimwright.apps.api.asking import Asker, Asking
from claimwright.apps.api.bodies import Body
from claimwright.apps.api.errors import ApiError
from claimwright.apps.api.pages import Page, Paging
from claimwright.apps.api.resources import Resource
from claimwright.domain.batch import ClaimBatch
from claimwright.features.claims import alert_of_broken_glass, sensitivity_labels
from claimwright.features.remittance import (
    NextClaim,
    PatientBalance,
    list_next_claims,
    next_claim_837,
    patient_balances,
    release_next_claims,
)
from claimwright.foundation import clock
from claimwright.foundation.errors import NotFoundError
from claimwright.platform.access import FIELD_KINDS

from .claims import Opening

routes = Resource("second-payers", "Claims to second payers, and what patients owe; amounts are cents")
State = Literal["waiting", "released", "forwarded", "patient"]
MOST_RELEASED = 200
_837 = "application/edi-x12"
_DOWNLOAD = {"Content-Disposition": 'attachment; filename="second-payers.837"'}


class ReleaseWanted(Body):
    """The claims to release, by the key of the claim to the first payer, and why."""

    claims: list[Annotated[int, Field(ge=1, lt=2**63)]] = Field(min_length=1, max_length=MOST_RELEASED)
    reason: str = Field(min_length=8, max_length=200, description="About the work, not about the patient.")


@routes.get("/second-payers", action="remittances.list")
def every(asker: Asking, page: Paging, state: State = "waiting") -> Page[NextClaim]:
    """What first payers left, by claim, with the second payer that the claim names."""
    with asker.services.database.transaction(asker.caller) as connection:
        found = list_next_claims(
            connection, state=state, facilities=asker.facilities, after=page.after or 0, limit=page.limit
        )
    return page.page(found, lambda each: each.answer_id)


@routes.get("/second-payers/patients", action="remittances.list")
def patients(asker: Asking, limit: Annotated[int, Query(ge=1, le=1_000)] = 100) -> list[PatientBalance]:
    """What patients owe, most first: claims without a second payer, or whose second payer has answered."""
    with asker.services.database.transaction(asker.caller) as connection:
        return patient_balances(connection, facilities=asker.facilities, limit=limit)


@routes.post(
    "/second-payers/{claim_key}/opening", action="remittances.list",
    errors=("reason_needed", "unusable_input"), response_class=Response,
    openapi_extra={"x-media-type": _837},
)  # fmt: skip
def show(asker: Asking, claim_key: int, why: Opening) -> Response:
    """The 837 of a claim to its second payer, for those who may see all of it, by the labels of the claim."""
    _demand_own(asker, [claim_key])
    asker.demand("claims.identity")
    with asker.services.database.transaction(asker.caller) as connection:
        made = next_claim_837(
            asker.caller, connection, asker.services.sealer, claim_key, reason=why.reason,
            decide=_demanding(asker, tuple(FIELD_KINDS), break_glass=why.break_glass),
        )  # fmt: skip
        if why.break_glass:
            alert_of_broken_glass(asker.caller, connection, claim_key, asker.request_id)
    return Response(made, media_type=_837, headers=_DOWNLOAD)


@routes.post(
    "/second-payers/release", action="ledger.post", errors=("reason_needed", "unusable_input"),
    response_class=Response, openapi_extra={"x-media-type": _837},
)  # fmt: skip
def release(asker: Asking, wanted: ReleaseWanted) -> Response:
    """Release claims to their second payers: all of them, or none. Answers their 837.

    From then on the second payer owes what is left in the ledger, not the patient. The 837 is what the payer
    needs to pay (45 CFR 164.506(c)): it has notes, also for those to whom they are not shown. `opening` makes
    it again.
    """
    _demand_own(asker, wanted.claims)
    asker.demand("claims.identity")
    with asker.services.database.transaction(asker.caller) as connection:
        made = release_next_claims(
            asker.caller, connection, asker.services.sealer, wanted.claims, clock.now(), reason=wanted.reason,
            decide=_demanding(asker, ("identity", "clinical", "billing")),
        )  # fmt: skip
    return Response(made, media_type=_837, headers=_DOWNLOAD)


def _demanding(
    asker: Asker, kinds: Sequence[str], *, break_glass: bool = False
) -> Callable[[ClaimBatch], None]:
    """Raises where a claim, by its labels, has fields of a kind that the asker may not see.

    Raises:
        AccessDeniedError: the asker may not break the glass.
    """
    if break_glass:
        asker.demand("claims.break_glass")

    def decide(batch: ClaimBatch) -> None:
        for labels in {frozenset(), *sensitivity_labels(batch).values()}:
            shown, why = asker.services.access.shown_and_why(asker.caller, labels, break_glass=break_glass)
            for kind in kinds:
                if not shown[kind]:
                    raise ApiError("not_permitted", f"{kind} fields of a claim are withheld: {why[kind]}.")

    return decide


def _demand_own(asker: Asker, claims: list[int]) -> None:
    """Claims of other facilities are not there for accounts of single ones."""
    if asker.facilities is None:
        return
    with asker.services.database.transaction(asker.caller) as connection:
        found = list_next_claims(
            connection, state=None, claims=claims, facilities=asker.facilities, limit=len(claims) * 10
        )
    missing = sorted(set(claims) - {each.claim_key for each in found})
    if missing:
        raise NotFoundError(f"no claim to a second payer: {', '.join(map(str, missing))}.")
