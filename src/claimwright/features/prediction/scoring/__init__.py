"""Scoring: the champion model, its registry, review policies and explanations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from claimwright.foundation.lazy import lazy_exports

if TYPE_CHECKING:
    from .appeal_outcome import (
        ReviewFileError,
        appeal_outcome_model,
        appeal_outcome_model_of,
        keep_appeal_model,
        read_reviews,
        train_appeal_model,
    )
    from .champion_predictor import CHAMPION, ChampionPredictor, load_champion_predictor, packed, unpacked
    from .explanation import Explanation, explain
    from .people import person_of, same_person
    from .policies import PolicyError, ReviewPoint, models_folder, review_points, review_policy
    from .reasons import Reason
    from .registry import (
        SLOPES,
        Comparison,
        ModelNotFoundError,
        ModelStateError,
        PromotionRefusedError,
        Registry,
        RegistryError,
        State,
    )
    from .remedies import Remedy
    from .scales import Scale
    from .store_claims import open_claims, open_claims_in_blocks, opened_batch
    from .wording import CONFIDENCE_MEANS, percent

__all__ = [
    "CHAMPION",
    "CONFIDENCE_MEANS",
    "SLOPES",
    "ChampionPredictor",
    "Comparison",
    "Explanation",
    "ModelNotFoundError",
    "ModelStateError",
    "PolicyError",
    "PromotionRefusedError",
    "Reason",
    "Registry",
    "RegistryError",
    "Remedy",
    "ReviewFileError",
    "ReviewPoint",
    "Scale",
    "State",
    "appeal_outcome_model",
    "appeal_outcome_model_of",
    "explain",
    "keep_appeal_model",
    "load_champion_predictor",
    "models_folder",
    "open_claims",
    "open_claims_in_blocks",
    "opened_batch",
    "packed",
    "percent",
    "person_of",
    "read_reviews",
    "review_points",
    "review_policy",
    "same_person",
    "train_appeal_model",
    "unpacked",
]

__getattr__ = lazy_exports(
    __name__,
    {
        "appeal_outcome": (
            "ReviewFileError",
            "appeal_outcome_model",
            "appeal_outcome_model_of",
            "keep_appeal_model",
            "read_reviews",
            "train_appeal_model",
        ),
        "champion_predictor": (
            "CHAMPION",
            "ChampionPredictor",
            "load_champion_predictor",
            "packed",
            "unpacked",
        ),
        "explanation": (
            "Explanation",
            "explain",
        ),
        "policies": (
            "PolicyError",
            "ReviewPoint",
            "models_folder",
            "review_points",
            "review_policy",
        ),
        "people": (
            "person_of",
            "same_person",
        ),
        "reasons": ("Reason",),
        "remedies": ("Remedy",),
        "registry": (
            "SLOPES",
            "Comparison",
            "ModelNotFoundError",
            "ModelStateError",
            "PromotionRefusedError",
            "Registry",
            "RegistryError",
            "State",
        ),
        "scales": ("Scale",),
        "wording": ("CONFIDENCE_MEANS", "percent"),
        "store_claims": (
            "open_claims",
            "open_claims_in_blocks",
            "opened_batch",
        ),
    },
)
