"""Denial prediction that can be argued with: histories to models, models to predictions with reasons."""

from __future__ import annotations

from .history import ANSWERED_LINES, History, HistoryError, history_of
from .training import STAGES, Trained, Training, train

__all__ = [
    "ANSWERED_LINES",
    "STAGES",
    "History",
    "HistoryError",
    "Trained",
    "Training",
    "history_of",
    "train",
]
