"""Denials to work on: what each is worth, which clocks run, what to do next; alerts before a clock lapses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from claimwright.foundation.lazy import lazy_exports

if TYPE_CHECKING:
    from .acceptances import acceptance_report
    from .alerting import THRESHOLDS, give_alerts, register_alerts, submit_alerts
    from .contract_clocks import (
        ContractClockNotFoundError,
        ContractTime,
        contract_times,
        end_contract_clock,
        overrides_in,
        read_contract_clocks,
        set_contract_clocks,
    )
    from .deciding import (
        NOT_WRITTEN_OFF,
        DenialStateError,
        decide_denial,
        decide_denials,
        lock_undecided_denials,
    )
    from .listing import (
        DenialList,
        DenialSheet,
        DenialSort,
        StoredDenial,
        WeighedDenial,
        denial_sheet,
        list_denials,
    )
    from .proposing import ProposedRule, propose, write_proposal
    from .rejecting import PostedRejections, RejectionFileError, post_rejections
    from .review_odds import AppealOdds, OddsReason, appeal_odds, without_values
    from .rule_value import RuleValue, rule_values
    from .weighing import Clock, DenialNotFoundError, clocks_of, without_days_of_service
    from .working import WorkGroup, WorkItem, WorkSort, denial_prospects, work_groups, work_list

__all__ = [
    "NOT_WRITTEN_OFF",
    "THRESHOLDS",
    "AppealOdds",
    "Clock",
    "ContractClockNotFoundError",
    "ContractTime",
    "DenialList",
    "DenialNotFoundError",
    "DenialSheet",
    "DenialSort",
    "DenialStateError",
    "OddsReason",
    "PostedRejections",
    "ProposedRule",
    "RejectionFileError",
    "RuleValue",
    "StoredDenial",
    "WeighedDenial",
    "WorkGroup",
    "WorkItem",
    "WorkSort",
    "acceptance_report",
    "appeal_odds",
    "clocks_of",
    "contract_times",
    "decide_denial",
    "decide_denials",
    "denial_prospects",
    "denial_sheet",
    "end_contract_clock",
    "give_alerts",
    "list_denials",
    "lock_undecided_denials",
    "overrides_in",
    "post_rejections",
    "propose",
    "read_contract_clocks",
    "register_alerts",
    "rule_values",
    "set_contract_clocks",
    "submit_alerts",
    "without_days_of_service",
    "without_values",
    "work_groups",
    "work_list",
    "write_proposal",
]

__getattr__ = lazy_exports(
    __name__,
    {
        "acceptances": ("acceptance_report",),
        "alerting": ("THRESHOLDS", "give_alerts", "register_alerts", "submit_alerts"),
        "contract_clocks": (
            "ContractClockNotFoundError",
            "ContractTime",
            "contract_times",
            "end_contract_clock",
            "overrides_in",
            "read_contract_clocks",
            "set_contract_clocks",
        ),
        "deciding": (
            "NOT_WRITTEN_OFF",
            "DenialStateError",
            "decide_denial",
            "decide_denials",
            "lock_undecided_denials",
        ),
        "listing": (
            "DenialList",
            "DenialSheet",
            "DenialSort",
            "StoredDenial",
            "WeighedDenial",
            "denial_sheet",
            "list_denials",
        ),
        "proposing": ("ProposedRule", "propose", "write_proposal"),
        "rejecting": ("PostedRejections", "RejectionFileError", "post_rejections"),
        "review_odds": ("AppealOdds", "OddsReason", "appeal_odds", "without_values"),
        "rule_value": ("RuleValue", "rule_values"),
        "weighing": ("Clock", "DenialNotFoundError", "clocks_of", "without_days_of_service"),
        "working": ("WorkGroup", "WorkItem", "WorkSort", "denial_prospects", "work_groups", "work_list"),
    },
)
