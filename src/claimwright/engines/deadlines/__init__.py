"""Deadlines: which clocks run for a denial, by which law; and what a payer owes for paying late.

    found = clocks(facts, as_of=day, overrides=[Override("PAYER1", "Contract 2026, section 7", 90)])
    soonest(found)                     # for each denial, what ends first
    alerts(found, thresholds=(14, 7))  # what is about to end
    interest_owed(claims)

Deadlines are dated data with their laws (`claimwright.deadline_rules`). No I/O, no clock.
"""

from claimwright.domain.payer_kinds import PAYER_KINDS

from .calendar import add_business_days, federal_holidays, next_business_day
from .clocks import Override, alerts, clocks, soonest
from .interest import interest_owed
from .payers import is_late_to_medicare, with_payer_kinds
from .rule import (
    STARTS,
    ClockRule,
    DeadlineRules,
    Kind,
    Period,
    PromptPayRule,
    Start,
    load_deadlines,
    read_deadlines,
)

__all__ = [
    "PAYER_KINDS",
    "STARTS",
    "ClockRule",
    "DeadlineRules",
    "Kind",
    "Override",
    "Period",
    "PromptPayRule",
    "Start",
    "add_business_days",
    "alerts",
    "clocks",
    "federal_holidays",
    "interest_owed",
    "is_late_to_medicare",
    "load_deadlines",
    "next_business_day",
    "read_deadlines",
    "soonest",
    "with_payer_kinds",
]
