"""Underpayments: what a payer allowed beside what the contract or schedule allows, and what it took back.

    compared = compare(claimed, answered, adjustments, whole)   # allowed beside expected, by line
    find(compared, prices, tolerances)                          # the findings, with their basis in words

No I/O, no clock: whoever calls reads answers, prices claims and stores rows.
"""

from .comparing import CLAIMED, compare
from .editions import other_editions
from .finding import FINDINGS, find, suspects
from .interest import interest_findings, payer_kinds
from .kinds import CONFIDENCE, KINDS, Confidence, Kind
from .tolerances import Tolerance, ToleranceError, Tolerances

__all__ = [
    "CLAIMED",
    "CONFIDENCE",
    "FINDINGS",
    "KINDS",
    "Confidence",
    "Kind",
    "Tolerance",
    "ToleranceError",
    "Tolerances",
    "compare",
    "find",
    "interest_findings",
    "other_editions",
    "payer_kinds",
    "suspects",
]
