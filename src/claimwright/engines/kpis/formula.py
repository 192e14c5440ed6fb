"""Formulas of figures: sums of facts, in SQL over the semantic tables.

A formula is `sum(MEASURE) filter (where fact = 'NAME')`, or `fact in (...)`, optionally with `age in (...)`
of a balance; several are added and subtracted. It is parsed, and only what was understood is ever run, as a
query of our own: a file can't bring a statement, a subquery, a function or another table with it.

FormulaError   the text is not such a formula
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from claimwright.foundation.errors import ConfigurationError

from .fact_catalogue import FACTS
from .known import MEASURES
from .rollup import AGES

if TYPE_CHECKING:
    Node = exp.Expr
else:
    Node = exp.Expression

LONGEST = 1_000  # characters; the longest one that ships has a third of that


class FormulaError(ConfigurationError, ValueError):
    """A text that is no formula; the message says what to write."""


@dataclass(frozen=True)
class Term:
    """A sum: of a measure, over facts, of balances optionally in some ages; `sign` is 1 or -1."""

    sign: int
    measure: str
    facts: tuple[str, ...]
    ages: tuple[int, ...] = ()


@dataclass(frozen=True)
class Formula:
    """Terms that are added up, and the text that they come from."""

    text: str
    terms: tuple[Term, ...]

    @cached_property
    def facts(self) -> frozenset[str]:
        """The facts that it reads."""
        return frozenset(name for term in self.terms for name in term.facts)


def read_formula(text: str) -> Formula:
    """The formula of a text.

    Raises:
        FormulaError: it is none.
    """
    if len(text) > LONGEST:
        raise FormulaError(f"the formula is longer than {LONGEST:,} characters; shorten it")
    try:
        trees = sqlglot.parse(text, dialect="postgres")
    except (SqlglotError, RecursionError):
        raise FormulaError(
            "the formula is not SQL; write sum(items) filter (where fact = 'denied')"
        ) from None
    if len(trees) != 1 or trees[0] is None:
        raise FormulaError("the formula is not one expression; write one")
    return Formula(" ".join(text.split()), tuple(_terms(trees[0], 1)))


def _terms(node: Node, sign: int) -> list[Term]:
    if isinstance(node, exp.Paren):
        return _terms(node.this, sign)
    if isinstance(node, (exp.Add, exp.Sub)):
        right = -sign if isinstance(node, exp.Sub) else sign
        return [*_terms(node.this, sign), *_terms(node.expression, right)]
    if not isinstance(node, exp.Filter):
        raise FormulaError(
            f"the formula has {_named(node)}; each part is sum(MEASURE) filter (where fact = 'NAME')"
        )
    return [_term(node, sign)]


def _term(node: Node, sign: int) -> Term:
    total, where = node.this, node.expression
    if not isinstance(total, exp.Sum) or not isinstance(total.this, exp.Column) or total.this.table:
        raise FormulaError(f"the formula has {_named(total)}; write sum(MEASURE)")
    measure = total.this.name
    if measure not in MEASURES:
        raise FormulaError(f"there is no such measure. There are: {', '.join(MEASURES)}")
    facts: tuple[str, ...] = ()
    ages: tuple[int, ...] = ()
    for condition in _conditions(where.this):
        column, values = _membership(condition)
        if column == "fact" and not facts:
            facts = values
        elif column == "age" and not ages:
            unknown = set(values) - set(AGES)
            if unknown:
                raise FormulaError(f"there is no such age. There are: {', '.join(AGES)}")
            ages = tuple(AGES.index(value) for value in values)
        else:
            raise FormulaError("a filter compares fact, and age of balances, each once")
    if not facts:
        raise FormulaError("a filter names no fact; write where fact = 'denied'")
    for name in facts:
        if name not in FACTS:
            raise FormulaError("a filter names a fact that does not exist; docs/reference/kpis.md lists them")
    if ages and not all(FACTS[name].is_balance for name in facts):
        raise FormulaError("age is of balances only")
    return Term(sign, measure, facts, ages)


def _conditions(node: Node) -> list[Node]:
    if isinstance(node, exp.And):
        return [*_conditions(node.this), *_conditions(node.expression)]
    return [node]


def _membership(node: Node) -> tuple[str, tuple[str, ...]]:
    """The column and the texts of `column = 'text'` or `column in ('text', ...)`."""
    if isinstance(node, exp.EQ):
        column, values = node.this, [node.expression]
    elif isinstance(node, exp.In) and node.expressions and not node.args.get("query"):
        column, values = node.this, node.expressions
    else:
        raise FormulaError(f"a filter has {_named(node)}; write fact = 'NAME' or fact in ('NAME', ...)")
    if not isinstance(column, exp.Column) or column.table:
        raise FormulaError("a filter compares no column; write fact = 'NAME'")
    if not all(isinstance(value, exp.Literal) and value.is_string for value in values):
        raise FormulaError("a filter compares with something that is no text; write fact = 'NAME'")
    return column.name, tuple(value.name for value in values)


def _named(node: Node) -> str:
    return f"something else ({type(node).__name__.lower()})"
