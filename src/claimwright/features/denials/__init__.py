"""Denials to work on: what each is worth, which clocks run, what to do next; alerts before a clock lapses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from claimwright.foundation.lazy import lazy_exports

if TYPE_CHECKING:
    from .alerting import THRESHOLDS, give_alerts, register_alerts, submit_alerts
    from .proposing import ProposedRule, propose, write_proposal
    from .rejecting import PostedRejections, RejectionFileError, post_rejections
    from .rule_value import RuleValue, rule_values
    from .weighing import Clock, WorkGroup, WorkItem, clocks_of, work_groups, work_list

__all__ = [
    "THRESHOLDS",
    "Clock",
    "PostedRejections",
    "ProposedRule",
    "RejectionFileError",
    "RuleValue",
    "WorkGroup",
    "WorkItem",
    "clocks_of",
    "give_alerts",
    "post_rejections",
    "propose",
    "register_alerts",
    "rule_values",
    "submit_alerts",
    "work_groups",
    "work_list",
    "write_proposal",
]

__getattr__ = lazy_exports(
    __name__,
    {
        "alerting": ("THRESHOLDS", "give_alerts", "register_alerts", "submit_alerts"),
        "proposing": ("ProposedRule", "propose", "write_proposal"),
        "rejecting": ("PostedRejections", "RejectionFileError", "post_rejections"),
        "rule_value": ("RuleValue", "rule_values"),
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
