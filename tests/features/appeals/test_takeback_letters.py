"""A payment that was taken back without a code can be disputed: the letter says so, line by line."""

from __future__ import annotations

import pytest
from tests.features.appeals.conftest import AS_OF, PEOPLE, Office
from tests.features.pipeline.bench_of_claims import CALLER
from tests.features.remittance.written_835 import Clp, Payment, Svc

from claimwright.features.appeals import appeal_sheet
from claimwright.features.denials import list_denials

PAID = [Svc("99213", "100", ["CO-45:20"]), Svc("85025", "50", ["CO-45:10"])]
BACK = [Svc("99213", "-100", ["CO-45:-20"]), Svc("85025", "-50", ["CO-45:-10"])]


@pytest.mark.parametrize(
    ("number", "filing", "chosen"),
    [
        ("A100", "12", "recovery-group-plan-1"),
        ("A700", "MB", "recovery-medicare-1"),
        ("A800", "16", "recovery-medicare-advantage-1"),
    ],
)
def test_a_reversal_without_a_code_has_a_letter(
    office: Office, number: str, filing: str, chosen: str
) -> None:
    def answer(lines: list[Svc], status: str) -> Clp:
        return Clp(number, status, lines, payer_number="T1", filing=filing, **PEOPLE[number])

    office.clinic.post(Payment([answer(PAID, "1")], trace=f"{number}-1"))
    office.clinic.post(Payment([answer(BACK, "22")], trace=f"{number}-2", day="20260220", plb=["FB:-120.00"]))
    with office.database.transaction(CALLER) as connection:
        key = office.clinic.key_of(number)
        found = list_denials(CALLER, connection, AS_OF, claim_key=key).denials
    [taken] = [each for each in found if each.denial.root_cause == "payment-taken-back"]
    office.address()
    case = office.draft(taken.denial.denial_id)
    assert case.template_id == chosen
    with office.database.transaction(CALLER) as connection:
        sheet = appeal_sheet(CALLER, connection, office.means, case.case_id, reason="read the letter")
    assert sheet.draft is not None
    # A Medicare Advantage plan asks for a waiver of liability: a person's word.
    assert {each.problem.value for each in sheet.draft.open_findings} <= {"needed_beside"}
    said = " ".join(each.text for each in sheet.draft.draft.statements)
    assert "took back $120.00 that it had paid" in said or "$120.00 that had been paid was taken back" in said
    assert "$80.00 of it was taken back" in said
    assert "denied" not in said
