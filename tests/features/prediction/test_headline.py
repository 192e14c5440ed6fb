"""What is said first of a prediction, and what to do: texts of cases that two readers found wrong."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from claimwright.features.prediction import Explanation, Remedy
from claimwright.features.prediction.scoring.causes import Count, Evidence
from claimwright.features.prediction.scoring.explanation import Scale
from claimwright.features.prediction.scoring.next_steps import bundling_step, next_step
from claimwright.features.prediction.scoring.reasons import Reason, Role
from claimwright.features.prediction.scoring.remedies import BundlingNote
from claimwright.features.prediction.scoring.wording import title_of

_SCORES = np.arange(-10.0, 10.01, 0.05)
SCALE = Scale(_SCORES, 1 / (1 + np.exp(-_SCORES)))
USUAL = "payer SYN9 denied 12 of 100 claims, in training, sent before 2025-01-01 (the model's estimate: 12%)"
BASE = -2.0  # 12 percent


def _told(*parts: Reason, gain: Decimal | None = None, decision: str = "send") -> Explanation:
    """An explanation whose reasons add up; `otherwise` is that of the sum without each."""
    score = BASE + sum(each.log_odds for each in parts)
    reasons = tuple(
        replace(each, otherwise=SCALE.probability(score - each.log_odds))
        for each in sorted(parts, key=lambda each: -abs(each.log_odds))
    )
    return Explanation(
        0, SCALE.probability(score), decision, None, Decimal("84.20"), reasons, BASE, (), SCALE,
        low=0.2, high=0.7, confidence=0.3, days=(7, 20, 48), usual=USUAL, usual_rate=0.12, review_gain=gain,
    )  # fmt: skip


def _reason(subject: str, log_odds: float, role: Role = Role.CAUSE, title: str = "") -> Reason:
    step = "check it" if role in (Role.CAUSE, Role.HINT) else ""
    return Reason(subject, f"words of {subject}", log_odds, 0.0, role, step, title=title or subject)


COVERAGE = _reason("coverage", 1.5, title="82043 is not covered")
AUTHORIZATION = _reason("authorization", 2.0, title="77067 without an authorization number")
LATE = _reason("timely filing", 1.0, title="it may be past the filing limit, 397 days after the service")


def _evidence(name: str, **values: object) -> Evidence:
    at = {"procedure": "99213", "authorized": False, "referred": False, "full_diagnosis": "I10", **values}
    return Evidence(name, at, Count(5, 9), Count(0, 0), Count(0, 30), 0.4)


@pytest.mark.parametrize(
    ("told", "advice"),
    [
        (_told(COVERAGE), "Send it after the check below."),
        (_told(COVERAGE, AUTHORIZATION), "Do not send it before the check below."),
        (_told(COVERAGE, gain=Decimal("-3.10")), "Send it after the check below. A full review is expected "
         "to cost $3.10 more than it saves."),
        (_told(_reason("month", -1.0, Role.LOWERS)), "Nothing to do before sending."),
        (_told(COVERAGE, gain=Decimal("24.96"), decision="review"),
         "Review it: reviewing saves about $24.96 after its cost."),
    ],
)  # fmt: skip
def test_the_first_line_never_says_to_send_while_a_check_follows(told: Explanation, advice: str) -> None:
    assert told.advice == advice


def test_two_causes_are_one_sentence_and_the_filing_limit_comes_first() -> None:
    assert _told(AUTHORIZATION, LATE).headline == (
        "Two causes: it may be past the filing limit, 397 days after the service; and 77067 without an "
        "authorization number."
    )


def test_a_cause_that_explains_little_says_how_much() -> None:
    told = _told(replace(COVERAGE, log_odds=0.5), _reason("month", 1.4, Role.BACKGROUND))
    # -2 + 0.5 + 1.4 is 48 percent, and 35 without the cause: 12 of the 48 points, 36 above the usual 12.
    assert told.headline.endswith("This explains about 12 of the 48 points; the rest has no known cause.")
    # -2 + 2 is 50 percent; of such claims 13 percent were denied for the cause.
    seldom = _told(replace(COVERAGE, log_odds=2.0, share=0.13))
    assert seldom.headline.endswith("This explains about 13 of the 50 points; the rest has no known cause.")
    assert "explain" not in _told(COVERAGE).headline


def test_the_chance_is_too_high_only_if_nothing_else_carries_it() -> None:
    doubtful = _reason("medical necessity", 1.5, Role.DOUBTFUL)
    alone = _told(doubtful)
    # -2 + 1.5 is 38 percent, and 12 without it.
    assert "The chance may be too high: about 26 of its 38 points come from denials that" in alone.headline
    assert "too high" not in _told(replace(doubtful, log_odds=0.7), _reason("provider", 0.65)).headline
    background = _reason("provider", 1.4, Role.BACKGROUND)
    assert "too high" not in _told(doubtful, replace(background, log_odds=2.5)).headline


def test_what_the_claim_has_is_checked_and_not_called_missing() -> None:
    given, missing = (_evidence("authorization_rate", authorized=has) for has in (True, False))
    assert title_of(given) == "the authorization for 99213 may not match the claim"
    assert title_of(missing) == "99213 without an authorization number"
    assert next_step(given, "P", is_given=True) == (
        "check that the number, its services, dates and units match the claim (box 23, Loop 2300 REF*G1)"
    )


def test_a_notice_is_looked_for_and_never_asked_for_afterwards() -> None:
    for name in ("coverage_rate", "age_coverage_rate", "necessity_rate", "diagnosis_necessity_rate"):
        office = next_step(_evidence(name), "P")
        assert (
            "a notice that the patient signed before the service (for Medicare an ABN, billed with " in office
        )
        assert "get the" not in office
        assert "(for Medicare a HINN)" in next_step(_evidence(name, place="11"), "I")
        assert "an ABN" in next_step(_evidence(name, place="13"), "I")


def test_places_of_a_referral_a_late_claim_and_a_stay() -> None:
    assert next_step(_evidence("referral_rate"), "P") == (
        "enter the doctor who referred the patient or ordered the service (also your own) (box 17 with "
        "qualifier DN or DK, NPI in 17b; Loop 2310A NM1*DN, or for who ordered one line Loop 2420E NM1*DK); "
        "if nobody did, leave it and expect the risk to stay"
    )
    late = next_step(_evidence("filing_delay_rate"), "P")
    assert "proof of an earlier filing with the claim (announce it in Loop 2300 PWK)" in late
    assert late.endswith("the code of the reason of the delay (Loop 2300 CLM20)")
    stay = _evidence("authorization_rate", procedure="0250", place="11")
    assert next_step(stay, "I").startswith("look for the authorization of the stay")
    assert title_of(stay, of_stay=True) == "the stay without an authorization number"


def test_bundled_services_are_both_named_and_a_test_gets_no_modifier() -> None:
    note = BundlingNote("payer SYN9 denied 15 of 26", "Look it up", ("80048", "85025"))
    assert note.title == "80048 is included in 85025"
    assert bundling_step(note.needs).endswith("Look it up")


def test_a_step_lowers_the_chance_by_no_more_than_there_is() -> None:
    from claimwright.features.prediction.scoring.explanation import _within

    step = Remedy("referring_provider", "add it", 0.07, (0.07, 0.35), "evidence")
    assert _within(step, 0.32).gain == (0.07, 0.32)
