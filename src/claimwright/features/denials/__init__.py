"""Denials to work on: what each is worth, which clocks run, what to do next; alerts before a clock lapses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from claimwright.foundation.lazy import lazy_exports

if TYPE_CHECKING:
    from .alerting import THRESHOLDS, give_alerts, register_alerts, submit_alerts
    from .weighing import Clock, WorkGroup, WorkItem, clocks_of, work_groups, work_list

__all__ = [
    "THRESHOLDS",
    "Clock",
    "WorkGroup",
    "WorkItem",
    "clocks_of",
    "give_alerts",
    "register_alerts",
    "submit_alerts",
    "work_groups",
    "work_list",
]

__getattr__ = lazy_exports(
    __name__,
    {
        "alerting": ("THRESHOLDS", "give_alerts", "register_alerts", "submit_alerts"),
        "weighing": (
            "Clock",
            "WorkGroup",
            "WorkItem",
            "clocks_of",
            "work_groups",
            "work_list",
        ),
    },
)
