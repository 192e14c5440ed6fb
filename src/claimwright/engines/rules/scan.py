"""The scan: all rules of one level over one frame, in one SELECT that DuckDB has already planned.

The statement is prepared once and reads its rows from streams, which are pointed at each block in turn, so
that a block needs no planning. A stream is read by one thread: a long frame is split into as many streams as
there are threads.

The results of a row are bits in a few integers ("words"), one bit per rule. Each condition is in a CASE,
which DuckDB short-circuits and which costs almost nothing if no row fires; one result column per rule would
be computed completely for every row. Rules that apply to the same claims are evaluated together, only on the
rows of these claims.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from threading import Lock

import duckdb
import numpy as np
import numpy.typing as npt
import polars as pl

from .constants import Constants, Plans, with_constants
from .functions import macros_sql
from .names import names_for
from .predicate import Lookup
from .rule import Rule

# Every stream initializes the complete expression, which takes as long as about ten thousand rows.
_SHORTEST_CUT = 50_000

# For hundreds of predicates, these optimizers cost more than they save: one turns every list of values into a
# join, the other computes shared subexpressions for all rows although few rows need them.
_WITHOUT = "in_clause,common_subexpressions"

# The number of bits per word. Combining two results is a function call, for which DuckDB allocates two
# vectors and walks through the operands: with long chains of wide words, this takes a third of a short scan.
_WORD = 8

Rows = npt.NDArray[np.uint32]
Hits = npt.NDArray[np.bool_]


def connect(threads: int | None = None) -> duckdb.DuckDBPyConnection:
    """An in-memory database without external access, with the macros and locked settings."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "enable_external_access": False,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "python_enable_replacements": False,
        # Findings are sorted later; preserving the row order would make the streams wait for each other.
        "preserve_insertion_order": False,
    }
    if threads is not None:
        config["threads"] = threads
    connection = duckdb.connect(":memory:", config=config)
    connection.execute(macros_sql())
    connection.execute(f"SET disabled_optimizers = '{_WITHOUT}'")
    connection.execute("SET lock_configuration = true")
    return connection


@dataclass(frozen=True, slots=True)
class Fault:
    """A predicate that failed on data; it then does not fire on the rows on which it fails."""

    rule: str
    what: str


class Stream:
    """The object that DuckDB reads: the Arrow stream of the frame that it has when the scan begins.

    DuckDB would convert the frame itself to a PyArrow table first, which takes longer than a short scan.
    """

    def __init__(self, frame: pl.DataFrame) -> None:
        self.frame = frame

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.frame.__arrow_c_stream__(requested_schema)


class Scan:
    """The prepared scan of some rules of one level. Several threads can use it, one at a time.

    It has its own connection, so that scans of different levels do not wait for each other.
    """

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, name: str, level: str, rules: Sequence[Rule], forms: str
    ) -> None:
        self.connection = connection.cursor()
        self._one_at_a_time = Lock()
        self.name = name
        self.rules = tuple(sorted(rules, key=lambda rule: _applicability(rule, forms)))
        self._applies = [_applicability(rule, forms) for rule in self.rules]
        self._predicates = [rule.predicate.sql for rule in self.rules]
        self.names = tuple(sorted({name for rule in rules for name in names_needed(rule, forms)}))
        asked = {lookup for rule in rules for lookup in rule.predicate.lookups}
        # What several lookups have in common is computed, and passed to DuckDB, as the bits of one column.
        shared = {lookup: lookup.shared for lookup in asked}
        self._bits = sorted((each.column, held[0].column, held[1]) for each, held in shared.items() if held)
        lookups = {held[0] if held else lookup for lookup, held in shared.items()}
        self.lookups: tuple[Lookup, ...] = tuple(sorted(lookups, key=lambda lookup: lookup.column))
        known = names_for(level)
        schema: dict[str, pl.DataType] = {"row": pl.UInt32()}
        schema.update({name: known[name].dtype for name in self.names})
        schema.update({lookup.column: lookup.function.dtype for lookup in self.lookups})
        self.schema = schema
        threads = connection.execute("SELECT current_setting('threads')").fetchall()[0][0]
        self.nothing = pl.DataFrame(schema=schema)
        self.streams = [Stream(self.nothing) for _ in range(max(1, int(threads)))]
        for number, stream in enumerate(self.streams):
            self.connection.register(f"{name}_{number}", stream)
        self._statements: dict[tuple[int, Constants], str] = {}
        self._plans = Plans()
        self._prepared = 0

    def _statement(self, streams: int, constants: Constants = frozenset()) -> str:
        """The name of the prepared statement for a number of streams, in which these columns are constant."""
        key = streams, constants
        if key not in self._statements:
            self._prepared += 1
            self._statements[key] = f"{self.name}_{self._prepared}"
            words = ", ".join(
                f"{with_constants(sql, constants)} AS word_{number}"
                for number, sql in enumerate(self._words())
            )
            sql = f"SELECT row, {words} FROM {self._rows(streams)}"  # noqa: S608
            self.connection.execute(f"PREPARE {self._statements[key]} AS {sql}")
        return self._statements[key]

    def _words(self) -> list[str]:
        """The words of a row's results, as expressions; a rule's bit is its position in `rules`."""
        asked = [
            (applies, f"CASE WHEN {predicate} THEN {_number(1 << number % _WORD)} ELSE {_number(0)} END")
            for number, (applies, predicate) in enumerate(zip(self._applies, self._predicates, strict=True))
        ]
        return [_together(asked[first : first + _WORD]) for first in range(0, len(asked), _WORD)]

    def _rows(self, streams: int) -> str:
        parts = (f"FROM {self.name}_{number}" for number in range(streams))
        answers = (f', ("{held}" & {1 << bit}) <> 0 AS "{column}"' for column, held, bit in self._bits)
        return f"(SELECT *{''.join(answers)} FROM ({' UNION ALL '.join(parts)}))"  # noqa: S608

    def fired(self, columns: Sequence[pl.Series]) -> tuple[Rows, Hits, list[Fault]]:
        """The rows on which any rule fires; for each row and rule, whether it fires; and the failures.

        `columns` are those of `names`, then those of `lookups`, at least one.
        """
        row = pl.Series(np.arange(len(columns[0]), dtype=np.uint32))
        numbered = pl.DataFrame(
            [column.alias(name) for name, column in zip(self.schema, (row, *columns), strict=True)]
        )
        with self._one_at_a_time:
            try:
                return *self._fired(numbered), []
            except duckdb.Error as error:
                faults = self._isolate(numbered, error)
            return *self._fired(numbered), faults

    def _fired(self, frame: pl.DataFrame) -> tuple[Rows, Hits]:
        constants = self._plans.fitting(frame, self._bits)
        streams = self._fill(frame)
        try:
            # Not as a relation, which would store the result and read it again; this takes longer than a
            # small scan.
            self.connection.execute(f"EXECUTE {self._statement(streams, constants)}")
            found = self.connection.fetchnumpy()
        finally:
            self._empty()
        rows = found.pop("row")
        words = np.stack([*found.values()])
        some = np.flatnonzero(words.any(axis=0))
        bits = np.unpackbits(words.T[some], axis=1, bitorder="little")
        return rows[some], bits[:, : len(self.rules)].astype(np.bool_)

    def _fill(self, frame: pl.DataFrame) -> int:
        """Put the frame into the streams. Returns the number of streams used."""
        cuts = len(self.streams) if frame.height >= _SHORTEST_CUT else 1
        size = -(-frame.height // cuts)
        for number, stream in enumerate(self.streams[:cuts]):
            stream.frame = frame.slice(number * size, size)
        return cuts

    def _empty(self) -> None:
        for stream in self.streams:
            stream.frame = self.nothing

    def _isolate(self, frame: pl.DataFrame, error: duckdb.Error) -> list[Fault]:
        """Find the predicates that fail on these rows, and change them so that a failure gives null.

        Raises:
            duckdb.Error: no single predicate fails, so the error is not caused by a rule.
        """
        faults = []
        for number, rule in enumerate(self.rules):
            failure = self._failure(frame, self._condition(number))
            if failure is not None:
                # The error message contains the value on which it failed, which may be PHI.
                kind = type(failure).__name__.removesuffix("Exception")
                faults.append(Fault(rule.code, f"{kind} error on a value"))
                self._predicates[number] = f"coalesce(TRY({self._predicates[number]}), false)"
                if self._failure(frame, self._condition(number)):
                    self._predicates[number] = "false"
        if not faults:
            raise error
        self._statements.clear()
        self._plans.is_used = False
        return faults

    def _condition(self, number: int) -> str:
        return _all_of(self._applies[number], self._predicates[number])

    def _failure(self, frame: pl.DataFrame, sql: str) -> duckdb.Error | None:
        streams = self._fill(frame)
        try:
            self.connection.execute(f"SELECT count(*) FROM {self._rows(streams)} WHERE {sql}").fetchall()  # noqa: S608
        except duckdb.Error as error:
            return error
        finally:
            self._empty()
        return None


def _number(value: int) -> str:
    return f"{value}::UTINYINT"


def _together(asked: Iterable[tuple[Sequence[str], str]]) -> str:
    """Combine words into one; each has a condition for its evaluation, and equal conditions are adjacent."""
    parts: list[str] = []
    for first, group in groupby(asked, key=lambda each: each[0][:1]):
        if not first:
            parts.extend(word for _, word in group)
            continue
        within = _together((applies[1:], word) for applies, word in group)
        parts.append(f"CASE WHEN {first[0]} THEN {within} ELSE {_number(0)} END")
    return f"({' | '.join(parts)})"


def condition(rule: Rule, forms: str) -> str:
    """The SQL that is true if a rule applies and fires, in a block with claims of these forms."""
    return _all_of(_applicability(rule, forms), rule.predicate.sql)


def _all_of(applies: Sequence[str], predicate: str) -> str:
    return " AND ".join([*applies, f"({predicate})"])


def names_needed(rule: Rule, forms: str) -> set[str]:
    """The names that a rule's condition reads, without those that only a column function reads."""
    names = set(rule.predicate.names)
    if not set(forms) <= set(rule.forms):
        names.add("form")
    if rule.claim_filing:
        names.add("claim_filing_code")
    if rule.payer_ids:
        names.add("payer_id")
    if rule.effective_from or rule.effective_to:
        names.add(service_day(rule))
    return names


def service_day(rule: Rule) -> str:
    """The name of the date that is compared with a rule's effective dates: of the line, if there is one."""
    return "effective_service_on" if "effective_service_on" in names_for(rule.level) else "first_service_on"


def _applicability(rule: Rule, forms: str) -> list[str]:
    parts: list[str] = []
    if not set(forms) <= set(rule.forms):
        parts.append(f"form IN ({_quoted(rule.forms)})")
    if rule.claim_filing:
        parts.append(f"claim_filing_code IN ({_quoted(rule.claim_filing)})")
    if rule.payer_ids:
        parts.append(f"payer_id IN ({_quoted(rule.payer_ids)})")
    # A claim without a date of service is evaluated with today's rules; the missing date is a separate
    # finding.
    day = service_day(rule)
    if rule.effective_from:
        parts.append(f"coalesce({day} >= DATE '{rule.effective_from}', true)")
    if rule.effective_to:
        parts.append(f"coalesce({day} <= DATE '{rule.effective_to}', true)")
    return parts


def _quoted(values: Sequence[str]) -> str:
    return ", ".join("'" + value.replace("'", "''") + "'" for value in values)


def closing(owner: object, connection: duckdb.DuckDBPyConnection) -> None:
    """Close the connection when its owner is deleted, and before the interpreter exits."""
    weakref.finalize(owner, connection.close)
