"""Every rule's own cases: the rule fires on what it is for, and on nothing else."""

from __future__ import annotations

import pytest

from claimwright.engines.rules import CaseResult, Lifecycle, RuleBook, load_rulebook, run_cases

# A retired rule is kept for its code and is not evaluated.
CODES = [rule.code for rule in load_rulebook() if rule.lifecycle is not Lifecycle.RETIRED]


@pytest.fixture(scope="module")
def results(rulebook: RuleBook) -> dict[str, list[CaseResult]]:
    by_code: dict[str, list[CaseResult]] = {}
    for result in run_cases(rulebook):
        by_code.setdefault(result.rule.code, []).append(result)
    return by_code


@pytest.mark.parametrize("code", CODES)
def test_the_cases_of_a_rule_come_out_as_they_say(code: str, results: dict[str, list[CaseResult]]) -> None:
    failed = [result.case.name for result in results[code] if not result.passed]
    assert failed == []
    assert {result.case.fires for result in results[code]} == {True, False}
