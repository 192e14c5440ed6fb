"""Remittances: posted, listed; answers that wait for a person, and decisions on them; payments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from fastapi import Query, Request
from pydantic import BaseModel, Field

from claimwright.apps.api.asking import Asker, Asking
from claimwright.apps.api.bodies import Body
from claimwright.apps.api.errors import ApiError
from claimwright.apps.api.pages import Page, Paging
from claimwright.apps.api.resources import Resource
from claimwright.apps.api.scope import Day, OneFacility
from claimwright.apps.api.uploads import SCANNED, Upload
from claimwright.assembly.remittances import answer_decision
from claimwright.domain.batch import ClaimBatch
from claimwright.engines.remittance import (
    explain_answer,
    explain_payment,
)
from claimwright.features.claims import list_claims
from claimwright.features.remittance import (
    AnswerNotFoundError,
    ListedAnswer,
    ListedPayment,
    ListedRemittance,
    PaperPayment,
    PayerName,
    PostedFile,
    ShownAnswer,
    assign_answer,
    candidates_for,
    count_waiting,
    dismiss_answer,
    list_answers,
    list_payments,
    list_remittances,
    paper_of,
    payer_names,
    reconsider_waiting,
    release_payment,
    remittance_of,
    shown_answer,
)
from claimwright.foundation.errors import NotFoundError
from claimwright.store.remittance_listings import PAYMENT_ORDERS, REMITTANCE_ORDERS

routes = Resource("remittances", "Remittances, payments, answers that wait; amounts are cents")
Facility = Annotated[
    str | None,
    Query(pattern=r"^[\w.-]{1,64}$", description="Match claims of this facility only. Default: all."),
]
State = Literal["posted", "reversed", "superseded", "duplicate", "noted", "waiting", "dismissed"]
_Reason = Annotated[str, Field(min_length=8, max_length=200, description="About the work, not the patient.")]


class StatedReason(Body):
    """Why something is done."""

    reason: _Reason


class AnswerAssignment(StatedReason):
    """The claim that an answer is about, and why."""

    claim_key: int = Field(ge=1)


class ExplainedPayment(BaseModel):
    """A payment; what its state means, and what to do."""

    payment: ListedPayment
    means: str
    do: str


class ExplainedAnswer(BaseModel):
    """An answer; what its state means, and what to do."""

    answer: ListedAnswer
    means: str
    do: str


class WaitingReason(BaseModel):
    """Why some answers wait, what they say was paid, and what to do."""

    reason: str
    answers: int
    paid_cents: int | None = None
    means: str
    do: str


class RemittancePosted(BaseModel):
    """What became of a remittance; `earlier` is the one that had the same content: then nothing was done."""

    file_id: int | None
    earlier: int | None
    payments: list[ExplainedPayment]
    answers: dict[str, int]
    waiting: list[WaitingReason]
    faults: int


class AnswerCandidate(BaseModel):
    """A claim that an answer may be about, and what is equal."""

    claim_key: int
    score: int
    equal: str


class AnswerDecided(BaseModel):
    """The state after a decision, and why it still waits."""

    state: str
    reason: str | None
    means: str
    do: str


class AnswersCounted(BaseModel):
    """Answers by their state after a decision."""

    answers: dict[str, int]


RemittanceOrder = Literal["file_id", "-file_id", "claims", "-claims"]
PaymentOrder = Literal["payment_id", "-payment_id", "paid_on", "-paid_on", "amount_cents", "-amount_cents"]


class TraceNumber(Body):
    """The number of a check or EFT. In the body: what people type may be the number of a patient."""

    number: str = Field(min_length=1, max_length=80)


@routes.get("/remittances", action="remittances.list")
def every(
    asker: Asking,
    page: Paging,
    facility: OneFacility = None,
    received_from: Day | None = None,
    received_to: Day | None = None,
    sort: RemittanceOrder = "-file_id",
) -> Page[ListedRemittance]:
    """Remittances, newest first or by claims, with how many answers are posted and wait.

    `facility`: with an answer to a claim of it. `received_from`, `received_to`: the first and the last day.
    """
    with asker.services.database.transaction(asker.caller) as connection:
        found = list_remittances(
            connection, facilities=asker.within(facility), received_from=received_from,
            received_to=received_to, sort=sort, after=page.place, limit=page.limit,
        )  # fmt: skip
    return page.page(found, lambda each: REMITTANCE_ORDERS.place_of(each, sort))


@routes.post(
    "/remittances", action="remittances.post", status=201, errors=("unusable_input", *SCANNED),
    openapi_extra={"requestBody": {"required": True, "content": {
        "application/edi-x12": {"schema": {"type": "string", "format": "binary"}},
        "application/gzip": {"schema": {"type": "string", "format": "binary"}},
    }}},
)  # fmt: skip
async def upload(request: Request, asker: Asking, facility: Facility = None) -> RemittancePosted:
    """Post an 835, as the body, gzip allowed: matches claims and posts; uncertain answers wait for a person.

    The same content is posted once, however often it is sent.
    """

    def posted(chunks: Iterator[bytes]) -> RemittancePosted:
        _demand_place(asker, facility)
        poster = asker.services.remittances
        return _taken(asker, poster.post_stream(asker.caller, chunks, "the body", facility=facility))

    return await Upload(request).consumed_by(posted)


@routes.post("/remittances/paper", action="remittances.post", status=201, errors=("unusable_input",))
def enter(asker: Asking, typed: PaperPayment, facility: Facility = None) -> RemittancePosted:
    """Enter a paper explanation of benefits: one payment with its claims and lines. Amounts are dollars."""
    _demand_place(asker, facility)
    paper = paper_of(typed, "the payment")
    posted = asker.services.remittances.post_frames(
        asker.caller, paper.remittance, source="paper", digest=paper.digest, facility=facility
    )
    return _taken(asker, posted)


@routes.get("/remittances/answers", action="remittances.list")
def answers(
    asker: Asking,
    page: Paging,
    state: State | None = None,
    reason: Annotated[str | None, Query(pattern=r"^[a-z_]{1,40}$")] = None,
    payment_id: Annotated[int | None, Query(ge=1)] = None,
    claim_key: Annotated[int | None, Query(ge=1)] = None,
) -> Page[ExplainedAnswer]:
    """Answers of payers to claims, newest first; `state=waiting` are those that need a person."""
    with asker.services.database.transaction(asker.caller) as connection:
        found = list_answers(
            connection, payment_id=payment_id, claim_key=claim_key, state=state, reason=reason,
            facilities=asker.facilities, before=page.after, limit=page.limit,
        )  # fmt: skip
    return page.page([_explained(each) for each in found], lambda each: each.answer.answer_id)


@routes.post("/remittances/answers/retry", action="remittances.decide")
def retry(asker: Asking) -> AnswersCounted:
    """Look again for the claims of answers that wait. Only for accounts of every facility."""
    asker.demand_every_facility("answers that wait are of no facility yet")
    with asker.services.database.transaction(asker.caller) as connection:
        return AnswersCounted(
            answers=reconsider_waiting(
                asker.caller,
                connection,
                asker.services.sealer,
                search=asker.services.remittances.underpayments,
            )
        )


@routes.get("/remittances/answers/{answer_id}", action="remittances.list")
def one_answer(asker: Asking, answer_id: int) -> ExplainedAnswer:
    """One answer, without who the patient is."""
    return _explained(_own_answer(asker, answer_id))


@routes.post("/remittances/answers/{answer_id}/opening", action="remittances.read", errors=("reason_needed",))
def opening(asker: Asking, answer_id: int, why: StatedReason) -> ShownAnswer:
    """Open an answer for a stated reason: lines, adjustments, and the names and numbers that it came with.

    Fields that may not be seen are absent, and listed as withheld with the reason. A POST: it writes the
    reason into the audit log.
    """
    decide = answer_decision(asker.caller, asker.services.access)

    def decide_here(facility: str | None, claim: ClaimBatch) -> tuple[Mapping[str, bool], Mapping[str, str]]:
        asker.demand("remittances.read", facility)
        return decide(facility, claim)

    with asker.services.database.transaction(asker.caller) as connection:
        return shown_answer(
            asker.caller, connection, asker.services.sealer, answer_id, reason=why.reason,
            decide=decide_here, facilities=asker.facilities, correlation_id=asker.request_id,
        )  # fmt: skip


@routes.get("/remittances/answers/{answer_id}/candidates", action="remittances.list")
def candidates(asker: Asking, answer_id: int) -> list[AnswerCandidate]:
    """The claims that a waiting answer may be about, best first."""
    _own_answer(asker, answer_id)
    with asker.services.database.transaction(asker.caller) as connection:
        found = candidates_for(asker.caller, connection, asker.services.sealer, answer_id)
        keys = found["claim_key"].to_list()
        own = {
            each.claim_key
            for each in list_claims(
                connection, keys=keys, facilities=asker.facilities, limit=max(len(keys), 1)
            )
        }
    return [
        AnswerCandidate(claim_key=key, score=score, equal=equal)
        for key, score, equal in found.rows()
        if key in own
    ]


@routes.post(
    "/remittances/answers/{answer_id}/assign", action="remittances.decide", errors=("reason_needed",)
)
def assign(asker: Asking, answer_id: int, wanted: AnswerAssignment) -> AnswerDecided:
    """Post a waiting answer to the claim that you choose."""
    _own_answer(asker, answer_id)
    with asker.services.database.transaction(asker.caller) as connection:
        own = list_claims(connection, keys=[wanted.claim_key], facilities=asker.facilities, limit=1)
        if not own:
            raise NotFoundError(f"there is no claim {wanted.claim_key}.")
        state, reason = assign_answer(
            asker.caller, connection, asker.services.sealer, answer_id, wanted.claim_key,
            search=asker.services.remittances.underpayments, reason=wanted.reason,
        )  # fmt: skip
    means, do = explain_answer(state, reason)
    return AnswerDecided(state=state, reason=reason, means=means, do=do)


@routes.post(
    "/remittances/answers/{answer_id}/dismiss", action="remittances.decide", errors=("reason_needed",)
)
def dismiss(asker: Asking, answer_id: int, why: StatedReason) -> AnswerDecided:
    """Set a waiting answer aside for good. Its money stays unapplied until it is paid back."""
    _own_answer(asker, answer_id)
    with asker.services.database.transaction(asker.caller) as connection:
        dismiss_answer(asker.caller, connection, answer_id, why.reason)
    means, do = explain_answer("dismissed", None)
    return AnswerDecided(state="dismissed", reason=why.reason, means=means, do=do)


@routes.get("/remittances/waiting", action="remittances.list")
def waiting(asker: Asking) -> list[WaitingReason]:
    """Why answers wait, most frequent first."""
    with asker.services.database.transaction(asker.caller) as connection:
        found = count_waiting(connection, facilities=asker.facilities)
    return [_why(*each) for each in found]


@routes.get("/remittances/{file_id}", action="remittances.list")
def one(asker: Asking, file_id: int) -> ListedRemittance:
    """One remittance."""
    with asker.services.database.transaction(asker.caller) as connection:
        found = remittance_of(connection, file_id, facilities=asker.facilities)
    if found is None:
        raise NotFoundError(f"there is no remittance {file_id}.")
    return found


@routes.get("/payers", action="claims.list")
def payers(asker: Asking) -> list[PayerName]:
    """What payers are called in their payments, by identifier. A payer that never paid has no name here."""
    with asker.services.database.transaction(asker.caller) as connection:
        return payer_names(connection)


@routes.get("/payments", action="remittances.list")
def payments(
    asker: Asking,
    page: Paging,
    state: Literal["posted", "held", "duplicate"] | None = None,
    file_id: Annotated[int | None, Query(ge=1)] = None,
    facility: OneFacility = None,
    paid_from: Day | None = None,
    paid_to: Day | None = None,
    sort: PaymentOrder = "-payment_id",
) -> Page[ExplainedPayment]:
    """Payments, newest first, or by day or amount: what is not applied to claims, which deposit confirms it.

    `facility`: with an answer to a claim of it. `paid_from`, `paid_to`: the first and the last day.
    """
    with asker.services.database.transaction(asker.caller) as connection:
        found = list_payments(
            connection, state=state, file_id=file_id, facilities=asker.within(facility), paid_from=paid_from,
            paid_to=paid_to, sort=sort, after=page.place, limit=page.limit,
        )  # fmt: skip
    return page.page(
        [_payment(each) for each in found], lambda each: PAYMENT_ORDERS.place_of(each.payment, sort)
    )


@routes.post("/payments/search", action="remittances.list")
def search(asker: Asking, wanted: TraceNumber) -> list[ExplainedPayment]:
    """Find payments by the number of their check or EFT (TRN02), newest first."""
    with asker.services.database.transaction(asker.caller) as connection:
        found = list_payments(connection, trace_number=wanted.number, facilities=asker.facilities)
    return [_payment(each) for each in found]


@routes.get("/payments/{payment_id}", action="remittances.list")
def one_payment(asker: Asking, payment_id: int) -> ExplainedPayment:
    """One payment."""
    with asker.services.database.transaction(asker.caller) as connection:
        found = list_payments(connection, payment_id=payment_id, facilities=asker.facilities, limit=1)
    if not found:
        raise NotFoundError(f"there is no payment {payment_id}.")
    return _payment(found[0])


@routes.post(
    "/payments/{payment_id}/release", action="remittances.decide", errors=("reason_needed", "unusable_input")
)
def release(asker: Asking, payment_id: int, why: StatedReason) -> AnswersCounted:
    """Post a held payment all the same. Refused without its amount, date or end: then only the whole file is
    posted. Only for accounts of every facility.
    """
    asker.demand_every_facility("a payment is for claims of any facility")
    with asker.services.database.transaction(asker.caller) as connection:
        counts = release_payment(
            asker.caller,
            connection,
            asker.services.sealer,
            payment_id,
            search=asker.services.remittances.underpayments,
            reason=why.reason,
        )
    return AnswersCounted(answers=counts)


def _taken(asker: Asker, posted: PostedFile) -> RemittancePosted:
    found: list[ListedPayment] = []
    if posted.earlier is None:
        with asker.services.database.transaction(asker.caller) as connection:
            found = list_payments(
                connection, file_id=posted.file_id, facilities=asker.facilities, limit=1_000
            )
    return RemittancePosted(
        file_id=None if posted.earlier else posted.file_id, earlier=posted.earlier,
        payments=[_payment(each) for each in found], answers=posted.answers.states,
        waiting=[_why(*each) for each in posted.answers.reasons.items()], faults=posted.faults,
    )  # fmt: skip


def _why(reason: str, answers: int, paid_cents: int | None = None) -> WaitingReason:
    means, do = explain_answer("waiting", reason)
    return WaitingReason(reason=reason, answers=answers, paid_cents=paid_cents, means=means, do=do)


def _explained(answer: ListedAnswer) -> ExplainedAnswer:
    means, do = explain_answer(answer.state, answer.reason)
    return ExplainedAnswer(answer=answer, means=means, do=do)


def _payment(payment: ListedPayment) -> ExplainedPayment:
    means, do = explain_payment(payment.state, payment.reason)
    return ExplainedPayment(payment=payment, means=means, do=do)


def _own_answer(asker: Asker, answer_id: int) -> ListedAnswer:
    """An answer of a facility of theirs; one whose claim is not known is for accounts of every facility."""
    with asker.services.database.transaction(asker.caller) as connection:
        found = list_answers(connection, answer_id=answer_id, facilities=asker.facilities, limit=1)
    if not found:
        raise AnswerNotFoundError(f"there is no answer {answer_id}.")
    return found[0]


def _demand_place(asker: Asker, facility: str | None) -> None:
    """Accounts of single facilities name the one whose claims are matched."""
    if facility is not None:
        asker.demand("remittances.post", facility)
    elif asker.facilities is not None:
        raise ApiError("invalid_request", "name the facility whose claims are matched: ?facility=ID.")
