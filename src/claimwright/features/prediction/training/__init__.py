"""Training: builds models from histories of decided claims, compares them and reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from claimwright.foundation.lazy import lazy_exports

if TYPE_CHECKING:
    from .comparing import Judgement, SeenClaimsError, beside_champion, feature_columns, judge_beside, judged
    from .fitting import STAGES, Held, Trained, Training, train
    from .history import ANSWERED_LINES, Flags, History, HistoryError, history_of
    from .pictures import waterfall, waterfall_png
    from .report import model_report
    from .store_history import StoredPast, stored_history

__all__ = [
    "ANSWERED_LINES",
    "STAGES",
    "Flags",
    "Held",
    "History",
    "HistoryError",
    "Judgement",
    "SeenClaimsError",
    "StoredPast",
    "Trained",
    "Training",
    "beside_champion",
    "feature_columns",
    "history_of",
    "judge_beside",
    "judged",
    "model_report",
    "stored_history",
    "train",
    "waterfall",
    "waterfall_png",
]

__getattr__ = lazy_exports(
    __name__,
    {
        "comparing": (
            "Judgement",
            "SeenClaimsError",
            "beside_champion",
            "feature_columns",
            "judge_beside",
            "judged",
        ),
        "fitting": (
            "STAGES",
            "Held",
            "Trained",
            "Training",
            "train",
        ),
        "history": (
            "ANSWERED_LINES",
            "Flags",
            "History",
            "HistoryError",
            "history_of",
        ),
        "pictures": (
            "waterfall",
            "waterfall_png",
        ),
        "report": ("model_report",),
        "store_history": (
            "StoredPast",
            "stored_history",
        ),
    },
)
