"""What a letter must show: the acceptance of a claim that was denied as late, and some evidence in any."""

from __future__ import annotations

import datetime

from tests.features.denials.test_late_claims import acknowledgment
from tests.features.pipeline.bench_of_claims import CALLER

from claimwright.features.appeals import appeal_sheet, confirm_statement, one_case
from claimwright.features.denials import ContractTime, post_rejections, set_contract_clocks
from claimwright.features.documents import list_of_claim

from .conftest import Office


def test_the_letter_encloses_the_payers_acceptance(office: Office) -> None:
    key = office.clinic.key_of("A200")
    with office.database.transaction(CALLER) as connection:
        post_rejections(CALLER, connection, office.clinic.sealer, acknowledgment("20260120"), "answer.277ca")
        times = [ContractTime(payer_id="12345", source="Contract 2026, section 7", days=90, kind="filing")]
        set_contract_clocks(CALLER, connection, times, reason="manual of 2026")
    case = office.draft(office.denied("A200", "CO-29"))
    assert (case.state, case.template_id) == ("ready", "timely-group-plan-1")
    with office.database.transaction(CALLER) as connection:
        [document] = list_of_claim(connection, key)
        sheet = appeal_sheet(CALLER, connection, office.means, case.case_id, reason="read the letter")
    assert (document.type, document.dated_on, document.is_blocked) == (
        "claim acceptance report", datetime.date(2026, 1, 20), False,
    )  # fmt: skip
    assert sheet.draft is not None
    said = [each.text for each in sheet.draft.draft.statements]
    assert "Exhibit A is the report of its acceptance, dated January 20, 2026." in said
    # The same document serves when the letter is drafted again.
    office.again(case.case_id)
    with office.database.transaction(CALLER) as connection:
        assert len(list_of_claim(connection, key)) == 1


def test_original_medicare_gets_no_appeal_of_a_late_claim(office: Office) -> None:
    case = office.draft(office.denied("A600", "CO-29", filing="MB"))
    assert (case.state, case.reason) == ("not_eligible", "no_appeal_rights")


def test_a_letter_that_only_disagrees_is_not_sent(office: Office) -> None:
    # Medicaid managed care: the general letter asks for a review, and nothing speaks against the decision.
    case = office.draft(office.denied("A500", "CO-97", filing="MC"))
    assert (case.state, case.template_id) == ("marked", "general-medicaid-managed-care-1")
    with office.database.transaction(CALLER) as connection:
        sheet = appeal_sheet(CALLER, connection, office.means, case.case_id, reason="read the letter")
    assert sheet.draft is not None
    assert [each.problem.value for each in sheet.draft.open_findings] == ["needed_beside", "nothing_shown"]
    # The law asks for more than the letter; whoever opens the case sees what.
    assert sheet.eligibility is not None
    assert "The law asks for the enrollee's written consent" in sheet.eligibility
    office.document("A500")
    # The consent is on no document that is read: without a person's word for it, the letter doesn't leave.
    assert office.again(case.case_id).state == "marked"
    with office.database.transaction(CALLER) as connection:
        opened = confirm_statement(
            CALLER, connection, office.means, case.case_id, "appeal.needs", reason="signed consent of March 1"
        )
        assert opened.open_findings == ()
        assert one_case(connection, case.case_id).state == "ready"


def test_a_late_claim_has_no_letter_without_an_exhibit(office: Office) -> None:
    case = office.draft(office.denied("A700", "CO-29"))
    assert case.state == "marked"
    with office.database.transaction(CALLER) as connection:
        sheet = appeal_sheet(CALLER, connection, office.means, case.case_id, reason="read the letter")
    assert sheet.draft is not None
    assert {each.words for each in sheet.draft.open_findings} == {"exhibit.1.letter"}
