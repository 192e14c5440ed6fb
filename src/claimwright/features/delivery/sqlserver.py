"""SQL Server as a target: partitions by month, a columnstore for the numbers, rows by bulk copy.

Written from Microsoft's documentation and parsed as T-SQL by the tests; it was not run against a server when
it was written. The delivery tests run it if CLAIMWRIGHT_TEST_SQLSERVER_URL names a server.

Bulk copy uses its own connection, which does not see our temporary tables or our transaction. So rows are
first written to arrival tables, with the id of their delivery, and then moved to the claims in one
transaction. An interrupted delivery leaves rows in the arrival tables; the next delivery ignores them and a
later one deletes them.

With one server that speaks the protocol, the driver's bulk copy panicked. If it panics, the rows go another
way until the target is closed: thousands of rows as one JSON text, which the server takes apart (OPENJSON,
from compatibility level 130, SQL Server 2016). Where the server is older or this panics as well, they are
inserted, many at a time.
"""

from __future__ import annotations

import datetime
import json
import uuid
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import polars as pl

from claimwright.foundation import clock
from claimwright.platform.observability import get_logger
from claimwright.store.columns import Kind

from .months import months_of
from .tables import CLAIMS, CONTENT, PARTITIONED_BY, TABLES, Table
from .target import THERE, DeliveryError, DriverPanicError, Put, panics_caught

_LOG = get_logger("delivery")

SCHEMA = "claimwright"
FUNCTION, SCHEME = "claimwright_months", "claimwright_by_month"
_TYPES = {
    Kind.KEY: "bigint",
    Kind.NUMBER: "int",
    # Wider than necessary, so that numbers can grow.
    Kind.SMALL: "int",
    Kind.ID: "nvarchar(63)",
    Kind.CODE: "nvarchar(63)",
    Kind.TEXT: "nvarchar(400)",
    Kind.DAY: "date",
    Kind.INSTANT: "datetimeoffset(6)",
    Kind.DOLLARS: "decimal(18, 2)",
    Kind.UNITS: "decimal(15, 3)",
    Kind.SHARE: "float",
}
# Rows per batch of the driver; more do not make it faster.
_INSERTED_AT_ONCE = 1_000
# Rows per JSON text, about three megabytes of it.
_AS_JSON_AT_ONCE = 5_000
# OPENJSON works from this compatibility level of a database on. Source: Microsoft, T-SQL reference, OPENJSON.
_JSON_LEVEL = 130
# `lines` and `procedure` can be T-SQL keywords; in brackets, any name is an identifier.
_LOCAL = {"localhost", "127.0.0.1", "::1"}


def _name(name: str) -> str:
    return f"[{name}]"


def _names(names: tuple[str, ...]) -> str:
    return ", ".join(map(_name, names))


def _columns(table: Table) -> str:
    return ", ".join(
        f"{_name(each.name)} {_TYPES[each.kind]} {'not null' if each.required else 'null'}"
        for each in table.columns
    )


def schema_statement() -> str:
    """Makes the schema."""
    return f"create schema {SCHEMA}"


def partition_statements(first: datetime.date) -> list[str]:
    """Create the partition function, with the boundary of one month, and its scheme."""
    return [
        f"create partition function {FUNCTION} (date) as range right for values ('{first:%Y%m%d}')",
        f"create partition scheme {SCHEME} as partition {FUNCTION} all to ([primary])",
    ]


def split_statements(first: datetime.date) -> list[str]:
    """Add the boundary of a month."""
    return [
        f"alter partition scheme {SCHEME} next used [primary]",
        f"alter partition function {FUNCTION}() split range ('{first:%Y%m%d}')",
    ]


def table_statements(table: Table) -> list[str]:
    """Create a partitioned table with its indexes, and its arrival table."""
    on = f"on {SCHEME} ({_name(PARTITIONED_BY)})"
    whole = f"{SCHEMA}.{_name(table.name)}"
    made = [
        f"create table {whole} ({_columns(table)},"
        f" constraint {table.name}_key primary key clustered ({_names(table.key)})) {on}",
        f"create table {SCHEMA}.{_name('incoming_' + table.name)}"
        f" ([delivery] uniqueidentifier not null, [arrived_at] datetime2(3) not null, {_columns(table)})",
        f"create clustered index incoming_{table.name}_by_delivery"
        f" on {SCHEMA}.{_name('incoming_' + table.name)} ([delivery])",
    ]
    made += [
        f"create nonclustered index {table.name}_by_{'_'.join(index)} on {whole} ({_names(index)}) {on}"
        for index in table.indexes
    ]
    if table.metrics:
        made.append(
            f"create nonclustered columnstore index {table.name}_metrics on {whole}"
            f" ({_names(table.metrics)}) {on}"
        )
    return made


def move_statement(table: Table) -> str:
    """Moves the arrivals of a delivery that the target does not have yet.

    No MERGE: two concurrent ones could both find a row missing. The range lock that `serializable` takes for
    a missing key makes the second wait until the first has committed.
    """
    same = " and ".join(f"there.{_name(each)} = incoming.{_name(each)}" for each in table.key)
    columns = _names(table.names)
    return (
        f"insert into {SCHEMA}.{_name(table.name)} ({columns})"  # noqa: S608 - names of the description
        f" select {columns} from {SCHEMA}.{_name('incoming_' + table.name)} as incoming"
        f" where incoming.[delivery] = ? and not exists (select 1 from {SCHEMA}.{_name(table.name)} as there"
        f" with (updlock, serializable) where {same})"
    )


def differing_statement() -> str:
    """Finds the arrivals of a delivery for which the target has different data under the same key.

    `except` compares nulls as equal, which `<>` does not.
    """
    same = " and ".join(
        f"there.{_name(each)} = incoming.{_name(each)}" for each in CLAIMS.key if each != PARTITIONED_BY
    )
    compared = (PARTITIONED_BY, *CONTENT)
    here, there = (", ".join(f"{one}.{_name(each)}" for each in compared) for one in ("incoming", "there"))
    return (
        f"select incoming.[claim_key] from {SCHEMA}.{_name('incoming_' + CLAIMS.name)} as incoming"  # noqa: S608
        f" join {SCHEMA}.{_name(CLAIMS.name)} as there on {same}"
        f" where incoming.[delivery] = ? and exists (select {here} except select {there})"
    )


def drop_statement(table: Table) -> str:
    """Removes the arrivals of a claim from a delivery."""
    incoming = f"{SCHEMA}.{_name('incoming_' + table.name)}"
    return f"delete from {incoming} where [delivery] = ? and [claim_key] = ?"  # noqa: S608


def highest_statement() -> str:
    """Finds the highest claim key."""
    return f"select max([claim_key]) from {SCHEMA}.{_name(CLAIMS.name)}"  # noqa: S608


def insert_statement(table: Table) -> str:
    """Adds arrivals if bulk copy does not work."""
    columns = ("delivery", "arrived_at", *table.names)
    marks = ", ".join("?" * len(columns))
    return f"insert into {SCHEMA}.{_name('incoming_' + table.name)} ({_names(columns)}) values ({marks})"  # noqa: S608


def json_statement(table: Table) -> str:
    """Adds arrivals from one JSON text: a list of objects, whose keys are the names of the columns."""
    columns = ("delivery", "arrived_at", *table.names)
    shapes = ", ".join(f"{_name(each.name)} {_TYPES[each.kind]}" for each in table.columns)
    return (
        f"insert into {SCHEMA}.{_name('incoming_' + table.name)} ({_names(columns)})"  # noqa: S608
        f" select ?, ?, {_names(table.names)} from openjson(?) with ({shapes})"
    )


def level_statement() -> str:
    """Finds the compatibility level of the database."""
    return "select [compatibility_level] from sys.databases where [name] = db_name()"


def clear_statement(table: Table) -> str:
    """Removes the arrivals of a delivery."""
    return f"delete from {SCHEMA}.{_name('incoming_' + table.name)} where [delivery] = ?"  # noqa: S608


def sweep_statement(table: Table) -> str:
    """Removes arrivals of deliveries that were interrupted a day ago or earlier."""
    return (
        f"delete from {SCHEMA}.{_name('incoming_' + table.name)}"  # noqa: S608
        " where [arrived_at] < dateadd(day, -1, sysutcdatetime())"
    )


def connection_string(url: str) -> str:
    """The driver's connection string of mssql://user:password@host:1433/database.

    Encrypted, with a verified server certificate, unless the server is on this machine and the URL says
    otherwise.

    Raises:
        DeliveryError: the URL lacks a part, or requests an insecure connection to another machine.
    """
    parts = urlsplit(url)
    database = parts.path.strip("/")
    if not parts.hostname or not database or not parts.username:
        raise DeliveryError("write the target as mssql://user:password@host:1433/database.")
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    trust = query.get("trust_certificate", "no") == "yes"
    if trust and parts.hostname not in _LOCAL:
        raise DeliveryError("trust_certificate=yes is allowed only for a server on this machine.")

    def quoted(text: str) -> str:
        return "{" + unquote(text).replace("}", "}}") + "}"

    given = {
        "Server": f"{parts.hostname},{parts.port or 1433}",
        "Database": quoted(database),
        "UID": quoted(parts.username),
        "PWD": quoted(parts.password or ""),
        "Encrypt": "yes",
        "TrustServerCertificate": "yes" if trust else "no",
    }
    return ";".join(f"{name}={value}" for name, value in given.items())


_Way = Callable[[Table, Iterator[tuple[Any, ...]]], None]


class SqlServerTarget:
    """A SQL Server database to which claims are delivered."""

    def __init__(self, url: str, connect: Any = None) -> None:
        """`connect` replaces the driver in tests."""
        self._string = connection_string(url)
        parts = urlsplit(url)
        self.name = f"sqlserver:{parts.hostname}{parts.path}"
        self._connect = connect
        self._connection: Any = None
        self._months: set[datetime.date] = set()
        # In order of preference. One that panics is not tried again.
        self._ways: list[_Way] = [self._copy, self._as_json, self._insert]

    def __enter__(self) -> SqlServerTarget:
        """Connect. The tables are created with the first rows, whose month becomes the first partition."""
        connect = self._connect
        if connect is None:
            try:
                from mssql_python import connect
            except ImportError:
                raise DeliveryError(
                    "the target is SQL Server: pip install 'claimwright[sqlserver]'."
                ) from None
        with panics_caught():
            self._connection = connect(self._string, autocommit=False)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._connection is not None:
            with panics_caught():
                self._connection.close()

    def put(self, frames: Mapping[str, pl.DataFrame]) -> Put:
        """Write the rows that the target does not have yet, in one transaction."""
        with panics_caught():
            self._prepare(months_of(frames["claims"]))
            return self._moved(self._arrived(frames))

    def _arrived(self, frames: Mapping[str, pl.DataFrame]) -> uuid.UUID:
        """Write the rows to the arrival tables. Returns the id of the delivery."""
        while len(self._ways) > 1:
            way, delivery = self._ways[0], uuid.uuid4()
            try:
                with panics_caught():
                    if way != self._as_json or self._takes_json():
                        self._arrive(frames, delivery, way)
                        return delivery
            except DriverPanicError as problem:
                # Rows that were written before stay under an unused delivery id until they are deleted.
                _LOG.error("the driver panicked; rows go another way", way=way.__name__, error=str(problem))
            del self._ways[0]
        delivery = uuid.uuid4()
        self._arrive(frames, delivery, self._insert)
        return delivery

    def _takes_json(self) -> bool:
        with self._connection.cursor() as cursor:
            cursor.execute(level_statement())
            level = cursor.fetchone()
        return level is not None and int(level[0]) >= _JSON_LEVEL

    def _arrive(
        self,
        frames: Mapping[str, pl.DataFrame],
        delivery: uuid.UUID,
        way: _Way,
    ) -> None:
        now = clock.now()
        for table in TABLES:
            way(table, _rows(delivery, now, frames[table.name].select(table.names)))

    def _copy(self, table: Table, rows: Iterator[tuple[Any, ...]]) -> None:
        with self._connection.cursor() as cursor:
            cursor.bulkcopy(
                f"{SCHEMA}.incoming_{table.name}",
                rows,
                timeout=0,
                column_mappings=["delivery", "arrived_at", *table.names],
                keep_nulls=True,
            )

    def _as_json(self, table: Table, rows: Iterator[tuple[Any, ...]]) -> None:
        with self._connection.cursor() as cursor:
            while some := list(islice(rows, _AS_JSON_AT_ONCE)):
                delivery, moment = some[0][:2]
                text = json.dumps([dict(zip(table.names, row[2:], strict=True)) for row in some], default=str)
                cursor.execute(json_statement(table), (delivery, moment, text))

    def _insert(self, table: Table, rows: Iterator[tuple[Any, ...]]) -> None:
        with self._connection.cursor() as cursor:
            while some := list(islice(rows, _INSERTED_AT_ONCE)):
                cursor.executemany(insert_statement(table), some)

    def _moved(self, delivery: uuid.UUID) -> Put:
        """Move the arrivals to their tables, in one transaction."""
        new = 0
        with self._connection.cursor() as cursor:
            cursor.execute(differing_statement(), (delivery,))
            differing = frozenset(int(row[0]) for row in cursor.fetchall())
            for key in differing:
                for table in TABLES:
                    cursor.execute(drop_statement(table), (delivery, key))
            for table in TABLES:
                cursor.execute(move_statement(table), (delivery,))
                if table.name == "claims":
                    new = cursor.rowcount
                cursor.execute(clear_statement(table), (delivery,))
            self._connection.commit()
        return Put(new, differing)

    def claims_between(self, tenant: str, first_key: int, last_key: int) -> pl.DataFrame:
        """The target's claims of a tenant in a range of keys; columns as `THERE`."""
        with panics_caught(), self._connection.cursor() as cursor:
            cursor.execute(
                f"select claim_key, version, total_charge from {SCHEMA}.{CLAIMS.name}"  # noqa: S608 - our names
                " where tenant = ? and claim_key between ? and ?",
                (tenant, first_key, last_key),
            )
            rows = [tuple(row) for row in cursor.fetchall()]
        return pl.DataFrame(rows, schema=THERE, orient="row")

    def highest_key(self) -> int:
        """The highest claim key in the target; 0 if it has none."""
        with panics_caught(), self._connection.cursor() as cursor:
            there = "select 1 from sys.tables t join sys.schemas s on s.schema_id = t.schema_id"
            if not self._there(cursor, f"{there} where s.name = ? and t.name = ?", SCHEMA, CLAIMS.name):
                return 0
            cursor.execute(highest_statement())
            row = cursor.fetchone()
        return int(row[0] or 0) if row else 0

    def _prepare(self, months: list[datetime.date]) -> None:
        """Create missing schema, partitions and tables."""
        wanted = [each for each in months if each not in self._months]
        if not wanted:
            return
        with self._connection.cursor() as cursor:
            # Only one delivery prepares at a time; the lock ends with the transaction.
            cursor.execute("exec sp_getapplock @Resource = 'claimwright delivery', @LockMode = 'Exclusive'")
            if not self._there(cursor, "select 1 from sys.schemas where name = ?", SCHEMA):
                cursor.execute(schema_statement())
            if not self._there(cursor, "select 1 from sys.partition_functions where name = ?", FUNCTION):
                for statement in partition_statements(wanted[0]):
                    cursor.execute(statement)
            for first in wanted:
                boundary = (
                    "select 1 from sys.partition_range_values v join sys.partition_functions f"
                    " on f.function_id = v.function_id where f.name = ? and cast(v.value as date) = ?"
                )
                if not self._there(cursor, boundary, FUNCTION, first):
                    for statement in split_statements(first):
                        cursor.execute(statement)
            there = "select 1 from sys.tables t join sys.schemas s on s.schema_id = t.schema_id"
            for table in TABLES:
                if not self._there(cursor, f"{there} where s.name = ? and t.name = ?", SCHEMA, table.name):
                    for statement in table_statements(table):
                        cursor.execute(statement)
                cursor.execute(sweep_statement(table))
            self._connection.commit()
        self._months.update(wanted)

    @staticmethod
    def _there(cursor: Any, question: str, *values: object) -> bool:
        cursor.execute(question, values)
        return cursor.fetchone() is not None


def _rows(delivery: uuid.UUID, now: datetime.datetime, frame: pl.DataFrame) -> Iterator[tuple[Any, ...]]:
    """The rows in the format for bulk copy: tuples, with times as datetime values."""
    moment = now.replace(tzinfo=None)
    instants = [name for name in ("received_at", "created_at") if name in frame.columns]
    typed = frame.with_columns(pl.col(name).str.to_datetime(time_zone="UTC") for name in instants)
    for row in typed.iter_rows():
        yield (delivery, moment, *row)
