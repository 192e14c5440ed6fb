"""Remittances posted into the ledger, worked out by hand."""

from __future__ import annotations

from .conftest import Clinic
from .written_835 import Clp, Payment, Svc

A100 = Clp("A100", lines=[Svc("99213", "100", ["CO-45:20", "PR-2:16"]), Svc("85025", "50", ["CO-45:30"])])


def test_a_paid_claim(clinic: Clinic) -> None:
    posted = clinic.post(Payment([A100]))
    assert clinic.answers() == [("posted", None)]
    assert posted.is_clean
    assert clinic.balance("A100") == {"revenue": -15000, "unapplied": 8400, "contractual": 5000, "patient": 1600}
    assert clinic.totals() == {"cash": 8400, "contractual": 5000, "patient": 1600, "revenue": -15000}
