"""Feedback: payer decisions and corrections, and the guard that blocks retraining on suspicious feedback."""

from __future__ import annotations

from typing import TYPE_CHECKING

from claimwright.foundation.lazy import lazy_exports

if TYPE_CHECKING:
    from .feedback_guard import (
        FEEDBACK,
        Hold,
        accepted,
        describe_holds,
        drift_holds,
        drift_of,
        read_feedback,
        suspicious,
        with_corrections,
        with_labels,
    )
    from .remittances import AnswerError, read_835, read_history, remittance_files
    from .store_feedback import Recorded, record_correction, record_outcomes, stored_feedback
    from .store_measures import (
        Live,
        champion_measures,
        judged_as_predicted,
        live_measures,
        live_stability,
        publish_metrics,
    )

__all__ = [
    "FEEDBACK",
    "AnswerError",
    "Hold",
    "Live",
    "Recorded",
    "accepted",
    "champion_measures",
    "describe_holds",
    "drift_holds",
    "drift_of",
    "judged_as_predicted",
    "live_measures",
    "live_stability",
    "publish_metrics",
    "read_835",
    "read_feedback",
    "read_history",
    "record_correction",
    "record_outcomes",
    "remittance_files",
    "stored_feedback",
    "suspicious",
    "with_corrections",
    "with_labels",
]

__getattr__ = lazy_exports(
    __name__,
    {
        "feedback_guard": (
            "FEEDBACK",
            "Hold",
            "accepted",
            "drift_holds",
            "drift_of",
            "read_feedback",
            "with_labels",
            "suspicious",
            "with_corrections",
            "describe_holds",
        ),
        "remittances": (
            "AnswerError",
            "read_835",
            "read_history",
            "remittance_files",
        ),
        "store_feedback": (
            "Recorded",
            "record_correction",
            "record_outcomes",
            "stored_feedback",
        ),
        "store_measures": (
            "Live",
            "judged_as_predicted",
            "live_measures",
            "live_stability",
            "publish_metrics",
            "champion_measures",
        ),
    },
)
