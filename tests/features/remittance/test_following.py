"""What follows from posted answers, however they came to be posted; and how long a patient's identity is
kept.
"""

from __future__ import annotations

import datetime
from typing import Any

import psycopg
import pytest
from tests.database_server import Store
from tests.features.pipeline.bench_of_claims import CALLER

from claimwright.features.checking import Checker
from claimwright.features.remittance import assign_answer, candidates_for, release_payment
from claimwright.foundation import clock
from claimwright.platform.phi import Sealer
from claimwright.platform.tenancy import tenancy
from claimwright.store.remittance_answers import forget_patients

from .conftest import SEARCH, Clinic
from .known_answers import A100, MARY, PAID_A100
from .test_next_payer import FIRST, JACK, release, waiting
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
        nobodys = Clp("ZZZ", lines=[Svc("99214", "777")], last="X", first="Y", member="Z")
        clinic.post(Payment([nobodys], trace="2"))
        with psycopg.connect(store.owner) as owner, tenancy(owner, CALLER):
            assert forget_patients(owner, clock.now() - datetime.timedelta(days=1)) == 0
            assert forget_patients(owner, clock.now() + datetime.timedelta(days=1)) == 2
        assert clinic.rows("select 1 from remittance.answers where sealed is not null") == []
        assert clinic.rows("select 1 from remittance.provider_adjustments where sealed is not null") == []
        assert clinic.balance("A100") == PAID_A100
        [(waits,)] = clinic.rows("select answer_id from remittance.answers where state = 'waiting'")
        with database.transaction(CALLER) as connection:
            assert candidates_for(CALLER, connection, clinic.sealer, waits).height == 0
