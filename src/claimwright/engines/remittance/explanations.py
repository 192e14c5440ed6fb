"""What the states and reasons of payments and answers mean, and what a person does about them.

One table for the terminal, the API and the documentation: `docs/remittance.md`.
"""

from __future__ import annotations

from typing import NamedTuple

from .accounts import Account
from .matching import AMBIGUOUS, BELOW_THRESHOLD, UNKNOWN
from .preparing import OUT_OF_BALANCE, UNKNOWN_GROUP, UNREADABLE
from .sequence import (
    ADJUDICATED_BEFORE,
    DUPLICATE,
    EARLIER_PAYER_DIFFERS,
    EARLIER_PAYER_FIRST,
    POSTED,
    REVERSAL_WITHOUT_ORIGINAL,
    REVERSED,
    REVERSED_BEFORE,
    SUPERSEDED,
    WAITING,
)


class Explained(NamedTuple):
    """What a state or a reason means, and what to do: empty if nothing."""

    means: str
    do: str = ""


# A person undid the posting of an answer, which waits since.
UNDONE = "undone"
HELD, DISMISSED = "held", "dismissed"

PAYMENT_STATES: dict[str, Explained] = {
    POSTED: Explained("its money and its claims are in the ledger"),
    HELD: Explained("nothing of it is in the ledger", "Release it if it is right, otherwise ask the payer."),
    DUPLICATE: Explained("the same payment came in another file; nothing of it is posted again"),
}
PAYMENT_REASONS: dict[str, Explained] = {
    "truncated": Explained(
        "the file ends in the middle of this payment", "Ask the sender for the whole file, and post that."
    ),
    "segment_count_differs": Explained(
        "the payment has another number of segments than it states (SE01)",
        "Compare the amount with the deposit. Ask for the file again, or release the payment.",
    ),
    "no_835": Explained(
        "the transaction is not an 835", "Ask the sender what it is. Nothing of it can be posted."
    ),
    "unsupported_version": Explained(
        "the transaction has another version than 005010X221A1", "Ask the payer for that version."
    ),
    OUT_OF_BALANCE: Explained(
        "the amount paid is not what its claims and provider adjustments add up to (BPR02, CLP04, PLB)",
        "Ask the payer which is right. If released, the difference stays unapplied.",
    ),
    "no_amount": Explained("the amount paid cannot be read (BPR02)", "Ask the payer for the file again."),
    "no_date": Explained(
        "the date of the payment cannot be read (BPR16)", "Ask the payer for the file again."
    ),
    "trace_number_used_before": Explained(
        "an earlier payment has the same payer, trace number, date, amount and payee, and other claims",
        "Look at both. Release this one only if the bank shows two deposits.",
    ),
    "same_payment": Explained("it is in an earlier file, claim by claim"),
    "came_whole": Explained("it came whole in a later file"),
}
# A payment held for one of these is posted from a whole file only: its amount or its answers are not known.
NOT_RELEASED = ("truncated", "no_835", "unsupported_version", "no_amount", "no_date")
ANSWER_STATES: dict[str, Explained] = {
    POSTED: Explained("in force: the ledger has what it says"),
    REVERSED: Explained("the payer reversed it; its entries are undone"),
    SUPERSEDED: Explained("a later decision took its place; its entries are undone"),
    DUPLICATE: Explained("the payer said the same before; nothing is posted again"),
    "noted": Explained("not an adjudication: sent on to another payer, or a predetermination"),
    WAITING: Explained("nothing of it is posted; its money is unapplied", "See the reason."),
    DISMISSED: Explained("a person set it aside", "Its money stays unapplied until it is paid back."),
}
ANSWER_REASONS: dict[str, Explained] = {
    UNKNOWN: Explained(
        "no claim has this number, and none is similar",
        "If the claim is still to be processed, process it, then retry. If it is not yours, dismiss it. "
        "Otherwise assign the claim.",
    ),
    AMBIGUOUS: Explained("several claims fit equally well", "Look at the candidates, and assign one."),
    BELOW_THRESHOLD: Explained(
        "a claim is similar, but too much differs",
        "Look at the candidates, and assign one, or dismiss it.",
    ),
    "lines_differ": Explained(
        "a line of the remittance is not on the claim, or has another charge",
        "Compare both. If the payer means another claim, assign that one. Otherwise ask the payer.",
    ),
    "charge_differs": Explained(
        "the charge is not that of the claim",
        "Compare both. If the payer means another claim, assign that one. Otherwise ask the payer.",
    ),
    OUT_OF_BALANCE: Explained(
        "the charge less the adjustments is not what was paid", "Ask the payer for a corrected remittance."
    ),
    UNREADABLE: Explained("an amount cannot be read", "Ask the payer for a corrected remittance."),
    UNKNOWN_GROUP: Explained(
        "a group code (CAS01) is none of CO, OA, PI and PR, so that nobody can tell who owes the amount",
        "Ask the payer for a corrected remittance.",
    ),
    ADJUDICATED_BEFORE: Explained(
        "this payer has decided the same lines before, and did not reverse it",
        "Wait for the reversal, or undo the posting in force if the payer confirms the new decision.",
    ),
    REVERSAL_WITHOUT_ORIGINAL: Explained(
        "it reverses a payment that was never received", "Ask the payer for the remittance that it reverses."
    ),
    REVERSED_BEFORE: Explained(
        "it reverses a payment that is reversed already",
        "Dismiss it if the payer sent it twice by mistake; otherwise ask what it reverses.",
    ),
    EARLIER_PAYER_FIRST: Explained(
        "what the payer before decided is not posted yet",
        "It is posted by itself once that one is. A denial in it is listed with its deadlines meanwhile.",
    ),
    EARLIER_PAYER_DIFFERS: Explained(
        "it does not start from what the payer before left",
        "Compare both remittances. The payer before may have corrected its decision. If this payer repeats "
        "the whole charge without what was paid before, dismiss it, and enter it as a paper EOB with that "
        "amount as OA-23. A denial in it is listed with its deadlines meanwhile.",
    ),
    "payment_held": Explained(
        "its payment is held", "Decide about its payment first, whose line says what to do."
    ),
    "payment_duplicate": Explained("its payment is a duplicate", "Nothing. Dismiss it to clear the list."),
    "in_order": Explained("it was not looked at yet", "Retry."),
    UNDONE: Explained("a person undid its posting", "Assign it to a claim, or dismiss it."),
}
ACCOUNTS: dict[Account, str] = {
    Account.PAYER: "owed by a payer",
    Account.PATIENT: "owed by the patient",
    Account.DENIED: "refused by a payer, still to be worked on",
    Account.CONTRACTUAL: "given up by contract or law",
    Account.WRITTEN_OFF: "given up by a person's approval",
    Account.CAPITATED: "paid by a capitation",
    Account.PRIOR_PAYER: "said to be paid or adjusted by an earlier payer",
    Account.REVENUE: "charged",
    Account.CASH: "received",
    Account.UNAPPLIED: "received and not applied to claims, if below zero; on a claim: applied to it",
    Account.REFUNDED: "paid back",
    Account.TAKEN_BACK: "recovered by a payer from a payment",
    Account.FORWARDED: "balance moved to another payment",
    Account.INTEREST: "interest of a payer",
    Account.CAPITATION: "capitation payments",
    Account.PROVIDER_OTHER: "other adjustments of a payment",
}


def explain_payment(state: str, reason: str | None) -> Explained:
    """What the state of a payment means: by its reason if it has one."""
    return PAYMENT_REASONS.get(reason or "") or PAYMENT_STATES[state]


def explain_answer(state: str, reason: str | None) -> Explained:
    """What the state of an answer means: by its reason if it waits."""
    if state == WAITING and reason in ANSWER_REASONS:
        return ANSWER_REASONS[reason]
    return ANSWER_STATES[state]
