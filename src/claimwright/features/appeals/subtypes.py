"""What an appeal is about more closely than its cause, and what it wants from the payer."""

from __future__ import annotations

from typing import Literal

from claimwright.domain.batch import ClaimBatch

Subtype = Literal["emergency"]
# Place of service 23 is an emergency room (CMS place of service codes); 045x is the emergency room (NUBC).
_EMERGENCY_ROOM = "23"
_EMERGENCY_REVENUE = "045"
_INTENTS = {
    "authorization-overlooked": "payer_error",
    "late-claim-payer-error": "proof_of_filing",
    "records-were-sent": "payer_error",
    "denied-without-reason": "ask_for_the_reason",
}
_OF_CATEGORY = {
    "medical_necessity": "medical_judgment", "not_covered": "medical_judgment", "limit": "exception",
    "authorization": "exception", "timely_filing": "proof_of_filing", "documentation": "send_records",
    "coding": "coding_review", "bundling": "coding_review", "payment_policy": "payment_review",
    "recovery": "restore_payment", "unspecified": "ask_for_the_reason",
}  # fmt: skip


def subtype_of(claim: ClaimBatch) -> Subtype | None:
    """`emergency` where the claim says so: place, revenue code or the line's indicator."""
    if not len(claim):
        return None
    claims, lines = claim.claims, claim.lines
    places = {claims["place_of_service"][0], *lines["line_place_of_service"].to_list()}
    revenue = [code for code in lines["revenue_code"].to_list() if code]
    marked = any(value in (True, "Y") for value in lines["emergency"].to_list())
    if (
        _EMERGENCY_ROOM in places
        or marked
        or any(code.zfill(4)[:3] == _EMERGENCY_REVENUE for code in revenue)
    ):
        return "emergency"
    return None


def intent_of(category: str, root_cause: str) -> str:
    """What the letter wants."""
    return _INTENTS.get(root_cause) or _OF_CATEGORY.get(category, "review")
