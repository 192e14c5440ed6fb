"""Tries a model's advice in a denial world: every offered step is done, and the adjudicator asked again.

    trial = try_advice(world, history, model, first_day)
    trial.quality("authorization")          # precision, recall, how often the interval holds the truth
    trial.capacity(PROFILES["practice"].economics, 0.05)

The adjudicator shares no code with the model; this room knows both.
"""

from __future__ import annotations

from .trial import KINDS, Quality, Reviewed, Trial, changed, try_advice

__all__ = ["KINDS", "Quality", "Reviewed", "Trial", "changed", "try_advice"]
