"""Feedback to the denial model: corrections by people, and what blocks training.

Payers' decisions come with posted remittances.
"""

from __future__ import annotations

from pydantic import BaseModel, Field

from claimwright.apps.api.asking import Asking
from claimwright.apps.api.bodies import Body
from claimwright.apps.api.resources import Resource
from claimwright.features.claims import list_claims
from claimwright.foundation.errors import NotFoundError

routes = Resource("feedback", "Feedback to predictions")


class CorrectionWanted(Body):
    """What a person expects of a claim."""

    claim_key: int = Field(ge=1)
    will_be_denied: bool


class CorrectionKept(BaseModel):
    """The number of the correction."""

    correction_id: int


class Hold(BaseModel):
    """Feedback that blocks training until a person approves it."""

    what: str
    words: str


class FeedbackStatus(BaseModel):
    """How many claims have a payer's decision, how many corrections there are, and what blocks training."""

    claims_with_decisions: int
    corrections: int
    holds: list[Hold]


@routes.post("/feedback/corrections", action="predictions.correct", status=201, errors=("not_found",))
def correct(asker: Asking, wanted: CorrectionWanted) -> CorrectionKept:
    """Record a person's correction of what is predicted for a claim."""
    from claimwright.features.prediction import record_correction

    with asker.services.database.transaction(asker.caller) as connection:
        if not list_claims(connection, keys=[wanted.claim_key], facilities=asker.facilities, limit=1):
            raise NotFoundError(f"there is no claim {wanted.claim_key}.")
        number = record_correction(
            asker.caller, connection, wanted.claim_key, will_be_denied=wanted.will_be_denied
        )
    return CorrectionKept(correction_id=number)


@routes.get("/feedback", action="models.read")
def status(asker: Asking) -> FeedbackStatus:
    """How much feedback there is, and which of it blocks training until a person approves it."""
    from claimwright.features.prediction import stored_feedback, suspicious

    asker.demand_every_facility("feedback is of all claims")
    with asker.services.database.transaction(asker.caller) as connection:
        feedback = stored_feedback(connection)
    corrections = int((feedback["source"] == "correction").sum())
    return FeedbackStatus(
        claims_with_decisions=feedback.height - corrections, corrections=corrections,
        holds=[Hold(what=each.what, words=each.words) for each in suspicious(feedback)],
    )  # fmt: skip
