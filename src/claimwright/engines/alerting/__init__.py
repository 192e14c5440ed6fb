"""Alerts on figures, pure: definitions, what is unusual for a day, quiet hours, and the life of an alert."""

from .baseline import FigurePoint, Judgement, judge_unusual
from .definition import AlertDefinition, AlertEscalation, AlertThreshold, Condition, QuietHours, UnusualDay
from .incidents import due_escalation, judge_threshold
from .quiet_hours import quiet_until

__all__ = [
    "AlertDefinition",
    "AlertEscalation",
    "AlertThreshold",
    "Condition",
    "FigurePoint",
    "Judgement",
    "QuietHours",
    "UnusualDay",
    "due_escalation",
    "judge_threshold",
    "judge_unusual",
    "quiet_until",
]
