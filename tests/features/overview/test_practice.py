"""The figures of a practice, worked out by hand."""

from __future__ import annotations

import datetime

from tests.features.pipeline.bench_of_claims import CALLER
from tests.features.remittance.conftest import Clinic
from tests.features.remittance.known_answers import A100, MARY
from tests.features.remittance.written_835 import Clp, Payment, Svc

from claimwright.features.overview import Figure, Overview, practice_overview

TODAY = datetime.date(2026, 3, 10)


def overview(clinic: Clinic, facilities: list[str] | None = None) -> Overview:
    with clinic.database.transaction(CALLER) as connection:
        return practice_overview(connection, TODAY, facilities=facilities)


def figure(found: Overview, name: str) -> Figure:
    [only] = [each for each in found.figures if each.name == name]
    return only


def test_a_claim_that_the_first_payer_denied_counts_once_and_one_that_it_paid_does_not(
    clinic: Clinic,
) -> None:
    denied = Clp("A200", "4", [Svc("99214", "200", ["CO-197:200"])], **MARY)
    clinic.post(Payment([A100], trace="1", day="20260301"))
    clinic.post(Payment([denied], trace="2", day="20260302"))
    found = overview(clinic)
    rate = figure(found, "Initial denial rate")
    assert (rate.value, rate.basis) == (0.5, "1 of 2 answered claims")
    days = {each.day: (each.answers, each.denied) for each in found.days if each.answers}
    assert days == {datetime.date(2026, 3, 1): (1, 0), datetime.date(2026, 3, 2): (1, 1)}
    assert figure(overview(clinic, ["ELSEWHERE"]), "Initial denial rate").value is None


def test_answers_of_the_thirty_days_before_are_the_comparison(clinic: Clinic) -> None:
    clinic.post(Payment([A100], trace="1", day="20260120"))
    rate = figure(overview(clinic), "Initial denial rate")
    assert (rate.value, rate.before) == (None, 0.0)


def test_what_the_patient_owes_and_what_was_denied_is_still_owed(clinic: Clinic) -> None:
    # The claims of the clinic wait for review: nothing of them was sent, so only answers count.
    assert figure(overview(clinic), "Days in A/R").basis.startswith("$ 0.00 owed")
    shared = Svc("99214", "200", ["CO-45:50", "PR-2:30"])
    clinic.post(Payment([Clp("A200", "1", [shared], **MARY)], trace="3"))
    assert figure(overview(clinic), "Days in A/R").basis.startswith("$ 30.00 owed")
    clinic.post(
        Payment(
            [Clp("A600", "4", [Svc("99212", "60", ["CO-197:60"])], last="MOE", first="KIM", member="W6")],
            trace="4",
        )
    )
    assert figure(overview(clinic), "Days in A/R").basis.startswith("$ 90.00 owed")
