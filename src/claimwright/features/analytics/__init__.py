"""Figures of the revenue cycle: their definitions, values, trends, and the claims behind them."""

from claimwright.store.analytics_reports import DeliveryRow, ReportRow, list_deliveries, list_reports

from .answering import KpiAnswer, KpiRow, answer
from .catalogue import KpiSheet, all_figures, sheet_of
from .costs import enter_monthly_cost
from .drilling import BehindRow, claims_behind
from .exporting import TABLES, ExportError, export_table, written
from .frames import SEMANTIC_VERSION, arrow_of, csv_of, frame_of
from .question import FigureError, NoSuchFigureError, Question, ask, figure_named
from .refreshing import Refreshed, is_up_to_date, refresh, refresh_in
from .reporting import (
    Channels,
    NewReport,
    NoSuchReportError,
    ReportError,
    add_report,
    deliver_reports,
    end_report,
    send_report_now,
)
from .scorecards import SCORED, PayerScore, payer_scorecards
from .showing import SeenFigures, StaffNames, dimension_values, named_staff

__all__ = [
    "SCORED",
    "SEMANTIC_VERSION",
    "TABLES",
    "BehindRow",
    "Channels",
    "DeliveryRow",
    "ExportError",
    "FigureError",
    "KpiAnswer",
    "KpiRow",
    "KpiSheet",
    "NewReport",
    "NoSuchFigureError",
    "NoSuchReportError",
    "PayerScore",
    "Question",
    "Refreshed",
    "ReportError",
    "ReportRow",
    "SeenFigures",
    "StaffNames",
    "add_report",
    "all_figures",
    "answer",
    "arrow_of",
    "ask",
    "claims_behind",
    "csv_of",
    "deliver_reports",
    "dimension_values",
    "end_report",
    "enter_monthly_cost",
    "export_table",
    "figure_named",
    "frame_of",
    "is_up_to_date",
    "list_deliveries",
    "list_reports",
    "named_staff",
    "payer_scorecards",
    "refresh",
    "refresh_in",
    "send_report_now",
    "sheet_of",
    "written",
]
