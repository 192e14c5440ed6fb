"""Checking: from claims to findings and expected payments. No server, no database, no account."""

from claimwright.domain.errors import ClaimNotFoundError

from .catalogue import STRUCTURAL_AUTHORITY, Meaning, meaning_of, signal_of
from .check import Checked, Checker, CheckResult, check, worst_first
from .explanation import find_claim
from .output import FORMATS, ResultWriter, with_owners
from .sourced import sourced
from .summary import Summary

__all__ = [
    "FORMATS",
    "STRUCTURAL_AUTHORITY",
    "CheckResult",
    "Checked",
    "Checker",
    "ClaimNotFoundError",
    "Meaning",
    "ResultWriter",
    "Summary",
    "check",
    "find_claim",
    "meaning_of",
    "signal_of",
    "sourced",
    "with_owners",
    "worst_first",
]
