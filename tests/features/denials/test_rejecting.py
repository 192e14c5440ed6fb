"""Rejections before adjudication: denials without an answer, found by their claim number."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from tests.features.pipeline.bench_of_claims import CALLER
from tests.features.remittance.conftest import Clinic
from tests.features.remittance.known_answers import PAID
from tests.features.remittance.written_835 import Payment, Submitted

from claimwright.features.denials import (
    PostedRejections,
    RejectionFileError,
    denial_sheet,
    list_denials,
    post_rejections,
    work_list,
)

DAY = datetime.date(2026, 2, 20)
HEAD = (
    "ISA*00*          *00*          *ZZ*PAYER          *ZZ*PROVIDER       "
    "*260201*0600*^*00501*000000001*0*T*:~"
)


def interchange(kind: str, version: str, number: str, *body: str) -> bytes:
    text = "".join(f"{segment}~" for segment in body)
    return (
        f"{HEAD}GS*{kind}*PAYER*PROVIDER*20260201*0600*1*X*{version}~ST*{number}*0001*{version}~{text}"
        f"SE*{len(body) + 2}*0001~GE*1*1~IEA*1*000000001~"
    ).encode()


# A200 is rejected for its diagnosis (A7, status 254 of the list of claim status codes); A100 is accepted;
# ZZZ is nobody's.
REJECTED_277 = interchange(
    "HN", "005010X214", "277", "BHT*0085*08*1*20260201*0600*TH", "HL*1**20*1",
    "NM1*PR*2*GOOD PAYER*****PI*12345", "TRN*1*B1", "DTP*050*D8*20260201", "DTP*009*D8*20260201",
    "HL*2*1*21*1", "NM1*41*2*CLEARING*****46*S1", "TRN*2*B2", "STC*A1:19:PR*20260201*WQ*450",
    "HL*3*2*19*1", "NM1*85*2*CLINIC ONE*****XX*1234567893",
    "HL*4*3*PT", "NM1*QC*1*DOE*JOHN****MI*W000000001", "TRN*2*A100", "STC*A2:20:PR*20260201*WQ*150",
    "HL*5*3*PT", "NM1*QC*1*ROE*MARY****MI*W000000002", "TRN*2*A200", "STC*A7:254*20260201*U*200",
    "HL*6*3*PT", "NM1*QC*1*POE*X****MI*W9", "TRN*2*ZZZ", "STC*A7:21*20260201*U*70",
)  # fmt: skip
REJECTED_999 = interchange(
    "FA", "005010X231A1", "999", "AK1*HC*77*005010X222A1", "AK2*837*0001*005010X222A1",
    "IK3*CLM*22*2300*8", "CTX*CLM01:A600", "IK4*5:3:1*1325*7*X", "IK5*R*5", "AK9*R*1*1*0",
)  # fmt: skip


def post(clinic: Clinic, content: bytes) -> PostedRejections:
    with clinic.database.transaction(CALLER) as connection:
        return post_rejections(CALLER, connection, clinic.sealer, content, "answer.277ca")


def test_a_rejected_claim_is_a_denial_to_correct_and_send_again(clinic: Clinic) -> None:
    posted = post(clinic, REJECTED_277)
    assert (posted.kind, posted.rejections, posted.matched, posted.unnamed) == ("277CA", 2, 1, 0)
    with clinic.database.transaction(CALLER) as connection:
        found = {each.claim_key: each for each in work_list(CALLER, connection, DAY, clinic.sealer)}
        weighed = list_denials(CALLER, connection, DAY).denials
        sheet = denial_sheet(CALLER, connection, weighed[0].denial.denial_id, DAY)
    rejected = found[clinic.key_of("A200")]
    assert (rejected.stage, rejected.next_step, str(rejected.amount)) == (
        "rejected_front_end", "correct_and_resubmit", "200.00",
    )  # fmt: skip
    assert rejected.denied_on == datetime.date(2026, 2, 1)
    # Payer and claim filing are those of the claim.
    claimed = clinic.rows("select claim_key, payer_id, claim_filing from production.claims")
    [listed] = [each.denial for each in weighed if each.denial.claim_key == rejected.claim_key]
    assert (listed.claim_key, listed.payer_id, listed.claim_filing) in claimed
    assert listed.payer_id
    assert listed.claim_filing
    # Nobody's claim is in the list all the same.
    assert str(found[None].amount) == "70.00"
    assert {each.denial.answer_id for each in weighed} == {None}
    assert sheet.fix


def test_the_same_file_again_adds_nothing(clinic: Clinic) -> None:
    first = post(clinic, REJECTED_277)
    again = post(clinic, REJECTED_277)
    assert again.earlier == first.file_id
    assert clinic.rows("select count(*) from remittance.denials") == [(2,)]


def test_a_rejection_is_over_when_the_payer_answers(clinic: Clinic) -> None:
    post(clinic, REJECTED_277)
    clinic.post(Payment([PAID]))
    with clinic.database.transaction(CALLER) as connection:
        assert [each.claim_key for each in work_list(CALLER, connection, DAY)] == [None]


def test_a_999_rejects_the_claims_that_it_names(clinic: Clinic) -> None:
    posted = post(clinic, REJECTED_999)
    assert (posted.kind, posted.rejections, posted.matched, posted.unnamed) == ("999", 1, 1, 0)
    with clinic.database.transaction(CALLER) as connection:
        [found] = work_list(CALLER, connection, DAY)
    assert (found.claim_key, str(found.amount)) == (clinic.key_of("A600"), "60.00")


def test_what_is_neither_is_refused(clinic: Clinic) -> None:
    with pytest.raises(RejectionFileError, match="no 277CA, 999 or TA1"):
        post(clinic, b"nothing of the kind")


def test_a_rejected_claim_may_come_again_with_its_number(copied_clinic: Clinic, tmp_path: Path) -> None:
    post(copied_clinic, REJECTED_277)
    mary = {"last": "ROE", "first": "MARY", "member": "W000000002"}
    copied_clinic.submit(Submitted("A200", [("99213", "150")], **mary))
    assert copied_clinic.rows(
        "select version, status from production.claims c where exists (select from staging.claim_keys k "
        "where k.claim_key = c.claim_key and k.version = 2) "
    ) == [(2, "active")]
    with copied_clinic.database.transaction(CALLER) as connection:
        assert [each.claim_key for each in work_list(CALLER, connection, DAY)] == [None]


def test_an_interchange_that_a_ta1_rejects_is_said_and_counted(clinic: Clinic) -> None:
    content = f"{HEAD}TA1*000000077*260201*0600*R*018~IEA*0*000000001~".encode()
    posted = post(clinic, content)
    assert (posted.kind, posted.rejections, posted.unnamed) == ("TA1", 0, 1)
    assert posted.whole == ("interchange 000000077 (TA1, 018)",)
    assert post(clinic, content).earlier == posted.file_id
    accepted = content.replace(b"*R*018", b"*A*000").replace(b"000000077", b"000000078")
    assert post(clinic, accepted).whole == ()


def test_a_transaction_that_a_999_rejects_without_a_claim_is_said(clinic: Clinic) -> None:
    content = interchange(
        "FA", "005010X231A1", "999", "AK1*HC*77*005010X222A1", "AK2*837*0042*005010X222A1",
        "IK3*BHT*2**8", "IK5*R*5", "AK9*R*1*1*0",
    )  # fmt: skip
    posted = post(clinic, content)
    assert (posted.rejections, posted.unnamed, posted.whole) == (0, 1, ("transaction 0042 (999)",))
