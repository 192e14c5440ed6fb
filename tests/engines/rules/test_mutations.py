"""The cases of rules notice when a predicate is changed: an operator flipped, a `not` dropped."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace

import pytest
import sqlglot
from sqlglot import exp

from claimwright.engines.rules import Lifecycle, PredicateError, Rule, RuleBook, compile_predicate, run_cases

FLIPS: dict[type[exp.Expr], tuple[type[exp.Expr], ...]] = {
    exp.EQ: (exp.NEQ,),
    exp.NEQ: (exp.EQ,),
    exp.GT: (exp.GTE, exp.LT),
    exp.GTE: (exp.GT, exp.LT),
    exp.LT: (exp.LTE, exp.GT),
    exp.LTE: (exp.LT, exp.GT),
    exp.And: (exp.Or,),
    exp.Or: (exp.And,),
}


def mutants(text: str) -> Iterator[str]:
    """The predicate with one thing changed, each way in turn."""
    [tree] = sqlglot.parse(text, dialect="duckdb")
    assert tree is not None
    for number, node in enumerate(list(tree.walk())):
        for other in FLIPS.get(type(node), ()):
            yield changed(
                tree, number, lambda found, other=other: other(this=found.this, expression=found.expression)
            )
        if isinstance(node, exp.Not):
            yield changed(tree, number, lambda found: found.this)


def flipped(node: exp.Expr, other: type[exp.Expr]) -> exp.Expr:
    return other(this=node.this, expression=node.expression)


def changed(tree: exp.Expr, number: int, change: object) -> str:
    copy = tree.copy()
    node = list(copy.walk())[number]
    new = change(node)  # type: ignore[operator]
    if node is copy:
        return str(new.sql(dialect="duckdb"))
    node.replace(new)
    return str(copy.sql(dialect="duckdb"))


def mutated(rules: list[Rule]) -> list[tuple[Rule, Rule]]:
    made = []
    for rule in rules:
        for text in mutants(rule.when):
            try:
                predicate = compile_predicate(text, rule.level)
            except PredicateError:
                continue
            code = f"M{len(made):05d}"
            made.append(
                (rule, replace(rule, code=code, name=f"mutant-{code}", when=text, predicate=predicate))
            )
    return made


# Every fourth rule; `make mutants` takes them all.
STEP = 1 if os.environ.get("EVERY_RULE") else 4


@pytest.fixture(scope="module")
def survivors(rulebook: RuleBook) -> dict[str, list[str]]:
    """The mutants that pass all cases of their rule, by rule."""
    pairs = mutated([rule for rule in rulebook if rule.lifecycle is not Lifecycle.RETIRED][::STEP])
    failed = {
        result.rule.code
        for result in run_cases(RuleBook(tuple(mutant for _, mutant in pairs)))
        if not result.passed
    }
    alive: dict[str, list[str]] = {}
    for rule, mutant in pairs:
        if mutant.code not in failed:
            alive.setdefault(rule.code, []).append(mutant.when)
    return alive


# Mutants that say the same of every claim as the rule does: no case can tell them apart.
EQUIVALENT = {
    **dict.fromkeys(
        ("DEN023", "DEN024", "DEN026", "DEN027"),
        "both lines are compared with each other: the order says on which of the two the finding stands",
    ),
    "MOD003": "a list of one modifier holds no two of them",
    "MOD004": "a list of one modifier holds no two of them",
    "MOD005": "a list of one modifier holds no two of them",
    "MOD011": "a list of one modifier holds no two of them",
    "REQ013": "a claim without revenue codes has no lines, which is another finding",
    "TOB011": "without accommodation lines there are no accommodation days to exceed anything",
}


def test_cases_notice_a_changed_predicate(survivors: dict[str, list[str]]) -> None:
    assert {code: texts for code, texts in survivors.items() if code not in EQUIVALENT} == {}
    assert {len(texts) for texts in survivors.values()} <= {1}
    assert STEP > 1 or set(survivors) == set(EQUIVALENT)


def test_there_is_something_to_notice(rulebook: RuleBook) -> None:
    some = list(rulebook)[::20]
    assert len(mutated(some)) > 3 * len(some)
