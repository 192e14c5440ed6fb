"""Judges the criteria of a policy by findings of a case: met, not met, or not documented.

Met needs a finding that a reviewer accepted, present, the patient's, current and stated. Not met needs a
finding that says the contrary of the patient today. Everything else is not documented, and says what is
missing.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from claimwright.domain.appeal_case import Clinical
from claimwright.domain.payer_policies import (
    Criterion,
    Evidence,
    JudgedCriterion,
    JudgedPolicy,
    PayerPolicy,
    Standing,
)


@dataclass(frozen=True)
class CaseFinding:
    """A finding of a document of the case, with the document's date. `state` as documents have it."""

    document_id: int
    ordinal: int
    state: str
    dated_on: datetime.date | None
    clinical: Clinical


def judge_policy(
    policy: PayerPolicy, findings: Sequence[CaseFinding], *, service_on: datetime.date
) -> JudgedPolicy:
    """What the findings say of each criterion, and of the whole by the policy's ways."""
    judged = tuple(_judge(policy, each, findings, service_on) for each in policy.criteria)
    by_id = {each.criterion_id: each.standing for each in judged}
    ways = policy.ways or (tuple(by_id),)
    standings = [_of_way([by_id[name] for name in way]) for way in ways]
    whole: Standing = (
        "met" if "met" in standings
        else "not_documented" if "not_documented" in standings
        else "not_met"
    )  # fmt: skip
    return JudgedPolicy(
        policy_id=policy.id, policy_version=policy.version, title=policy.title, citation=policy.citation,
        standing=whole, criteria=judged,
    )  # fmt: skip


def _of_way(standings: Sequence[Standing]) -> Standing:
    if all(each == "met" for each in standings):
        return "met"
    return "not_met" if "not_met" in standings else "not_documented"


def _judge(
    policy: PayerPolicy, criterion: Criterion, findings: Sequence[CaseFinding], service_on: datetime.date
) -> JudgedCriterion:
    def said(standing: Standing, why: str, finding: CaseFinding | None = None) -> JudgedCriterion:
        return JudgedCriterion(
            policy_id=policy.id, policy_version=policy.version, policy_title=policy.title,
            citation=policy.citation, criterion_id=criterion.id, says=criterion.says, standing=standing,
            why=why,
            document_id=finding.document_id if finding else None,
            ordinal=finding.ordinal if finding else None,
        )  # fmt: skip

    if not criterion.any_of:
        return said("not_documented", "no rule reads this from notes: a person has to look")
    of_patient = [
        each for each in findings
        if each.state != "struck" and each.clinical.subject == "patient"
        and each.clinical.certainty == "stated"
        and each.clinical.time == "current"
    ]  # fmt: skip
    meeting = [each for each in of_patient if any(_meets(each.clinical, one) for one in criterion.any_of)]
    timely = [each for each in meeting if _in_time(each, criterion, service_on)]
    accepted = [each for each in timely if each.state == "accepted" and each.dated_on is not None]
    if accepted:
        newest = max(accepted, key=lambda each: (each.dated_on or service_on, -each.ordinal))
        return said("met", "a reviewer accepted a finding that meets it", newest)
    if timely:
        why = "a finding that would meet it waits for a reviewer"
        if any(each.state == "accepted" for each in timely):
            why = "the finding that would meet it is of a document without a date"
        return said("not_documented", why, timely[0])
    if meeting:
        return said(
            "not_documented", f"it was documented more than {criterion.within_days} days before the service"
        )
    against = [
        each for each in of_patient if any(_is_against(each.clinical, one) for one in criterion.any_of)
    ]
    against = [each for each in against if _in_time(each, criterion, service_on)]
    # One of several findings that would do may be absent while another was never looked for.
    if against and len(_denied(against, criterion.any_of)) == len(criterion.any_of):
        return said("not_met", "the record says the contrary", against[-1])
    return said("not_documented", "no document of the case says it")


def _denied(against: Iterable[CaseFinding], wanted: Sequence[Evidence]) -> list[Evidence]:
    found = list(against)
    return [one for one in wanted if any(_is_against(each.clinical, one) for each in found)]


def _in_time(each: CaseFinding, criterion: Criterion, service_on: datetime.date) -> bool:
    if criterion.within_days is None:
        return True
    day = each.clinical.on or each.dated_on
    return day is not None and (service_on - day).days <= criterion.within_days


def _meets(said: Clinical, wanted: Evidence) -> bool:
    if said.polarity != "present":
        return False
    if wanted.concept is not None:
        return said.concept == wanted.concept and said.value is None
    return said.concept == wanted.measurement and _is_within(said, wanted) is True


def _is_against(said: Clinical, wanted: Evidence) -> bool:
    if wanted.concept is not None:
        return said.concept == wanted.concept and said.polarity == "absent"
    return said.concept == wanted.measurement and _is_within(said, wanted) is False


def _is_within(said: Clinical, wanted: Evidence) -> bool | None:
    """Whether a value is within bounds; None without a number or a unit."""
    try:
        value = Decimal(said.value or "")
    except InvalidOperation:
        return None
    if said.unit is None:
        return None
    return (wanted.at_least is None or value >= Decimal(str(wanted.at_least))) and (
        wanted.at_most is None or value <= Decimal(str(wanted.at_most))
    )
