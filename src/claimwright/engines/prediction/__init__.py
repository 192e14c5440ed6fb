"""Denial prediction: from claim data to probability, reasons and dollars at risk. Pure functions, no I/O."""

from __future__ import annotations

from .answers import Answers
from .arrays import LARGEST_FILE
from .artifact import ArtifactError, content_digest, from_files, id_of_digest, model_id, to_files
from .catalogue import ENCODINGS, FEATURES, NAMES, Encoding, Feature
from .categories import CATEGORIES, category_numbers, detail_numbers
from .cost_profiles import DEFAULT_PROFILE, PROFILES, CostProfile, Economics
from .facts import Facts, facts_of, same_services
from .features import (
    PATIENT_DAYS,
    Evidence,
    MissingFeatureError,
    People,
    history_features,
    score_features,
)
from .fingerprints import Fingerprints, fingerprints
from .model import PREDICTIONS, Model, Past, Predictions, total_at_risk
from .remedies import RemedyModel, Standing
from .worth import ALL, ReviewCurve, ReviewPolicy

__all__ = [
    "ALL",
    "CATEGORIES",
    "DEFAULT_PROFILE",
    "ENCODINGS",
    "FEATURES",
    "LARGEST_FILE",
    "NAMES",
    "PATIENT_DAYS",
    "PREDICTIONS",
    "PROFILES",
    "Answers",
    "ArtifactError",
    "CostProfile",
    "Economics",
    "Encoding",
    "Evidence",
    "Facts",
    "Feature",
    "Fingerprints",
    "MissingFeatureError",
    "Model",
    "Past",
    "People",
    "Predictions",
    "RemedyModel",
    "ReviewCurve",
    "ReviewPolicy",
    "Standing",
    "category_numbers",
    "content_digest",
    "detail_numbers",
    "facts_of",
    "fingerprints",
    "from_files",
    "history_features",
    "id_of_digest",
    "model_id",
    "same_services",
    "score_features",
    "to_files",
    "total_at_risk",
]
