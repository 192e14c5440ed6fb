"""What a receiver answers before adjudication: TA1, 999 and 277CA, each small enough to check by eye."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from claimwright.engines.x12 import read_277ca, read_999, read_ta1

HEAD = (
    "ISA*00*          *00*          *ZZ*PAYER          *ZZ*PROVIDER       "
    "*260301*0600*^*00501*000000001*0*T*:~"
)


def interchange(kind: str, version: str, number: str, body: list[str], before: str = "") -> bytes:
    count = len(body) + 2
    group = f"GS*{kind}*PAYER*PROVIDER*20260301*0600*1*X*{version}~"
    text = "".join(f"{segment}~" for segment in body)
    return (
        f"{HEAD}{before}{group}ST*{number}*0001*{version}~{text}SE*{count}*0001~GE*1*1~IEA*1*000000001~"
    ).encode()


ANSWER_999 = interchange(
    "FA",
    "005010X231A1",
    "999",
    [
        "AK1*HC*77*005010X222A1",
        "AK2*837*0001*005010X222A1",
        "IK3*CLM*22*2300*8",
        "CTX*CLM01:PCN001",
        "IK4*5:3:1*1325*7*X",
        "IK4*1**1",
        "IK3*REF*25*2300*3",
        "CTX*SITUATIONAL TRIGGER*CLM*22*2300*5:3",
        "IK5*R*5*I5",
        "AK2*837*0002",
        "IK5*A",
        "AK9*P*2*2*1*5",
    ],
    before="TA1*000000077*260301*0559*A*000~",
)
ANSWER_277 = interchange(
    "HN",
    "005010X214",
    "277",
    [
        "BHT*0085*08*1*20260301*0600*TH",
        *("HL*1**20*1", "NM1*PR*2*GOOD PAYER*****PI*P1", "TRN*1*B1", "DTP*050*D8*20260301"),
        "DTP*009*D8*20260301",
        *("HL*2*1*21*1", "NM1*41*2*CLEARING*****46*S1", "TRN*2*B2", "STC*A1:19:PR*20260301*WQ*300"),
        *("HL*3*2*19*1", "NM1*85*2*CLINIC ONE*****XX*1234567893"),
        *("HL*4*3*PT", "NM1*QC*1*DOE*JANE****MI*M1", "TRN*2*PCN001", "STC*A2:20:PR*20260302*WQ*100"),
        *("REF*1K*ICN1", "DTP*472*D8*20260115"),
        *("HL*5*3*PT", "NM1*QC*1*ROE*MAX****MI*M2", "TRN*2*PCN002"),
        "STC*A7:562:85*20260302*U*200******A3:187",
        *("REF*D9*CH2", "REF*BLT*131", "DTP*472*RD8*20260115-20260116"),
        *("SVC*HC:99213*200", "STC*A7:454*20260302*U", "REF*FJ*L1", "DTP*472*D8*20260115"),
    ],
)


def test_a_999_says_which_transactions_were_accepted_and_where_the_others_are_wrong() -> None:
    answer = read_999(ANSWER_999)
    [group] = answer.groups.to_dicts()
    assert (group["kind"], group["control_number"], group["status"]) == ("HC", "77", "P")
    assert (group["stated"], group["received"], group["accepted"], group["errors"]) == (2, 2, 1, ["5"])
    one, two = answer.transactions.to_dicts()
    assert (one["control_number"], one["status"], one["errors"]) == ("0001", "R", ["5", "I5"])
    assert (two["control_number"], two["status"], two["errors"], two["group"]) == ("0002", "A", [], "77")
    clm, ref = answer.segments.to_dicts()
    assert (clm["segment_id"], clm["position"], clm["loop"], clm["error"]) == ("CLM", 22, "2300", "8")
    assert (clm["claim_id"], clm["transaction"], ref["claim_id"]) == ("PCN001", "0001", None)
    first, second = answer.elements.to_dicts()
    assert (first["element"], first["component"], first["repetition"], first["error"]) == (5, 3, 1, "7")
    assert (second["element"], second["component"], second["error"]) == (1, None, "1")
    assert {first["error_in"], second["error_in"]} == {clm["segment"]}
    assert not answer.faults.height, answer.faults


def test_a_ta1_is_read_beside_a_999_and_alone() -> None:
    row = {
        "control_number": "000000077",
        "interchange_date": "260301",
        "interchange_time": "0559",
        "status": "A",
        "note": "000",
    }
    assert read_ta1(ANSWER_999).drop("segment").to_dicts() == [row]
    alone = f"{HEAD}TA1*000000078*260301*0559*R*023~IEA*0*000000001~".encode()
    assert read_ta1(alone).select("control_number", "status", "note").rows() == [("000000078", "R", "023")]
    assert read_ta1(b"").height == 0


def test_a_277ca_says_which_claims_were_taken_and_which_were_rejected_with_their_reason() -> None:
    answer = read_277ca(ANSWER_277)
    one, two = answer.claims.to_dicts()
    assert (one["claim_id"], one["payer_claim_number"], one["patient_last_name"]) == ("PCN001", "ICN1", "DOE")
    assert (two["clearinghouse_number"], two["bill_type"]) == ("CH2", "131")
    assert (two["service_dates"], two["patient_id"]) == ("20260115-20260116", "M2")
    for claim in (one, two):
        assert (claim["provider_id"], claim["receiver_id"], claim["payer_id"]) == ("1234567893", "S1", "P1")
    assert answer.statuses.select("level", "claim_id", "category", "status", "entity", "action").rows() == [
        ("receiver", None, "A1", "19", "PR", "WQ"),
        ("claim", "PCN001", "A2", "20", "PR", "WQ"),
        ("claim", "PCN002", "A7", "562", "85", "U"),
        ("claim", "PCN002", "A3", "187", None, "U"),
        ("line", "PCN002", "A7", "454", None, "U"),
    ]
    rejected = answer.statuses.row(2, named=True)
    assert (rejected["amount"], rejected["answered_on"]) == (Decimal("200.00"), date(2026, 3, 2))
    line = answer.statuses.row(4, named=True)
    assert (line["line"], line["procedure"], line["claim"]) == ("L1", "99213", two["segment"])
    assert not answer.faults.height, answer.faults


@pytest.mark.parametrize("content", [b"", b"nothing of the kind", ANSWER_999[:300], ANSWER_277[:400]])
def test_what_is_cut_or_something_else_has_faults_and_no_traceback(content: bytes) -> None:
    assert read_999(content).faults.height
    assert read_277ca(content).faults.height
    assert read_ta1(content).height in (0, 1)


def test_another_transaction_set_is_a_fault() -> None:
    assert "SYN024" in read_999(ANSWER_277).faults["code"].to_list()
    assert "SYN024" in read_277ca(ANSWER_999).faults["code"].to_list()
