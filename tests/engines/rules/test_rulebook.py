"""What holds for every rule that ships, beside its own cases."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

import pytest

from claimwright.engines.rules import Lifecycle, RuleBook, RuleEngine, clean_claim, read_rulebook
from claimwright.engines.rules.binding import bind_problems
from claimwright.reference.code_lists import code_list
from claimwright.rulebook import packaged_rules

from .conftest import DAY


def test_all_rules_load(rulebook: RuleBook) -> None:
    assert [str(problem) for problem in rulebook.problems] == []
    assert len(rulebook) == len(packaged_rules())


def test_a_rule_reads_alike_whether_its_cases_are_read_at_once_or_later(rulebook: RuleBook) -> None:
    at_once = read_rulebook(packaged_rules())
    assert [str(problem) for problem in at_once.problems] == []
    assert [replace(rule, cases=tuple(rule.cases)) for rule in rulebook] == list(at_once.rules)


def test_there_are_at_least_eighty_stable_rules(rulebook: RuleBook) -> None:
    assert len(rulebook.of(Lifecycle.STABLE)) >= 80


def test_every_predicate_binds_to_the_columns_that_it_will_see(rulebook: RuleBook) -> None:
    assert bind_problems(rulebook.rules) == []


def test_a_file_is_named_for_its_rule(rulebook: RuleBook) -> None:
    assert [rule.code for rule in rulebook if not rule.file.endswith(f"/{rule.code}.yaml")] == []


def test_a_name_names_a_defect_and_no_other_rule_has_it(rulebook: RuleBook) -> None:
    names = Counter(rule.name for rule in rulebook)
    assert [name for name, count in names.items() if count > 1] == []
    assert [name for name in names if name.endswith(("-check", "-rule", "-valid"))] == []


@pytest.mark.parametrize(("kind", "name"), [("carc", "carc"), ("rarc", "rarc")])
def test_the_expected_denials_are_codes_in_force(rulebook: RuleBook, kind: str, name: str) -> None:
    codes = code_list(name).codes
    unknown = [
        (rule.code, code)
        for rule in rulebook
        for code in getattr(rule, kind)
        if code not in codes or codes[code].valid_to is not None
    ]
    assert unknown == []


def test_a_retired_rule_names_the_rule_that_took_its_place(rulebook: RuleBook) -> None:
    retired = rulebook.of(Lifecycle.RETIRED)
    assert {rule.code: rulebook.in_force(rule.code).code for rule in retired} == {
        "ICD023": "STY014",
        "ICD024": "STY013",
    }
    assert all(rulebook.in_force(rule.code).lifecycle is Lifecycle.STABLE for rule in retired)
    assert rulebook.in_force("inpatient-procedure-before-stay").code == "STY013"
    assert rulebook.in_force("STY013").code == "STY013"


def test_texts_are_sentences(rulebook: RuleBook) -> None:
    loose = [
        (rule.code, part)
        for rule in rulebook
        for part in ("what", "why", "fix")
        if not re.fullmatch(r"[A-Z0-9].*[.]", getattr(rule, part), re.DOTALL)
    ]
    assert loose == []
    assert [rule.code for rule in rulebook if rule.title.endswith(".")] == []


def test_an_authority_can_be_looked_up(rulebook: RuleBook) -> None:
    """A section, an element, an item, a named list or one that was loaded: a place, not only a document."""
    place = re.compile(r"\d|Code Set|NPI|Edits|PC/TC|structure|Format|NCCI|Modifiers|loaded as [a-z_]+")
    vague = [(rule.code, entry) for rule in rulebook for entry in rule.authority if not place.search(entry)]
    assert vague == []


@pytest.mark.parametrize("form", ["P", "I", "D"])
def test_nothing_is_found_in_a_clean_claim(form: str, engine: RuleEngine) -> None:
    assert engine.evaluate(clean_claim(form), as_of=DAY).findings.rows() == []


def test_no_rule_names_a_code_of_the_ama_with_words(rulebook: RuleBook) -> None:
    """A code and what the payer does with it are facts; a descriptor would be the AMA's text."""
    suspicious = re.compile(r"\b\d{5}\s*(?:\(|=|:)\s*[A-Za-z]")
    assert [rule.code for rule in rulebook if suspicious.search(f"{rule.what} {rule.why} {rule.fix}")] == []
