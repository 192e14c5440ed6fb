"""What is said first of a prediction, and what to do: texts of cases that two readers found wrong."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from claimwright.features.prediction import Explanation, Remedy
from claimwright.features.prediction.scoring.causes import Count, Evidence
from claimwright.features.prediction.scoring.findings import Finding
from claimwright.features.prediction.scoring.next_steps import (
    bundling_step,
    general_step,
    next_step,
    records_step,
    settling_step,
)
from claimwright.features.prediction.scoring.reasons import Reason, Role
from claimwright.features.prediction.scoring.remedies import BundlingNote, _record_for
from claimwright.features.prediction.scoring.scales import Scale
from claimwright.features.prediction.scoring.wording import title_of

_SCORES = np.arange(-10.0, 10.01, 0.05)
SCALE = Scale(_SCORES, 1 / (1 + np.exp(-_SCORES)))
USUAL = "payer SYN9 denied 12 of 100 claims, sent before 2025-01-01 (the model's estimate: 12%)"
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
        general_step="Check it.",
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
        (_told(COVERAGE, gain=Decimal("-3.10")), "Send it after the check below. A longer review is "
         "not worth its cost."),
        (_told(_reason("month", -1.0, Role.LOWERS)), "Nothing to do before sending."),
        (_told(COVERAGE, gain=Decimal("24.96"), decision="review"),
         "Review it before sending: the checks below save about $24.96 after their cost."),
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
    assert told.headline.endswith(
        "That explains about 12 of the 48 points. Nothing else on the claim supports the rest: the "
        "chance may be nearer 12%."
    )
    # -2 + 2 is 50 percent; of such claims 13 percent were denied for the cause.
    seldom = _told(replace(COVERAGE, log_odds=2.0, share=0.13))
    assert seldom.headline.endswith(
        "Of such claims 13% were denied for it; the model puts this one at 50%: the chance is probably "
        "between both."
    )
    assert seldom.is_doubted
    assert "explain" not in _told(COVERAGE).headline
    assert "explain" not in _told(replace(COVERAGE, log_odds=2.0, share=0.13, role=Role.HINT)).headline


def test_the_chance_is_too_high_only_if_nothing_else_carries_it() -> None:
    doubtful = _reason("medical necessity", 1.5, Role.DOUBTFUL)
    alone = _told(doubtful)
    # -2 + 1.5 is 38 percent, and 12 without it.
    assert (
        "Open question: whether the denials below that are called doubtful apply to this claim; the payer's "
        "decisions do not tell. If they do, the chance is above 38%; if they do not, it is about 12%. Check "
    ) in alone.headline
    unknown = _told(replace(doubtful, words="")).headline
    assert (
        "denials over medical necessity, of which this payer's decisions on such claims show nothing: it may "
        "be real. Check diagnoses and units of each line against record and policies. Without that risk the "
        "chance is about 12%."
    ) in unknown
    other = replace(doubtful, subject="patient", words="")
    assert "it may be real. Without that risk" in _told(other).headline
    # What settles the doubt stands beside the general check.
    asked = _told(replace(doubtful, next_step=settling_step("look for an authorization")))
    assert "Check it" in asked.headline
    assert asked.advice == "Send it after the check below."
    assert "Open question" not in _told(replace(doubtful, log_odds=0.7), _reason("provider", 0.65)).headline
    background = _reason("provider", 1.4, Role.BACKGROUND)
    assert "Open question" not in _told(doubtful, replace(background, log_odds=2.5)).headline


def test_what_the_claim_has_is_checked_and_not_called_missing() -> None:
    given, missing = (_evidence("authorization_rate", authorized=has) for has in (True, False))
    assert title_of(given) == "the authorization for 99213 may not match the claim"
    assert title_of(missing) == "99213 without an authorization number"
    assert next_step(given, "P", is_given=True) == (
        "check that the number, its services, dates and units match the claim (box 23, Loop 2300 REF*G1)"
    )


def test_a_notice_is_looked_for_and_never_asked_for_afterwards() -> None:
    for name in ("necessity_rate", "diagnosis_necessity_rate"):
        office = next_step(_evidence(name), "P", of_medicare=True)
        assert (
            "a notice that the patient signed before the service (an ABN, billed with modifier GA)" in office
        )
        assert "get the" not in office
        assert "(a HINN)" in next_step(_evidence(name, place="11"), "I", of_medicare=True)
        assert "an ABN" in next_step(_evidence(name, place="13"), "I", of_medicare=True)
        assert "a notice that the patient signed before the service and that this plan accepts" in next_step(
            _evidence(name), "P"
        )


def test_places_of_a_referral_a_late_claim_and_a_stay() -> None:
    boxes = (
        "(box 17 with qualifier DN or DK, NPI in 17b; Loop 2310A NM1*DN, or for who ordered one line Loop "
        "2420E NM1*DK)"
    )
    assert next_step(_evidence("referral_rate", procedure="90460"), "P") == (
        "enter the doctor who ordered 90460, who can be the rendering one, or who referred the patient "
        f"{boxes}; if nobody did, leave it and expect the risk to stay"
    )
    # Nobody orders a visit or a procedure in the office.
    for referred in ("99213", "99396", "17003"):
        assert next_step(_evidence("referral_rate", procedure=referred), "P") == (
            "if another doctor referred the patient, or the plan wants a referral, enter that doctor "
            f"{boxes}; if nobody referred, leave it and expect the risk to stay"
        )
    late = next_step(_evidence("filing_delay_rate"), "P")
    assert "proof of an earlier filing with the claim (announce it in Loop 2300 PWK," in late
    assert "Loop 2300 PWK, report type OZ)" in late
    assert (
        "the code of the reason of the delay (Loop 2300 CLM20); without proof, or another exception" in late
    )
    assert late.endswith("the patient usually cannot be billed")
    stay = _evidence("authorization_rate", procedure="0250", place="11")
    assert next_step(stay, "I").startswith("look for the authorization of the stay")
    assert title_of(stay, of_stay=True) == "the stay without an authorization number"


def test_bundled_services_are_both_named_and_a_test_gets_no_modifier() -> None:
    note = BundlingNote("payer SYN9 denied 15 of 26", "Look it up", ("80048", "85025"), 15, 26)
    assert note.title == "80048 is bundled with 85025"
    assert replace(note, is_only=False).title == "80048 is bundled with 85025 or another line"
    assert note.step == bundling_step("Look it up", note.pair)
    assert note.step.endswith("separate. Look it up")


@pytest.mark.parametrize(
    ("procedure", "beside", "needs"),
    [
        ("99213", "11042", "Modifier 25 is true only if"),
        ("11042", "11043", "Modifier 59, XE, XS, XP or XU is true only if"),
        ("80048", "85025", "Look up the payer's edit"),
        ("99232", "99223", "If both are of one day"),
        ("99396", "80061", "Look up the payer's edit"),
        ("D0220", "D0140", "Look up the plan's bundling rule"),
    ],
)
def test_what_a_bundled_service_needs_depends_on_what_it_is(procedure: str, beside: str, needs: str) -> None:
    assert _record_for(procedure, beside).startswith(needs)


def test_a_bundled_revenue_code_gets_no_modifier() -> None:
    note = BundlingNote("payer SYN9 denied 9 of 79", "Modifier 59 is true only", ("0250", "0410"), 9, 79)
    assert note.title == "revenue code 0250 is bundled with 0410"
    assert note.step == (
        "the payer bundles revenue code 0250 into 0410: read its past remittances for the reason or ask; add "
        "no modifier and remove no charge"
    )
    assert "59" not in note.words


def test_a_step_lowers_the_chance_by_no_more_than_there_is() -> None:
    from claimwright.features.prediction.scoring.explanation import _within

    step = Remedy("referring_provider", "add it", 0.07, (0.07, 0.35), "evidence")
    assert _within(step, 0.32).gain == (0.07, 0.32)


def test_the_stated_chance_with_a_step_lies_within_the_stated_range() -> None:
    from claimwright.apps.cli.claim_prediction import _gain
    from claimwright.features.prediction.scoring.explanation import _within

    # The text that a reader found wrong: 18 of 52 percent, lower by 0 to 29 points.
    step = _within(Remedy("referring_provider", "add it", 0.18, (0.0, 0.29), "evidence"), 0.52)
    assert _gain(step, 0.52) == "about 18%, at most 52%"
    step = _within(Remedy("referring_provider", "add it", 0.10, (0.11, 0.57), "evidence"), 0.57)
    assert _gain(step, 0.57) == "about 10% (between under 1% and 46%)"


def test_an_institutional_claim_has_no_place_of_service_and_no_pointers() -> None:
    coding = _evidence("place_rate", place="13")
    assert title_of(coding, form="I") == "the type of bill for 99213"
    assert next_step(coding, "I") == (
        "check the type of bill (form locator 4, Loop 2300 CLM05-1 and -3) against the record: if it is "
        "wrong, correct it; if it is right, leave it, expect that 99213 may be denied, and appeal if the "
        "payer's policy pays for it there"
    )
    room = _evidence("place_rate", procedure="0120", place="11")
    assert title_of(room, form="I") == "the type of bill for revenue code 0120"
    modified = _evidence("modifier_rate", modifier="GP")
    assert title_of(modified) == "99213 with modifier GP"
    assert title_of(_evidence("modifier_rate", modifier="none")) == "99213 without a modifier"
    assert "form locator 44" in next_step(modified, "I")
    assert "box 24D" in next_step(modified, "P")
    assert "place of service" in next_step(coding, "P")
    for name in ("necessity_rate", "diagnosis_necessity_rate"):
        bill = next_step(_evidence(name, place="13"), "I")
        assert "other diagnoses (form locators 67 and 67A-Q, Loop 2300 HI) hold the reason" in bill
        assert "points to" not in bill
    assert next_step(_evidence("referral_rate"), "I") == (
        "enter the doctor who referred the patient (form locators 78-79 with qualifier DN, Loop 2310F "
        "NM1*DN); if nobody did, leave it and expect the risk to stay"
    )
    assert "order" not in next_step(_evidence("referral_rate", referred=True), "I", is_given=True)


def test_medicares_modifiers_and_notices_are_named_for_original_medicare_alone() -> None:
    for name in ("coverage_rate", "age_coverage_rate"):
        text = next_step(_evidence(name), "P", of_medicare=True)
        assert text.endswith(
            "if the plan excludes it, send it as it is (with modifier GY only if the law excludes it, or GX "
            "with a voluntary notice), and look up whether another payer or, by the plan's terms, the "
            "patient owes it"
        )
        assert "ABN" not in text
        for evidence, form in (
            (_evidence(name, procedure="D7140"), "D"),
            (_evidence(name, procedure="0300", place="11"), "I"),
        ):
            assert "GY" not in next_step(evidence, form, of_medicare=True)
        assert "GY" not in next_step(_evidence(name), "P")
        # It was denied for it: to send it again changes nothing.
        assert "send it" not in next_step(_evidence(name), "P", is_correction=True)


def test_the_filing_limit_of_medicare_is_in_the_law() -> None:
    late = _evidence("filing_delay_rate")
    assert next_step(late, "P", of_medicare=True).startswith("Medicare's limit is one calendar year")
    assert "find the payer's filing limit" in next_step(late, "P")


def test_a_correction_is_first_about_the_earlier_claim() -> None:
    told = replace(_told(COVERAGE), is_correction=True)
    assert told.advice == (
        "First read why the earlier claim was denied: if the payer named a cause that is not below, that one "
        "counts. Code 7 goes in box 22, Loop 2300 CLM05-3, the payer's claim number of the earlier claim in "
        "box 22, Loop 2300 REF*F8. After the check below, send it only if something on the earlier claim was "
        "wrong and is now right."
    )
    assert replace(told, delay=448).advice.startswith(
        "It is sent 448 days after the service: first look up the payer's limit for corrections. First read"
    )
    bill = replace(told, form="I")
    assert "The type of bill ends in 7 (form locator 4, Loop 2300 CLM05-3), the payer's" in bill.advice
    assert "in form locator 64, Loop 2300 REF*F8. " in bill.advice
    assert "REF*F8, the condition code of the change" in replace(bill, of_medicare=True).advice
    calm = replace(_told(_reason("month", -1.0, Role.LOWERS)), is_correction=True)
    assert calm.advice.endswith(" Nothing else to do before sending.")


def test_without_one_cause_the_chance_is_not_below_what_the_other_denies() -> None:
    """The text that a reader found wrong: 23 percent without one cause, where the other denies 45."""
    late = replace(LATE, share=0.45)
    told = _told(AUTHORIZATION, late)
    [first] = [each for each in told.reasons if each.subject == "authorization"]
    assert first.otherwise < 0.45
    assert told.without(first) == 0.45
    assert _told(AUTHORIZATION).without(first) == first.otherwise
    lowering = _told(AUTHORIZATION, _reason("month", -1.0, Role.LOWERS))
    [month] = [each for each in lowering.reasons if each.subject == "month"]
    assert lowering.without(month) == month.otherwise > lowering.probability


def test_medicare_part_b_takes_no_replacement() -> None:
    told = replace(_told(COVERAGE), is_correction=True, of_part_b=True)
    assert told.advice.startswith(
        "Do not send it as a correction: Medicare Part B takes no claim that replaces"
    )
    assert "REF*F8" not in told.advice
    assert "Send it" not in told.advice


def test_a_bundling_that_was_seen_twice_is_a_hint() -> None:
    """The text that a reader found wrong: 2 of 6 lines, called the main cause."""
    for denied, answered, is_hint in ((2, 6, True), (4, 5, True), (15, 26, False)):
        note = BundlingNote("seen", "Look it up", ("D0220", "D0140"), denied, answered)
        assert Finding(None, None, note).is_hint == is_hint


def test_a_chance_without_a_cause_is_said_to_be_that_of_the_payer() -> None:
    """The texts that readers found wrong: 20, 22 and 32 percent where the truth was 4, 4 and 7."""
    told = _told(_reason("service", 1.5, Role.BACKGROUND))
    assert told.headline == (
        f"No single cause stands out. In general, {USUAL}, many of them with a fault that this claim does "
        "not show: its own chance may be far below 38%. Check it."
    )
    assert "far below" not in _told(_reason("month", -1.0, Role.LOWERS)).headline


def test_without_a_cause_a_number_and_a_charge_without_records_are_checked_too() -> None:
    assert general_step() == (
        "Check coverage on the date of service (270/271), the name and the member ID before sending."
    )
    whole = general_step(has_authorization=True)
    assert "the authorization number covers these services, their dates and this provider before" in whole
    records = records_step(Decimal("16540.00"))
    assert records == "It charges $16,540 without records: look up whether the payer wants them with it."
    told = replace(_told(_reason("service", 1.5, Role.BACKGROUND)), records_step=records)
    assert told.headline.endswith(f"Check it. {records}")
    assert records not in replace(_told(COVERAGE), records_step=records).headline


def test_what_explains_little_or_is_denied_seldom_is_no_main_cause() -> None:
    """The texts that a reader found wrong: a main cause of 8 of 71 points, and one of 5 of 82 denials."""
    assert _told(replace(COVERAGE, share=0.1)).headline.startswith("Known cause: 82043")
    assert _told(replace(COVERAGE, share=0.3)).headline.startswith("Main cause: 82043")


def test_blood_is_drawn_for_tests_whose_policies_count() -> None:
    drawn = next_step(_evidence("necessity_rate", procedure="36415"), "P")
    assert drawn.startswith(
        "look up whether the payer's medical policies for the tests on the claim list I10."
    )


def test_a_hint_says_what_the_chance_is_if_it_is_not_the_cause() -> None:
    """The text that a reader found wrong: 55 percent, of which most rested on one decision."""
    hint = replace(AUTHORIZATION, role=Role.HINT)
    told = _told(hint)
    rest = told.scale.probability(told.score - hint.log_odds)
    assert told.headline == (
        "Possible cause, seen in few decisions: 77067 without an authorization number. If that is not it, "
        f"the chance is about {100 * rest:.0f}%."
    )


def test_a_hint_that_weighs_far_more_than_the_surer_cause_comes_first() -> None:
    hint, sure = replace(AUTHORIZATION, role=Role.HINT, otherwise=0.1), replace(COVERAGE, otherwise=0.4)
    told = replace(_told(COVERAGE, hint), probability=0.5, reasons=(hint, sure))
    assert told.leads_by_hint
    assert [each.subject for each in told.leading(9)] == ["authorization", "coverage"]
    assert told.headline.startswith("Possible cause, seen in few decisions: 77067 without")
    assert "Cause: 82043 is not covered." in told.headline
    level = replace(told, reasons=(replace(sure, otherwise=0.2), hint))
    assert not level.leads_by_hint
    assert level.headline.startswith("Main cause: 82043 is not covered. Also a possible cause")


def test_a_service_that_is_denied_for_some_may_not_be_covered() -> None:
    assert title_of(_evidence("coverage_rate")) == "99213 may not be covered"
    every = replace(_evidence("coverage_rate"), trained=Count(9, 9))
    assert title_of(every) == "99213 is not covered"


def test_a_second_cause_that_is_not_sure_is_called_possible() -> None:
    unsure = replace(COVERAGE, is_sure=False)
    assert _told(AUTHORIZATION, unsure).headline == (
        "Main cause: 77067 without an authorization number. Possible second cause: 82043 is not covered."
    )
    # The same cause alone is the main one.
    assert _told(unsure).headline == "Main cause: 82043 is not covered."


@pytest.mark.parametrize(
    ("trained", "later", "others", "is_sure"),
    [
        # Two texts of the reading: the truth of the first has no such cause, that of the second has.
        (Count(2, 49), Count(4, 9), Count(1, 154), False),
        (Count(59, 239), Count(12, 51), Count(0, 88), True),
        (Count(10, 50), Count(4, 40), Count(3, 50), False),
        (Count(0, 30), Count(2, 4), Count(0, 30), True),
        (Count(0, 30), Count(3, 3), Count(0, 30), False),
    ],
)
def test_a_second_cause_is_sure_by_its_decisions_in_both_periods_or_of_late(
    trained: Count, later: Count, others: Count, is_sure: bool
) -> None:
    evidence = replace(_evidence("age_coverage_rate"), trained=trained, later=later, others=others)
    assert Finding(evidence, None).is_sure == is_sure


def test_two_causes_that_each_deny_alone_are_said_to_need_both() -> None:
    strong = replace(COVERAGE, log_odds=3.0, share=0.8)
    other = replace(strong, subject="authorization", title="99213 without an authorization number")
    both = _told(strong, other, _reason("month", 0.1, Role.BACKGROUND)).headline
    assert "Settling only one of them leaves most of the chance." in both
    assert "Settling only one" not in _told(strong, replace(other, log_odds=0.4, share=0.1)).headline
