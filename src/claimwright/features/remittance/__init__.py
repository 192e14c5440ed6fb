"""Remittance: posts payers' answers to claims into the ledger, and shows what waits and what is owed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from claimwright.foundation.lazy import lazy_exports
from claimwright.store.deposits import (
    StoredDeposit,
    UnconfirmedPayment,
    list_deposits,
    unconfirmed_payments,
)
from claimwright.store.next_claims import NextClaim, PatientBalance, list_next_claims, patient_balances
from claimwright.store.payment_statements import (
    PaymentSums,
    ProviderAdjustment,
    StatementClaim,
    payment_sums,
    provider_adjustments,
    statement_claims,
)
from claimwright.store.remittance_listings import (
    AnswerAdjustment,
    AnswerLine,
    LedgerTotal,
    ListedAnswer,
    ListedEntry,
    ListedPayment,
    ListedPosting,
    ListedRemittance,
    PayerName,
    account_of_claim,
    count_waiting,
    ledger_totals,
    list_answers,
    list_payments,
    list_remittances,
    payer_names,
    postings_of_account,
    remittance_of,
)
from claimwright.store.write_offs import StoredWriteOff, WriteOffState, list_write_offs

if TYPE_CHECKING:
    from .answer_secrets import secrets_of
    from .audit_events import tell
    from .deciding import (
        AnswerNotFoundError,
        PaymentNotFoundError,
        assign_answer,
        candidates_for,
        dismiss_answer,
        reconsider_waiting,
        release_payment,
    )
    from .deposits import AddedDeposits, DepositError, add_deposits, assign_deposit
    from .disputes import dispute_packet
    from .manual_postings import (
        NothingPostedError,
        PostingRefusedError,
        post_patient_payment,
        post_refund_of_claim,
        post_refund_of_payment,
        undo_posting,
    )
    from .next_payer import NextClaimError, next_claim_837, release_next_claims
    from .opening_answers import DecideAnswer, ShownAnswer, WithheldKind, shown_answer
    from .paper import TEMPLATE, Paper, PaperError, PaperPayment, paper_of, read_paper
    from .posting_files import PostedFile, RemittancePoster
    from .shown_underpayments import seen_dispute, seen_underpayments
    from .surveying import RemittanceError
    from .underpayments import UnderpaymentSearch
    from .write_offs import WrittenOffFrom, approve_write_off, propose_write_off, refuse_write_off

__all__ = [
    "TEMPLATE",
    "AddedDeposits",
    "AnswerAdjustment",
    "AnswerLine",
    "AnswerNotFoundError",
    "DecideAnswer",
    "DepositError",
    "LedgerTotal",
    "ListedAnswer",
    "ListedEntry",
    "ListedPayment",
    "ListedPosting",
    "ListedRemittance",
    "NextClaim",
    "NextClaimError",
    "NothingPostedError",
    "Paper",
    "PaperError",
    "PaperPayment",
    "PatientBalance",
    "PayerName",
    "PaymentNotFoundError",
    "PaymentSums",
    "PostedFile",
    "PostingRefusedError",
    "ProviderAdjustment",
    "RemittanceError",
    "RemittancePoster",
    "ShownAnswer",
    "StatementClaim",
    "StoredDeposit",
    "StoredWriteOff",
    "UnconfirmedPayment",
    "UnderpaymentSearch",
    "WithheldKind",
    "WriteOffState",
    "WrittenOffFrom",
    "account_of_claim",
    "add_deposits",
    "approve_write_off",
    "assign_answer",
    "assign_deposit",
    "candidates_for",
    "count_waiting",
    "dismiss_answer",
    "dispute_packet",
    "ledger_totals",
    "list_answers",
    "list_deposits",
    "list_next_claims",
    "list_payments",
    "list_remittances",
    "list_write_offs",
    "next_claim_837",
    "paper_of",
    "patient_balances",
    "payer_names",
    "payment_sums",
    "post_patient_payment",
    "post_refund_of_claim",
    "post_refund_of_payment",
    "postings_of_account",
    "propose_write_off",
    "provider_adjustments",
    "read_paper",
    "reconsider_waiting",
    "refuse_write_off",
    "release_next_claims",
    "release_payment",
    "remittance_of",
    "secrets_of",
    "seen_dispute",
    "seen_underpayments",
    "shown_answer",
    "statement_claims",
    "tell",
    "unconfirmed_payments",
    "undo_posting",
]

__getattr__ = lazy_exports(
    __name__,
    {
        "answer_secrets": ("secrets_of",),
        "audit_events": ("tell",),
        "deciding": (
            "AnswerNotFoundError",
            "PaymentNotFoundError",
            "assign_answer",
            "candidates_for",
            "dismiss_answer",
            "reconsider_waiting",
            "release_payment",
        ),
        "deposits": ("AddedDeposits", "DepositError", "add_deposits", "assign_deposit"),
        "disputes": ("dispute_packet",),
        "manual_postings": (
            "NothingPostedError",
            "PostingRefusedError",
            "post_patient_payment",
            "post_refund_of_claim",
            "post_refund_of_payment",
            "undo_posting",
        ),
        "paper": ("TEMPLATE", "Paper", "PaperError", "PaperPayment", "paper_of", "read_paper"),
        "posting_files": ("PostedFile", "RemittancePoster"),
        "next_payer": ("NextClaimError", "next_claim_837", "release_next_claims"),
        "opening_answers": ("DecideAnswer", "ShownAnswer", "WithheldKind", "shown_answer"),
        "shown_underpayments": ("seen_dispute", "seen_underpayments"),
        "surveying": ("RemittanceError",),
        "underpayments": ("UnderpaymentSearch",),
        "write_offs": ("WrittenOffFrom", "approve_write_off", "propose_write_off", "refuse_write_off"),
    },
)
