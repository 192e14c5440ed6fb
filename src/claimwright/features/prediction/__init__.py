"""Denial prediction that can be argued with: histories to models, models to predictions with reasons.

history = history_of(batch, submitted_on, answered_lines, source="...")
trained = train(history, Training())
Registry(folder).add(trained.model, by="...")
argue(trained.model, batch, today)                # every claim's reasons, and what would lower it
"""

from __future__ import annotations

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

__all__ = [
    "ANSWERED_LINES",
    "FEEDBACK",
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
    "model_report",
    "models_folder",
    "read_835",
    "read_feedback",
    "read_history",
    "read_reviews",
    "relabelled",
    "review_points",
    "review_policy",
    "suspicious",
    "train",
    "waterfall",
    "words_of",
]
