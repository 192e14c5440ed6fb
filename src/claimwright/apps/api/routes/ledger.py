"""The ledger: balances, postings of a claim, and what people post. Amounts are cents."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from claimwright.apps.api.asking import Asking
from claimwright.apps.api.bodies import Body
from claimwright.apps.api.pages import Page, Paging
from claimwright.apps.api.resources import Resource
from claimwright.features.remittance import (
    LedgerTotal,
    ListedEntry,
    ListedPosting,
    NothingPostedError,
    StoredWriteOff,
    WriteOffState,
    WrittenOffFrom,
    account_of_claim,
    approve_write_off,
    ledger_totals,
    list_write_offs,
    post_patient_payment,
    post_refund_of_claim,
    post_refund_of_payment,
    postings_of_account,
    propose_write_off,
    refuse_write_off,
    undo_posting,
)

routes = Resource("ledger", "The ledger, double entry and append-only; amounts are cents")
_Reason = Annotated[str, Field(min_length=8, max_length=200, description="About the work, not the patient.")]
_Cents = Annotated[int, Field(ge=1, le=10**13, description="Cents.")]


class Undoing(Body):
    """Why a posting is undone."""

    reason: _Reason


class PatientPayment(Body):
    """What a patient paid."""

    amount_cents: _Cents
    reason: _Reason = "payment of the patient"


class Refund(Body):
    """What was paid back of a claim, and to whom."""

    amount_cents: _Cents
    to: Literal["payer", "patient"]
    reason: _Reason


class PaymentRefund(Body):
    """What was paid back of a payment."""

    amount_cents: _Cents
    reason: _Reason


class WriteOff(Body):
    """What is to be written off."""

    amount_cents: _Cents
    of: WrittenOffFrom = "denied"
    reason: _Reason


class WriteOffRefusal(Body):
    """Why a write-off is refused."""

    reason: _Reason


class PostingMade(BaseModel):
    """The new posting."""

    posting_id: int


class ClaimLedger(BaseModel):
    """The postings of a claim, their entries, and the balances that they add up to."""

    account_key: int
    postings: list[ListedPosting]
    entries: list[ListedEntry]
    balances: list[LedgerTotal]


@routes.get("/ledger/balance", action="ledger.read")
def balance(asker: Asking) -> list[LedgerTotal]:
    """The trial balance: every account with its sum, debits above zero; together they are zero.

    For accounts of single facilities: of their claims only, so that money of no claim is left out.
    """
    with asker.services.database.transaction(asker.caller) as connection:
        return ledger_totals(connection, facilities=asker.facilities)


@routes.get("/ledger/claims/{claim_key}", action="ledger.read")
def of_claim(asker: Asking, claim_key: int) -> ClaimLedger:
    """The postings of a claim, oldest first, and its balances."""
    with asker.services.database.transaction(asker.caller) as connection:
        account = account_of_claim(connection, claim_key, facilities=asker.facilities)
        if account is None:
            raise NothingPostedError(f"nothing of claim {claim_key} is posted.")
        postings, entries = postings_of_account(connection, account)
    sums: dict[tuple[str, str | None], int] = {}
    for entry in entries:
        place = (entry.account, entry.turn)
        sums[place] = sums.get(place, 0) + entry.amount_cents
    balances = [LedgerTotal(account, turn, cents) for (account, turn), cents in sums.items() if cents]
    return ClaimLedger(account_key=account, postings=postings, entries=entries, balances=balances)


@routes.post(
    "/ledger/postings/{posting_id}/undo", action="ledger.post", errors=("reason_needed", "unusable_input")
)
def undo(asker: Asking, posting_id: int, why: Undoing) -> PostingMade:
    """Undo a posting by another one. An answer whose posting is undone waits for a person."""
    with asker.services.database.transaction(asker.caller) as connection:
        made = undo_posting(
            asker.caller, connection, asker.services.sealer, posting_id,
            search=asker.services.remittances.underpayments, reason=why.reason,
            facilities=asker.facilities,
        )  # fmt: skip
    return PostingMade(posting_id=made)


@routes.post(
    "/ledger/claims/{claim_key}/patient-payments", action="ledger.post", status=201,
    errors=("reason_needed", "unusable_input"),
)  # fmt: skip
def patient_payment(asker: Asking, claim_key: int, paid: PatientPayment) -> PostingMade:
    """Post what a patient paid for a claim: no more than the patient owes."""
    with asker.services.database.transaction(asker.caller) as connection:
        made = post_patient_payment(
            asker.caller, connection, claim_key, _dollars(paid.amount_cents), reason=paid.reason,
            facilities=asker.facilities,
        )  # fmt: skip
    return PostingMade(posting_id=made)


@routes.post(
    "/ledger/claims/{claim_key}/refunds", action="ledger.post", status=201,
    errors=("reason_needed", "unusable_input"),
)  # fmt: skip
def refund(asker: Asking, claim_key: int, back: Refund) -> PostingMade:
    """Post what was paid back of a claim: no more than the payer or the patient has in credit."""
    with asker.services.database.transaction(asker.caller) as connection:
        made = post_refund_of_claim(
            asker.caller, connection, claim_key, _dollars(back.amount_cents), back.to, reason=back.reason,
            facilities=asker.facilities,
        )  # fmt: skip
    return PostingMade(posting_id=made)


@routes.post(
    "/ledger/payments/{payment_id}/refunds", action="ledger.post", status=201,
    errors=("reason_needed", "unusable_input"),
)  # fmt: skip
def payment_refund(asker: Asking, payment_id: int, back: PaymentRefund) -> PostingMade:
    """Post what was paid back of a payment: no more than is not applied. For accounts of every facility."""
    asker.demand_every_facility("the money is of no claim")
    with asker.services.database.transaction(asker.caller) as connection:
        made = post_refund_of_payment(
            asker.caller, connection, payment_id, _dollars(back.amount_cents), reason=back.reason
        )
    return PostingMade(posting_id=made)


@routes.post(
    "/ledger/claims/{claim_key}/write-offs", action="ledger.post", status=201,
    errors=("reason_needed", "unusable_input"),
)  # fmt: skip
def propose(asker: Asking, claim_key: int, wanted: WriteOff) -> StoredWriteOff:
    """Propose to write off a denied amount, or what is owed. It is posted when another person approves it."""
    with asker.services.database.transaction(asker.caller) as connection:
        return propose_write_off(
            asker.caller, connection, claim_key, _dollars(wanted.amount_cents), of=wanted.of,
            reason=wanted.reason, facilities=asker.facilities,
        )  # fmt: skip


@routes.get("/ledger/write-offs", action="ledger.read")
def write_offs(asker: Asking, page: Paging, state: WriteOffState | None = None) -> Page[StoredWriteOff]:
    """Write-offs, newest first; `state=waiting` are those that another person approves or refuses."""
    with asker.services.database.transaction(asker.caller) as connection:
        found = list_write_offs(
            connection, state=state, facilities=asker.facilities, before=page.after, limit=page.limit
        )
    return page.page(found, lambda each: each.write_off_id)


@routes.post(
    "/ledger/write-offs/{write_off_id}/approval", action="ledger.write_off", errors=("unusable_input",)
)
def approve(asker: Asking, write_off_id: int) -> PostingMade:
    """Approve a write-off that somebody else proposed, and post it."""
    with asker.services.database.transaction(asker.caller) as connection:
        made = approve_write_off(asker.caller, connection, write_off_id, facilities=asker.facilities)
    return PostingMade(posting_id=made)


@routes.post(
    "/ledger/write-offs/{write_off_id}/refusal", action="ledger.post",
    errors=("reason_needed", "unusable_input"),
)  # fmt: skip
def refuse(asker: Asking, write_off_id: int, why: WriteOffRefusal) -> StoredWriteOff:
    """Refuse a write-off, or withdraw your own: it is not posted."""
    with asker.services.database.transaction(asker.caller) as connection:
        return refuse_write_off(
            asker.caller, connection, write_off_id, reason=why.reason, facilities=asker.facilities
        )


def _dollars(cents: int) -> Decimal:
    return Decimal(cents) / 100
