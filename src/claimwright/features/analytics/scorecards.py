"""Scorecards of payers: some figures of each, side by side."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from claimwright.platform.database import Connection

from .answering import answer
from .question import ask

# What tells payers apart: how much they deny, how late they pay, what they owe and pay too little.
SCORED = (
    "initial_denial_rate", "initial_denial_rate_dollars", "median_days_to_payment", "days_to_answer",
    "first_pass_resolution_rate", "overturn_rate", "authorization_denial_rate", "cash_collected",
    "aged_ar_over_90_insurance", "ar_insurance_balance", "underpaid_dollars",
)  # fmt: skip


@dataclass(frozen=True)
class PayerScore:
    """A payer's value of each figure, by name; null with its reason in `reasons`."""

    payer: str
    values: dict[str, float | int | None]
    reasons: dict[str, str]


def payer_scorecards(
    connection: Connection,
    *,
    begins: datetime.date | None,
    ends: datetime.date | None,
    facilities: Sequence[str] | None,
    names: Sequence[str] = SCORED,
    hide_small: bool,
) -> list[PayerScore]:
    """All payers of the period, by name."""
    values: dict[str, dict[str, float | int | None]] = {}
    reasons: dict[str, dict[str, str]] = {}
    for name in names:
        question = ask(name, begins=begins, ends=ends, group_by=["payer"], facilities=facilities)
        for row in answer(connection, question, hide_small=hide_small).rows:
            payer = row.group["payer"]
            values.setdefault(payer, {})[name] = row.value
            if row.reason_text:
                reasons.setdefault(payer, {})[name] = row.reason_text
    return [
        PayerScore(payer, {name: values[payer].get(name) for name in names}, reasons.get(payer, {}))
        for payer in sorted(values)
    ]
