"""Checking: claims in, findings and expected payment out. No server, no database, no account."""

from .check import Checked, Checker, CheckResult, check
from .explanation import ClaimNotFoundError, find_claim
from .output import FORMATS, ResultWriter
from .summary import Summary

__all__ = [
    "FORMATS",
    "CheckResult",
    "Checked",
    "Checker",
    "ClaimNotFoundError",
    "ResultWriter",
    "Summary",
    "check",
    "find_claim",
]
