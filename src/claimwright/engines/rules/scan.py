"""The scan: all rules of one level over one frame, in one SELECT that DuckDB has planned beforehand.

The statement is prepared once and reads its rows from streams that are pointed at each block in turn, so
that a block costs the scan and no planning. A stream is read by one thread: a long frame is cut into as
many streams as there are threads.

The scan finds the rows on which any rule fires. A second statement then says of these few rows which
rules: asking it of every row would keep DuckDB from leaving a condition as soon as it is decided.
"""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from .functions import macros_sql
from .names import names_for
from .predicate import Lookup
from .rule import Rule

# Every stream sets the whole expression up anew, which takes as long as some ten thousand rows.
_SHORTEST_CUT = 50_000

# What these optimizers do to hundreds of predicates costs more than it saves: one makes a join of every
# list of values, the other computes for all rows what conditions share and few rows need.
_WITHOUT = "in_clause,common_subexpressions"

_NEWEST = pl.CompatLevel.newest()

# Up to so many rows all is asked of every row at once: the first statement has a price of its own.
_FEW = 500

Rows = npt.NDArray[np.uint32]
Hits = npt.NDArray[np.bool_]


def connect(threads: int | None = None) -> duckdb.DuckDBPyConnection:
    """A database in memory that reaches nothing outside it, with the macros, and its settings locked."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "enable_external_access": False,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "python_enable_replacements": False,
        # Findings are sorted afterwards; keeping the order of rows makes the streams wait for each other.
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
    """What DuckDB reads: the Arrow stream of whatever table stands in it when the scan begins."""

    def __init__(self, table: pa.Table) -> None:
        self.table = table

    def __arrow_c_schema__(self) -> object:
        return self.table.schema.__arrow_c_schema__()

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.table.__arrow_c_stream__(requested_schema)


def as_table(frame: pl.DataFrame) -> pa.Table:
    """The frame as an Arrow table, without copying its values."""
    return frame.to_arrow(compat_level=_NEWEST)


class Scan:
    """The prepared scan of some rules of one level."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, name: str, level: str, rules: Sequence[Rule], forms: str
    ) -> None:
        self.connection = connection
        self.name = name
        self.rules = tuple(rules)
        self.conditions = [condition(rule, forms) for rule in rules]
        self.names = tuple(sorted({name for rule in rules for name in names_needed(rule, forms)}))
        lookups = {lookup for rule in rules for lookup in rule.predicate.lookups}
        self.lookups: tuple[Lookup, ...] = tuple(sorted(lookups, key=lambda lookup: lookup.column))
        known = names_for(level)
        schema: dict[str, pl.DataType] = {"row": pl.UInt32()}
        schema.update({name: known[name].dtype for name in self.names})
        schema.update({lookup.column: lookup.function.dtype for lookup in self.lookups})
        self.schema = schema
        threads = connection.execute("SELECT current_setting('threads')").fetchall()[0][0]
        self.nothing = as_table(pl.DataFrame(schema=schema))
        self.streams = [Stream(self.nothing) for _ in range(max(1, int(threads)))]
        for number, stream in enumerate(self.streams):
            connection.register(f"{name}_{number}", stream)
        self._statements: dict[tuple[str, int], str] = {}
        self._prepared = 0

    def _statement(self, what: str, streams: int) -> str:
        """The name of the prepared statement that reads so many streams: `any` or `which` rules fire."""
        key = what, streams
        if key not in self._statements:
            self._prepared += 1
            self._statements[key] = f"{self.name}_{what}_{self._prepared}"
            if what == "any":
                fires = " OR ".join(f"({sql})" for sql in self.conditions)
                sql = f"SELECT row FROM {self._rows(streams)} WHERE {fires}"  # noqa: S608
            else:
                answers = ", ".join(f"({sql}) AS r{number}" for number, sql in enumerate(self.conditions))
                sql = f"SELECT row, {answers} FROM {self._rows(streams)}"  # noqa: S608
            self.connection.execute(f"PREPARE {self._statements[key]} AS {sql}")
        return self._statements[key]

    def _rows(self, streams: int) -> str:
        parts = (f"FROM {self.name}_{number}" for number in range(streams))
        return f"({' UNION ALL '.join(parts)})"

    def fired(self, frame: pl.DataFrame) -> tuple[Rows, Hits, list[Fault]]:
        """The rows on which a rule fires, for each of them and each rule whether it does; and what failed.

        `frame` has the columns of `names` and `lookups`.
        """
        # Not by `with_row_index`, which plans a query for it.
        row = pl.Series("row", np.arange(frame.height, dtype=np.uint32))
        numbered = pl.DataFrame([row, *frame.get_columns()])
        try:
            return *self._fired(numbered), []
        except duckdb.Error as error:
            faults = self._isolate(numbered, error)
        return *self._fired(numbered), faults

    def _fired(self, frame: pl.DataFrame) -> tuple[Rows, Hits]:
        if frame.height > _FEW:
            frame = frame[self._run("any", frame)["row"]]
        if not frame.height:
            return np.empty(0, np.uint32), np.empty((0, len(self.rules)), np.bool_)
        found = self._run("which", frame)
        # A null is no hit; DuckDB gives a masked array where there are some.
        answers = [np.ma.filled(found[f"r{number}"], fill_value=False) for number in range(len(self.rules))]
        hits = np.stack(answers, axis=1)
        some = hits.any(axis=1)
        return found["row"][some], hits[some]

    def _run(self, what: str, frame: pl.DataFrame) -> dict[str, npt.NDArray[Any]]:
        streams = self._fill(frame)
        try:
            # Not as a relation, which keeps the result and reads it anew: longer than a scan of few rows.
            self.connection.execute(f"EXECUTE {self._statement(what, streams)}")
            found: dict[str, npt.NDArray[Any]] = self.connection.fetchnumpy()
        finally:
            for stream in self.streams:
                stream.table = self.nothing
        return found

    def _fill(self, frame: pl.DataFrame) -> int:
        """Lay the frame into the streams, and return how many it took."""
        cuts = len(self.streams) if frame.height >= _SHORTEST_CUT else 1
        size = -(-frame.height // cuts)
        for number, stream in enumerate(self.streams[:cuts]):
            stream.table = as_table(frame.slice(number * size, size))
        return cuts

    def _isolate(self, frame: pl.DataFrame, error: duckdb.Error) -> list[Fault]:
        """Find the predicates that fail on these rows, and put them where a failure is a null.

        Raises:
            duckdb.Error: no single predicate fails, so that the fault is not a rule's.
        """
        faults = []
        for number, rule in enumerate(self.rules):
            sql = self.conditions[number]
            failure = self._failure(frame, sql)
            if failure is not None:
                # The message of the failure holds the value on which it failed, which may be PHI.
                kind = type(failure).__name__.removesuffix("Exception")
                faults.append(Fault(rule.code, f"{kind} error on a value"))
                attempt = f"coalesce(TRY({sql}), false)"
                self.conditions[number] = attempt if self._failure(frame, attempt) is None else "false"
        if not faults:
            raise error
        self._statements.clear()
        return faults

    def _failure(self, frame: pl.DataFrame, sql: str) -> duckdb.Error | None:
        streams = self._fill(frame)
        try:
            self.connection.execute(f"SELECT count(*) FROM {self._rows(streams)} WHERE {sql}").fetchall()  # noqa: S608
        except duckdb.Error as error:
            return error
        finally:
            for stream in self.streams:
                stream.table = self.nothing
        return None


def condition(rule: Rule, forms: str) -> str:
    """The SQL that is true where a rule applies and fires, in a block that holds claims of these forms."""
    parts = [*_applicability(rule, forms), f"({rule.predicate.sql})"]
    return " AND ".join(parts)


def names_needed(rule: Rule, forms: str) -> set[str]:
    """The names that the condition of a rule reads, without those that only a column function reads."""
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
    """The name of the day by which a rule's effective dates are judged: of the line where there is one."""
    return "effective_service_on" if "effective_service_on" in names_for(rule.level) else "first_service_on"


def _applicability(rule: Rule, forms: str) -> list[str]:
    parts = []
    if not set(forms) <= set(rule.forms):
        parts.append(f"form IN ({_quoted(rule.forms)})")
    if rule.claim_filing:
        parts.append(f"claim_filing_code IN ({_quoted(rule.claim_filing)})")
    if rule.payer_ids:
        parts.append(f"payer_id IN ({_quoted(rule.payer_ids)})")
    # A claim without a date of service is judged as of today: its missing date is a finding of its own.
    day = service_day(rule)
    if rule.effective_from:
        parts.append(f"coalesce({day} >= DATE '{rule.effective_from}', true)")
    if rule.effective_to:
        parts.append(f"coalesce({day} <= DATE '{rule.effective_to}', true)")
    return parts


def _quoted(values: Sequence[str]) -> str:
    return ", ".join("'" + value.replace("'", "''") + "'" for value in values)


def closing(owner: object, connection: duckdb.DuckDBPyConnection) -> None:
    """Close the connection when its owner goes, and before the interpreter does."""
    weakref.finalize(owner, connection.close)
