"""What no rule touches is found by what rules read, also through derived names and functions."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date

from typer.testing import Result

from claimwright.domain.derived import DERIVED
from claimwright.domain.dictionary import DICTIONARY, Level
from claimwright.engines.rules import Lifecycle, Rule, RuleBook
from claimwright.features.rule_workshop import Coverage, coverage, names_of
from claimwright.features.rule_workshop.coverage import roots
from claimwright.reference.code_lists import code_list

from .conftest import rule_text

DAY = date(2026, 11, 22)


def state(found: Coverage, name: str) -> str:
    for family in found.fields:
        for word in ("read", "through", "untouched"):
            if name in getattr(family, word):
                return word
    raise KeyError(name)


def stable(when: str = "total_charge > 400") -> str:
    return rule_text(lifecycle="stable").replace("total_charge > 400", when)


def test_a_field_is_touched_by_the_rule_that_reads_it(read: Callable[..., Rule]) -> None:
    found = coverage([read(stable())], as_of=DAY)
    assert state(found, "total_charge") == "read"
    assert state(found, "patient_paid") == "untouched"
    assert found.of_fields(is_derived=False)[0] == 1


def test_a_field_is_touched_through_a_derived_name(read: Callable[..., Rule]) -> None:
    """What lines charge is read by a rule of the claim as the sum over its lines."""
    found = coverage([read(stable(when="total_charge > 400 and line_charge_total < 10000"))], as_of=DAY)
    assert state(found, "line_charge_total") == "read"
    assert state(found, "line_charge") == "through"


def test_an_argument_of_a_function_is_touched(read: Callable[..., Rule]) -> None:
    found = coverage([read(stable(when="total_charge > 400 and npi_check_digit_ok(billing_npi)"))], as_of=DAY)
    assert state(found, "billing_npi") == "read"


def test_what_a_rule_applies_by_is_touched(read: Callable[..., Rule]) -> None:
    text = stable().replace(
        "field:", "payers: {claim_filing: [CI], ids: ['12345']}\neffective: {from: 2020-01-01}\nfield:"
    )
    names = names_of(read(text))
    assert names == {"total_charge", "claim_filing_code", "payer_id", "first_service_on"}


def test_the_second_line_of_a_pair_touches_the_same_fields(rulebook: RuleBook) -> None:
    pairs = [rule for rule in rulebook if rule.level == "pair"]
    assert not any(name.startswith("pair_") for rule in pairs for name in names_of(rule))
    assert all(set(rule.pair_on) <= names_of(rule) for rule in pairs)


def test_drafts_and_retired_rules_touch_nothing(read: Callable[..., Rule]) -> None:
    for lifecycle in ("draft", "retired"):
        found = coverage([read(rule_text(lifecycle=lifecycle), name=f"{lifecycle}.yaml")], as_of=DAY)
        assert found.rules == 0
        assert state(found, "total_charge") == "untouched"


def test_every_field_and_derived_name_is_counted_once(rulebook: RuleBook) -> None:
    found = coverage(rulebook, as_of=DAY)
    counted = [name for family in found.fields for name in (*family.read, *family.through, *family.untouched)]
    known = {entry.name for entry in DICTIONARY if entry.level is not Level.SEGMENT} | {
        d.name for d in DERIVED
    }
    assert len(counted) == len(set(counted))
    assert set(counted) == known


def test_every_derived_name_but_those_of_the_check_itself_comes_from_fields() -> None:
    assert {name for name, known in roots().items() if not known} <= {"as_of"}
    assert "line_charge" in roots()["line_charge_total"]
    assert {"dependent_birth_on", "subscriber_birth_on"} <= roots()["patient_age_years"]


def test_denials_are_those_of_the_list_that_are_in_force(rulebook: RuleBook) -> None:
    found = coverage(rulebook, as_of=DAY).carc
    in_force = {code for code, entry in code_list("carc").codes.items() if entry.holds_on(DAY)}
    assert set(found.foreseen) | set(found.untouched) == in_force
    assert set(found.foreseen) == {code for rule in rulebook for code in rule.carc}
    assert found.unknown == ()
    assert "16" in found.foreseen


def test_codes_stand_in_the_order_of_their_numbers(read: Callable[..., Rule]) -> None:
    untouched = coverage([read(stable())], as_of=DAY).carc.untouched
    assert list(untouched[:6]) == ["1", "2", "3", "4", "5", "6"]
    assert untouched.index("B9") < untouched.index("B10")


def test_every_rule_is_in_one_family_and_has_one_snip_type(rulebook: RuleBook) -> None:
    found = coverage(rulebook, as_of=DAY)
    in_force = [rule for rule in rulebook if rule.lifecycle is not Lifecycle.RETIRED]
    assert sum(family.rules for family in found.families) == found.rules == len(in_force)
    assert sum(rules for rules, _ in found.snip.values()) == found.rules
    for family in found.families:
        assert sum(family.by_snip.values()) == sum(family.by_severity.values()) == family.rules


def test_the_terminal_shows_all_of_it(run: Callable[..., Result]) -> None:
    table = run("rules", "coverage", "--as-of", "2026-11-22")
    assert table.exit_code == 0
    for words in (
        "rules by family",
        "Covered:",
        "CARC",
        "7 trading partner",
    ):
        assert words in table.stdout, words
    facts = json.loads(run("rules", "coverage", "--format", "json").stdout)
    assert facts["fields"]["touched"] < facts["fields"]["total"]
    assert "16" in facts["carc"]["foreseen"]
