"""What rules are worth, counted by hand over findings that are put there."""

from __future__ import annotations

from decimal import Decimal

from tests.features.pipeline.bench_of_claims import CALLER
from tests.features.remittance.conftest import Clinic
from tests.features.remittance.known_answers import A100
from tests.features.remittance.written_835 import Payment

from claimwright.features.denials import RuleValue, rule_values

from .test_work_list import NO_NUMBER


def flag(clinic: Clinic, key: int, code: str, amount: str | None = None, waiver: str | None = None) -> None:
    """A finding of a claim."""
    with clinic.database.transaction(CALLER) as connection:
        connection.execute(
            "insert into production.findings (received_on, claim_key, code, severity, amount, waiver) "
            "select received_on, claim_key, %s, 'warn', %s::numeric, %s from production.claims "
            "where claim_key = %s",
            [code, amount, waiver, key],
        )


def value(clinic: Clinic, code: str) -> RuleValue:
    with clinic.database.transaction(CALLER) as connection:
        found = {each.code: each for each in rule_values(CALLER, connection)}
    return found[code]


def test_precision_is_denied_of_answered_claims(clinic: Clinic) -> None:
    clinic.post(Payment([A100, NO_NUMBER]))
    for number in ("A100", "A200", "A600"):
        flag(clinic, clinic.key_of(number), "OWN901")
    # Under a waiver: nobody relied on it.
    flag(clinic, clinic.key_of("A700"), "OWN901", waiver="W-1")
    found = value(clinic, "OWN901")
    # A100 was paid, A200 denied with 200.00, A600 has no answer.
    assert (found.findings, found.answered, found.denied, found.precision) == (3, 2, 1, 0.5)
    assert (found.dollars_denied, found.named) == (Decimal("200.00"), 0)


def test_a_denial_whose_cause_names_a_rule_was_foreseen_or_missed(clinic: Clinic) -> None:
    clinic.post(Payment([NO_NUMBER]))
    [(rules,)] = clinic.rows("select rules from remittance.denials")
    code = rules.split()[0]
    missed = value(clinic, code)
    assert (missed.missed, missed.dollars_missed, missed.named) == (1, Decimal("200.00"), 0)
    flag(clinic, clinic.key_of("A200"), code)
    named = value(clinic, code)
    assert (named.missed, named.named, named.dollars_named) == (0, 1, Decimal("200.00"))


def test_what_was_corrected_before_it_left_is_prevented_by_the_share_that_is_denied(clinic: Clinic) -> None:
    clinic.post(Payment([A100, NO_NUMBER]))
    for number in ("A100", "A200"):
        flag(clinic, clinic.key_of(number), "OWN901")
    flag(clinic, clinic.key_of("A600"), "OWN901", amount="60")
    with clinic.database.transaction(CALLER) as connection:
        # A600 was returned; A700 stands in for its next version, which is without the finding.
        connection.execute(
            "update production.claims set route = 'returned', status = 'superseded' where claim_key = %s",
            [clinic.key_of("A600")],
        )
        connection.execute(
            "update production.claims set original_key = %s where claim_key = %s",
            [clinic.key_of("A600"), clinic.key_of("A700")],
        )
    found = value(clinic, "OWN901")
    assert (found.corrected, found.dollars_corrected) == (1, Decimal("60.00"))
    # One of two answered claims was denied: half of 60.00.
    assert found.dollars_prevented == Decimal("30.00")
    flag(clinic, clinic.key_of("A700"), "OWN901")
    assert value(clinic, "OWN901").corrected == 0
