"""Denials as they are found when a remittance is posted."""

from __future__ import annotations

from tests.features.pipeline.bench_of_claims import CALLER

from claimwright.store.denials import StoredDenial, count_denials, list_denials

from .conftest import Clinic
from .known_answers import A100, DENIED, MARY, PAID
from .written_835 import Clp, Payment, Svc


def denials(clinic: Clinic) -> list[StoredDenial]:
    with clinic.database.transaction(CALLER) as connection:
        return list_denials(connection)


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
        [total] = count_denials(connection)
    assert (total.category, total.denials, total.amount_cents) == ("authorization", 1, 20000)


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
