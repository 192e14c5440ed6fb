"""Mutants are what they say, cases kill them, and what no case kills is told."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
import yaml
from tests.features.rule_workshop.conftest import rule_text

from claimwright.engines.rules import Rule, RuleBook
from claimwright_lab.rule_mutation import Mutant, mutants_of, mutate, sample_of_rules
from claimwright_lab.rule_mutation.mutants import KINDS
from claimwright_lab.sampling import DEFAULT_AS_OF, SampleOptions, sample_batches

SEED = 7
# What the excuses of a run are keyed by.
Key = tuple[str, str, str]


@pytest.fixture
def mutants(read: Callable[..., Rule]) -> Callable[..., dict[str, set[str]]]:
    """The mutants of a predicate by kind, each as `was => became`."""

    def made(when: str, cases: str = "") -> dict[str, set[str]]:
        text = rule_text().replace("total_charge > 400", when)
        found: dict[str, set[str]] = {kind: set() for kind in KINDS}
        for mutant in mutants_of(read(text)):
            found[mutant.kind].add(f"{mutant.was} => {mutant.became}")
        return found

    return made


def test_a_comparison_is_flipped_at_its_bound_and_round(mutants: Callable[..., dict[str, set[str]]]) -> None:
    assert mutants("total_charge > 400")["comparison"] == {
        "total_charge > 400 => total_charge >= 400",
        "total_charge > 400 => total_charge <= 400",
    }


@pytest.mark.parametrize(
    ("when", "was", "became"),
    [
        ("payer_id in ('A', 'B')", "payer_id IN ('A', 'B')", "NOT (payer_id IN ('A', 'B'))"),
        ("payer_id is null", "payer_id IS NULL", "NOT (payer_id IS NULL)"),
        (
            "payer_id between 'A' and 'C'",
            "payer_id BETWEEN 'A' AND 'C'",
            "NOT (payer_id BETWEEN 'A' AND 'C')",
        ),
        ("payer_id = 'A'", "payer_id = 'A'", "payer_id <> 'A'"),
    ],
)
def test_a_test_is_turned_round(
    when: str, was: str, became: str, mutants: Callable[..., dict[str, set[str]]]
) -> None:
    assert f"{was} => {became}" in mutants(when)["comparison"]


def test_a_not_is_dropped_once(mutants: Callable[..., dict[str, set[str]]]) -> None:
    found = mutants("total_charge > 400 and payer_id not in ('A')")
    assert found["negation"] == {"NOT payer_id IN ('A') => payer_id IN ('A')"}
    assert not any("payer_id IN" in change for change in found["comparison"]), "which would say the same"


def test_a_connective_is_exchanged_within_parentheses(mutants: Callable[..., dict[str, set[str]]]) -> None:
    found = mutants("total_charge > 400 and (payer_id = 'A' or payer_id = 'B')")
    assert found["connective"] == {
        "total_charge > 400 AND (payer_id = 'A' OR payer_id = 'B') => "
        "(total_charge > 400 OR (payer_id = 'A' OR payer_id = 'B'))",
        "payer_id = 'A' OR payer_id = 'B' => (payer_id = 'A' AND payer_id = 'B')",
    }


@pytest.mark.parametrize(
    ("when", "more", "less"),
    [
        ("total_charge > 400", "total_charge > 401", "total_charge > 399"),
        ("total_charge > 0.5", "total_charge > 0.6", "total_charge > 0.4"),
        (
            "as_of > first_service_on + interval 1 year",
            "as_of > first_service_on + INTERVAL '2' YEAR",
            "as_of > first_service_on + INTERVAL '0' YEAR",
        ),
        (
            "first_service_on > date '2026-01-01'",
            "first_service_on > CAST('2026-01-02' AS DATE)",
            "first_service_on > CAST('2025-12-31' AS DATE)",
        ),
        (
            "total_charge / nullif(patient_paid, 0) > 2",
            "total_charge / NULLIF(patient_paid, 0) > 3",
            "total_charge / NULLIF(patient_paid, 0) > 1",
        ),
    ],
)
def test_a_constant_is_shifted_by_one(
    when: str, more: str, less: str, mutants: Callable[..., dict[str, set[str]]]
) -> None:
    assert {change.split(" => ")[1] for change in mutants(when)["constant"]} == {more, less}


def test_a_name_is_taken_for_its_sibling(mutants: Callable[..., dict[str, set[str]]]) -> None:
    assert mutants("rendering_npi = 'X'")["name"] == {"rendering_npi = 'X' => referring_npi = 'X'"}


def test_an_argument_of_a_function_is_taken_for_its_sibling(
    mutants: Callable[..., dict[str, set[str]]],
) -> None:
    [change] = mutants("not npi_check_digit_ok(rendering_npi)")["name"]
    assert change.endswith("=> NOT NPI_CHECK_DIGIT_OK(referring_npi)")


def test_each_side_is_taken_for_true_and_for_false(mutants: Callable[..., dict[str, set[str]]]) -> None:
    found = mutants("total_charge > 400 and payer_id = 'A' and frequency_code = '1'")["conjunct"]
    sides = ("total_charge > 400", "payer_id = 'A'", "frequency_code = '1'")
    assert found == {f"{side} => {word}" for side in sides for word in ("TRUE", "FALSE")}


def test_every_mutant_differs_from_its_rule_and_from_the_others(rulebook: RuleBook) -> None:
    for rule in sample_of_rules(rulebook, 10, SEED):
        mutants = mutants_of(rule)
        texts = [mutant.predicate.sql for mutant in mutants]
        assert len(set(texts)) == len(texts)
        assert rule.predicate.sql not in texts
        assert [mutant.rule for mutant in mutants] == [rule] * len(mutants)


def test_a_mutant_that_no_case_kills_is_told_with_a_claim_that_would(
    read: Callable[..., Rule], rulebook: RuleBook
) -> None:
    """Both cases charge a thousand dollars off the bound, so that nothing notices where it is."""
    text = rule_text(limit=5000).replace("5000.01", "6000").replace("total_charge: 5000}", "total_charge: 1}")
    probe = read(rule_text("OWN002", limit=5000), name="probe.yaml")
    report = mutate([read(text)], probes=RuleBook((*rulebook.rules[:2], probe)))
    [score] = report.scores
    alive = {f"{each.mutant.was} => {each.mutant.became}": each.told_apart_by for each in score.survivors}
    assert alive == {
        "total_charge > 5000 => total_charge >= 5000": "the case 'as much as the plan takes' of OWN002",
        "total_charge > 5000 => total_charge > 5001": "the case 'a cent above' of OWN002",
        "total_charge > 5000 => total_charge > 4999": "the case 'as much as the plan takes' of OWN002",
    }
    # All: two comparisons, two constants, a name. Killed: the comparison turned round, and the name.
    assert (score.killed, score.total, score.value) == (2, 5, 0.4)


def test_a_sample_claim_tells_a_survivor_apart(read: Callable[..., Rule]) -> None:
    text = rule_text(limit=400).replace("400.01", "99999").replace("total_charge: 400}", "total_charge: 1}")
    [(claims, _)] = sample_batches(SampleOptions(claims=400, seed=SEED))
    # A dollar is between the charges of no two synthetic claims, a thousand is.
    rule = read(text.replace("total_charge > 400", "total_charge > 1000"))
    report = mutate([rule], claims=claims, as_of=DEFAULT_AS_OF)
    assert report.probed == 400
    told = [each.told_apart_by for each in report.survivors]
    assert all(text == "" or re.fullmatch(r"claim \d+ of the sample", text) for text in told)


def test_an_excused_mutant_counts_for_nothing(read: Callable[..., Rule]) -> None:
    text = rule_text(limit=5000).replace("5000.01", "6000").replace("total_charge: 5000}", "total_charge: 1}")
    excuses: dict[Key, str] = {
        ("OWN001", "total_charge > 5000", "total_charge > 5001"): "no plan would notice a dollar"
    }
    [score] = mutate([read(text)], excuses=excuses).scores
    assert (score.killed, score.total, score.excused) == (2, 4, 1)


def test_a_rule_that_fails_its_own_case_proves_nothing(read: Callable[..., Rule]) -> None:
    with pytest.raises(ValueError, match="OWN001 fails its own case 'a cent above'"):
        mutate([read(rule_text().replace("total_charge > 400", "total_charge > 4000"))])


def test_a_sample_of_rules_is_the_same_every_time_and_changes_by_one_rule_at_most(rulebook: RuleBook) -> None:
    rules = list(rulebook)

    def codes(among: Iterable[Rule], seed: int = SEED) -> list[str]:
        return [rule.code for rule in sample_of_rules(among, 20, seed)]

    chosen = codes(rules)
    assert chosen == codes(reversed(rules))
    assert chosen != codes(rules, SEED + 1)
    without = codes(rule for rule in rules if rule.code != chosen[0])
    assert len(set(without) & set(chosen)) == 19


def test_the_cases_of_ten_rules_kill_four_of_five_mutants(rulebook: RuleBook, repo_root: Path) -> None:
    """`make mutation` does the same with fifty rules, and `make mutation ARGS="--rules 0"` with all.

    docs/mutation.md lists the survivors: some say the same as the original, the others ask for a case.
    """
    entries = yaml.safe_load((repo_root / "scripts" / "equivalent_mutants.yaml").read_text(encoding="utf-8"))
    excuses = {
        (entry["rule"], entry["was"], became): entry["because"]
        for entry in entries
        for became in (entry["became"] if isinstance(entry["became"], list) else [entry["became"]])
    }
    report = mutate(sample_of_rules(rulebook, 10, SEED), excuses=excuses)
    assert report.killed > 50
    assert report.killed >= 4 * len(report.survivors), [described(each.mutant) for each in report.survivors]


def described(mutant: Mutant) -> str:
    return f"{mutant.rule.code}: {mutant.was} => {mutant.became}"
