"""What follows from posted answers, however they came to be posted; and how long a patient's identity is
kept.
"""

from __future__ import annotations

import datetime
from typing import Any

import psycopg
import pytest
from tests.database_server import Store
from tests.features.denials.test_rejecting import REJECTED_277
from tests.features.pipeline.bench_of_claims import CALLER

from claimwright.features.checking import Checker
from claimwright.features.denials import post_rejections
from claimwright.features.remittance import assign_answer, candidates_for, release_payment, secrets_of
from claimwright.foundation import clock
from claimwright.platform.phi import Sealer
from claimwright.platform.tenancy import tenancy
from claimwright.store.remittance_answers import forget_patients

from .conftest import SEARCH, Clinic
from .known_answers import A100, MARY, PAID_A100
from .test_next_payer import FIRST, JACK, release, waiting
from .test_underpayments import found, kinds, short
from .written_835 import Clp, Payment, Svc


def outcomes(clinic: Clinic) -> list[tuple[Any, ...]]:
    return clinic.rows("select claim_key, line, carc from prediction.outcomes order by 1, 2")


def test_an_answer_that_a_person_assigns_is_an_outcome_for_training(clinic: Clinic) -> None:
    denied = Clp("ZZZ", "4", [Svc("99214", "200", ["CO-50:200"])], last="", first="", member="")
    clinic.post(Payment([denied]))
    assert outcomes(clinic) == []
    [(answer,)] = clinic.rows("select answer_id from remittance.answers")
    with clinic.database.transaction(CALLER) as connection:
        assign_answer(CALLER, connection, clinic.sealer, answer, clinic.key_of("A200"), search=SEARCH)
    assert outcomes(clinic) == [(clinic.key_of("A200"), 1, "50")]


def test_the_next_payer_of_a_released_payment_is_found(clinic: Clinic) -> None:
    cut = Payment(FIRST.claims, amount="87.01")
    held = clinic.post(cut)
    assert waiting(clinic) == []
    with clinic.database.transaction(CALLER) as connection:
        release_payment(CALLER, connection, clinic.sealer, held.payments["payment_id"][0], search=SEARCH)
    assert [key for key, *_ in waiting(clinic)] == [clinic.key_of("A800")]


def test_all_of_a_split_claim_goes_to_the_second_payer(clinic: Clinic) -> None:
    """The payer answers each line by itself: 20.00 and 42.23 are left, and both are transferred."""
    first = Clp("A800", "1", [Svc("99213", "100", ["PR-2:20.00"])], payer_number="ICN1", **JACK)
    second = Clp("A800", "1", [Svc("85025", "50", ["CO-45:0.77", "PR-1:42.23"])], payer_number="ICN2", **JACK)
    clinic.post(Payment([first, second]))
    release(clinic, clinic.key_of("A800"))
    balance = clinic.balance("A800")
    assert (balance.get("patient"), balance["payer:S"]) == (None, 6_223)


def test_a_later_part_of_a_split_claim_is_transferred_too(clinic: Clinic) -> None:
    first = Clp("A800", "1", [Svc("99213", "100", ["PR-2:20.00"])], payer_number="ICN1", **JACK)
    second = Clp("A800", "1", [Svc("85025", "50", ["CO-45:0.77", "PR-1:42.23"])], payer_number="ICN2", **JACK)
    clinic.post(Payment([first]))
    release(clinic, clinic.key_of("A800"))
    clinic.post(Payment([second], trace="EFT2"))
    assert [cents for _, _, cents in waiting(clinic)] == [4_223]
    release(clinic, clinic.key_of("A800"))
    balance = clinic.balance("A800")
    assert (balance.get("patient"), balance["payer:S"]) == (None, 6_223)


BACK = [Svc("99214", "-200", ["CO-45:-57.38"])]
TAKEN_BACK = [("reversal_without_correction", 14_262)]


def test_what_a_released_payment_takes_back_is_found(clinic: Clinic) -> None:
    clinic.post(short("57.38"))
    # It says that it pays 1.00, and is held.
    held = clinic.post(Payment([Clp("A200", "22", BACK, **MARY)], trace="EFT2", amount="1.00"))
    assert kinds(clinic) == []
    with clinic.database.transaction(CALLER) as connection:
        release_payment(CALLER, connection, clinic.sealer, held.payments["payment_id"][0], search=SEARCH)
    assert kinds(clinic) == TAKEN_BACK


def test_what_an_assigned_reversal_takes_back_is_found(clinic: Clinic) -> None:
    clinic.post(short("57.38"))
    nobodys = Clp("ZZZ", "22", BACK, payer_number="P9", last="", first="", member="")
    clinic.post(Payment([nobodys], trace="EFT2"))
    assert kinds(clinic) == []
    [(answer,)] = clinic.rows("select answer_id from remittance.answers where is_reversal")
    with clinic.database.transaction(CALLER) as connection:
        assign_answer(CALLER, connection, clinic.sealer, answer, clinic.key_of("A200"), search=SEARCH)
    assert kinds(clinic) == TAKEN_BACK


def test_what_a_reversal_that_came_first_takes_back_is_found(clinic: Clinic) -> None:
    clinic.post(Payment([Clp("A200", "22", BACK, **MARY)], trace="EFT2"))
    assert kinds(clinic) == []
    clinic.post(short("57.38"))
    assert kinds(clinic) == TAKEN_BACK


def test_a_release_is_in_the_audit_log_claim_by_claim(clinic: Clinic) -> None:
    clinic.post(FIRST)
    key = clinic.key_of("A800")
    release(clinic, key)
    [(count,)] = clinic.rows(
        f"select count(*) from platform.audit_log where body like '%claim:{key}\"%' "  # noqa: S608
        "and body like '%sent to the second payer%'"
    )
    assert count == 1


@pytest.mark.parametrize(("facility", "state"), [("FAC001", "posted"), ("FAC002", "waiting")])
def test_a_payers_number_leads_only_to_claims_of_the_facility(
    clinic: Clinic, facility: str, state: str
) -> None:
    clinic.post(Payment([Clp("A200", "4", [Svc("99214", "200", ["CO-16:200"])], payer_number="P77", **MARY)]))
    again = Clp(
        "ZZZ", "1", [Svc("99214", "200", ["CO-45:50"])], payer_number="P77", last="", first="", member=""
    )
    clinic.post(Payment([again], trace="2", day="20260301"), facility=facility)
    assert clinic.answers()[-1][0] == state


def test_a_patients_identity_goes_with_the_claims_and_the_ledger_stays(
    filled: tuple[Store, Sealer], checker: Checker
) -> None:
    with filled[0].copied() as store, store.open() as database:
        clinic = Clinic(database, filled[1], checker)
        clinic.post(Payment([A100], plb=["WO:1"]))
        assert [each.amount_cents for each in found(clinic, kind="recovery_without_reversal")] == [100]
        with database.transaction(CALLER) as connection:
            post_rejections(CALLER, connection, clinic.sealer, REJECTED_277, "answer.277ca")
        nobodys = Clp("ZZZ", lines=[Svc("99214", "777")], last="X", first="Y", member="Z")
        clinic.post(Payment([nobodys], trace="2"))
        with psycopg.connect(store.owner) as owner, tenancy(owner, CALLER):
            assert forget_patients(owner, clock.now() - datetime.timedelta(days=1)) == 0
            assert forget_patients(owner, clock.now() + datetime.timedelta(days=1)) == 2
        assert clinic.rows("select 1 from remittance.answers where sealed is not null") == []
        assert clinic.rows("select 1 from remittance.provider_adjustments where sealed is not null") == []
        # Nor can a patient be found by a number: no blind index of one is left.
        assert (
            clinic.rows("select 1 from remittance.answers where coalesce(number, payer_number) is not null")
            == []
        )
        assert clinic.rows("select 1 from remittance.provider_adjustments where reference is not null") == []
        assert clinic.rows("select 1 from remittance.denials where number is not null") == []
        # Whether a reversal explains what was kept back is not known any more.
        assert found(clinic, kind="recovery_without_reversal") == []
        assert clinic.balance("A100") == PAID_A100
        [(waits,)] = clinic.rows("select answer_id from remittance.answers where state = 'waiting'")
        with database.transaction(CALLER) as connection:
            assert candidates_for(CALLER, connection, clinic.sealer, waits).height == 0


def test_a_released_payment_still_knows_which_line_a_payer_split(clinic: Clinic) -> None:
    """Two equal lines of 40.00: only REF 6R says that the parts of 25.00 and 15.00 are of the second one."""
    lines = [
        Svc("80053", "25", ["CO-45:5"], control="L2"), Svc("80053", "15", ["CO-45:3"], control="L2"),
        Svc("80053", "40", ["CO-45:8"], control="L1"), Svc("85025", "20", control="L3"),
    ]  # fmt: skip
    sue = {"last": "LOE", "first": "SUE", "member": "W5"}
    held = clinic.post(Payment([Clp("A500", lines=lines, **sue)], amount="84.01"))
    assert held.payments["state"].to_list() == ["held"]
    with clinic.database.transaction(CALLER) as connection:
        release_payment(CALLER, connection, clinic.sealer, held.payments["payment_id"][0], search=SEARCH)
    assert clinic.answers() == [("posted", None)]
    assert clinic.rows("select position, line from remittance.answer_lines order by 1") == [
        (1, 2), (2, 2), (3, 1), (4, 3),
    ]  # fmt: skip
    # The number is sealed, and is no part of what is shown of the patient.
    [(answer,)] = clinic.rows("select answer_id from remittance.answers")
    with clinic.database.transaction(CALLER) as connection:
        known = secrets_of(CALLER, connection, clinic.sealer, [answer])[answer]
    assert "line_controls" not in known
