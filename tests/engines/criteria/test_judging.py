"""Criteria of payers: met by accepted findings only, not met by the contrary, otherwise not documented."""

from __future__ import annotations

import datetime

import pytest

from claimwright.domain.appeal_case import Clinical
from claimwright.domain.payer_policies import Standing
from claimwright.engines.criteria import CaseFinding, PayerPolicyError, judge_policy
from claimwright.features.governance import check_policy, shipped_policies

DAY = datetime.date(2026, 1, 20)
CPAP = "ncd-240-4-cpap"
OXYGEN = "ncd-240-2-home-oxygen"


def found(concept: str, *, state: str = "accepted", days: int = 5, **sense: str) -> CaseFinding:
    """A finding of a note so many days before the service."""
    dated = DAY - datetime.timedelta(days)
    return CaseFinding(7, 1, state, dated, Clinical.model_validate({"concept": concept, **sense}))


def index(value: str, **more: str) -> CaseFinding:
    return found("apnea-hypopnea index", value=value, unit="events/h", **more)


@pytest.mark.parametrize(
    ("findings", "standing"),
    [
        # Published: 15 or more, or 5 to 14 with a symptom or a disease.
        ([index("15")], "met"),
        ([index("14"), found("hypertension")], "met"),
        ([index("14")], "not_documented"),
        ([index("4"), found("hypertension")], "not_met"),
        ([index("15", subject="family")], "not_documented"),
        ([index("15", time="past")], "not_documented"),
        ([index("15", certainty="uncertain")], "not_documented"),
        ([index("15", state="proposed")], "not_documented"),
        ([index("15", state="struck")], "not_documented"),
        ([], "not_documented"),
    ],
)
def test_positive_airway_pressure_is_judged_as_the_determination_says(
    findings: list[CaseFinding], standing: Standing
) -> None:
    assert judge_policy(shipped_policies()[CPAP], findings, service_on=DAY).standing == standing


def test_a_finding_that_waits_for_a_reviewer_or_is_too_old_says_so() -> None:
    policy = shipped_policies()[OXYGEN]
    waiting = found("oxygen saturation", value="86", unit="%", state="proposed")
    [first, _] = judge_policy(policy, [waiting], service_on=DAY).criteria
    assert (first.standing, first.why) == (
        "not_documented",
        "a finding that would meet it waits for a reviewer",
    )
    old = found("oxygen saturation", value="86", unit="%", days=31)
    [first, _] = judge_policy(policy, [old], service_on=DAY).criteria
    assert first.why == "it was documented more than 30 days before the service"
    against = found("oxygen saturation", value="95", unit="%")
    assert judge_policy(policy, [against], service_on=DAY).criteria[0].standing == "not_met"


def test_what_no_rule_reads_is_never_met() -> None:
    policy = shipped_policies()["ncd-100-1-bariatric-surgery"]
    findings = [found("body mass index", value="41", unit="kg/m2"), found("hypertension")]
    judged = judge_policy(policy, findings, service_on=DAY)
    assert [each.standing for each in judged.criteria] == ["met", "met", "not_documented"]
    assert judged.standing == "not_documented"


def test_a_policy_is_for_its_payers_procedures_and_days_only() -> None:
    policy = shipped_policies()[CPAP]

    def is_for(kind: str = "medicare_ffs", code: str = "E0601", day: datetime.date = DAY) -> bool:
        return policy.is_for(payer_id="P", payer_kind=kind, procedures=[code], day=day)

    assert is_for()
    assert not is_for(kind="erisa_insured")
    assert not is_for(code="E0470")
    assert not is_for(day=datetime.date(2008, 3, 12))


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("{concept: hypertension}", "{concept: high spirits}", "no concept high spirits"),
        (
            "measurement: apnea-hypopnea index, at_least: 15",
            "measurement: sleep, at_least: 15",
            "no measurement",
        ),
        (", at_least: 15", "", "needs at_least or at_most"),
        ("ways: [[index-15]", "ways: [[index-16]", "no criterion index-16"),
        ("id: index-5", "id: index-15", "two criteria are named index-15"),
        ("effective_from: 2008-03-13", "effective_from: soon", "effective_from"),
        ("author:", "writer:", "author"),
    ],
)
def test_a_policy_that_cannot_be_used_says_what_is_wrong(old: str, new: str, why: str) -> None:
    from claimwright.payer_policies import packaged_policies

    text = packaged_policies()["payer_policies/ncd-240-4-cpap.yaml"]
    assert old in text
    with pytest.raises(PayerPolicyError, match=why):
        check_policy(text.replace(old, new, 1), "mine.yaml")
