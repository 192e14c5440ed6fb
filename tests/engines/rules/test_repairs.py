"""Repairs of rules: read, bound, tested by the cases, computed over claims."""

from __future__ import annotations

from datetime import date

import pytest

from claimwright.domain.claim_changes import Change, ChangeError, read_value, with_changes
from claimwright.domain.dictionary import field_named
from claimwright.engines.rules import (
    Repairer,
    RepairResult,
    RuleBook,
    clean_claim,
    load_rulebook,
    read_rulebook,
    run_repairs,
)
from claimwright.engines.rules.binding import bind_problems
from claimwright.engines.rules.compiled_book import dumped, loaded
from claimwright.rulebook import RuleSource, packaged_rules

DAY = date(2025, 3, 10)
RULE = """\
code: OWN901
name: billing-state-lower-case
title: Billing state is in lower case
severity: warn
snip: 5
lifecycle: stable
level: claim
field: billing_state
authority: Example Plan, manual 2026, section 4
what: The state is in lower case.
why: The payer rejects it.
fix: Enter it in capital letters.
repair:
  {repair}
when: billing_state <> upper(billing_state)
cases:
  - {{name: lower case, fires: true, {repaired}claim: {{billing_state: oh}}}}
  - {{name: capital letters, fires: false}}
"""
GOOD = "{change: {billing_state: upper(billing_state)}, because: It is the same state., confidence: high}"


def read(repair: str, repaired: str = "") -> RuleBook:
    text = RULE.format(repair=repair, repaired=repaired)
    return read_rulebook([RuleSource("OWN901.yaml", text, is_packaged=False)])


@pytest.fixture(scope="module")
def results() -> list[RepairResult]:
    book = load_rulebook()
    return run_repairs([rule for rule in book if rule.repair is not None], book)


def test_the_shipped_repairs_do_on_their_cases_what_they_should(results: list[RepairResult]) -> None:
    assert [(each.rule.code, each.case.name, each.problem) for each in results if each.problem] == []


def test_each_shipped_repair_has_a_case_that_states_its_values(results: list[RepairResult]) -> None:
    stated = {each.rule.code for each in results if each.changes and each.case.given.get("repaired")}
    repairs = {rule.code for rule in load_rulebook() if rule.repair is not None}
    assert repairs == stated
    assert 20 <= len(repairs) <= 40


def test_the_values_of_shipped_repairs_have_the_types_of_their_fields() -> None:
    assert bind_problems([rule for rule in load_rulebook() if rule.repair is not None]) == []


def test_no_shipped_repair_invents_a_fact() -> None:
    # A signature, an identity, an authorization or a street can't follow from the rest of the claim.
    book = load_rulebook()
    for code in ("ADR001", "REQ029", "NPI001", "PLC001", "REQ021", "GLB001", "MOD009", "COV005", "REQ004"):
        assert book[code].repair is None, code


def test_a_repair_is_read_with_its_rule_and_survives_the_cache() -> None:
    book = read(GOOD)
    assert not book.problems
    repair = book["OWN901"].repair
    assert repair is not None
    assert repair.fields == ("billing_state",)
    assert (repair.confidence, repair.because) == ("high", "It is the same state.")
    shipped = load_rulebook()
    again = loaded(dumped(shipped) or b"", packaged_rules())
    assert again is not None
    assert [rule.repair for rule in again] == [rule.repair for rule in shipped]


@pytest.mark.parametrize(
    ("repair", "what"),
    [
        ("{change: {billing_state: upper(billing_state)}, because: Why., confidence: sure}", "confidence"),
        ("{change: {billing_state: upper(billing_state)}, confidence: high}", "because"),
        ("{change: {patient_state: upper(billing_state)}, because: Why., confidence: high}", "not a field"),
        ("{change: {billing_state: upper(nothing)}, because: Why., confidence: high}", "not a known name"),
        ("{change: {billing_state: (select 1)}, because: Why., confidence: high}", "subquery"),
        ("{change: {billing_state: read_text('x')}, because: Why., confidence: high}", "not a function"),
        ("{change: {billing_state: total_charge}, because: Why., confidence: high}", "it is DECIMAL"),
        ("{because: Why., confidence: high}", "changes nothing"),
        (
            "{change: {billing_state: lower(billing_state)}, because: Why., confidence: high}",
            "changes no case",
        ),
        ("{remove: [billing_city], because: Why., confidence: high}", "leaves the rule firing"),
        ("{change: 7, because: Why., confidence: high}", "not a mapping"),
    ],
)
def test_a_repair_that_is_wrong_keeps_its_rule_out_with_the_reason(repair: str, what: str) -> None:
    book = read(repair)
    assert "OWN901" not in book
    assert any(what in str(each) for each in book.problems), [str(each) for each in book.problems]


def test_a_case_may_state_the_repaired_values_and_another_value_is_a_problem() -> None:
    assert not read(GOOD, "repaired: {billing_state: OH}, ").problems
    [problem] = read(GOOD, "repaired: {billing_state: IN}, ").problems
    assert "another value than the case states" in problem.what


def test_a_repair_changes_only_the_rows_on_which_its_rule_fires() -> None:
    batch, _ = with_changes(clean_claim("P"), [Change(1, "diagnosis", "E78.5", None, 2)])
    proposed = Repairer(load_rulebook()).propose(batch, ["DXC002", "ADR005"], as_of=DAY)
    assert proposed == {"DXC002": [Change(1, "diagnosis", "E785", None, 2)]}


def test_a_rule_of_a_line_may_repair_a_field_of_the_claim() -> None:
    ambulance = [
        Change(1, "claim_filing_code", "MB"), Change(1, "assignment", "C"),
        Change(1, "procedure", "A0429", 1),
    ]  # fmt: skip
    batch, _ = with_changes(clean_claim("P"), ambulance)
    proposed = Repairer(load_rulebook()).propose(batch, ["PYR016"], as_of=DAY)
    assert proposed == {"PYR016": [Change(1, "assignment", "A")]}


def test_changes_are_applied_by_place_and_say_what_was_there() -> None:
    batch, made = with_changes(
        clean_claim("P"),
        [
            Change(1, "line_charge", "130", 1),
            Change(1, "units", None, 1),
            Change(1, "place_of_service", "11"),
        ],
    )
    assert [(each.change.field, each.old, each.change.new) for each in made] == [
        ("line_charge", "125.00", "130.00"), ("units", "1.000", None),
    ]  # fmt: skip
    assert str(batch.lines["line_charge"].item()) == "130.00"
    assert batch.lines["units"].item() is None


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (Change(1, "no_such_field", "1"), "no such field"),
        (Change(1, "procedure", "99213", 7), "no such line"),
        (Change(1, "adjustment_amount", "1", 1), "can't be changed"),
        (Change(1, "service_from_on", "03/04/2025", 1), "write date as 2026-01-31"),
        (Change(1, "line_charge", "1.005", 1), "write US dollars"),
        (Change(1, "line_charge", "NaN", 1), "write US dollars"),
        (Change(1, "line_charge", "1e30", 1), "write US dollars"),
        (Change(1, "diagnosis_pointer_1", "99999999999", 1), "write whole number"),
        (Change(1, "claim_id", "A\x1dB"), "control character"),
    ],
)
def test_a_change_that_cannot_be_is_refused_without_its_value(change: Change, what: str) -> None:
    with pytest.raises(ChangeError, match=what) as refused:
        with_changes(clean_claim("P"), [change])
    value = change.new or ""
    assert len(value) < 5 or value not in str(refused.value)


def test_an_empty_text_is_no_value() -> None:
    assert read_value(field_named("procedure"), "  ") is None
