"""The plan whose answer is appealed: that of the claim itself, or a later payer that the claim names.

A letter to a second payer that bears the first one's name and member number goes astray.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from claimwright.domain.batch import ClaimBatch


@dataclass(frozen=True)
class AnsweredPlan:
    """What the claim says of a plan. What it does not say is null, and no fact."""

    payer_name: str | None
    payer_place: str
    member_id: str | None
    member_place: str
    group_number: str | None
    group_place: str
    authorization: str | None
    referral: str | None
    number_place: str
    is_assigned: bool
    """Whether the patient's assignment of benefits is on file."""
    assigned_place: str


def plan_of(batch: ClaimBatch, claim: Mapping[str, Any], turn: str | None) -> AnsweredPlan:
    """The plan of a claim that has this turn: P, S or T; without one, the plan that the claim goes to."""
    if turn is None or turn == (claim["payer_responsibility"] or "P"):
        return AnsweredPlan(
            claim["payer_name"], "Loop 2010BB NM1",
            claim["dependent_secondary_member_id"] or claim["subscriber_member_id"], "Loop 2010BA NM109",
            claim["group_number"], "SBR03", claim["prior_authorization"], claim["referral_number"],
            "Loop 2300", claim["benefits_assigned"] == "Y", "CLM08",
        )  # fmt: skip
    others = [
        each for each in batch.other_payers.iter_rows(named=True)
        if each["other_payer_responsibility"] == turn
    ]  # fmt: skip
    other = others[0] if len(others) == 1 else {}
    return AnsweredPlan(
        other.get("other_payer_name"), "Loop 2330B NM1",
        other.get("other_subscriber_member_id"), "Loop 2330A NM109",
        other.get("other_group_number"), "Loop 2320 SBR03",
        other.get("other_prior_authorization"), other.get("other_referral_number"), "Loop 2330B",
        other.get("other_benefits_assigned") == "Y", "Loop 2320 OI03",
    )  # fmt: skip
