"""A second payer's denial is seen and has its clocks, whatever becomes of its money."""

from __future__ import annotations

import datetime

from tests.features.pipeline.bench_of_claims import CALLER
from tests.features.remittance.conftest import Clinic
from tests.features.remittance.written_835 import Clp, Payment, Svc

from claimwright.features.denials import DenialList, denial_sheet, list_denials
from claimwright.features.remittance import dismiss_answer

AS_OF = datetime.date(2026, 3, 20)
JACK = {"last": "DOE", "first": "JACK", "member": "W8"}
# 20.00 and 10.00 are left to the second payer.
FIRST = Clp(
    "A800", "1", [Svc("99213", "100", ["CO-45:20", "PR-2:20"]), Svc("85025", "50", ["CO-45:20", "PR-2:10"])],
    payer_number="P8", **JACK,
)  # fmt: skip
# It denies the whole charge, without CARC 23; a denial (CLP02 4) does not say whose turn it was.
SECOND = Clp(
    "A800", "4", [Svc("99213", "100", ["CO-50:100"]), Svc("85025", "50", ["CO-197:50"])], payer_number="S8",
    **JACK,
)  # fmt: skip
OF_FIRST = Payment([FIRST], trace="F8", day="20260201")


def of_second(payer: str = "Second Plan") -> Payment:
    return Payment([SECOND], trace="S8", day="20260310", payer=payer, payer_id="1999999999")


def listed(clinic: Clinic) -> DenialList:
    with clinic.database.transaction(CALLER) as connection:
        return list_denials(
            CALLER, connection, AS_OF, clinic.sealer, claim_key=clinic.key_of("A800"), sort="-amount_cents"
        )


def test_a_second_payers_denial_of_the_whole_charge_is_listed_with_its_clock(clinic: Clinic) -> None:
    clinic.post(OF_FIRST)
    clinic.post(of_second())
    assert clinic.answers() == [("posted", None), ("waiting", "earlier_payer_differs")]
    first, second = listed(clinic).denials
    # What the first payer left of each line is at stake, not the charge.
    assert [(each.denial.carc, each.denial.amount_cents) for each in (first, second)] == [
        ("50", 2_000), ("197", 1_000),
    ]  # fmt: skip
    # 180 days from 10 March (29 CFR 2560.503-1(h)(3)(i)): 6 September.
    assert (first.due_on, first.denial.payer_id) == (datetime.date(2026, 9, 6), "67890")
    assert "not posted" in first.step_reason
    # So a contract with that payer is found without opening the claim, as the queue looks for it.
    assert clinic.rows("select distinct payer_id from remittance.denials") == [("67890",)]
    # The money waits: the patient's share stands as the first payer left it.
    assert clinic.balance("A800")["patient"] == 3_000
    queued = clinic.rows(
        "select kind from work.sources where kind in ('denial', 'unmatched_answer') order by kind"
    )
    assert queued == [("denial",), ("denial",), ("unmatched_answer",)]


def test_one_that_comes_before_the_first_payers_answer_is_listed_too(clinic: Clinic) -> None:
    clinic.post(of_second())
    assert clinic.answers() == [("waiting", "earlier_payer_first")]
    assert [each.denial.amount_cents for each in listed(clinic).denials] == [10_000, 5_000]


def test_a_payer_of_another_name_that_denies_after_the_first_one_paid_is_the_second(clinic: Clinic) -> None:
    clinic.post(OF_FIRST)
    clinic.post(of_second("SECOND PLAN OF THE MIDWEST"))
    assert clinic.answers()[1] == ("waiting", "earlier_payer_differs")


def test_the_first_payers_own_denial_stays_the_first_payers(clinic: Clinic) -> None:
    clinic.post(Payment([SECOND], trace="F9", day="20260310"))
    assert clinic.answers() == [("posted", None)]
    assert listed(clinic).denials[0].denial.payer_id == "12345"


def test_it_is_over_once_its_answer_is_dismissed(clinic: Clinic) -> None:
    clinic.post(OF_FIRST)
    clinic.post(of_second())
    [first, _] = listed(clinic).denials
    with clinic.database.transaction(CALLER) as connection:
        dismiss_answer(
            CALLER, connection, first.denial.answer_id or 0, reason="entered as a paper explanation"
        )
        sheet = denial_sheet(CALLER, connection, first.denial.denial_id, AS_OF, clinic.sealer)
    assert not sheet.weighed.denial.in_force
    assert not listed(clinic).denials
