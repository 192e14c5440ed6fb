"""What the cases of a rulebook find wrong with its rules and their repairs."""

from __future__ import annotations

from .book import RuleBook
from .cases import CaseError, claim_of_case, run_cases
from .problems import Problem
from .repair_cases import repair_problems


def case_problems(rulebook: RuleBook) -> list[Problem]:
    """The failed cases, as problems of their rules."""
    sound, problems = [], []
    for rule in rulebook:
        try:
            for case in rule.cases:
                claim_of_case(rule, case)
            sound.append(rule)
        except CaseError as refused:
            problems.append(
                Problem(rule.file, rule.cases[0].line, rule.code, str(refused), "correct the case")
            )
    for result in run_cases(RuleBook(tuple(sound))):
        if not result.passed:
            what = "fires, and should not" if not result.case.fires else "does not fire, and should"
            problems.append(
                Problem(
                    result.rule.file, result.case.line, result.rule.code,
                    f"on the case {result.case.name!r} the rule {what}", "correct the predicate or the case",
                )
            )  # fmt: skip
    return problems + repair_problems(sound)
