"""Figures of the revenue cycle: their definitions, values, trends, and the claims behind them."""

from .answering import Figure, FigureRow, answer
from .drilling import BehindRow, claims_behind
from .question import FigureError, NoSuchFigureError, Question, ask, figure_named
from .refreshing import Refreshed, refresh, refresh_in

__all__ = [
    "BehindRow",
    "Figure",
    "FigureError",
    "FigureRow",
    "NoSuchFigureError",
    "Question",
    "Refreshed",
    "answer",
    "ask",
    "claims_behind",
    "figure_named",
    "refresh",
    "refresh_in",
]
