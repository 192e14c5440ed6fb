"""Denial prediction that can be argued with: histories to models, models to predictions with reasons.

history = history_of(batch, submitted_on, answered_lines, source="...")
trained = train(history, Training())
Registry(folder).add(trained.model, by="...")
argue(trained.model, batch, today)                # every claim's reasons, and what would lower it
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from claimwright.domain.errors import ClaimNotFoundError
from claimwright.features.prediction.feedback.feedback_guard import (
    FEEDBACK,
    Hold,
    accepted,
    drift_holds,
    drift_of,
    read_feedback,
    relabelled,
    suspicious,
    taught,
    words_of,
)
from claimwright.features.prediction.feedback.remittances import (
    AnswerError,
    read_835,
    read_history,
    remittance_files,
)
from claimwright.features.prediction.jobs.job import FolderStore, JobStore, PredictionJobs, Status
from claimwright.features.prediction.scoring.appeal_outcome import (
    ReviewFileError,
    appeal_outcome_model,
    read_reviews,
)
from claimwright.features.prediction.scoring.champion_predictor import ChampionPredictor, champion_predictor
from claimwright.features.prediction.scoring.explanation import Argument, Reason, Remedy, argue
from claimwright.features.prediction.scoring.policies import (
    PolicyError,
    ReviewPoint,
    models_folder,
    review_points,
    review_policy,
)
from claimwright.features.prediction.scoring.registry import (
    Comparison,
    PromotionRefusedError,
    Registry,
    RegistryError,
    State,
)
from claimwright.features.prediction.training.comparing import beside_champion, columns_of, judged
from claimwright.features.prediction.training.fitting import STAGES, Held, Trained, Training, train
from claimwright.features.prediction.training.history import (
    ANSWERED_LINES,
    History,
    HistoryError,
    history_of,
)
from claimwright.features.prediction.training.pictures import waterfall, waterfall_png
from claimwright.features.prediction.training.report import model_report

if TYPE_CHECKING:
    from claimwright.features.prediction.feedback.store_feedback import (
        Recorded,
        record_correction,
        record_outcomes,
        stored_feedback,
    )
    from claimwright.features.prediction.feedback.store_measures import (
        Live,
        live_measures,
        live_stability,
        measure,
        of_champion,
    )
    from claimwright.features.prediction.jobs.store_jobs import QUEUE as PREDICTIONS_QUEUE
    from claimwright.features.prediction.jobs.store_jobs import StoredJobs, known_to
    from claimwright.features.prediction.jobs.store_jobs import submit as submit_prediction
    from claimwright.features.prediction.jobs.store_jobs import work as work_off
    from claimwright.features.prediction.training.store_history import StoredPast, stored_history

__all__ = [
    "ANSWERED_LINES",
    "FEEDBACK",
    "PREDICTIONS_QUEUE",
    "STAGES",
    "AnswerError",
    "Argument",
    "ChampionPredictor",
    "ClaimNotFoundError",
    "Comparison",
    "FolderStore",
    "Held",
    "History",
    "HistoryError",
    "Hold",
    "JobStore",
    "Live",
    "PolicyError",
    "PredictionJobs",
    "PromotionRefusedError",
    "Reason",
    "Recorded",
    "Registry",
    "RegistryError",
    "Remedy",
    "ReviewFileError",
    "ReviewPoint",
    "State",
    "Status",
    "StoredJobs",
    "StoredPast",
    "Trained",
    "Training",
    "accepted",
    "appeal_outcome_model",
    "argue",
    "beside_champion",
    "champion_predictor",
    "columns_of",
    "drift_holds",
    "drift_of",
    "history_of",
    "judged",
    "known_to",
    "live_measures",
    "live_stability",
    "measure",
    "model_report",
    "models_folder",
    "of_champion",
    "read_835",
    "read_feedback",
    "read_history",
    "read_reviews",
    "record_correction",
    "record_outcomes",
    "relabelled",
    "remittance_files",
    "review_points",
    "review_policy",
    "stored_feedback",
    "stored_history",
    "submit_prediction",
    "suspicious",
    "taught",
    "train",
    "waterfall",
    "waterfall_png",
    "words_of",
    "work_off",
]

# What needs the database's driver, which a prediction of a file should not wait for.
_OF_THE_STORE = {
    "Live": ("feedback.store_measures", "Live"),
    "Recorded": ("feedback.store_feedback", "Recorded"),
    "StoredPast": ("training.store_history", "StoredPast"),
    "record_correction": ("feedback.store_feedback", "record_correction"),
    "record_outcomes": ("feedback.store_feedback", "record_outcomes"),
    "stored_feedback": ("feedback.store_feedback", "stored_feedback"),
    "stored_history": ("training.store_history", "stored_history"),
    "PREDICTIONS_QUEUE": ("jobs.store_jobs", "QUEUE"),
    "StoredJobs": ("jobs.store_jobs", "StoredJobs"),
    "known_to": ("jobs.store_jobs", "known_to"),
    "live_measures": ("feedback.store_measures", "live_measures"),
    "live_stability": ("feedback.store_measures", "live_stability"),
    "measure": ("feedback.store_measures", "measure"),
    "of_champion": ("feedback.store_measures", "of_champion"),
    "submit_prediction": ("jobs.store_jobs", "submit"),
    "work_off": ("jobs.store_jobs", "work"),
}


def __getattr__(name: str) -> Any:
    """Import what belongs to the store when it is first asked for."""
    if name not in _OF_THE_STORE:
        raise AttributeError(name)
    from importlib import import_module

    module, there = _OF_THE_STORE[name]
    return getattr(import_module(f"{__name__}.{module}"), there)
