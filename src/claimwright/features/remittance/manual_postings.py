"""What people post into the ledger: payments of patients, refunds, and the undoing of a posting.

Each is a posting of its own, audited, and refused where more is moved than is open. Write-offs, which need
another person, are in `write_offs.py`.

PostingRefusedError    it makes no sense as it is; the message says what is open
NothingPostedError   nothing of the claim is posted, or there is no such posting or payment
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, Literal

import polars as pl

from claimwright.domain.caller import Caller
from claimwright.engines.remittance import UNDONE, Account
from claimwright.foundation import clock
from claimwright.foundation.errors import InputError, NotFoundError
from claimwright.platform import audit
from claimwright.platform.database import Connection
from claimwright.store import ledger, remittance_answers, remittances
from claimwright.store.remittance_listings import (
    account_of_claim,
    list_answers,
    list_payments,
    posting_with_id,
    unapplied_of_payment,
)
from claimwright.store.sealed_claims import Opens

from .finding_claims import open_lines
from .following import follow_postings
from .ledger_writer import LedgerWriter
from .posting_answers import settle_accounts
from .underpayments import UnderpaymentSearch

# Far more dollars than any claim, and far less than what the database's whole numbers hold.
MOST = 10**11
_CENT = Decimal("0.01")
# Why a kind of posting is not undone by hand.
_NOT_BY_HAND = {
    "charge": "a charge comes and goes with the claim's answers",
    "payment": "money that came in is paid back by a refund",
    "provider": "provider adjustments belong to their payment",
    "undo": "it undoes a posting; post anew instead",
}


class PostingRefusedError(InputError):
    """A posting that makes no sense: more than is open, or nothing."""


class NothingPostedError(NotFoundError):
    """Nothing of the claim is posted, or there is no such posting or payment."""


def cents_of(amount: Decimal) -> int:
    """An amount of dollars that a person typed, in cents.

    Raises:
        PostingRefusedError: it is not above zero, has parts of a cent, or is enormous.
    """
    if not amount.is_finite() or not 0 < amount <= MOST or amount != amount.quantize(_CENT):
        raise PostingRefusedError("an amount is dollars and cents above zero, such as 25.00.")
    return int(amount * 100)


def post_patient_payment(
    caller: Caller,
    connection: Connection,
    claim_key: int,
    amount: Decimal,
    *,
    reason: str = "payment of the patient",
    facilities: Sequence[str] | None = None,
) -> int:
    """Post what a patient paid for a claim. Returns the posting.

    Raises:
        NothingPostedError: nothing of the claim is posted.
        PostingRefusedError: the patient owes less.
        AuditError: the reason is not acceptable.
    """
    cents = cents_of(amount)
    account = locked_account(connection, claim_key, facilities)
    open_cents = _balance(connection, account, Account.PATIENT)
    if cents > open_cents:
        raise PostingRefusedError(
            f"the patient owes {dollars(open_cents)} of claim {claim_key}. Post at most that."
        )
    return post_by_hand(
        caller, connection, "patient_payment", {Account.CASH: cents, Account.PATIENT: -cents}, cents,
        reason, account_key=account,
    )  # fmt: skip


def post_refund_of_claim(
    caller: Caller,
    connection: Connection,
    claim_key: int,
    amount: Decimal,
    to: Literal["payer", "patient"],
    *,
    reason: str,
    facilities: Sequence[str] | None = None,
) -> int:
    """Post what was paid back of a claim: no more than the payer or the patient has in credit.

    Raises:
        NothingPostedError: nothing of the claim is posted.
        PostingRefusedError: less is in credit.
        AuditError: the reason is not acceptable.
    """
    cents = cents_of(amount)
    account = locked_account(connection, claim_key, facilities)
    wanted = Account(to)
    credits_of = {
        each.turn: -each.amount_cents
        for each in ledger.balances_of(connection, [account]).get(account, [])
        if each.account == wanted and each.amount_cents < 0
    }
    turn = next((turn for turn, credit in credits_of.items() if credit >= cents), None)
    most = max(credits_of.values(), default=0)
    if most < cents:
        raise PostingRefusedError(
            f"the {to} has {dollars(most)} in credit on claim {claim_key}. Pay back at most that. Money "
            "that is not applied to a claim is paid back of its payment."
        )
    return post_by_hand(
        caller, connection, "refund", {wanted: cents, Account.REFUNDED: -cents}, cents, reason,
        account_key=account, turns={wanted: turn},
    )  # fmt: skip


def post_refund_of_payment(
    caller: Caller,
    connection: Connection,
    payment_id: int,
    amount: Decimal,
    *,
    reason: str,
    facilities: Sequence[str] | None = None,
) -> int:
    """Post what was paid back of a payment: no more than is not applied to claims.

    Raises:
        NothingPostedError: there is no such payment.
        PostingRefusedError: less is unapplied.
        AuditError: the reason is not acceptable.
    """
    cents = cents_of(amount)
    remittances.lock_remittances(connection)
    if not list_payments(connection, payment_id=payment_id, facilities=facilities, limit=1):
        raise NothingPostedError(f"there is no payment {payment_id}. `claimwright payments list` shows all.")
    open_cents = unapplied_of_payment(connection, payment_id)
    if cents > open_cents:
        raise PostingRefusedError(
            f"{dollars(max(open_cents, 0))} of payment {payment_id} is unapplied. Pay back at most that."
        )
    return post_by_hand(
        caller, connection, "refund", {Account.UNAPPLIED: cents, Account.REFUNDED: -cents}, cents, reason,
        payment_id=payment_id,
    )  # fmt: skip


def undo_posting(
    caller: Caller,
    connection: Connection,
    opener: Opens,
    posting_id: int,
    *,
    search: UnderpaymentSearch,
    reason: str,
    facilities: Sequence[str] | None = None,
) -> int:
    """Undo a posting by another one, which is returned. An answer whose posting is undone waits for a person.

    Raises:
        NothingPostedError: there is no such posting.
        PostingRefusedError: it is undone already, or not undone by hand.
        AuditError: the reason is not acceptable.
    """
    reason = audit.stated_reason(reason, "a posting is undone")
    remittances.lock_remittances(connection)
    found = posting_with_id(connection, posting_id, facilities=facilities)
    if found is None:
        raise NothingPostedError(f"there is no posting {posting_id}.")
    if found.undone_by is not None:
        raise PostingRefusedError(f"posting {posting_id} is undone already, by posting {found.undone_by}.")
    if found.kind in _NOT_BY_HAND:
        raise PostingRefusedError(f"posting {posting_id} is not undone by hand: {_NOT_BY_HAND[found.kind]}.")
    writer = LedgerWriter(connection, caller, clock.now())
    if found.kind == "answer" and found.answer_id is not None and found.account_key is not None:
        # Money of an answer that counts no more is open on the payment that it came with.
        [answer] = list_answers(connection, answer_id=found.answer_id, limit=1)
        writer.undo({posting_id: None}, reason, payments={posting_id: answer.payment_id})
        remittance_answers.update_states(connection, [(found.answer_id, "waiting", UNDONE, None)])
        settle_accounts(
            writer, [found.account_key], lambda keys: open_lines(caller, connection, opener, list(keys))
        )
        follow_postings(writer, opener, search)
    else:
        writer.undo({posting_id: None}, reason)
    undone = posting_with_id(connection, posting_id)
    assert undone is not None
    assert undone.undone_by is not None
    tell_of_ledger(
        caller, connection, "ledger.undone", f"posting:{posting_id}",
        {"reason": reason, "posting_id": undone.undone_by},
    )  # fmt: skip
    return undone.undone_by


def locked_account(connection: Connection, claim_key: int, facilities: Sequence[str] | None) -> int:
    """The account of a claim, which nobody else changes until the transaction ends."""
    remittances.lock_remittances(connection)
    account = account_of_claim(connection, claim_key, facilities=facilities)
    if account is None:
        raise NothingPostedError(f"nothing of claim {claim_key} is posted.")
    return account


def _balance(connection: Connection, account: int, wanted: Account) -> int:
    return sum(
        each.amount_cents
        for each in ledger.balances_of(connection, [account]).get(account, [])
        if each.account == wanted
    )


def post_by_hand(
    caller: Caller, connection: Connection, kind: str, amounts: dict[Account, int], cents: int, reason: str,
    *, account_key: int | None = None, payment_id: int | None = None, proposed_by: str | None = None,
    turns: dict[Account, str | None] | None = None,
) -> int:  # fmt: skip
    """Add an audited posting. One that somebody else proposed is theirs, approved by the caller."""
    reason = audit.stated_reason(reason, "it is posted")
    turns = turns or {}
    entries = pl.DataFrame(
        {
            "account": [account.value for account in amounts], "amount_cents": list(amounts.values()),
            "turn": pl.Series([turns.get(account) for account in amounts], dtype=pl.String),
        }
    )  # fmt: skip
    approved_by = None if proposed_by is None else caller.actor
    poster = caller if proposed_by is None else replace(caller, actor=proposed_by)
    posting_id = LedgerWriter(connection, poster, clock.now()).add(
        kind, entries, account_key=account_key, payment_id=payment_id, reason=reason, approved_by=approved_by
    )
    detail: dict[str, Any] = {"reason": reason, "posting_id": posting_id, "amount_cents": cents}
    if approved_by is not None:
        detail["approved_by"] = approved_by
    subject = f"payment:{payment_id}" if account_key is None else f"claim:{account_key}"
    tell_of_ledger(caller, connection, f"ledger.{kind}", subject, detail)
    return posting_id


def tell_of_ledger(
    caller: Caller, connection: Connection, action: str, subject: str, detail: dict[str, Any]
) -> None:
    """Append to the audit log."""
    audit.append(
        caller,
        connection,
        action=action,
        subject=subject,
        detail=detail,
        correlation_id=str(uuid.uuid4()),
    )


def dollars(cents: int) -> str:
    """An amount as people read it."""
    return f"{Decimal(cents) / 100:,.2f}"
