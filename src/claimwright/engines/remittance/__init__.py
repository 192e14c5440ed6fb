"""Remittances: which claim an answer is about, what it posts, and in which order answers of a claim count."""

from .accounts import Account, account_of, denied_lines
from .entries import answer_entries, charge_entries, provider_entries
from .lines import cover_lines
from .matching import AMBIGUOUS, BELOW_THRESHOLD, MATCHED, UNKNOWN, folded_number, match
from .sequence import Answer, Decision, decide

__all__ = [
    "AMBIGUOUS",
    "BELOW_THRESHOLD",
    "MATCHED",
    "UNKNOWN",
    "Account",
    "Answer",
    "Decision",
    "account_of",
    "answer_entries",
    "charge_entries",
    "cover_lines",
    "decide",
    "denied_lines",
    "folded_number",
    "match",
    "provider_entries",
]
