"""A letter tells of the patient what bears on the service that was denied, and nothing else."""

from __future__ import annotations

from tests.features.appeals.conftest import AS_OF, Office
from tests.features.pipeline.bench_of_claims import CALLER, begun, stage, worker
from tests.features.remittance.written_835 import Clp, Payment, Submitted, Svc, submitted

from claimwright.features.appeals import appeal_sheet
from claimwright.features.denials import list_denials
from claimwright.features.documents import add_document, decide_finding, findings_of

NOTE = b"""Progress note
Patient: PAM VOE
Date of visit: 01/15/2026

HPI: The patient has type 2 diabetes. The patient has pneumonia. SpO2 86% on room air.
"""
WHO = {"last": "VOE", "first": "PAM", "member": "W77"}


def told(office: Office, denial_id: int) -> set[str]:
    """The findings among the facts of the appeal of a denial."""
    case = office.draft(denial_id)
    with office.database.transaction(CALLER) as connection:
        sheet = appeal_sheet(CALLER, connection, office.means, case.case_id, reason="read the letter")
    assert sheet.facts is not None
    return {each.value for each in sheet.facts.facts if each.fact_id.endswith(".name") and each.clinical}


def test_only_findings_of_the_denied_lines_diagnoses_are_told(office: Office) -> None:
    claim = submitted(Submitted("V100", [("99213", "100"), ("71046", "50"), ("85025", "30")], **WHO))
    claim = claim.replace(b"HI*ABK:E119~", b"HI*ABK:E119*ABF:J189~")
    claim = claim.replace(b"SV1*HC:71046*50*UN*1***1~", b"SV1*HC:71046*50*UN*1***2~")
    stage(office.database, office.clinic.sealer, claim)
    worker(office.database, office.clinic.sealer, begun(office.database), office.clinic.checker).work()
    [(key,)] = office.clinic.rows("select max(claim_key) from production.claims")
    with office.database.transaction(CALLER) as connection:
        made = add_document(CALLER, connection, office.clinic.sealer, key, "note.txt", NOTE)
        found = findings_of(CALLER, connection, office.clinic.sealer, [made.document_id])
        decide_finding(CALLER, connection, made.document_id, [each.ordinal for each in found], "accepted")
    reasons = (("99213", "100", "CO-50"), ("71046", "50", "CO-50"), ("85025", "30", "CO-18"))
    lines = [Svc(code, charge, [f"{reason}:{charge}"]) for code, charge, reason in reasons]
    office.clinic.post(Payment([Clp("V100", "4", lines, payer_number="V1", **WHO)], trace="V1"))
    with office.database.transaction(CALLER) as connection:
        denials = list_denials(CALLER, connection, AS_OF, claim_key=key).denials
    by_line = {each.denial.line: each.denial.denial_id for each in denials}
    visit, xray = told(office, by_line[1]), told(office, by_line[2])
    # Each line points to one diagnosis; a measurement belongs to none, and stays.
    assert "type 2 diabetes" in " ".join(visit)
    assert "pneumonia" not in " ".join(visit)
    assert "pneumonia" in " ".join(xray)
    assert "diabetes" not in " ".join(xray)
    assert len(visit & xray) == 1
