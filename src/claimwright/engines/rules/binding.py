"""Validates predicates with DuckDB before use: they must bind, run on a row of nulls, and be boolean."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import polars as pl

from claimwright.domain.dictionary import Kind, field_named

from .names import LEVELS, names_for
from .problems import Problem
from .rule import Rule
from .scan import Stream, condition, connect, names_needed


def bind_problems(rules: Sequence[Rule]) -> list[Problem]:
    """The problems that DuckDB finds in the predicates of these rules; empty if all can be used."""
    problems: list[Problem] = []
    if not rules:
        return problems
    with connect(threads=1) as connection:
        for level in LEVELS:
            here = [rule for rule in rules if rule.level == level]
            if here:
                connection.register("rows", Stream(_row_of_nulls(here, level)))
                if not _all_boolean(connection, here):
                    problems.extend(problem for rule in here for problem in _problem(connection, rule))
                problems.extend(problem for rule in here for problem in _repair_problems(connection, rule))
                connection.unregister("rows")
    return problems


def _row_of_nulls(rules: Sequence[Rule], level: str) -> pl.DataFrame:
    known = names_for(level)
    columns = {name: known[name].dtype for rule in rules for name in names_needed(rule, "")}
    columns |= {lookup.column: lookup.function.dtype for rule in rules for lookup in rule.predicate.lookups}
    for rule in rules:
        for expression in rule.repair.expressions if rule.repair else ():
            columns |= {name: known[name].dtype for name in expression.names}
            columns |= {lookup.column: lookup.function.dtype for lookup in expression.lookups}
    columns["row"] = pl.Int64()
    return pl.DataFrame({name: pl.Series([None], dtype=dtype) for name, dtype in columns.items()})


def _all_boolean(connection: duckdb.DuckDBPyConnection, rules: Sequence[Rule]) -> bool:
    try:
        return all(
            kind == "BOOLEAN" for kind in _types(connection, [rule.predicate.sql for rule in rules])
        ) and all(
            _runs(connection, condition(rule, "")) for rule in rules if rule.payer_ids or rule.claim_filing
        )
    except duckdb.Error:
        return False


def _types(connection: duckdb.DuckDBPyConnection, predicates: Sequence[str]) -> list[str]:
    columns = ", ".join(f"({sql}) AS r{number}" for number, sql in enumerate(predicates))
    relation = connection.sql(f"SELECT {columns} FROM rows")  # noqa: S608
    relation.fetchall()
    return [str(kind) for kind in relation.types]


def _runs(connection: duckdb.DuckDBPyConnection, sql: str) -> bool:
    connection.execute(f"SELECT {sql} FROM rows").fetchall()  # noqa: S608
    return True


def _problem(connection: duckdb.DuckDBPyConnection, rule: Rule) -> list[Problem]:
    try:
        [kind] = _types(connection, [rule.predicate.sql])
    except duckdb.Error as error:
        # The predicate has not seen a claim yet, so the message contains only text of the rule's author.
        what = str(error).split("\n", maxsplit=1)[0].split(": ", maxsplit=1)[-1]
        return [Problem(rule.file, rule.line, rule.code, f"when: {what}", "check the types of the fields")]
    if kind == "BOOLEAN":
        return []
    return [
        Problem(
            rule.file, rule.line, rule.code, f"when: it is {kind}, not true or false",
            "compare it with something",
        )
    ]  # fmt: skip


# The types of an expression that a field of a kind takes; a null alone is an INTEGER.
_NUMBERS = ("INTEGER", "BIGINT", "DOUBLE", "DECIMAL", "HUGEINT", "SMALLINT")
_TAKES = {
    Kind.TEXT: ("VARCHAR",),
    Kind.CODE: ("VARCHAR",),
    Kind.TIME: ("VARCHAR",),
    Kind.DATE: ("DATE", "TIMESTAMP"),
}


def _repair_problems(connection: duckdb.DuckDBPyConnection, rule: Rule) -> list[Problem]:
    """What DuckDB finds in the values of a rule's repair."""
    if rule.repair is None:
        return []
    found = []
    for name, value in rule.repair.changes:
        try:
            [kind] = _types(connection, [value.sql])
        except duckdb.Error as error:
            what = str(error).split("\n", maxsplit=1)[0].split(": ", maxsplit=1)[-1]
            found.append((name, what, "check the types of the fields"))
            continue
        takes = _TAKES.get(field_named(name).kind, _NUMBERS)
        if not kind.startswith(takes):
            found.append((name, f"it is {kind}", f"make it {takes[0]}"))
    return [
        Problem(rule.file, rule.line, rule.code, f"repair: {name}: {what}", do) for name, what, do in found
    ]
