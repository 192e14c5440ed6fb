"""Payments confirmed by deposits of the bank."""

from __future__ import annotations

import pytest
from tests.features.pipeline.bench_of_claims import CALLER

from claimwright.engines.remittance import read_bank_lines
from claimwright.features.remittance import (
    AddedDeposits,
    DepositError,
    add_deposits,
    assign_deposit,
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


def test_a_deposit_confirms_all_payments_of_its_trace_number_if_they_add_up_to_it(clinic: Clinic) -> None:
    clinic.post(Payment([A100]), Payment([PAID], payer_id="1999999999"))  # EFT1, 84.00 and 150.00
    with clinic.database.transaction(CALLER) as connection:
        less = read_bank_lines(b"date,amount,trace\n2026-02-02,233.99,EFT1\n", "bank")
        assert add_deposits(CALLER, connection, less).confirmed == 0
        exact = read_bank_lines(b"date,amount,trace\n2026-02-03,234.00,eft1\n", "bank")
        assert add_deposits(CALLER, connection, exact).confirmed == 2
        [deposit] = list_deposits(connection, is_open=False)
        assert (deposit.amount_cents, deposit.payments) == (23400, 2)
        assert unconfirmed_payments(connection) == []


def test_a_person_says_which_checks_are_in_a_deposit(clinic: Clinic) -> None:
    clinic.post(Payment([A100]))
    clinic.post(Payment([PAID], trace="EFT2", day="20260301"))
    lines = read_bank_lines(b"date,amount,trace\n2026-03-02,234.00,\n2026-03-03,84.00,\n", "bank")
    with clinic.database.transaction(CALLER) as connection:
        assert add_deposits(CALLER, connection, lines).confirmed == 0
        second, first = (each.payment_id for each in unconfirmed_payments(connection))
        deposits = {each.amount_cents: each.deposit_id for each in list_deposits(connection)}
        reason = "two checks, one deposit slip"
        for deposit, payments, said in (
            (deposits[23400], [first], "8400 cents, the deposit is 23400 cents"),
            (deposits[23400], [first, 999_999], "not open: 999999"),
            (999_999, [first, second], "no open deposit 999999"),
        ):
            with pytest.raises(DepositError, match=said):
                assign_deposit(CALLER, connection, deposit, payments, reason=reason)
        assign_deposit(CALLER, connection, deposits[23400], [second, first, first], reason=reason)
        assert unconfirmed_payments(connection) == []
        with pytest.raises(DepositError, match="not open"):
            assign_deposit(CALLER, connection, deposits[8400], [first], reason=reason)


def test_two_payments_that_fit_one_deposit_wait_for_a_person(clinic: Clinic) -> None:
    clinic.post(Payment([A100]), Payment([A100], payer_id="1999999999"))
    lines = read_bank_lines(b"date,amount,trace\n2026-02-02,84.00,EFT1\n", "bank")
    with clinic.database.transaction(CALLER) as connection:
        assert add_deposits(CALLER, connection, lines).confirmed == 0
        assert len(unconfirmed_payments(connection)) == 2
        assert unconfirmed_payments(connection, facilities=["FAC009"]) == []
