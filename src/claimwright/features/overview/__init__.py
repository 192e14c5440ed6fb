"""The overview of a practice: four figures with their definition, what happened, what needs a person."""

from .practice import MOST_DAYS, PERIOD_DAYS, Figure, Need, Overview, practice_overview

__all__ = ["MOST_DAYS", "PERIOD_DAYS", "Figure", "Need", "Overview", "practice_overview"]
