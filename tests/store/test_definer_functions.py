"""The application's role can't turn functions that run with the owner's rights against the owner."""

from __future__ import annotations

import psycopg
import pytest
from psycopg import errors
from tests.calling import caller_of
from tests.database_server import Store

from claimwright.platform.audit import append
from claimwright.platform.database import Connection

OURS = ["store", "staging", "production", "pipeline", "prediction", "platform"]


def noted(connection: Connection) -> None:
    append(
        caller_of("ours"), connection, action="test.noted", subject="test:1", detail={}, correlation_id="test"
    )


def test_every_function_of_ours_with_a_search_path_looks_into_pg_temp_last(store: Store) -> None:
    """Those without one are inlined into policies; names of functions are never looked up in pg_temp."""
    with store.open() as database, database.transaction(caller_of("ours")) as connection:
        rows = connection.execute(
            "select n.nspname || '.' || p.proname, p.prosecdef, p.proconfig::text from pg_proc p "
            "join pg_namespace n on n.oid = p.pronamespace where n.nspname = any(%s) "
            "and (p.prosecdef or p.prolang = (select oid from pg_language where lanname = 'plpgsql'))",
            [OURS],
        ).fetchall()
    assert {name for name, definer, _ in rows if definer} >= {
        "store.partition",
        "store.tenants",
        "staging.take_claim_keys",
        "platform.audit_append",
    }
    assert [name for name, _, config in rows if config != '{"search_path=pg_catalog, pg_temp"}'] == []


def test_a_temporary_view_of_the_application_does_not_stand_in_for_a_catalog(store: Store) -> None:
    """Were it read, its function would run as the owner: it writes down who runs it."""
    with store.open() as database, database.transaction(caller_of("ours")) as connection:
        connection.execute("create temporary table seen (who text)")
        connection.execute("grant all on seen to public")
        connection.execute(
            "create function pg_temp.spy(oid) returns oid language plpgsql as "
            "$$ begin insert into pg_temp.seen values (current_user); return $1; end $$"
        )
        connection.execute(
            "create temporary view pg_class as select pg_temp.spy(c.oid) as oid, c.relname, c.relnamespace, "
            "c.relkind from pg_catalog.pg_class c"
        )
        connection.execute("grant select on pg_temp.pg_class to public")
        connection.execute("select store.partition('production.claims', '2031-01-01')")
        assert connection.execute("select who from seen").fetchall() == []


def test_the_application_can_not_make_functions_or_tables_outside_its_temporary_schema(store: Store) -> None:
    for statement in ("create table store.mine ()", "create function store.mine() returns int return 1"):
        with (
            store.open() as database,
            pytest.raises(errors.InsufficientPrivilege),
            database.transaction(caller_of("ours")) as connection,
        ):
            connection.execute(statement)


def test_the_times_of_a_chain_do_not_run_backwards_where_the_clock_of_the_server_does(store: Store) -> None:
    """A server whose clock was an hour ahead, and was corrected: its last record is of later than now."""
    with store.open() as database:
        with database.transaction(caller_of("ours")) as connection:
            noted(connection)
        with psycopg.connect(store.superuser) as owner:
            owner.execute("update platform.audit_heads set at = at + interval '1 hour' where tenant = 'ours'")
        with database.transaction(caller_of("ours")) as connection:
            noted(connection)
            first, last = (
                row[0] for row in connection.execute("select at from platform.audit_log order by sequence")
            )
    assert (last - first).total_seconds() >= 3600
