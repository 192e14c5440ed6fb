"""Observability: logs, metrics, spans, health. Never patient data."""

from .health import Check, HealthServer, health_of
from .logs import Logger, configure_logs, get_logger
from .metrics import METRICS, Metrics, MultiprocessMetrics
from .scope import scope
from .spans import configure_spans, span

__all__ = [
    "METRICS",
    "Check",
    "HealthServer",
    "Logger",
    "Metrics",
    "MultiprocessMetrics",
    "configure_logs",
    "configure_spans",
    "get_logger",
    "health_of",
    "scope",
    "span",
]
