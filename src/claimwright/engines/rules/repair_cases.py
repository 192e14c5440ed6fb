"""The repairs of rules, run on the cases of their rules: what they change, and what fires after it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import polars as pl

from claimwright.domain.claim_changes import Change, as_text, read_value, with_changes
from claimwright.domain.dictionary import field_named
from claimwright.domain.findings import Severity

from .book import RuleBook
from .cases import (
    LIVING,
    ClaimOfCase,
    batch_of_cases,
    called_by,
    claim_of_case,
    engine_with,
    reference_with,
)
from .engine import RuleEngine
from .problems import Problem
from .repairing import Repairer
from .rule import Case, Lifecycle, Rule


@dataclass(frozen=True, slots=True)
class RepairResult:
    """What the repair of a rule makes of a case on which the rule fires.

    `fired` lists the codes of all rules that fire after it, `added` those of severity block among them that
    did not before. With reference data of the case, only rules that call a function of the rule's are run.
    """

    rule: Rule
    case: Case
    changes: tuple[Change, ...]
    fired: frozenset[str]
    added: frozenset[str]

    @property
    def problem(self) -> str:
        """What is wrong with the repair on this case; empty if nothing is."""
        wanted = self.case.given.get("repaired")
        if wanted is not None:
            stated = {name: _stated(name, value) for name, value in dict(wanted).items()}
            if any(stated.get(each.field, "") != each.new for each in self.changes):
                return "gives a field another value than the case states"
            if set(stated) != {each.field for each in self.changes}:
                return "does not change the fields that the case states"
        if self.changes and self.rule.code in self.fired:
            return "leaves the rule firing"
        if self.added:
            return f"makes {', '.join(sorted(self.added))} fire"
        return ""


def run_repairs(rules: Iterable[Rule], beside: Iterable[Rule] = ()) -> list[RepairResult]:
    """Repair every firing case of the rules with a repair, and run all rules, with those beside, again."""
    rules = [rule for rule in rules if rule.repair is not None and rule.lifecycle is not Lifecycle.RETIRED]
    everyone = {each.code: each for each in (*beside, *rules) if each.lifecycle is not Lifecycle.RETIRED}
    engine = RuleEngine(RuleBook(tuple(everyone.values())), lifecycles=LIVING, threads=1)
    repairer = Repairer(rules)
    cases = [(rule, case, claim_of_case(rule, case)) for rule in rules for case in rule.cases if case.fires]
    groups: dict[tuple[date, str, frozenset[str]], list[int]] = {}
    for number, (rule, _, claim) in enumerate(cases):
        called = called_by(rule) if claim.tables else frozenset[str]()
        groups.setdefault((claim.as_of, repr(claim.tables), called), []).append(number)
    results: dict[int, RepairResult] = {}
    for (_, _, called), numbers in groups.items():
        chosen = [cases[number] for number in numbers]
        tables = chosen[0][2].tables
        own_engine, own_repairer = engine, repairer
        if tables:
            own_engine = engine_with(tables, [rule for rule in everyone.values() if called_by(rule) & called])
            own_repairer = Repairer([rule for rule, _, _ in chosen], reference=reference_with(tables))
        repaired = _repaired(chosen, own_engine, own_repairer, everyone)
        results |= dict(zip(numbers, repaired, strict=True))
    return [results[number] for number in range(len(cases))]


def _repaired(
    cases: list[tuple[Rule, Case, ClaimOfCase]],
    engine: RuleEngine,
    repairer: Repairer,
    everyone: Mapping[str, Rule],
) -> list[RepairResult]:
    """The results of cases with one evaluation date and the same reference data."""
    day = cases[0][2].as_of
    batch, alone = batch_of_cases([replace(claim, times=1, before=()) for _, _, claim in cases])
    proposed = repairer.propose(batch, [rule.code for rule, _, _ in cases], as_of=day)
    changes = [
        tuple(each for each in proposed.get(rule.code, ()) if each.claim == number)
        for number, (rule, _, _) in enumerate(cases, start=1)
    ]
    after, _ = with_changes(batch, [each for of_case in changes for each in of_case])
    first, then = (
        _fired(engine.evaluate(each, as_of=day, scope=alone).findings, len(cases)) for each in (batch, after)
    )
    return [
        RepairResult(
            rule, case, changes[at], frozenset(then[at]),
            frozenset(code for code in then[at] - first[at] if everyone[code].severity is Severity.BLOCK),
        )
        for at, (rule, case, _) in enumerate(cases)
    ]  # fmt: skip


def _fired(findings: pl.DataFrame, claims: int) -> list[set[str]]:
    """The codes that fired on each claim of a batch, in order."""
    codes: list[set[str]] = [set() for _ in range(claims)]
    for claim, code in findings.select("claim", "code").unique().iter_rows():
        codes[claim - 1].add(code)
    return codes


def repair_problems(rules: Iterable[Rule]) -> list[Problem]:
    """The repairs that do not do on the rules' own cases what they should, as problems of their rules."""
    rules = list(rules)
    if not any(rule.repair for rule in rules):
        return []
    results = run_repairs(rules)
    problems = [
        Problem(
            each.rule.file, each.case.line, each.rule.code,
            f"on the case {each.case.name!r} the repair {each.problem}", "correct the repair or the case",
        )
        for each in results
        if each.problem
    ]  # fmt: skip
    repaired = {each.rule.code for each in results if each.changes}
    problems += [
        Problem(rule.file, rule.line, rule.code, "the repair changes no case", "add a case that it repairs")
        for rule in rules
        if rule.repair is not None and rule.lifecycle is not Lifecycle.RETIRED and rule.code not in repaired
    ]
    return problems


def _stated(name: str, value: Any) -> str | None:
    """The value of a case's `repaired`, as changes have it."""
    return as_text(read_value(field_named(name), None if value is None else str(value)))
