"""Compiles the text of a predicate to safe SQL: it is parsed, checked node by node, and generated again.

DuckDB gets SQL that is generated from the checked tree, never the text itself. A predicate is one scalar
boolean expression over known names. Everything that is not on the list of allowed nodes is refused:
subqueries, statements, aggregates, windows, file system and clock functions, lambdas. A division must be by a
nonzero number or by `nullif(..., 0)`, and a failed cast gives null, so that no value of a claim can stop the
scan.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from datetime import date
from typing import TYPE_CHECKING

import polars as pl
import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from .functions import COLUMN_FUNCTIONS, ColumnFunction, macros
from .names import levels_with, names_for
from .predicate import Lookup, Predicate, PredicateError
from .predicate_rewriting import rewritten

if TYPE_CHECKING:
    Node = exp.Expr
else:
    Node = exp.Expression

LONGEST = 8_000  # characters; the longest shipped predicate has a tenth of that

_ALLOWED: frozenset[type[Node]] = frozenset(
    {
        exp.Identifier, exp.Literal, exp.Boolean, exp.Null, exp.Paren, exp.And, exp.Or, exp.Not,
        exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Is, exp.NullSafeEQ, exp.NullSafeNEQ,
        exp.Between, exp.Add, exp.Sub, exp.Mul, exp.Neg, exp.Case, exp.If, exp.Coalesce, exp.Nullif,
        exp.DataType, exp.DataTypeParam, exp.Interval, exp.Var, exp.Like, exp.ILike, exp.DPipe,
        exp.Array, exp.Abs, exp.Round, exp.Floor, exp.Ceil, exp.Greatest, exp.Least, exp.Length, exp.Upper,
        exp.Lower, exp.Trim, exp.Left, exp.Right, exp.Substring, exp.StartsWith, exp.EndsWith, exp.Contains,
        exp.StrPosition, exp.RegexpLike, exp.RegexpFullMatch, exp.DateDiff, exp.Extract, exp.Year, exp.Month,
        exp.Day, exp.LastDay, exp.ArrayContains, exp.ArrayOverlaps, exp.ArraySize, exp.Concat,
    }
)  # fmt: skip
# What a repair may call in addition, to build a text from another one.
_ALLOWED_IN_VALUES = _ALLOWED | {exp.Replace, exp.RegexpReplace, exp.SplitPart}
_ALLOWED_CALLS = {"list_has_all": 2, "list_count": 1, "list_unique": 1, "date_sub": 3, "date_part": 2}
_REFUSALS: tuple[tuple[tuple[type[Node], ...], str], ...] = (
    ((exp.Query, exp.Subquery, exp.Exists), "a subquery"),
    ((exp.AggFunc,), "an aggregate"),
    ((exp.Window,), "a window function"),
    ((exp.Lambda, exp.Comprehension), "a function over the elements of a list"),
    ((exp.Placeholder, exp.Parameter), "a parameter"),
    ((exp.CurrentDate, exp.CurrentTimestamp, exp.CurrentTime), "the clock; use as_of"),
    ((exp.Command, exp.DDL, exp.DML), "a statement"),
)
_CAST_TYPES = frozenset(
    exp.DataType.Type[name]
    for name in ("INT", "BIGINT", "SMALLINT", "DECIMAL", "DOUBLE", "DATE", "VARCHAR", "TEXT", "BOOLEAN")
)
_DIVISIONS = (exp.Div, exp.IntDiv, exp.Mod)
_COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ, exp.NullSafeNEQ)


def compile_predicate(
    text: str, level: str, functions: Mapping[str, ColumnFunction] = COLUMN_FUNCTIONS
) -> Predicate:
    """The predicate of a rule of this level, ready to run.

    Raises:
        PredicateError: it is not one scalar expression over the names of the level.
    """
    compiler = _Compiler(level, functions)
    tree = compiler.checked(_parsed(text))
    if not compiler.names and not compiler.lookups:
        raise PredicateError("the predicate names no field", "it would give the same result for every claim")
    return Predicate(
        rewritten(tree, compiler.is_text).sql(dialect="duckdb", comments=False, copy=False),
        frozenset(compiler.names),
        frozenset(compiler.lookups),
        frozenset(compiler.macros),
    )


def compile_value(
    text: str, level: str, functions: Mapping[str, ColumnFunction] = COLUMN_FUNCTIONS
) -> Predicate:
    """The value that a repair gives to a field, as an expression at this level; it may name no field at all.

    Raises:
        PredicateError: it is not one scalar expression over the names of the level.
    """
    compiler = _Compiler(level, functions, _ALLOWED_IN_VALUES)
    tree = compiler.checked(_parsed(text))
    return Predicate(
        tree.sql(dialect="duckdb", comments=False, copy=False),
        frozenset(compiler.names),
        frozenset(compiler.lookups),
        frozenset(compiler.macros),
    )


def _parsed(text: str) -> Node:
    if len(text) > LONGEST:
        raise PredicateError(
            f"the predicate has {len(text)} characters",
            f"the limit is {LONGEST}; put repeated parts into a macro",
        )
    try:
        trees = sqlglot.parse(text, dialect="duckdb")
    except RecursionError:
        raise PredicateError("the predicate is nested too deeply", "write it flat") from None
    except SqlglotError as error:
        known: list[dict[str, object]] = getattr(error, "errors", [])
        line = known[0].get("line") if known else None
        what = str(known[0].get("description") if known else error).rstrip(".")
        if what.startswith("Required keyword"):
            what = "an operand is missing"
        raise PredicateError(
            f"the predicate is not SQL: {what}", "write one boolean expression",
            line if isinstance(line, int) else 1,
        ) from None  # fmt: skip
    if len(trees) != 1 or trees[0] is None:
        raise PredicateError(f"{len(trees)} statements", "write one boolean expression, without a semicolon")
    return trees[0]


class _Compiler:
    """Walks one tree, refuses nodes that are not allowed, and rewrites nodes where necessary."""

    def __init__(
        self,
        level: str,
        functions: Mapping[str, ColumnFunction],
        allowed: frozenset[type[Node]] = _ALLOWED,
    ) -> None:
        self.level = level
        self.allowed = allowed
        self.known = names_for(level)
        self.functions = functions
        self.names: set[str] = set()
        self.lookups: set[Lookup] = set()
        self.macros: set[str] = set()

    def checked(self, tree: Node) -> Node:
        try:
            return tree.transform(self._node, copy=False)
        except RecursionError:
            raise PredicateError("the predicate is nested too deeply", "write it flat") from None

    def _node(self, node: Node) -> Node:
        kind = type(node)
        if kind is exp.Column:
            return self._column(node)
        if kind is exp.Anonymous:
            return self._call(node)
        if kind in {exp.Cast, exp.TryCast}:
            return self._cast(node)
        if kind is exp.In:
            return self._in(node)
        if kind is exp.ArrayOverlaps and (few := _few_texts(node.expression, _MOST_ALTERNATIVES)):
            return self._of_elements(node.this, few, exp.or_)
        if isinstance(node, _DIVISIONS):
            return self._division(node)
        if isinstance(node, _COMPARISONS) or kind is exp.Between:
            self._refuse_text_against_number(node)
        if kind not in self.allowed:
            raise PredicateError(*_refusal(node))
        return node

    def _column(self, node: Node) -> Node:
        if node.args.get("table") is not None:
            raise PredicateError(
                f"{node.sql()} has a dot", "write the bare name; it is unique over the levels"
            )
        name = node.name.lower()
        self._refuse_unknown(name)
        self.names.add(name)
        return exp.column(name)

    def _refuse_unknown(self, name: str) -> None:
        if name not in self.known:
            raise PredicateError(*self._unknown(name))

    def _unknown(self, name: str) -> tuple[str, str]:
        levels = levels_with(name)
        if levels:
            return (
                f"{name} is not a name of the level {self.level}",
                f"it may be used at the level {' or '.join(levels)}",
            )
        near = difflib.get_close_matches(name, self.known, n=3)
        hint = f"did you mean {' or '.join(near)}?" if near else "see the dictionary for the names"
        return f"{name} is not a known name", hint

    def _call(self, node: Node) -> Node:
        name = node.name.lower()
        arguments: list[Node] = list(node.expressions)
        if name in self.functions:
            return self._column_function(self.functions[name], arguments)
        macro = macros().get(name)
        expected = len(macro.parameters) if macro else _ALLOWED_CALLS.get(name)
        if expected is None:
            near = difflib.get_close_matches(name, [*macros(), *self.functions, *_ALLOWED_CALLS], n=2)
            hint = f"did you mean {' or '.join(near)}?" if near else "see docs/reference/functions.md"
            raise PredicateError(f"{name}() is not a function that a predicate may call", hint)
        if len(arguments) != expected:
            raise PredicateError(f"{name}() takes {expected} arguments, not {len(arguments)}", "give each")
        if macro:
            self.macros.add(name)
        if name == "list_has_all" and (few := _few_texts(arguments[1], _MOST_TOGETHER)):
            return self._of_elements(arguments[0], few, exp.and_)
        return node

    def _of_elements(self, held: Node, texts: list[Node], join: Callable[..., Node]) -> Node:
        """Rewrite a test of a list against a few texts into one test per text, which DuckDB runs faster."""
        held = self.checked(held)
        asked = (exp.ArrayContains(this=held.copy(), expression=text) for text in texts)
        return exp.paren(join(*asked, copy=False), copy=False)

    def _column_function(self, function: ColumnFunction, arguments: list[Node]) -> Node:
        least = sum(not parameter.endswith("?") for parameter in function.parameters)
        if not least <= len(arguments) <= len(function.parameters):
            usage = f"{function.name}({', '.join(function.parameters)})"
            raise PredicateError(f"{function.name}() with {len(arguments)} arguments", f"write {usage}")
        literals, names = [], []
        for parameter, argument in zip(function.parameters, arguments, strict=False):
            if parameter.startswith('"'):
                if not (isinstance(argument, exp.Literal) and argument.is_string):
                    raise PredicateError(f"{function.name}(): {parameter} is not a text", "quote it")
                literals.append(argument.name)
            elif type(argument) is exp.Column and argument.args.get("table") is None:
                self._refuse_unknown(argument.name.lower())
                names.append(argument.name.lower())
            else:
                raise PredicateError(
                    f"{function.name}(): {parameter.rstrip('?')} is an expression",
                    "give it a name; it is computed before the scan",
                )
        wrong = function.check(literals)
        if wrong:
            raise PredicateError(f"{function.name}(): {wrong}", "use one of those")
        column = "__".join((function.name, *literals, *names))
        self.lookups.add(Lookup(column, function, tuple(literals), tuple(names)))
        return exp.column(column)

    def _cast(self, node: Node) -> Node:
        # The walk does not descend into replaced nodes, so the value is walked here.
        value, kind = self.checked(node.this), node.args["to"]
        if kind.this not in _CAST_TYPES:
            raise PredicateError(f"a cast to {kind.sql()}", "cast to a number, a date, a text or a boolean")
        if isinstance(value, exp.Literal) and value.is_string and kind.this is exp.DataType.Type.DATE:
            try:
                date.fromisoformat(value.name)
            except ValueError:
                raise PredicateError(f"{value.sql()} is not a date", "write it as '2026-01-31'") from None
        return exp.TryCast(this=value, to=kind)

    def _in(self, node: Node) -> Node:
        if node.args.get("query") is not None:
            raise PredicateError("a subquery is not allowed", "use in_code_list() or list the values")
        if node.args.get("field") is not None or node.args.get("unnest") is not None:
            raise PredicateError(
                "IN needs a list in parentheses", "use list_contains() for a list that is a name"
            )
        self._refuse_text_against_number(node)
        return node

    def _division(self, node: Node) -> Node:
        divisor = node.expression.unnest()
        constant = isinstance(divisor, exp.Literal) and not divisor.is_string and float(divisor.name) != 0
        guarded = (
            isinstance(divisor, exp.Nullif)
            and isinstance(divisor.expression, exp.Literal)
            and divisor.expression.name == "0"
        )
        if not (constant or guarded):
            raise PredicateError(
                f"a division by {divisor.sql()}, which may be zero", f"write nullif({divisor.sql()}, 0)"
            )
        return node

    def _refuse_text_against_number(self, node: Node) -> None:
        sides = [node.this, *node.args.get("expressions", [])]
        sides += [node.args[key] for key in ("expression", "low", "high") if node.args.get(key) is not None]
        texts = [side.name for side in sides if type(side) is exp.Column and self.is_text(side.name)]
        numbers = [side.sql() for side in sides if isinstance(side, exp.Literal) and not side.is_string]
        if texts and numbers:
            raise PredicateError(
                f"{texts[0]} is a code, not a number", f"quote what it is compared with: '{numbers[0]}'"
            )

    def is_text(self, name: str) -> bool:
        """Whether a name is that of a column of text."""
        known = self.known.get(name.lower())
        return known is not None and known.dtype == pl.String()


# Up to this number of texts, it is faster to search the list for each text than for all at once. If all must
# be in the list, the first missing one ends the search.
_MOST_ALTERNATIVES, _MOST_TOGETHER = 4, 8


def _few_texts(node: Node, most: int) -> list[Node]:
    """The elements of a literal list, if they are a few texts."""
    texts = list(node.expressions) if isinstance(node, exp.Array) else []
    is_text = all(isinstance(text, exp.Literal) and text.is_string for text in texts)
    return texts if is_text and len(texts) <= most else []


def _refusal(node: Node) -> tuple[str, str]:
    for kinds, what in _REFUSALS:
        if isinstance(node, kinds):
            return (
                f"{what.split(';')[0]} is not allowed in a predicate",
                "write one boolean expression over names" + (what[len(what.split(";")[0]) :]),
            )
    what = node.sql_name().lower() + "()" if isinstance(node, exp.Func) else node.key
    return f"{what} is not allowed in a predicate", "see docs/reference/functions.md"
