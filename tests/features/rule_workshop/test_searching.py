"""A rule is found by whatever somebody remembers of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from typer.testing import Result

from claimwright.engines.rules import RuleBook
from claimwright.features.rule_workshop import family_of, search


def codes(rulebook: RuleBook, words: str) -> list[str]:
    return [hit.rule.code for hit in search(rulebook, words).hits]


def test_a_code_finds_its_rule_first(rulebook: RuleBook) -> None:
    assert codes(rulebook, "npi007")[0] == "NPI007"


def test_a_name_finds_its_rule_first(rulebook: RuleBook) -> None:
    for rule in list(rulebook)[::12]:
        assert codes(rulebook, rule.name)[0] == rule.code


def test_every_word_must_be_there_if_any_rule_has_them_all(rulebook: RuleBook) -> None:
    found = search(rulebook, "billing npi")
    assert not found.is_partial
    for hit in found.hits:
        text = repr(hit.rule).lower() + " ".join(hit.rule.predicate.names)
        assert "billing" in text
        assert "npi" in text


def test_words_that_no_rule_has_together_find_the_rules_that_have_some(rulebook: RuleBook) -> None:
    found = search(rulebook, "medicare qwertyuiop")
    assert found.is_partial
    assert found.hits


def test_a_denial_is_looked_for_among_denials_alone(rulebook: RuleBook) -> None:
    expected = {rule.code for rule in rulebook if "29" in rule.carc}
    assert expected
    assert set(codes(rulebook, "carc 29")) == expected
    assert set(codes(rulebook, "CO-29")) == expected


@pytest.mark.parametrize(
    ("words", "code"),
    [("check digit billing", "NPI001"), ("424.44", "TMF001"), ("delay_reason medicare", "TMF001")],
)
def test_texts_authorities_and_fields_are_searched(rulebook: RuleBook, words: str, code: str) -> None:
    assert code in codes(rulebook, words)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("gender", "DEM001"),
        ("leie", "EXC001"),
        ("laterality", "GLB007"),
        ("msp", "NUB023"),
        ("abn", "HCP005"),
    ],
)
def test_what_people_call_it_finds_what_the_rule_calls_it(rulebook: RuleBook, words: str, code: str) -> None:
    assert code in codes(rulebook, words)[:12]


def test_singular_and_plural_find_the_same(rulebook: RuleBook) -> None:
    assert codes(rulebook, "modifiers")
    assert codes(rulebook, "modifiers") == codes(rulebook, "modifier")


def test_a_misspelt_word_gets_a_suggestion(rulebook: RuleBook) -> None:
    assert "timely" in search(rulebook, "timley").near


def test_nothing_is_found_for_no_words(rulebook: RuleBook) -> None:
    assert search(rulebook, "  ").hits == ()


def test_a_packaged_rule_belongs_to_the_family_of_its_folder(rulebook: RuleBook) -> None:
    assert family_of(rulebook["NPI001"]) == "identifiers"


def test_the_terminal_says_what_was_found_and_with_which_status(run: Callable[..., Result]) -> None:
    found = run("rules", "search", "tricare", "filing")
    assert found.exit_code == 0
    assert "TMF003" in found.stdout
    nothing = run("rules", "search", "qwertyuiop")
    assert nothing.exit_code == 1
    assert nothing.stdout == ""
    assert "No rule has 'qwertyuiop'" in nothing.stderr


def test_json_has_every_fact_of_a_rule(run: Callable[..., Result]) -> None:
    import json

    [first, *_] = json.loads(run("rules", "search", "NPI001", "--format", "json").stdout)
    shown = json.loads(run("rules", "show", "NPI001", "--format", "json").stdout)
    assert first["code"] == shown["code"] == "NPI001"
    assert shown["reads"] == ["billing_id_qualifier"]
    assert shown["carc"] == ["16", "207"]
    assert len(shown["cases"]) >= 2
