"""SQL Server as a target: its SQL parsed as T-SQL here, and run where a server is named.

What sqlglot has no grammar for, partition functions and schemes, is compared with the documented form.
CLAIMWRIGHT_TEST_SQLSERVER_URL=mssql://user:password@host:1433/database runs the last part of this file there.
"""

from __future__ import annotations

import datetime
import json
import os
import re
import traceback
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
import sqlglot
from sqlglot import exp

from claimwright.features.delivery import TABLES, DeliveryError, Table
from claimwright.features.delivery import postgresql as pg
from claimwright.features.delivery import sqlserver as ms
from claimwright.features.delivery.delivering import TRANSIENT
from claimwright.features.delivery.target import DriverPanicError, panics_caught
from claimwright.store.columns import Kind

OCTOBER, NOVEMBER = datetime.date(2026, 10, 1), datetime.date(2026, 11, 1)
SERVER = os.environ.get("CLAIMWRIGHT_TEST_SQLSERVER_URL")
URL = "mssql://app:pa%7Dss@db.example/claims"


def parsed(statement: str) -> exp.Expression:
    [tree] = sqlglot.parse(statement, read="tsql")
    assert tree is not None
    assert not isinstance(tree, exp.Command), f"no grammar for: {statement}"
    return tree


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_statement_about_a_table_is_t_sql(table: Table) -> None:
    statements = [*ms.table_statements(table), ms.move_statement(table), ms.clear_statement(table)]
    statements += [ms.drop_statement(table), ms.differing_statement(), ms.highest_statement()]
    statements += [ms.insert_statement(table), ms.json_statement(table), ms.level_statement()]
    for statement in (*statements, ms.sweep_statement(table), ms.schema_statement()):
        parsed(statement)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_both_kinds_of_database_have_the_columns_of_the_one_description(table: Table) -> None:
    theirs = parsed(ms.table_statements(table)[0])
    [ours] = sqlglot.parse(
        next(each for each in pg.statements() if f".{table.name} (tenant" in each), read="postgres"
    )
    assert ours is not None
    for tree in (theirs, ours):
        assert tuple(each.name for each in tree.find_all(exp.ColumnDef)) == table.names


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_the_partitioning_column_is_in_every_key(table: Table) -> None:
    """Both databases demand it of a unique index on a partitioned table."""
    assert "received_on" in table.key
    assert {*table.metrics, *table.key, *(name for index in table.indexes for name in index)} <= {
        *table.names
    }


def test_tables_have_a_columnstore_for_numbers_and_lie_on_the_partitions() -> None:
    for table in TABLES:
        made = ms.table_statements(table)
        assert any("nonclustered columnstore index" in each for each in made)
        placed = [each for each in made if f".[{table.name}]" in each]
        assert all(each.endswith(f"on {ms.SCHEME} ([received_on])") for each in placed)


def test_partitions_are_made_and_split_as_documented() -> None:
    """CREATE PARTITION FUNCTION, CREATE PARTITION SCHEME and ALTER PARTITION FUNCTION, as documented."""
    function, scheme = ms.partition_statements(OCTOBER)
    assert re.fullmatch(
        r"create partition function \w+ \(date\) as range right for values \('20261001'\)", function
    )
    assert re.fullmatch(r"create partition scheme \w+ as partition \w+ all to \(\[primary\]\)", scheme)
    used, split = ms.split_statements(NOVEMBER)
    assert re.fullmatch(r"alter partition scheme \w+ next used \[primary\]", used)
    assert re.fullmatch(r"alter partition function \w+\(\) split range \('20261101'\)", split)


def test_moving_is_no_merge_and_locks_the_keys_that_are_not_there() -> None:
    for table in TABLES:
        statement = ms.move_statement(table)
        tree = parsed(statement)
        assert isinstance(tree, exp.Insert)
        assert "with (updlock, serializable)" in statement
        assert "merge" not in statement
        [check] = tree.find_all(exp.Exists)
        compared = {each.this.name for each in check.find_all(exp.EQ)}
        assert compared == set(table.key)


def test_the_connection_is_encrypted_and_its_password_quoted() -> None:
    assert ms.connection_string(URL) == (
        "Server=db.example,1433;Database={claims};UID={app};PWD={pa}}ss};Encrypt=yes;TrustServerCertificate=no"
    )


@pytest.mark.parametrize(
    "url", ["mssql://db.example/claims", "mssql://u:hunter2@db.example", f"{URL}?trust_certificate=yes"]
)
def test_a_url_that_lacks_a_part_or_trusts_anybody_is_refused(url: str) -> None:
    with pytest.raises(DeliveryError) as raised:
        ms.connection_string(url)
    assert "hunter2" not in str(raised.value)


class Recorder:
    """Stands where the driver stands and writes down what it is asked for; it is no server."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.copied: dict[str, list[tuple[Any, ...]]] = {}
        self.rowcount = 1

    def __call__(self, _string: str, *, autocommit: bool) -> Recorder:
        assert autocommit is False
        return self

    def cursor(self) -> Recorder:
        return self

    def __enter__(self) -> Recorder:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def execute(self, statement: str, values: tuple[Any, ...] = ()) -> None:
        assert statement.count("?") == len(values)
        self.said.append(statement)

    def fetchone(self) -> None:
        return None

    def fetchall(self) -> list[tuple[Any, ...]]:
        return []

    def bulkcopy(
        self, table: str, rows: Iterator[tuple[Any, ...]], *, column_mappings: list[str], **_: Any
    ) -> None:
        self.copied[table] = list(rows)
        self.said.append(f"bulk copy {table}")
        assert all(len(row) == len(column_mappings) for row in self.copied[table])

    def commit(self) -> None:
        self.said.append("commit")

    def close(self) -> None:
        self.said.append("close")


def frames(count: int = 2) -> dict[str, pl.DataFrame]:
    values: dict[str, Any] = {
        "tenant": "north", "received_on": OCTOBER, "version": 1, "facility": "FAC001", "form": "P",
        "lines": 1,
        "unpriced_lines": 0, "findings": 0, "route": "production", "status": "active", "run_id": 1, "line": 1,
        "correlation_id": "0d3c", "received_at": "2026-10-15T06:00:00.123456Z", "charge": Decimal("10.50"),
        "created_at": "2026-10-15T06:00:01.000000Z", "total_charge": Decimal("10.50"),
    }  # fmt: skip
    made = {}
    for table in TABLES:
        columns = [
            pl.Series(
                each.name,
                range(1, count + 1) if each.name == "claim_key" else [values.get(each.name)] * count,
                # Instants are delivered as they are written.
                dtype=pl.String() if each.kind is Kind.INSTANT else each.kind.dtype,
            )
            for each in table.columns
        ]
        made[table.name] = pl.DataFrame(columns)
    return made


def test_rows_are_copied_first_and_moved_in_one_transaction() -> None:
    recorder = Recorder()
    with ms.SqlServerTarget(URL, connect=recorder) as target:
        target.put(frames())
    copies = [place for place, said in enumerate(recorder.said) if said.startswith("bulk copy")]
    moves = [place for place, said in enumerate(recorder.said) if said.startswith("insert into")]
    commits = [place for place, said in enumerate(recorder.said) if said == "commit"]
    assert commits[0] < min(copies)  # tables are there before anything is copied
    assert max(copies) < min(moves) < max(moves) < commits[1]
    assert commits[2:] == []
    row = recorder.copied["claimwright.incoming_claims"][0]
    assert row[2:6] == ("north", OCTOBER, 1, 1)
    assert Decimal("10.50") in row
    assert datetime.datetime(2026, 10, 15, 6, 0, 0, 123456, datetime.UTC) in row


class Panic(BaseException):
    """As a panic of compiled code is in Python: no `Exception`."""


class Panicking(Recorder):
    """A driver whose bulk copy breaks down after the first table, or whose connection does."""

    everything = False

    def bulkcopy(self, table: str, rows: Iterator[tuple[Any, ...]], **options: Any) -> None:
        if self.copied or self.everything:
            raise Panic("DOE, JOHN")
        super().bulkcopy(table, rows, **options)

    def executemany(self, statement: str, rows: list[tuple[Any, ...]]) -> None:
        if self.everything:
            raise Panic("DOE, JOHN")
        assert all(statement.count("?") == len(row) for row in rows)
        self.said.append(statement)
        self.copied[statement.split()[2].replace("[", "").replace("]", "")] = rows


def test_where_bulk_copy_panics_all_rows_are_inserted_under_a_number_of_their_own() -> None:
    driver = Panicking()
    with ms.SqlServerTarget(URL, connect=driver) as target:
        target.put(frames())
        copied = driver.copied["claimwright.incoming_claims"]
        assert {row[0] for row in copied} == {row[0] for row in driver.copied["claimwright.incoming_lines"]}
        target.put(frames())
    # Asked once, and never again.
    assert [said for said in driver.said if said.startswith("bulk copy")] == [
        "bulk copy claimwright.incoming_claims"
    ]
    assert sum(said.startswith("insert into claimwright.[incoming_") for said in driver.said) == 4


class Modern(Panicking):
    """The same, with a database that takes JSON apart."""

    level = 150
    asked = ""

    def execute(self, statement: str, values: tuple[Any, ...] = ()) -> None:
        super().execute(statement, values)
        self.asked = statement
        if "openjson" in statement:
            self.copied[statement.split()[2].replace("[", "").replace("]", "")] = [values]

    def fetchone(self) -> Any:
        return (self.level,) if self.asked == ms.level_statement() else None


def test_where_bulk_copy_panics_rows_are_copied_as_one_json_text() -> None:
    driver = Modern()
    with ms.SqlServerTarget(URL, connect=driver) as target:
        target.put(frames(3))
        [(delivery, moment, text)] = driver.copied["claimwright.incoming_claims"]
        assert driver.copied["claimwright.incoming_lines"][0][:2] == (delivery, moment)
        target.put(frames())
    rows = json.loads(text)
    assert [row["claim_key"] for row in rows] == [1, 2, 3]
    # Every column by its name, amounts and days as text, so that the server makes them of its own types.
    assert set(rows[0]) == set(TABLES[0].names)
    assert rows[0]["total_charge"] == "10.50"
    assert rows[0]["received_on"] == "2026-10-01"
    assert rows[0]["received_at"].startswith("2026-10-15 06:00:00.123456+00:00")
    assert sum(said.startswith("bulk copy") for said in driver.said) == 1
    assert sum("openjson" in said for said in driver.said) == 4
    assert not any(" values (" in said for said in driver.said if "incoming_" in said)


def test_an_older_database_gets_its_rows_by_inserts() -> None:
    driver = Modern()
    driver.level = 120
    with ms.SqlServerTarget(URL, connect=driver) as target:
        target.put(frames())
    assert not any("openjson" in said for said in driver.said)
    assert sum(said.startswith("insert into claimwright.[incoming_") for said in driver.said) == 2


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_the_json_text_has_the_shape_of_the_table(table: Table) -> None:
    [shape] = parsed(ms.json_statement(table)).find_all(exp.OpenJSON)
    assert tuple(each.name for each in shape.expressions) == table.names


def test_a_driver_that_panics_altogether_is_an_error_without_its_words() -> None:
    driver = Panicking()
    driver.everything = True
    with ms.SqlServerTarget(URL, connect=driver) as target, pytest.raises(DriverPanicError) as raised:
        target.put(frames())
    assert "Panic" in str(raised.value)
    assert "DOE" not in "".join(traceback.format_exception(raised.value))
    assert isinstance(raised.value, TRANSIENT)


@pytest.mark.parametrize("ending", [KeyboardInterrupt, SystemExit])
def test_what_ends_a_program_is_no_panic(ending: type[BaseException]) -> None:
    with pytest.raises(ending), panics_caught():
        raise ending


# --- on a server --------------------------------------------------------------------------------------


@pytest.fixture
def target() -> Iterator[ms.SqlServerTarget]:
    if not SERVER:
        pytest.skip("CLAIMWRIGHT_TEST_SQLSERVER_URL names no SQL Server: nothing was run against one")
    with ms.SqlServerTarget(SERVER) as opened:
        yield opened


def test_on_a_server_claims_arrive_once(target: ms.SqlServerTarget) -> None:
    rows = frames(100)
    tenant = f"t{os.getpid()}-{datetime.datetime.now(datetime.UTC):%H%M%S}"
    rows = {name: frame.with_columns(tenant=pl.lit(tenant)) for name, frame in rows.items()}
    assert target.put(rows).new == 100
    assert target.put(rows).new == 0
    with target._connection.cursor() as cursor:
        cursor.execute(
            "select count(*), sum(total_charge) from claimwright.claims where tenant = ?", (tenant,)
        )
        assert tuple(cursor.fetchone()) == (100, Decimal("1050.00"))
        cursor.execute("select count(*) from claimwright.[lines] where tenant = ?", (tenant,))
        assert cursor.fetchone()[0] == 100


def test_on_a_server_a_second_month_splits_the_partitions(target: ms.SqlServerTarget) -> None:
    rows = frames(1)
    target.put(rows)
    later = {name: frame.with_columns(received_on=pl.lit(NOVEMBER)) for name, frame in rows.items()}
    target.put(later)
    with target._connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from sys.partitions where object_id = object_id('claimwright.claims')"
        )
        assert cursor.fetchone()[0] >= 3
