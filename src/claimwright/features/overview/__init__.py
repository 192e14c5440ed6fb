"""The overview of a practice: four figures with their definition, what happened, what needs a person."""

from .practice import Figure, Need, Overview, practice_overview

__all__ = ["Figure", "Need", "Overview", "practice_overview"]
