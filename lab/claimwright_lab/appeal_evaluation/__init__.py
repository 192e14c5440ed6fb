"""Evaluates drafting: cases of the denial world with charts of known truth, and errors of fifteen kinds."""

from __future__ import annotations

from .errors import KINDS
from .evaluation import Caught, Report, evaluate, readings
from .report import report_page
from .reviews import Review, read_reviews
from .searches import SearchFigures, lay_words, measure_known_names, measure_lay_words
from .standin_drafter import NAME as STANDIN
from .standin_drafter import StandinDrafter, standin_drafter

__all__ = [
    "KINDS",
    "STANDIN",
    "Caught",
    "Report",
    "Review",
    "SearchFigures",
    "StandinDrafter",
    "evaluate",
    "lay_words",
    "measure_known_names",
    "measure_lay_words",
    "read_reviews",
    "readings",
    "report_page",
    "standin_drafter",
]
