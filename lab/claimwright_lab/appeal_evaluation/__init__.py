"""Evaluates drafting: cases of the denial world with charts of known truth, and errors of fifteen kinds."""

from __future__ import annotations

from .errors import KINDS
from .evaluation import Caught, Report, evaluate, readings
from .report import report_page

__all__ = ["KINDS", "Caught", "Report", "evaluate", "readings", "report_page"]
