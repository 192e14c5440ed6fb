"""Rewrites a checked predicate so that DuckDB runs it faster; it is true for the same rows.

- A test of a list against several texts is not run on empty lists, as most lists of modifiers are.
- The beginning of a text is compared in place, without being cut off first.
- Parts that are joined by AND are put in the order of their cost, the cheapest first. DuckDB evaluates a part
  only for the rows on which all parts before it are true. It learns a better order while it runs, but a block
  is too short for that.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlglot import exp

if TYPE_CHECKING:
    Node = exp.Expr
else:
    Node = exp.Expression

_COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ, exp.NullSafeNEQ)

# About how many times as long as looking at a flag, measured over 25,000 lines.
_OF_KIND: dict[type[Node], int] = {
    exp.ArrayContains: 10,
    exp.ArrayOverlaps: 40,
    exp.RegexpLike: 40,
    exp.RegexpFullMatch: 40,
    exp.Anonymous: 20,
    exp.Case: 4,
    exp.Coalesce: 3,
    exp.Left: 5,
    exp.Right: 5,
    exp.Substring: 5,
    exp.StartsWith: 5,
    exp.Like: 5,
    exp.Upper: 10,
    exp.Trim: 10,
}
_COMPARISON, _TEXT_COMPARISON = 2, 4


def rewritten(tree: Node, is_text: Callable[[str], bool]) -> Node:
    """The predicate as it is run. `is_text` says whether a column holds text."""
    tree = tree.transform(_node, copy=False)
    if not isinstance(tree, exp.And):
        return tree
    # Parts that cost the same stay in their order.
    parts = sorted(tree.flatten(), key=lambda part: _cost(part, is_text))
    return exp.and_(*parts, copy=False)


def _node(node: Node) -> Node:
    held = _list_tested(node)
    if held is not None:
        is_empty = exp.EQ(this=exp.ArraySize(this=held.copy()), expression=exp.Literal.number(0))
        return exp.Case(ifs=[exp.If(this=is_empty, true=exp.false())], default=node)
    if isinstance(node, exp.EQ) and _is_beginning(node.this, [node.expression]):
        return exp.StartsWith(this=node.this.this, expression=node.expression)
    if isinstance(node, exp.In) and _is_beginning(node.this, node.expressions):
        value = node.this.this
        if isinstance(value, exp.Column):
            starts = (exp.StartsWith(this=value.copy(), expression=text) for text in node.expressions)
            return exp.paren(exp.or_(*starts, copy=False), copy=False)
    return node


def _list_tested(node: Node) -> exp.Column | None:
    """The column of lists that a node tests against several texts."""
    if isinstance(node, exp.ArrayOverlaps):
        is_named = isinstance(node.this, exp.Column) and isinstance(node.expression, exp.Array)
        return node.this if is_named else None
    if not (isinstance(node, exp.Paren) and isinstance(node.this, exp.Or)):
        return None
    tests = list(node.this.flatten())
    if not all(
        isinstance(test, exp.ArrayContains)
        and isinstance(test.this, exp.Column)
        # An empty list holds no text, but whether it holds a value that is not known is not known.
        and isinstance(test.expression, exp.Literal)
        for test in tests
    ):
        return None
    return tests[0].this if len({test.this.name for test in tests}) == 1 else None


def _is_beginning(value: Node, texts: list[Node]) -> bool:
    """Whether a value is the first characters of another one, and each text has as many."""
    return (
        isinstance(value, exp.Left)
        and isinstance(value.expression, exp.Literal)
        and all(
            isinstance(text, exp.Literal) and text.is_string and str(len(text.name)) == value.expression.name
            for text in texts
        )
    )


def _cost(part: Node, is_text: Callable[[str], bool]) -> int:
    total = 1
    for node in part.walk():
        total += _OF_KIND.get(type(node), 0)
        if isinstance(node, _COMPARISONS):
            total += _compared(node, is_text)
        elif isinstance(node, exp.Between):
            total += 2 * _compared(node, is_text)
        elif isinstance(node, exp.In):
            total += len(node.expressions) * _compared(node, is_text)
    return total


def _compared(node: Node, is_text: Callable[[str], bool]) -> int:
    held = node.this
    return _TEXT_COMPARISON if isinstance(held, exp.Column) and is_text(held.name) else _COMPARISON
