"""The store's foundations: the server, the schema there and back, the tenant's walls, addresses."""

from __future__ import annotations

import datetime
import threading
from decimal import Decimal

import polars as pl
import psycopg
import pytest
from psycopg import errors, sql
from tests.calling import caller_of
from tests.database_server import Store

from claimwright.platform.database import (
    AddressError,
    Database,
    DatabaseError,
    EmbeddedServer,
    checked_address,
    copy_in,
    copy_in_records,
    copy_out,
    copy_out_records,
    current,
    partition,
    tenancy,
)
from claimwright.store.schema import latest, migrate, open_database

DAY = datetime.date(2026, 3, 9)
RECEIVED = datetime.datetime(2026, 3, 9, 12, tzinfo=datetime.UTC)


def lines(count: int, first: int = 1) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "received_on": [DAY] * count,
            "claim_key": list(range(first, first + count)),
            "line": [1] * count,
            "charge": [Decimal("12.50")] * count,
            "procedure": ["99213"] * count,
        }
    )


def fill(database: Database, tenant: str, count: int, first: int = 1) -> None:
    with database.transaction(caller_of(tenant)) as connection:
        copy_in(connection, partition(connection, "production.lines", DAY), lines(count, first))


def counted(database: Database, tenant: str) -> int:
    with database.transaction(caller_of(tenant)) as connection:
        row = connection.execute("select count(*) from production.lines").fetchone()
    assert row is not None
    return int(row[0])


def test_starting_a_server_that_runs_changes_nothing(server: EmbeddedServer) -> None:
    before = server.status()
    threads = [threading.Thread(target=EmbeddedServer(server.home).start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert server.status() == before
    assert before.running


def test_the_passwords_of_the_server_are_for_its_owner_alone(server: EmbeddedServer) -> None:
    assert (server.home / "postgres.passwords.json").stat().st_mode & 0o077 == 0
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(server.address().replace("password=", "password=x"))


def test_every_migration_goes_forward_and_back_with_data_in_the_tables(bare_store: Store) -> None:
    assert migrate(bare_store.owner) == (None, latest())
    with bare_store.open() as database:
        fill(database, "ours", 5)
    assert migrate(bare_store.owner, "base") == (latest(), None)
    with psycopg.connect(bare_store.owner) as connection:
        left = connection.execute(
            "select nspname from pg_namespace where nspname !~ '^pg_|^information_schema$|^public$'"
        ).fetchall()
    assert left == []
    assert migrate(bare_store.owner) == (None, latest())
    with bare_store.open() as database:
        assert counted(database, "ours") == 0


def test_claims_from_before_services_were_counted_are_told_by_their_keys(bare_store: Store) -> None:
    migrate(bare_store.owner, "0058")
    with psycopg.connect(bare_store.owner) as connection:
        connection.execute("select nextval('staging.claim_keys_ids') from generate_series(1, 7)")
    migrate(bare_store.owner)
    asked = sql.SQL("select staging.uncounted_to()")
    with bare_store.open() as database, database.transaction(caller_of("ours")) as connection:
        assert connection.execute(asked).fetchone() == (7,)
        connection.execute("insert into staging.sent_before (claim_key, file_id, times) values (8, 1, 2)")
    assert migrate(bare_store.owner, "0058") == (latest(), "0058")
    assert migrate(bare_store.owner) == ("0058", latest())
    with bare_store.open() as database, database.transaction(caller_of("ours")) as connection:
        assert connection.execute(asked).fetchone() == (7,)
        assert connection.execute("select count(*) from staging.sent_before").fetchone() == (0,)


def test_a_database_behind_this_program_is_refused_with_what_to_do(bare_store: Store) -> None:
    migrate(bare_store.owner, "0001")
    assert current(bare_store.owner) == "0001"
    with pytest.raises(DatabaseError, match="claimwright db migrate"), bare_store.open():
        pass


def test_no_tenant_sees_or_writes_rows_of_another_even_without_a_filter(store: Store) -> None:
    with store.open() as database:
        fill(database, "ours", 5)
        fill(database, "theirs", 2, first=100)
        assert (counted(database, "ours"), counted(database, "theirs")) == (5, 2)
        with database.pool.connection() as connection:
            forgotten = connection.execute("select count(*) from production.lines").fetchone()
            assert forgotten == (0,)
        with (
            database.transaction(caller_of("ours")) as connection,
            pytest.raises(errors.InsufficientPrivilege),
        ):
            connection.execute(
                "insert into production.lines (tenant, received_on, claim_key, line) "
                "values ('theirs', %s, 7, 1)",
                [DAY],
            )


def test_a_bulk_load_can_write_for_no_tenant_but_its_own(store: Store) -> None:
    frame = lines(1)
    with store.open() as database:
        with database.transaction(caller_of("ours")) as connection:
            into = partition(connection, "production.lines", DAY)
        with (
            database.transaction(caller_of("ours")) as connection,
            pytest.raises(errors.InsufficientPrivilege),
        ):
            copy_in(connection, into, frame.with_columns(tenant=pl.lit("theirs")))
        with database.pool.connection() as connection, pytest.raises(errors.NotNullViolation):
            copy_in(connection, into, frame)
        for word in ("select * from", "delete from", "truncate"):
            with (
                database.transaction(caller_of("ours")) as connection,
                pytest.raises(errors.InsufficientPrivilege),
            ):
                connection.execute(f"{word} {into}".encode())


def test_every_table_of_every_schema_has_a_tenant_and_its_walls(store: Store) -> None:
    with psycopg.connect(store.owner) as connection:
        tables = connection.execute(
            """
            select n.nspname || '.' || c.relname, c.relrowsecurity and c.relforcerowsecurity,
              exists (select from pg_attribute a
                where a.attrelid = c.oid and a.attname = 'tenant' and a.attnotnull),
              exists (select from pg_policy p where p.polrelid = c.oid)
            from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where c.relkind in ('r', 'p') and not c.relispartition
              and n.nspname !~ '^pg_|^information_schema$' and c.relname <> 'alembic_version'
              and c.relname !~ '^procrastinate_'
            """
        ).fetchall()
    assert len(tables) > 12
    assert [row for row in tables if row[1:] != (True, True, True)] == []


def test_the_application_can_neither_bypass_the_walls_nor_take_them_down(store: Store) -> None:
    with psycopg.connect(store.address, autocommit=True) as connection:
        for statement in (
            "alter table production.lines disable row level security",
            "alter role claimwright_app bypassrls",
            "set role claimwright_owner",
            "create table production.mine (x int)",
        ):
            with pytest.raises(errors.InsufficientPrivilege):
                connection.execute(statement.encode())
        connection.execute("set row_security = off")
        with pytest.raises(errors.InsufficientPrivilege):
            connection.execute("select * from production.lines")


def test_a_role_that_could_bypass_the_walls_is_made_the_application(store: Store) -> None:
    with open_database(store.superuser) as database, database.pool.connection() as connection:
        assert connection.execute("select current_user").fetchone() == ("claimwright_app",)


def test_what_goes_in_by_copy_comes_out_by_copy(store: Store) -> None:
    frame = pl.DataFrame(
        {
            "received_on": [DAY] * 3,
            "claim_key": [1, 2, 3],
            "line": [1, 1, 1],
            "procedure": ["99213", None, 'a,"b"\nc'],
            "modifiers": ["", None, "é"],
            "charge": [Decimal("0.10"), None, Decimal("-5.00")],
        },
        schema_overrides={"charge": pl.Decimal(18, 2)},
    )
    with store.open() as database, database.transaction(caller_of("ours")) as connection:
        copy_in(connection, partition(connection, "production.lines", DAY), frame)
        back = copy_out(
            connection,
            sql.SQL("select {} from production.lines order by claim_key").format(
                sql.SQL(", ").join(map(sql.Identifier, frame.columns))
            ),
            frame.schema,
        )
    assert back.equals(frame)


def test_sealed_records_come_back_byte_for_byte(store: Store) -> None:
    contents = [b"", bytes(range(256)), bytes(5000)]
    with store.open() as database, database.transaction(caller_of("ours")) as connection:
        into = partition(connection, "staging.records", DAY)
        columns = {
            "claim_key": ("int8", [7, 8, 9]),
            "received_on": ("date", [DAY] * 3),
            "heading_bytes": ("int4", [1, 3, 5]),
            "provider_bytes": ("int4", [2, 4, 6]),
        }
        copy_in_records(connection, into, columns, ("sealed", contents))
        query = sql.SQL(
            "select claim_key, heading_bytes, received_on, sealed from staging.records order by claim_key"
        )
        numbers, back = copy_out_records(connection, query, ["int8", "int4", "date"])
    assert back == contents
    assert [column.tolist() for column in numbers] == [[7, 8, 9], [1, 3, 5], [DAY] * 3]


def test_months_that_are_over_are_dropped_whole(store: Store) -> None:
    with store.open() as database:
        fill(database, "ours", 3)
    with psycopg.connect(store.owner) as connection:
        dropped = connection.execute(
            "select store.drop_before('production.lines', '2026-03-31'), "
            "store.drop_before('production.lines', '2026-04-01')"
        ).fetchone()
    assert dropped == (0, 1)


def test_a_transaction_that_fails_leaves_nothing_and_forgets_its_tenant(store: Store) -> None:
    with store.open() as database:
        connection = database.connect()

        def failing() -> None:
            with tenancy(connection, caller_of("ours")):
                copy_in(connection, partition(connection, "production.lines", DAY), lines(2))
                raise RuntimeError

        with pytest.raises(RuntimeError):
            failing()
        assert connection.execute("select store.tenant()").fetchone() == (None,)
        connection.close()
        assert counted(database, "ours") == 0


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("postgresql://u:p@db.example/claims?sslmode=disable", "sslmode=disable"),
        ("postgresql://u:p@db.example/claims?sslmode=prefer", "sslmode=prefer"),
        ("postgresql://u:p@localhost,db.example/claims?sslmode=allow", "sslmode=allow"),
        ("postgresql://u:p@db.example", "names no database"),
        ("mysql://u:p@db.example/x", "can't be read"),
    ],
)
def test_an_address_that_would_send_claims_in_the_clear_is_refused(url: str, says: str) -> None:
    with pytest.raises(AddressError, match=says) as told:
        checked_address(url)
    assert ":p@" not in str(told.value)


@pytest.mark.parametrize(
    ("url", "variable"),
    [
        ("postgresql:///claims", "PGHOST"),
        ("postgresql:///claims", "PGHOSTADDR"),
        ("postgresql:///claims", "PGSERVICE"),
        ("postgresql:///claims?service=elsewhere", ""),
    ],
)
def test_no_variable_and_no_service_names_the_host_of_an_address(
    url: str, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """libpq would take it, in the clear, and a look at the URL would not show it."""
    if variable:
        monkeypatch.setenv(variable, "db.example.org")
    with pytest.raises(AddressError, match="Name the host"):
        checked_address(url)


@pytest.mark.parametrize(
    ("url", "mode"),
    [
        ("postgresql://u:p@db.example/claims", "sslmode=require"),
        ("postgresql://u:p@db.example/claims?sslmode=verify-full", "sslmode=verify-full"),
    ],
)
def test_an_address_elsewhere_always_has_tls(url: str, mode: str) -> None:
    assert mode in checked_address(url)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", ""])
def test_an_address_on_this_machine_needs_no_tls(host: str) -> None:
    assert "sslmode" not in checked_address(f"postgresql://u:p@{host}/claims")
