"""Denial prediction that can be argued with: histories to models, models to predictions with reasons.

history = history_of(batch, submitted_on, answered_lines, source="...")
trained = train(history, Training())
Registry(folder).add(trained.model, by="...")
argue(trained.model, batch, today)                # every claim's reasons, and what would lower it
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .appeal_outcome import ReviewFileError, appeal_outcome_model, read_reviews
from .comparing import beside_champion, columns_of, judged
from .history import ANSWERED_LINES, History, HistoryError, history_of
from .jobs import FolderStore, JobStore, PredictionJobs, Status
from .pictures import waterfall
from .policies import PolicyError, ReviewPoint, models_folder, review_points, review_policy
from .port import ChampionPredictor, champion_predictor
from .reasons import Argument, Reason, Remedy, argue
from .registry import Comparison, PromotionRefused, Registry, RegistryError, State
from .remittances import AnswerError, read_835, read_history
from .report import model_report
from .training import STAGES, Held, Trained, Training, train
from .watching import FEEDBACK, Hold, accepted, drift_of, read_feedback, relabelled, suspicious, words_of

if TYPE_CHECKING:
    from .stored_jobs import QUEUE as PREDICTIONS_QUEUE
    from .stored_jobs import NoSuchClaim, StoredJobs, known_to
    from .stored_jobs import submit as submit_prediction
    from .stored_jobs import work as work_off

__all__ = [
    "ANSWERED_LINES",
    "FEEDBACK",
    "PREDICTIONS_QUEUE",
    "STAGES",
    "AnswerError",
    "Argument",
    "ChampionPredictor",
    "Comparison",
    "FolderStore",
    "Held",
    "History",
    "HistoryError",
    "Hold",
    "JobStore",
    "NoSuchClaim",
    "PolicyError",
    "PredictionJobs",
    "PromotionRefused",
    "Reason",
    "Registry",
    "RegistryError",
    "Remedy",
    "ReviewFileError",
    "ReviewPoint",
    "State",
    "Status",
    "StoredJobs",
    "Trained",
    "Training",
    "accepted",
    "appeal_outcome_model",
    "argue",
    "beside_champion",
    "champion_predictor",
    "columns_of",
    "drift_of",
    "history_of",
    "judged",
    "known_to",
    "model_report",
    "models_folder",
    "read_835",
    "read_feedback",
    "read_history",
    "read_reviews",
    "relabelled",
    "review_points",
    "review_policy",
    "submit_prediction",
    "suspicious",
    "train",
    "waterfall",
    "words_of",
    "work_off",
]

# What needs the database's driver, which a prediction of a file should not wait for.
_OF_THE_STORE = {
    "NoSuchClaim": ("stored_jobs", "NoSuchClaim"),
    "PREDICTIONS_QUEUE": ("stored_jobs", "QUEUE"),
    "StoredJobs": ("stored_jobs", "StoredJobs"),
    "known_to": ("stored_jobs", "known_to"),
    "submit_prediction": ("stored_jobs", "submit"),
    "work_off": ("stored_jobs", "work"),
}


def __getattr__(name: str) -> Any:
    """Import what belongs to the store when it is first asked for."""
    if name not in _OF_THE_STORE:
        raise AttributeError(name)
    from importlib import import_module

    module, there = _OF_THE_STORE[name]
    return getattr(import_module(f"{__name__}.{module}"), there)
