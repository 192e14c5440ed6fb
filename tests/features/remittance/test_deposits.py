"""Payments confirmed by deposits of the bank."""

from __future__ import annotations

from tests.features.pipeline.bench_of_claims import CALLER

from claimwright.engines.remittance import read_bank_lines
from claimwright.features.remittance import (
    AddedDeposits,
    add_deposits,
    list_deposits,
    list_payments,
    unconfirmed_payments,
)

from .conftest import Clinic
from .known_answers import A100, DENIED, PAID
from .written_835 import Payment


def test_a_payment_is_confirmed_once_by_trace_and_amount_whichever_comes_first(clinic: Clinic) -> None:
    text = b"date,amount,trace\n2026-02-02,84.00,000eft1\n2026-02-02,1.00,EFT2\n2026-02-02,9.99,\n"
    lines = read_bank_lines(text, "bank")
    with clinic.database.transaction(CALLER) as connection:
        assert add_deposits(CALLER, connection, lines) == AddedDeposits(3, 0, 0, 0)
    clinic.post(Payment([A100]))
    clinic.post(Payment([PAID], trace="EFT2", day="20260301"))
    clinic.post(Payment([DENIED], trace="EFT3"))
    with clinic.database.transaction(CALLER) as connection:
        assert add_deposits(CALLER, connection, lines) == AddedDeposits(0, 3, 0, 1)
        assert add_deposits(CALLER, connection, lines) == AddedDeposits(0, 3, 0, 0)
        assert [each.amount_cents for each in list_deposits(connection, is_open=True)] == [999, 100]
        [confirmed] = list_deposits(connection, is_open=False)
        assert confirmed.payer_name == "GOOD PAYER"
        # The payment of nothing needs no deposit; the other one has a deposit of another amount.
        [other] = unconfirmed_payments(connection)
        assert (other.trace_number, other.amount_cents, other.other_cents) == ("EFT2", 15000, 100)
        assert sum(each.reconciled_at is not None for each in list_payments(connection)) == 1


def test_two_payments_that_fit_one_deposit_wait_for_a_person(clinic: Clinic) -> None:
    clinic.post(Payment([A100]), Payment([A100], payer_id="1999999999"))
    lines = read_bank_lines(b"date,amount,trace\n2026-02-02,84.00,EFT1\n", "bank")
    with clinic.database.transaction(CALLER) as connection:
        assert add_deposits(CALLER, connection, lines).confirmed == 0
        assert len(unconfirmed_payments(connection)) == 2
        assert unconfirmed_payments(connection, facilities=["FAC009"]) == []
