"""Remittances: which claim an answer is about, what it posts, and in which order answers of a claim count."""

from .accounts import Account, account_of, denied_lines
from .bank_lines import BankColumns, BankFileError, BankLines, read_bank_lines
from .entries import answer_entries, charge_entries, provider_entries
from .explanations import (
    ACCOUNTS,
    ANSWER_REASONS,
    ANSWER_STATES,
    NOT_RELEASED,
    PAYMENT_REASONS,
    PAYMENT_STATES,
    UNDONE,
    Explained,
    explain_answer,
    explain_payment,
)
from .lines import cover_lines
from .matching import AMBIGUOUS, BELOW_THRESHOLD, MATCHED, UNKNOWN, folded_number, match
from .sequence import Answer, Decision, decide

__all__ = [
    "ACCOUNTS",
    "AMBIGUOUS",
    "ANSWER_REASONS",
    "ANSWER_STATES",
    "BELOW_THRESHOLD",
    "MATCHED",
    "NOT_RELEASED",
    "PAYMENT_REASONS",
    "PAYMENT_STATES",
    "UNDONE",
    "UNKNOWN",
    "Account",
    "Answer",
    "BankColumns",
    "BankFileError",
    "BankLines",
    "Decision",
    "Explained",
    "account_of",
    "answer_entries",
    "charge_entries",
    "cover_lines",
    "decide",
    "denied_lines",
    "explain_answer",
    "explain_payment",
    "folded_number",
    "match",
    "provider_entries",
    "read_bank_lines",
]
