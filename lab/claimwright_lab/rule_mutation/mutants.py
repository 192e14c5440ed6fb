"""Mutants of a predicate: the same SQL with one thing wrong in it, as somebody's hand might slip.

    comparison   = for <>, < for <= and for >=, IN for NOT IN, IS NULL for IS NOT NULL
    connective   AND for OR
    negation     a NOT dropped
    constant     a number, an interval or a day that is one more or one less
    name         a name for its nearest sibling of the same type
    conjunct     one side of an AND or OR taken for true, or for false

A mutant that DuckDB or the compiler of predicates would refuse is none: it could not be in a rulebook.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING

import sqlglot
from sqlglot import exp

from claimwright.engines.rules import Predicate, PredicateError, Rule, compile_predicate
from claimwright.engines.rules.binding import bind_problems
from claimwright.engines.rules.names import names_for

if TYPE_CHECKING:
    Node = exp.Expr
else:
    Node = exp.Expression

KINDS = ("comparison", "connective", "negation", "constant", "name", "conjunct")

_COMPARISONS: dict[type[Node], tuple[type[Node], ...]] = {
    exp.EQ: (exp.NEQ,),
    exp.NEQ: (exp.EQ,),
    exp.LT: (exp.LTE, exp.GTE),
    exp.LTE: (exp.LT, exp.GT),
    exp.GT: (exp.GTE, exp.LTE),
    exp.GTE: (exp.GT, exp.LT),
}
_TESTS = (exp.In, exp.Between, exp.Is, exp.Like, exp.ILike)
_CONNECTIVES: dict[type[Node], type[Node]] = {exp.And: exp.Or, exp.Or: exp.And}


@dataclass(frozen=True, slots=True)
class Mutant:
    """A rule with one thing wrong in its predicate.

    Attributes:
        rule: the rule as it should be.
        number: which of the rule's mutants it is, from 1.
        kind: one of `KINDS`.
        was: the part that was changed, as SQL.
        became: what it was changed into.
        predicate: the changed predicate, ready to run.
    """

    rule: Rule
    number: int
    kind: str
    was: str
    became: str
    predicate: Predicate

    @property
    def code(self) -> str:
        """A code of its own, so that it can run beside the rule."""
        return f"{self.rule.code}~{self.number}"

    def as_rule(self) -> Rule:
        """The mutant as a rule without cases, to be run on those of the rule."""
        return replace(
            self.rule,
            code=self.code,
            name=f"{self.rule.name}-{self.number}",
            predicate=self.predicate,
            cases=(),
        )


def mutants_of(rule: Rule) -> tuple[Mutant, ...]:
    """Every mutant of a rule's predicate that could be a predicate, each once, in the order of the text."""
    tree = sqlglot.parse_one(rule.when, dialect="duckdb")
    found: list[Mutant] = []
    seen = {rule.predicate.sql}
    for place, node in enumerate(tree.walk()):
        for kind, changed in _changes(node, rule.level):
            mutated, part = _with(tree, place, changed)
            predicate = _compiled(mutated.sql(dialect="duckdb"), rule.level)
            if predicate is not None and predicate.sql not in seen:
                seen.add(predicate.sql)
                was, became = _statement(node).sql(dialect="duckdb"), _statement(part).sql(dialect="duckdb")
                found.append(Mutant(rule, len(found) + 1, kind, was, became, predicate))
    return _binding(found)


def _binding(mutants: Sequence[Mutant]) -> tuple[Mutant, ...]:
    """Those mutants that DuckDB can run."""
    refused = {problem.rule for problem in bind_problems([mutant.as_rule() for mutant in mutants])}
    return tuple(mutant for mutant in mutants if mutant.code not in refused)


def _with(tree: Node, place: int, changed: Node) -> tuple[Node, Node]:
    """The whole predicate with the node at a place of the walk replaced, and what it was replaced by."""
    copy = tree.copy()
    node = next(node for number, node in enumerate(copy.walk()) if number == place)
    if node is copy:
        return changed, changed
    node.replace(changed)
    return copy, changed


def _statement(node: Node) -> Node:
    """The smallest part around a node that is true or false by itself: where a reader sees what changed."""
    while node.parent is not None and type(node.parent) not in _CONNECTIVES and not _is_statement(node):
        node = node.parent
    return node


def _is_statement(node: Node) -> bool:
    return isinstance(node.unnest(), (*_COMPARISONS, *_TESTS, *_CONNECTIVES, exp.Not, exp.Boolean))


def _compiled(text: str, level: str) -> Predicate | None:
    try:
        return compile_predicate(text, level)
    except PredicateError:
        return None


def _changes(node: Node, level: str) -> Iterator[tuple[str, Node]]:
    """What a node may be changed into, with the kind of the change."""
    kind = type(node)
    for other in _COMPARISONS.get(kind, ()):
        yield "comparison", other(this=node.this.copy(), expression=node.expression.copy())
    if kind in _TESTS and not _is_negated(node):
        yield "comparison", exp.Not(this=exp.Paren(this=node.copy()))
    if kind in _CONNECTIVES:
        # In parentheses, since the tree is written as text and AND binds closer than OR.
        other = _CONNECTIVES[kind]
        yield "connective", exp.Paren(this=other(this=node.this.copy(), expression=node.expression.copy()))
    if kind is exp.Not:
        yield "negation", node.this.copy()
    if kind is exp.Literal:
        yield from (("constant", changed) for changed in _shifted(node))
    if kind is exp.Column:
        sibling = _sibling(node.name.lower(), level)
        if sibling is not None:
            yield "name", exp.column(sibling)
    if _is_operand(node):
        yield "conjunct", exp.true()
        yield "conjunct", exp.false()


def _is_negated(node: Node) -> bool:
    parent = node.parent
    while isinstance(parent, exp.Paren):
        parent = parent.parent
    return isinstance(parent, exp.Not)


def _is_operand(node: Node) -> bool:
    """Whether a node is a side of an AND or OR; a longer chain of the same is taken apart, not whole."""
    parent = node.parent
    return type(parent) in _CONNECTIVES and type(node) is not type(parent)


def _shifted(node: Node) -> Iterator[Node]:
    """A constant one more and one less: a number in its last place, an interval, a day."""
    parent = node.parent
    if isinstance(parent, exp.DataTypeParam) or (isinstance(parent, exp.Nullif) and node.name == "0"):
        return
    if not node.is_string:
        number = Decimal(node.name)
        exponent = number.as_tuple().exponent
        step = Decimal(1).scaleb(exponent) if isinstance(exponent, int) and exponent < 0 else Decimal(1)
        for shifted in (number + step, number - step):
            yield sqlglot.parse_one(f"{shifted:f}", dialect="duckdb")
    elif isinstance(parent, exp.Interval) and node.name.isdigit():
        for many in (int(node.name) + 1, int(node.name) - 1):
            yield exp.Literal.string(str(many))
    elif isinstance(parent, exp.Cast | exp.TryCast) and parent.to.this is exp.DataType.Type.DATE:
        day = date.fromisoformat(node.name)
        for days in (1, -1):
            yield exp.Literal.string((day + timedelta(days=days)).isoformat())


@cache
def _sibling(name: str, level: str) -> str | None:
    """The name that is most easily taken for this one: same type, of the same frame if there is any."""
    known = names_for(level)
    if name not in known:
        return None
    own = known[name]
    others = [other for other in known.values() if other.dtype == own.dtype and other.name != name]
    if not others:
        return None
    matcher = difflib.SequenceMatcher(b=name)

    def distance(other: str) -> tuple[bool, bool, float, str]:
        matcher.set_seq1(other)
        # `referring_npi` for `rendering_npi` before `rendering_upin`: the same of another party or place.
        same = _what(other) == _what(name)
        return known[other].level is not own.level, not same, -matcher.ratio(), other

    return min((other.name for other in others), key=distance)


def _what(name: str) -> str:
    """What a name says of whatever it is of: its last word, or all of it before a number."""
    stem = name.rstrip("0123456789").rstrip("_")
    return stem if stem != name else name.rsplit("_", 1)[-1]
