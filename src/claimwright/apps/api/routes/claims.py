"""Claims of the store: listed, found by number, opened; their findings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

from fastapi import Query
from pydantic import Field

from claimwright.apps.api.asking import Asker, Asking
from claimwright.apps.api.bodies import Body
from claimwright.apps.api.errors import ApiError
from claimwright.apps.api.pages import Page, Paging
from claimwright.apps.api.resources import Resource
from claimwright.apps.api.scope import Day, OneFacility
from claimwright.features.claims import (
    ClaimEvent,
    ClaimNotFoundError,
    Decide,
    FindingCount,
    ListedClaim,
    PricedLine,
    ReviewClaim,
    ShownClaim,
    ShownSegments,
    StoredFinding,
    StoredPrediction,
    claims_numbered,
    claims_of_patient,
    count_findings,
    history_of,
    list_claims,
    list_findings,
    order_value,
    priced_lines,
    shown_claim,
    shown_segments,
    stored_predictions,
    withheld_by_claim,
    without_days,
)
from claimwright.features.review import is_assigned

if TYPE_CHECKING:
    from claimwright.platform.database import Connection

# Kinds of field that lists have some of, beside those of billing.
routes = Resource("claims", "Claims of the store")
Listed = TypeVar("Listed", ListedClaim, ReviewClaim)
Order = Literal[
    "claim_key", "-claim_key", "service_from_on", "-service_from_on", "total_charge", "-total_charge"
]
Place = Literal["staged", "production", "review", "returned", "dead", "discarded"]


class Number(Body):
    """A number that belongs to a claim. In the body: addresses end up in logs."""

    number: str = Field(min_length=1, max_length=64)


class PatientName(Body):
    """The name of a patient. In the body: addresses end up in logs."""

    name: str = Field(
        min_length=3, max_length=120, description="`Last, First`, `First Last` or `Last First`; whole names."
    )


class Opening(Body):
    """Why a claim is opened."""

    reason: str = Field(min_length=8, max_length=200, description="About the work, not about the patient.")
    break_glass: bool = Field(
        default=False, description="See what is withheld; it alerts and is reviewed. For those who may."
    )


@routes.get("/claims", action="claims.list")
def every(
    asker: Asking,
    page: Paging,
    place: Place | None = None,
    facility: OneFacility = None,
    file_id: Annotated[int | None, Query(ge=1)] = None,
    service_from: Day | None = None,
    service_to: Day | None = None,
    sort: Order = "claim_key",
) -> Page[ListedClaim]:
    """List claims by key, day of service or charge: where each stands, and why. None is opened.

    `service_from` and `service_to` are the first and the last day of service, for those who may see it.
    """
    why = asker.withheld_kind("identity")
    if why is not None and (service_from or service_to or sort.endswith("service_from_on")):
        raise ApiError("not_permitted", f"days of service are withheld: {why}.")
    value, key = page.after_pair or (None, page.after)
    with asker.services.database.transaction(asker.caller) as connection:
        found = list_claims(
            connection, place=place, facility=facility, facilities=asker.facilities, file_id=file_id,
            service_from=service_from, service_to=service_to, order=sort, after=key, after_value=value,
            limit=page.limit,
        )  # fmt: skip
    return listed(asker, page.page(found, lambda each: _place_of(each, sort)))


def _place_of(claim: ListedClaim, order: str) -> int | tuple[int, int]:
    value = order_value(claim, order)
    return claim.claim_key if value is None else (value, claim.claim_key)


@routes.post("/claims/search", action="claims.list")
def search(asker: Asking, wanted: Number) -> list[ListedClaim]:
    """Find claims by number, every version of them: their own, the payer's, the member's, an NPI, or the key.

    None is opened. A member's number finds claims only for those who may see who the patients are. The audit
    log keeps who searched.
    """
    withheld = asker.withheld_kind("identity") is not None
    with asker.services.database.transaction(asker.caller) as connection:
        found = claims_numbered(
            asker.caller, connection, asker.services.sealer, wanted.number, by_member=not withheld
        )
    own = [each for each in found if asker.owns(each.facility)]
    return without_days(own) if withheld else own


@routes.post("/claims/search/patient", action="claims.identity")
def search_patient(asker: Asking, wanted: PatientName) -> list[ListedClaim]:
    """Find the newest claims of patients with a name, in any case, with or without accents and initials.

    Only claims on which the caller may see who the patient is. The audit log keeps who searched, and what was
    found.
    """
    with asker.services.database.transaction(asker.caller) as connection:
        return claims_of_patient(
            asker.caller, connection, asker.services.sealer, wanted.name, facilities=asker.facilities,
            decide=lambda key: decision_of(asker, claim_key=key, break_glass=False),
        )  # fmt: skip


@routes.get("/claims/{claim_key}", action="claims.list")
def one(asker: Asking, claim_key: int) -> ListedClaim:
    """Where one claim stands, and why. It is not opened."""
    with asker.services.database.transaction(asker.caller) as connection:
        found = _own(asker, connection, claim_key)
    return without_days([found])[0] if asker.withheld_kind("identity") else found


@routes.get("/claims/{claim_key}/history", action="claims.list")
def history(asker: Asking, claim_key: int) -> list[ClaimEvent]:
    """What happened to a claim, oldest first, with who did it and why; no value of the claim is in it.

    Who opened it, and for which reason, is told to those who may read the audit log.
    """
    with asker.services.database.transaction(asker.caller) as connection:
        _own(asker, connection, claim_key)
        return history_of(connection, claim_key, with_openings=asker.may("audit.read"))


@routes.get("/claims/{claim_key}/prices", action="claims.list")
def prices(asker: Asking, claim_key: int) -> list[PricedLine]:
    """What each line charges and should be allowed, and by which basis; none before a run processed it."""
    with asker.services.database.transaction(asker.caller) as connection:
        _own(asker, connection, claim_key)
        return priced_lines(connection, claim_key)


@routes.get("/claims/{claim_key}/predictions", action="predictions.read")
def predicted(asker: Asking, claim_key: int) -> list[StoredPrediction]:
    """What the model in use predicted of a claim when a run processed it, newest first; none without a model.

    `POST /predictions` asks for one as of another day, with its reasons.
    """
    with asker.services.database.transaction(asker.caller) as connection:
        _own(asker, connection, claim_key)
        return stored_predictions(connection, claim_key)


@routes.post("/claims/{claim_key}/opening", action="claims.read", errors=("reason_needed",))
def opening(asker: Asking, claim_key: int, why: Opening) -> ShownClaim:
    """Open a claim for a stated reason.

    Fields that may not be seen are absent, and listed as withheld with the reason. A POST: it writes the
    reason into the audit log.
    """
    return _shown(asker, claim_key, why)


@routes.post("/claims/{claim_key}/segments", action="claims.read", errors=("reason_needed",))
def segments(asker: Asking, claim_key: int, why: Opening) -> ShownSegments:
    """The raw segments of a claim, for a stated reason.

    Only for those who may see every kind of its fields, narratives with them, since anything may stand in a
    segment; otherwise `segments` is null, and `withheld` says why. A POST, as opening is.
    """
    return shown_segments(
        asker.caller, asker.services.database, asker.services.sealer, claim_key,
        decide=decision_of(asker, claim_key=claim_key, break_glass=why.break_glass),
        reason=why.reason, correlation_id=asker.request_id, broke_glass=why.break_glass,
    )  # fmt: skip


@routes.get("/claims/{claim_key}/findings", action="findings.list")
def findings(asker: Asking, claim_key: int) -> list[StoredFinding]:
    """What was found of a claim. A finding names a field and never its value."""
    from claimwright.features.claims import findings_of

    with asker.services.database.transaction(asker.caller) as connection:
        return findings_of(connection, claim_key, facilities=asker.facilities)


@routes.get("/findings", action="findings.list")
def every_finding(
    asker: Asking,
    page: Paging,
    code: Annotated[str | None, Query(pattern=r"^[A-Z]{2,4}[0-9]{3}$")] = None,
    severity: Literal["block", "warn", "note"] | None = None,
) -> Page[StoredFinding]:
    """Findings of claims in production, claim by claim; a page is so many claims, whole."""
    with asker.services.database.transaction(asker.caller) as connection:
        found = list_findings(
            connection, code=code, severity=severity, facilities=asker.facilities,
            after=page.after or 0, claims=page.limit,
        )  # fmt: skip
    claims = {each.claim_key for each in found}
    last = found[-1].claim_key if len(claims) >= page.limit else None
    return page.page_until(found, last)


@routes.get("/findings/counts", action="findings.list")
def counts(asker: Asking) -> list[FindingCount]:
    """How often each code was found in claims of production, most claims first."""
    with asker.services.database.transaction(asker.caller) as connection:
        return count_findings(connection, facilities=asker.facilities)


def listed(asker: Asker, page: Page[Listed]) -> Page[Listed]:
    """A page of claims as the asker may see it: the day of service is a date of the patient."""
    why = asker.withheld_kind("identity")
    if why is None:
        return page
    return page.model_copy(update={"items": without_days(page.items), "withheld": {"service_from_on": why}})


def withheld_of_claims(
    asker: Asker, connection: Connection, keys: Iterable[int | None]
) -> dict[int, dict[str, str]]:
    """What the labels of claims withhold from the asker, and why: kinds of field by claim."""
    return withheld_by_claim(asker.caller, connection, asker.services.sealer, keys, asker.withheld_kind)


def _own(asker: Asker, connection: Connection, claim_key: int) -> ListedClaim:
    """The claim, if it is of a facility of theirs."""
    found = list_claims(connection, keys=[claim_key], facilities=asker.facilities, limit=1)
    if not found:
        raise ClaimNotFoundError(f"there is no claim {claim_key}.")
    return found[0]


def _shown(asker: Asker, claim_key: int, why: Opening) -> ShownClaim:
    return shown_claim(
        asker.caller, asker.services.database, asker.services.sealer, claim_key,
        decide=decision_of(asker, claim_key=claim_key, break_glass=why.break_glass),
        reason=why.reason, correlation_id=asker.request_id, broke_glass=why.break_glass,
    )  # fmt: skip


def decision_of(asker: Asker, *, claim_key: int | None, break_glass: bool) -> Decide:
    """What of a claim the asker may see, by its facility, its labels, and whose work it is.

    Without `claim_key` the decision is about several claims, and none of them counts as the asker's work.

    Raises:
        AccessDeniedError: the asker may not break the glass.
    """
    if break_glass:
        asker.demand("claims.break_glass")

    def decide(facility: str, labels: frozenset[str]) -> tuple[dict[str, bool], dict[str, str]]:
        if claim_key is not None and not asker.owns(facility):
            # As good as none: who is refused would know that it is there.
            raise ClaimNotFoundError(f"there is no claim {claim_key} at tenant {asker.caller.tenant}")
        asker.demand("claims.read", facility)
        access = asker.services.access
        assigned = claim_key is not None and access.asks_assignment and _is_own_work(asker, claim_key)
        return access.shown_and_why(asker.caller, labels, break_glass=break_glass, assigned=assigned)

    return decide


def _is_own_work(asker: Asker, claim_key: int) -> bool:
    kind, _, number = asker.caller.actor.partition(":")
    if kind != "user":
        return False
    with asker.services.database.transaction(asker.caller) as connection:
        return is_assigned(connection, claim_key, int(number))
