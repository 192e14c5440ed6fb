"""Retention: what is old goes whole, what is young stays, and the log says so."""

from __future__ import annotations

import datetime
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from tests.database_server import Store
from typer.testing import CliRunner

from claimwright.apps.cli.main import app

NOW = datetime.datetime.now(datetime.UTC)
OLD = NOW.date() - datetime.timedelta(days=2_557 + 62)

KEPT = f"platform.audit_log_{NOW.year - 1}"


def fill(store: Store) -> None:
    """A line of today and one from before the policy; a run that ended long ago and one of yesterday."""
    with psycopg.connect(store.owner) as connection:
        connection.execute("select set_config('claimwright.tenant', 'north', false)")
        for day in (NOW.date(), OLD):
            connection.execute("select store.partition('production.lines'::regclass, %s)", (day,))
            connection.execute(
                "insert into production.lines (received_on, claim_key, line) values (%s, 1, 1)", (day,)
            )
        for days in (1, 500):
            ended = NOW - datetime.timedelta(days=days)
            connection.execute(
                "insert into pipeline.runs (as_of, state, correlation_id, planned, started_at, finished_at)"
                " values (%s, 'done', gen_random_uuid(), 1, %s, %s)",
                (ended.date(), ended, ended),
            )
        for year in (2017, NOW.year - 1):
            connection.execute("select platform.audit_year(%s)", (year,))


def counted(store: Store, table: str) -> int:
    with psycopg.connect(store.owner) as connection:
        connection.execute("select set_config('claimwright.tenant', 'north', false)")
        row = connection.execute(
            sql.SQL("select count(*) from {}").format(sql.Identifier(*table.split(".")))
        ).fetchone()
    assert row is not None
    return int(row[0])


@pytest.fixture
def environment(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CLAIMWRIGHT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CLAIMWRIGHT_TENANT", "north")
    monkeypatch.setenv("CLAIMWRIGHT_DATABASE_URL", store.address)


def test_what_is_older_than_the_policy_goes_and_the_rest_stays(
    store: Store, environment: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(store)
    monkeypatch.setenv("CLAIMWRIGHT_DATABASE_OWNER_URL", store.owner)
    result = CliRunner().invoke(app, ["db", "retain"])
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("1 months of claims, 1 years of the audit log, 1 runs and 0 events")
    assert counted(store, "production.lines") == 1
    assert counted(store, "pipeline.runs") == 1
    with psycopg.connect(store.owner) as connection:
        gone = connection.execute("select to_regclass('platform.audit_log_2017')").fetchone()
        kept = connection.execute("select to_regclass(%s)", (KEPT,)).fetchone()
    assert gone == (None,)
    assert kept == (KEPT,)
    assert "retention.applied" in CliRunner().invoke(app, ["audit", "search"]).stdout
    assert CliRunner().invoke(app, ["db", "retain"]).stdout.startswith("0 months of claims, 0 years")


def test_the_application_cannot_let_anything_go(store: Store, environment: None) -> None:
    fill(store)
    result = CliRunner().invoke(app, ["db", "retain"])
    assert result.exit_code == 2
    assert "database.owner_url" in result.stderr
    with psycopg.connect(store.address) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("select platform.audit_drop_before('2100-01-01')")
    assert counted(store, "production.lines") == 2
