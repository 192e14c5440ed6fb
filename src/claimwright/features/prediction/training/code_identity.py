"""The source files that determine a model. Their digest is part of every model, and so of its id."""

from __future__ import annotations

import hashlib
from importlib.resources import files
from importlib.resources.abc import Traversable

# A change in one of these files can change what is learned from the same claims, or what the same model
# predicts. Files that only store, measure, explain or draw a model are not included.
SHAPING = (
    "engines/prediction/additive.py",
    "engines/prediction/amounts.py",
    "engines/prediction/answers.py",
    "engines/prediction/calibration.py",
    "engines/prediction/catalogue.py",
    "engines/prediction/categories.py",
    "engines/prediction/charge_limits.py",
    "engines/prediction/combining.py",
    "engines/prediction/confidence.py",
    "engines/prediction/cost_profiles.py",
    "engines/prediction/demand_history.py",
    "engines/prediction/demand_kinds.py",
    "engines/prediction/demands.py",
    "engines/prediction/dollars.py",
    "engines/prediction/drift.py",
    "engines/prediction/encoding.py",
    "engines/prediction/facts.py",
    "engines/prediction/features.py",
    "engines/prediction/gains.py",
    "engines/prediction/learning.py",
    "engines/prediction/maturity.py",
    "engines/prediction/model.py",
    "engines/prediction/offers.py",
    "engines/prediction/outcomes.py",
    "engines/prediction/priors.py",
    "engines/prediction/rate_intervals.py",
    "engines/prediction/remedies.py",
    "engines/prediction/review.py",
    "engines/prediction/steps.py",
    "engines/prediction/support.py",
    "engines/prediction/terms.py",
    "engines/prediction/trees.py",
    "engines/prediction/waiting.py",
    "engines/prediction/worth.py",
    "features/prediction/training/fitting.py",
    "features/prediction/training/history.py",
    "features/prediction/training/remedies.py",
)


def code_identity(package: Traversable | None = None) -> str:
    """Digest of the sources in `SHAPING`; `package` is the folder of claimwright, this one by default."""
    root = files("claimwright") if package is None else package
    digest = hashlib.sha256()
    for name in SHAPING:
        content = root.joinpath(name).read_bytes()
        digest.update(f"{name}:{len(content)}\n".encode() + content)
    return digest.hexdigest()
