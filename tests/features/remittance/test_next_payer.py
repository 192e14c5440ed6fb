"""What a first payer leaves to the patient: to the second payer, once it is released, or to the patient."""

from __future__ import annotations

from typing import Any

import pytest
from tests.engines.x12.comparing import read
from tests.engines.x12.comparing import written as written_837
from tests.engines.x12.interchanges import faults_of
from tests.engines.x12.test_peers import of_version, pyx12_says  # noqa: F401 - a fixture
from tests.features.pipeline.bench_of_claims import CALLER

from claimwright.features.checking import Checker
from claimwright.features.remittance.next_payer import NextClaimError, next_claim_837, release_next_claims
from claimwright.foundation import clock
from claimwright.store.next_claims import list_next_claims, patient_balances

from .conftest import Clinic
from .written_835 import Clp, Payment, Svc

JACK: dict[str, Any] = {"last": "DOE", "first": "JACK", "member": "W8"}
# Of 150.00, 80.00 and 7.00 are paid, 20.00 and 0.77 written down, 20.00 and 42.23 left: 62.23 in all.
LINES = [
    Svc("99213", "100", ["PR-2:20.00"]),
    Svc("85025", "50", ["CO-45:0.77", "PR-1:42.23"]),
]
FIRST = Payment([Clp("A800", "1", LINES, **JACK)])
# The second payer starts from 62.23: it pays 50.00 and leaves 12.23.
SECOND_LINES = [
    Svc("99213", "100", ["OA-23:80.00", "PR-3:2.23"]),
    Svc("85025", "50", ["OA-23:7.77", "PR-3:10.00"]),
]
SECOND = Payment(
    [Clp("A800", "2", SECOND_LINES, payer_number="SEC1", **JACK)], trace="SECOND1", payer="SECOND PLAN",
    payer_id="1999999999",
)  # fmt: skip


def release(clinic: Clinic, *keys: int) -> bytes:
    with clinic.database.transaction(CALLER) as connection:
        return release_next_claims(
            CALLER, connection, clinic.sealer, keys, clock.now(), reason="sent to the second payer"
        )


def waiting(clinic: Clinic, state: str | None = "waiting") -> list[tuple[int, str | None, int]]:
    with clinic.database.transaction(CALLER) as connection:
        found = list_next_claims(connection, state=state)
    return [(each.claim_key, each.payer_name, each.amount_cents) for each in found]


def owed_by_patients(clinic: Clinic) -> list[tuple[int, int]]:
    with clinic.database.transaction(CALLER) as connection:
        return [(each.claim_key, each.amount_cents) for each in patient_balances(connection)]


def test_what_the_first_payer_leaves_waits_for_release_to_the_second(clinic: Clinic) -> None:
    clinic.post(FIRST)
    key = clinic.key_of("A800")
    assert waiting(clinic) == [(key, "SECOND PLAN", 6_223)]
    assert owed_by_patients(clinic) == []
    assert clinic.balance("A800")["patient"] == 6_223


def test_without_a_second_payer_the_patient_owes_it(clinic: Clinic) -> None:
    clinic.post(
        Payment([Clp("A600", "1", [Svc("99212", "60", ["PR-1:60"])], last="MOE", first="KIM", member="W6")])
    )
    assert waiting(clinic) == []
    assert owed_by_patients(clinic) == [(clinic.key_of("A600"), 6_000)]


def test_what_the_first_payer_sent_on_itself_is_not_billed_again(clinic: Clinic) -> None:
    clinic.post(Payment([Clp("A800", "19", LINES, **JACK)]))
    assert waiting(clinic) == []
    assert waiting(clinic, "forwarded") == [(clinic.key_of("A800"), "SECOND PLAN", 6_223)]
    assert owed_by_patients(clinic) == []


def test_a_released_claim_goes_to_the_second_payer_with_what_the_first_one_decided(
    clinic: Clinic, checker: Checker
) -> None:
    clinic.post(FIRST)
    data = release(clinic, clinic.key_of("A800"))
    assert faults_of(data)["code"].to_list() == []
    batch = read(data)
    claim = batch.claims.row(0, named=True)
    assert (claim["payer_responsibility"], claim["payer_name"], claim["payer_id"]) == (
        "S", "SECOND PLAN", "67890",
    )  # fmt: skip
    # The patient is the subscriber's spouse now.
    assert (claim["subscriber_first_name"], claim["subscriber_member_id"]) == ("JANE", "S900")
    assert (claim["dependent_relationship"], claim["dependent_first_name"]) == ("01", "JACK")
    other = batch.other_payers.row(0, named=True)
    assert (other["other_payer_responsibility"], other["other_payer_name"], other["other_payer_id"]) == (
        "P", "GOOD PAYER", "12345",
    )  # fmt: skip
    assert (str(other["other_payer_paid"]), str(other["other_payer_remaining_liability"])) == (
        "87.00",
        "62.23",
    )
    assert (other["other_subscriber_member_id"], other["other_claim_number"]) == ("W8", "ICN1")
    told = data.decode().replace("\n", "").split("~")
    assert [each for each in told if each.startswith(("SVD", "CAS", "DTP*573", "AMT"))] == [
        "AMT*D*87", "AMT*EAF*62.23",
        "SVD*12345*80*HC:99213**1", "CAS*PR*2*20", "DTP*573*D8*20260201",
        "SVD*12345*7*HC:85025**1", "CAS*CO*45*0.77", "CAS*PR*1*42.23", "DTP*573*D8*20260201",
    ]  # fmt: skip
    found = checker.check(batch, faults_of(data)).findings
    known = {
        row[0]
        for row in clinic.rows("select distinct code from production.findings where severity = 'block'")
    }
    assert set(found.filter(found["severity"] == "block")["code"]) <= known


def test_what_is_left_is_owed_by_the_second_payer_after_release_and_by_the_patient_after_its_answer(
    clinic: Clinic,
) -> None:
    clinic.post(FIRST)
    release(clinic, clinic.key_of("A800"))
    balance = clinic.balance("A800")
    assert (balance.get("patient"), balance["payer:S"]) == (None, 6_223)
    assert waiting(clinic) == []
    clinic.post(SECOND)
    # 12.23 are left to the patient, and nothing to any payer.
    balance = clinic.balance("A800")
    assert (balance["patient"], balance.get("payer:S"), balance.get("payer:P")) == (1_223, None, None)
    assert owed_by_patients(clinic) == [(clinic.key_of("A800"), 1_223)]


def test_without_a_transfer_the_second_answer_takes_over_from_the_patient(clinic: Clinic) -> None:
    clinic.post(FIRST)
    clinic.post(SECOND)
    balance = clinic.balance("A800")
    assert (balance["patient"], balance.get("payer:S"), balance.get("payer:P")) == (1_223, None, None)
    # The second payer has answered by itself: nothing is left to be released.
    assert waiting(clinic) == []
    with pytest.raises(NextClaimError, match="do not wait"):
        release(clinic, clinic.key_of("A800"))


def test_a_reversal_of_the_first_answer_ends_the_transfer(clinic: Clinic) -> None:
    clinic.post(FIRST)
    release(clinic, clinic.key_of("A800"))
    back = [Svc("99213", "-100", ["PR-2:-20"]), Svc("85025", "-50", ["CO-45:-0.77", "PR-1:-42.23"])]
    clinic.post(Payment([Clp("A800", "22", back, **JACK)], trace="EFT2", day="20260210"))
    assert clinic.balance("A800") == {"payer:P": 15_000, "revenue": -15_000}
    clinic.post(Payment([Clp("A800", "1", LINES, payer_number="ICN2", **JACK)], trace="EFT3", day="20260220"))
    assert waiting(clinic) == [(clinic.key_of("A800"), "SECOND PLAN", 6_223)]


def test_pyx12_accepts_the_claim_to_the_second_payer(
    clinic: Clinic,
    pyx12_says: Any,  # noqa: F811 - the fixture
) -> None:
    clinic.post(FIRST)
    batch = read(release(clinic, clinic.key_of("A800")))
    assert pyx12_says(written_837(of_version(batch, {"P": "005010X222A1"}))) == []


def test_only_what_waits_is_released_and_shown_for_a_reason(clinic: Clinic) -> None:
    with pytest.raises(NextClaimError, match="Nothing was released"):
        release(clinic, clinic.key_of("A100"))
    clinic.post(FIRST)
    key = clinic.key_of("A800")
    with clinic.database.transaction(CALLER) as connection:
        shown = next_claim_837(CALLER, connection, clinic.sealer, key, reason="before it is released")
        with pytest.raises(NextClaimError):
            next_claim_837(CALLER, connection, clinic.sealer, 999_999, reason="before it is released")
    assert b"SECOND PLAN" in shown
    assert waiting(clinic) == [(key, "SECOND PLAN", 6_223)]
