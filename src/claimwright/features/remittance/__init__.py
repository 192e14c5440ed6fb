"""Remittance: posts payers' answers to claims into the ledger, and shows what waits, what was denied, what
is owed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from claimwright.foundation.lazy import lazy_exports

if TYPE_CHECKING:
    from .audit_events import tell
    from .deciding import (
        assign_answer,
        candidates_for,
        dismiss_answer,
        reconsider_waiting,
        release_payment,
    )
    from .posting_files import PostedFile, RemittancePoster
    from .surveying import RemittanceError

__all__ = [
    "PostedFile",
    "RemittanceError",
    "RemittancePoster",
    "assign_answer",
    "candidates_for",
    "dismiss_answer",
    "reconsider_waiting",
    "release_payment",
    "tell",
]

__getattr__ = lazy_exports(
    __name__,
    {
        "audit_events": ("tell",),
        "deciding": (
            "assign_answer",
            "candidates_for",
            "dismiss_answer",
            "reconsider_waiting",
            "release_payment",
        ),
        "posting_files": ("PostedFile", "RemittancePoster"),
        "surveying": ("RemittanceError",),
    },
)
