"""PostgreSQL as a target: partitions by month, the indexes of a claims workload, rows by COPY."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from types import TracebackType

import polars as pl
import psycopg
from psycopg.conninfo import conninfo_to_dict

from claimwright.platform.database import AddressError, checked_address, csv_of
from claimwright.store.columns import Kind

from .months import month_after, months_of
from .tables import CLAIMS, CONTENT, PARTITIONED_BY, TABLES, Table
from .target import THERE, DeliveryError, Put

SCHEMA = "claimwright"
_TYPES = {
    Kind.KEY: "bigint",
    Kind.NUMBER: "integer",
    # Wider than necessary, so that numbers can grow.
    Kind.SMALL: "integer",
    Kind.ID: "varchar(63)",
    Kind.CODE: "varchar(63)",
    Kind.TEXT: "varchar(400)",
    Kind.DAY: "date",
    Kind.INSTANT: "timestamptz",
    Kind.DOLLARS: "numeric(18, 2)",
    Kind.UNITS: "numeric(15, 3)",
    Kind.SHARE: "double precision",
}


def statements() -> list[str]:
    """The statements that create the tables; each leaves existing objects unchanged."""
    made = [f"create schema if not exists {SCHEMA}"]
    for table in TABLES:
        columns = ", ".join(
            f"{each.name} {_TYPES[each.kind]}{' not null' if each.required else ''}" for each in table.columns
        )
        made.append(
            f"create table if not exists {SCHEMA}.{table.name} ({columns},"
            f" primary key ({', '.join(table.key)})) partition by range ({PARTITIONED_BY})"
        )
        made += [
            f"create index if not exists {table.name}_by_{'_'.join(index)}"
            f" on {SCHEMA}.{table.name} ({', '.join(index)})"
            for index in table.indexes
        ]
        # PostgreSQL has no columnstore; with a BRIN index, a sum over months can skip blocks.
        made.append(
            f"create index if not exists {table.name}_ranges on {SCHEMA}.{table.name}"
            f" using brin ({PARTITIONED_BY})"
        )
    return made


def partition_statement(table: Table, first: datetime.date) -> str:
    """The statement that creates the partition of a month."""
    return (
        f"create table if not exists {SCHEMA}.{table.name}_{first:%Y_%m} partition of {SCHEMA}.{table.name}"
        f" for values from ('{first}') to ('{month_after(first)}')"
    )


def differing_statement() -> str:
    """The query for arriving claims for which the target has different data under the same key."""
    same = " and ".join(f"t.{name} = i.{name}" for name in CLAIMS.key if name != PARTITIONED_BY)
    # The date is compared as data: as part of the key, a claim with another date would be a different row.
    compared = (PARTITIONED_BY, *CONTENT)
    there, here = (", ".join(f"{one}.{name}" for name in compared) for one in ("t", "i"))
    return (
        f"select distinct i.claim_key from incoming_{CLAIMS.name} i"  # noqa: S608 - names of the description
        f" join {SCHEMA}.{CLAIMS.name} t on {same} where ({there}) is distinct from ({here})"
    )


class PostgresTarget:
    """A PostgreSQL database to which claims are delivered."""

    def __init__(self, url: str) -> None:
        try:
            self._address = checked_address(url)
        except AddressError as problem:
            raise DeliveryError(f"pipeline.target_url: {problem}") from None
        parts = conninfo_to_dict(self._address)
        self.name = f"postgresql:{parts.get('host', '')}/{parts['dbname']}"
        self._connection: psycopg.Connection | None = None
        self._months: set[datetime.date] = set()

    def __enter__(self) -> PostgresTarget:
        """Connect, and create missing tables and partitions."""
        self._connection = psycopg.connect(self._address, connect_timeout=10, autocommit=True)
        with self._connection.transaction():
            self._connection.execute("select pg_advisory_xact_lock(hashtext('claimwright delivery'))")
            for statement in statements():
                self._connection.execute(statement.encode())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._connection is not None:
            self._connection.close()

    def put(self, frames: Mapping[str, pl.DataFrame]) -> Put:
        """Write the rows that the target does not have yet, in one transaction."""
        connection = self._connection
        assert connection is not None
        for first in {*months_of(frames["claims"])} - self._months:
            with connection.transaction():
                connection.execute("select pg_advisory_xact_lock(hashtext('claimwright delivery'))")
                for table in TABLES:
                    connection.execute(partition_statement(table, first).encode())
            self._months.add(first)
        new, differing = 0, frozenset[int]()
        with connection.transaction():
            for table in TABLES:
                columns = ", ".join(table.names)
                connection.execute(
                    f"create temporary table incoming_{table.name} (like {SCHEMA}.{table.name})"
                    " on commit drop".encode()
                )
                copy = f"copy incoming_{table.name} ({columns}) from stdin (format csv)"
                with connection.cursor() as cursor, cursor.copy(copy.encode()) as target:
                    target.write(csv_of(frames[table.name].select(table.names)))
                if table.name == "claims":
                    found = connection.execute(differing_statement().encode()).fetchall()
                    differing = frozenset(row[0] for row in found)
                elif differing:
                    connection.execute(
                        f"delete from incoming_{table.name} where claim_key = any(%s)".encode(),  # noqa: S608
                        [list(differing)],
                    )
                done = connection.execute(
                    f"insert into {SCHEMA}.{table.name} ({columns})"  # noqa: S608 - names of the description
                    f" select {columns} from incoming_{table.name} on conflict do nothing".encode()
                )
                if table.name == "claims":
                    new = done.rowcount
        return Put(new, differing)

    def claims_between(self, tenant: str, first_key: int, last_key: int) -> pl.DataFrame:
        """The target's claims of a tenant in a range of keys; columns as `THERE`."""
        assert self._connection is not None
        rows = self._connection.execute(
            f"select claim_key, version, total_charge from {SCHEMA}.{CLAIMS.name}"  # noqa: S608 - our names
            " where tenant = %s and claim_key between %s and %s".encode(),
            [tenant, first_key, last_key],
        ).fetchall()
        return pl.DataFrame(rows, schema=THERE, orient="row")

    def highest_key(self) -> int:
        """The highest claim key in the target; 0 if it has none."""
        assert self._connection is not None
        row = self._connection.execute(f"select max(claim_key) from {SCHEMA}.claims".encode()).fetchone()  # noqa: S608
        return int(row[0] or 0) if row else 0
