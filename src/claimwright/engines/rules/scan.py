"""The scan: all rules of one level over one frame, in one SELECT that DuckDB has planned beforehand.

The statement is prepared once and reads its rows from streams that are pointed at each block in turn, so
that a block costs the scan and no planning. A stream is read by one thread: a frame is cut into as many
streams as there are threads. Rows that fire nothing never leave the scan.
"""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import polars as pl
import pyarrow as pa

from .functions import macros_sql
from .names import names_for
from .predicate import Lookup
from .rule import Rule

# A frame shorter than this is not worth a second thread.
_SHORTEST_CUT = 4_096

_NEWEST = pl.CompatLevel.newest()


def connect(threads: int | None = None) -> duckdb.DuckDBPyConnection:
    """A database in memory that reaches nothing outside it, with the macros, and its settings locked."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "enable_external_access": False,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "python_enable_replacements": False,
        # Findings are sorted afterwards; keeping the order of rows would make the streams wait for each other.
        "preserve_insertion_order": False,
    }
    if threads is not None:
        config["threads"] = threads
    connection = duckdb.connect(":memory:", config=config)
    connection.execute(macros_sql())
    connection.execute("SET lock_configuration = true")
    return connection


@dataclass(frozen=True, slots=True)
class Fault:
    """A predicate that failed on data; from then on a row on which it fails is one on which it does not fire."""

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
        self._versions = 0
        self._prepare()

    def _prepare(self) -> None:
        self._versions += 1
        self.statement = f"{self.name}_v{self._versions}"
        predicates = ", ".join(f"({sql}) AS r{number}" for number, sql in enumerate(self.conditions))
        fires = " OR ".join(f"({sql})" for sql in self.conditions)
        self.connection.execute(
            f"PREPARE {self.statement} AS SELECT row, {predicates} FROM {self._rows()} WHERE {fires}"  # noqa: S608
        )

    def _rows(self) -> str:
        parts = (f"FROM {self.name}_{number}" for number in range(len(self.streams)))
        return f"({' UNION ALL '.join(parts)})"

    def fired(self, frame: pl.DataFrame) -> tuple[pl.DataFrame, list[Fault]]:
        """The rows on which a rule fires, `row` and a boolean for each rule, `r0` on; and what failed."""
        faults: list[Fault] = []
        self._fill(frame)
        try:
            try:
                table = self._run()
            except duckdb.Error as error:
                faults = self._isolate(error)
                table = self._run()
        finally:
            for stream in self.streams:
                stream.table = self.nothing
        found = pl.from_arrow(table)
        assert isinstance(found, pl.DataFrame)
        return found, faults

    def _run(self) -> pa.Table:
        relation = self.connection.sql(f"EXECUTE {self.statement}")
        return relation.to_arrow_table()

    def _fill(self, frame: pl.DataFrame) -> None:
        cuts = len(self.streams) if frame.height >= _SHORTEST_CUT else 1
        size = -(-frame.height // cuts)
        for number, stream in enumerate(self.streams[:cuts]):
            stream.table = as_table(frame.slice(number * size, size))

    def _isolate(self, error: duckdb.Error) -> list[Fault]:
        """Find the predicates that fail on these rows, and put them where a failure is a null.

        Raises:
            duckdb.Error: no single predicate fails, so that the fault is not a rule's.
        """
        faults = []
        for number, rule in enumerate(self.rules):
            sql = self.conditions[number]
            try:
                self._count(sql)
            except duckdb.Error as failure:
                # The message of the failure holds the value on which it failed, which may be PHI.
                kind = type(failure).__name__.removesuffix("Exception")
                faults.append(Fault(rule.code, f"{kind} error on a value"))
                self.conditions[number] = self._tried(sql)
        if not faults:
            raise error
        self._prepare()
        return faults

    def _tried(self, sql: str) -> str:
        attempt = f"coalesce(TRY({sql}), false)"
        try:
            self._count(attempt)
        except duckdb.Error:
            return "false"
        return attempt

    def _count(self, sql: str) -> None:
        self.connection.execute(f"SELECT count(*) FROM {self._rows()} WHERE {sql}").fetchall()  # noqa: S608


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
