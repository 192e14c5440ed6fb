"""The figures of a practice, worked out by hand."""

from __future__ import annotations

import datetime
from decimal import Decimal

from tests.features.pipeline.bench_of_claims import CALLER
from tests.features.remittance.conftest import Clinic
from tests.features.remittance.known_answers import A100, MARY, negated
from tests.features.remittance.written_835 import Clp, Payment, Submitted, Svc

from claimwright.features.claims import release
from claimwright.features.overview import Figure, Overview, practice_overview
from claimwright.foundation import clock

TODAY = datetime.date(2026, 3, 10)


def overview(clinic: Clinic, facilities: list[str] | None = None) -> Overview:
    with clinic.database.transaction(CALLER) as connection:
        begins = TODAY - datetime.timedelta(days=29)
        return practice_overview(connection, TODAY, begins=begins, ends=TODAY, facilities=facilities)


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
    assert figure(overview(clinic), "Days in A/R").basis.startswith("$0.00 owed")
    shared = Svc("99214", "200", ["CO-45:50", "PR-2:30"])
    clinic.post(Payment([Clp("A200", "1", [shared], **MARY)], trace="3"))
    assert figure(overview(clinic), "Days in A/R").basis.startswith("$30.00 owed")
    clinic.post(
        Payment(
            [Clp("A600", "4", [Svc("99212", "60", ["CO-197:60"])], last="MOE", first="KIM", member="W6")],
            trace="4",
        )
    )
    assert figure(overview(clinic), "Days in A/R").basis.startswith("$90.00 owed")


def test_a_payment_that_was_taken_back_and_paid_again_counts_once_in_the_dollars(clinic: Clinic) -> None:
    paid = Clp("A200", "1", [Svc("99214", "200", ["CO-45:100"])], payer_number="1", **MARY)
    less = Clp("A200", "1", [Svc("99214", "200", ["CO-45:120"])], payer_number="1", **MARY)
    clinic.post(Payment([paid], trace="1", day="20260301"))
    clinic.post(Payment([negated(paid), less], trace="2", day="20260302"))
    days = {each.day.day: each.paid_cents for each in overview(clinic).days if each.paid_cents}
    assert days == {1: 10_000, 2: -2_000}
    assert sum(each.answers for each in overview(clinic).days) == 2


def test_a_second_answer_is_no_initial_one(clinic: Clinic) -> None:
    denied = Clp("A200", "4", [Svc("99214", "200", ["CO-197:200"])], **MARY)
    clinic.post(Payment([denied], trace="1", day="20260120"))
    clinic.post(
        Payment(
            [Clp("A200", "1", [Svc("99214", "200", ["CO-45:50"])], payer_number="ICN2", **MARY)],
            trace="2",
            day="20260301",
        )
    )
    rate = figure(overview(clinic), "Initial denial rate")
    assert (rate.value, rate.before) == (None, 1.0)


def test_a_corrected_claim_is_owed_once(copied_clinic: Clinic) -> None:
    clinic = copied_clinic
    first = Submitted("B100", [("99213", "100")], last="ZOE", first="ZED", member="W9")
    # The other claims of the clinic were not sent yet: what is expected of them is owed as well.
    before = owed_today(clinic)
    clinic.submit(first)
    assert owed_today(clinic) == before + 100
    _send_last(clinic, version=1)
    assert owed_today(clinic) == before + 100
    clinic.post(
        Payment(
            [Clp("B100", "4", [Svc("99213", "100", ["CO-197:100"])], last="ZOE", first="ZED", member="W9")],
            trace="9",
        )
    )
    clinic.submit(Submitted("B100", [("99213", "100")], last="ZOE", first="ZED", member="W9", frequency="7"))
    assert owed_today(clinic) == before + 100
    _send_last(clinic, version=2)
    assert owed_today(clinic) == before + 100


def _send_last(clinic: Clinic, *, version: int) -> None:
    """Release the claim that came last, in this version."""
    [(key, number, route)] = clinic.rows(
        "select claim_key, version, route from production.claims order by claim_key desc limit 1"
    )
    assert number == version
    if route != "production":
        with clinic.database.transaction(CALLER) as connection:
            release(CALLER, connection, [key], reason="Sent for a test")


def owed_today(clinic: Clinic) -> Decimal:
    """The dollars that days in A/R of today are computed from."""
    with clinic.database.transaction(CALLER) as connection:
        today = clock.today()
        basis = figure(practice_overview(connection, today, begins=today, ends=today), "Days in A/R").basis
    return Decimal(basis.removeprefix("$").partition(" owed")[0].replace(",", ""))
