"""Steps that follow from our own records: like claims, other payers, pairs that our check found."""

from __future__ import annotations

import dataclasses
import datetime
from typing import Any

import pytest
from tests.features.pipeline.bench_of_claims import CALLER
from tests.features.remittance.conftest import Clinic
from tests.features.remittance.known_answers import MARY
from tests.features.remittance.written_835 import Clp, Payment, Submitted, Svc

from claimwright.features.denials import WorkItem, work_list

DAY = datetime.date(2026, 2, 20)
JACK = {"last": "DOE", "first": "JACK", "member": "W8"}


def work(clinic: Clinic, *answers: Clp, **options: Any) -> list[WorkItem]:
    clinic.post(Payment(list(answers), **options))
    with clinic.database.transaction(CALLER) as connection:
        return work_list(CALLER, connection, DAY, clinic.sealer)


def copied(clinic: Clinic) -> tuple[int, int]:
    """A200 under another number: the keys of both."""
    clinic.submit(Submitted("A201", [("99214", "200")], **MARY))
    keys = [key for (key,) in clinic.rows("select claim_key from production.claims order by claim_key")]
    return clinic.key_of("A200"), keys[-1]


DUPLICATE = Clp("A201", "4", [Svc("99214", "200", ["OA-18:200"])], payer_number="9", **MARY)


def test_a_duplicate_of_a_paid_claim_names_it_and_its_payment(copied_clinic: Clinic) -> None:
    first, copy = copied(copied_clinic)
    paid = Clp("A200", "1", [Svc("99214", "200", ["CO-45:50"])], **MARY)
    [item] = work(copied_clinic, paid, DUPLICATE)
    assert (item.claim_key, item.next_step, item.probability) == (copy, "write_off_for_approval", 0.0)
    assert item.reason.startswith(
        f"Claim {first} is for the same patient, day, payer and service, and was paid 150.00 on 2026-02-01."
    )


def test_a_duplicate_of_a_denied_claim_leads_to_that_denial(copied_clinic: Clinic) -> None:
    _, copy = copied(copied_clinic)
    denied = Clp("A200", "4", [Svc("99214", "200", ["CO-16:200"])], **MARY)
    found = {each.claim_key: each for each in work(copied_clinic, denied, DUPLICATE)}
    assert found[copy].next_step == "review"
    assert found[copy].reason.endswith("without a payment: work on that denial.")


def test_a_duplicate_of_a_claim_without_an_answer_waits(copied_clinic: Clinic) -> None:
    copied(copied_clinic)
    [item] = work(copied_clinic, DUPLICATE)
    assert (item.next_step, "has not answered it yet" in item.reason) == ("wait", True)


def test_a_duplicate_of_nothing_that_we_sent_is_asked_about(clinic: Clinic) -> None:
    [item] = work(clinic, dataclasses.replace(DUPLICATE, number="A200"))
    assert item.next_step == "review"
    assert item.reason.startswith("No other claim for this service is in the store")


@pytest.mark.parametrize("code", ["CO-22", "CO-109", "CO-27"])
def test_no_other_payer_is_billed_where_the_claim_names_none(clinic: Clinic, code: str) -> None:
    [item] = work(clinic, Clp("A200", "4", [Svc("99214", "200", [f"{code}:200"])], **MARY))
    assert item.next_step == "review"
    assert item.reason.startswith("The claim names no other payer.")


def test_another_payer_that_the_claim_names_is_billed(clinic: Clinic) -> None:
    lines = [Svc("99213", "100", ["CO-22:100"]), Svc("85025", "50", ["CO-22:50"])]
    found = work(clinic, Clp("A800", "4", lines, **JACK))
    assert {each.next_step for each in found} == {"bill_next_payer"}
    assert found[0].reason.startswith("The claim names another payer")


def test_a_second_payer_that_asks_for_the_first_gets_its_answer(clinic: Clinic) -> None:
    ann = {"last": "POE", "first": "ANN", "member": "W000000003"}
    first = Clp("A300", "1", [Svc("99213", "100", ["CO-45:20", "PR-2:16"])], **ann)
    second = Clp("A300", "2", [Svc("99213", "100", ["OA-23:84", "CO-22:16"])], payer_number="S1", **ann)
    clinic.post(Payment([first]))
    [item] = work(clinic, second, trace="2", day="20260210")
    assert item.next_step == "correct_and_resubmit"
    assert item.reason == "The payer before answered on 2026-02-01: send the claim again with that answer."


@pytest.mark.parametrize(
    ("rule", "step", "words"),
    [
        ("NCC001", "write_off_for_approval", "no modifier unbundles this pair"),
        ("NCC002", "correct_and_resubmit", "append the modifier"),
        (None, "appeal", "usually works"),
    ],
)
def test_a_bundled_line_whose_edit_our_check_found_is_not_appealed(
    copied_clinic: Clinic, rule: str | None, step: str, words: str
) -> None:
    key = copied_clinic.key_of("A200")
    if rule is not None:
        with copied_clinic.database.transaction(CALLER) as connection:
            connection.execute(
                "insert into production.findings (received_on, claim_key, line, code, severity) "
                "select received_on, claim_key, 1, %s, 'warn' from production.claims where claim_key = %s",
                [rule, key],
            )
    [item] = work(copied_clinic, Clp("A200", "4", [Svc("99214", "200", ["CO-97:200"])], **MARY))
    assert item.next_step == step
    assert words in item.reason
