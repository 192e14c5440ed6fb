"""Figures of the revenue cycle: their definitions, values, trends, and the claims behind them."""

from .answering import KpiAnswer, KpiRow, answer
from .catalogue import KpiSheet, all_figures, sheet_of
from .costs import enter_monthly_cost
from .drilling import BehindRow, claims_behind
from .exporting import TABLES, ExportError, export_table, written
from .frames import arrow_of, csv_of, frame_of
from .question import FigureError, NoSuchFigureError, Question, ask, figure_named
from .refreshing import Refreshed, refresh, refresh_in
from .scorecards import SCORED, PayerScore, payer_scorecards
from .showing import SeenFigures, StaffNames, dimension_values, named_staff

__all__ = [
    "SCORED",
    "TABLES",
    "BehindRow",
    "ExportError",
    "FigureError",
    "KpiAnswer",
    "KpiRow",
    "KpiSheet",
    "NoSuchFigureError",
    "PayerScore",
    "Question",
    "Refreshed",
    "SeenFigures",
    "StaffNames",
    "all_figures",
    "answer",
    "arrow_of",
    "ask",
    "claims_behind",
    "csv_of",
    "dimension_values",
    "enter_monthly_cost",
    "export_table",
    "figure_named",
    "frame_of",
    "named_staff",
    "payer_scorecards",
    "refresh",
    "refresh_in",
    "sheet_of",
    "written",
]
