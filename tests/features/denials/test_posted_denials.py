"""Denials as they are found when a remittance is posted."""

from __future__ import annotations

import datetime
from decimal import Decimal

from tests.features.pipeline.bench_of_claims import CALLER
from tests.features.remittance.conftest import Clinic
from tests.features.remittance.known_answers import A100, DENIED, MARY, PAID
from tests.features.remittance.written_835 import Clp, Payment, Svc

from claimwright.features.denials import StoredDenial, list_denials, work_groups

DAY = datetime.date(2026, 3, 1)


def denials(clinic: Clinic) -> list[StoredDenial]:
    with clinic.database.transaction(CALLER) as connection:
        return [each.denial for each in list_denials(CALLER, connection, DAY).denials]


def test_a_denied_claim_is_a_denial_with_its_cause(clinic: Clinic) -> None:
    clinic.post(Payment([Clp("A200", "4", [Svc("99214", "200", ["CO-197:200"])], **MARY)]))
    [found] = denials(clinic)
    assert (found.category, found.stage, found.carc, found.amount_cents) == (
        "authorization",
        "denied",
        "197",
        20000,
    )
    assert (found.claim_key, found.line) == (clinic.key_of("A200"), 1)
    with clinic.database.transaction(CALLER) as connection:
        [total] = work_groups(CALLER, connection, DAY)
    assert (total.root_cause, total.denials, total.amount) == ("no-authorization", 1, Decimal(200))


def test_what_is_paid_is_no_denial(clinic: Clinic) -> None:
    clinic.post(Payment([A100]))
    assert denials(clinic) == []


def test_a_denial_is_over_when_the_claim_is_paid_after_all(clinic: Clinic) -> None:
    clinic.post(Payment([DENIED], trace="1"))
    assert [each.category for each in denials(clinic)] == ["missing_information"]
    clinic.post(Payment([PAID], trace="2", day="20260301"))
    assert denials(clinic) == []


def test_an_unknown_reason_is_a_denial_of_unknown_category(clinic: Clinic) -> None:
    clinic.post(Payment([Clp("A200", "1", [Svc("99214", "200", ["CO-9Z9:200"])], **MARY)]))
    assert [each.category for each in denials(clinic)] == ["unknown"]
