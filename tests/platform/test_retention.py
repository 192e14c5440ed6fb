"""Retention: what is old goes whole, what is young stays, and the log says so."""

from __future__ import annotations

import datetime
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from tests.calling import act_for, caller_of
from tests.database_server import Store
from typer.testing import CliRunner

from claimwright.apps.cli.main import app
from claimwright.foundation import clock
from claimwright.store.retention import delete_figures

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


def test_facts_of_old_claims_go_and_sums_stay(store: Store) -> None:
    before = NOW - datetime.timedelta(days=100)
    with psycopg.connect(store.owner) as connection:
        connection.execute("select set_config('claimwright.tenant', 'north', false)")
        # Account 1 is old; of account 3 the second version is young.
        for key, account, days in ((1, 1, 200), (3, 3, 200), (4, 3, 1)):
            connection.execute(
                "insert into analytics.claims (claim_key, account_key, version, facility, form, received_at,"
                " charge_cents) values (%s, %s, 1, 'F', 'P', %s, 1)",
                (key, account, NOW - datetime.timedelta(days=days)),
            )
            connection.execute(
                "insert into analytics.facts (fact, valid_on, known_at, account_key, claim_key, items, cents,"
                " net_cents, lines, quantity) values ('submitted', %s, %s, %s, %s, 1, 1, 1, 1, 1)",
                (NOW.date(), NOW, account, key),
            )
        connection.execute(
            "insert into analytics.packed_sums (dimension, fact, grain, begins, content)"
            " values ('all', 'submitted', 'day', %s, 'x')",
            (NOW.date(),),
        )
        assert delete_figures(connection, before, reports=before) == 2
        left = connection.execute("select account_key from analytics.facts").fetchall()
        assert left == [(3,), (3,)]
        assert connection.execute("select count(*) from analytics.packed_sums").fetchone() == (1,)


def test_the_application_cannot_let_anything_go(store: Store, environment: None) -> None:
    fill(store)
    result = CliRunner().invoke(app, ["db", "retain"])
    assert result.exit_code == 2
    assert "database.owner_url" in result.stderr
    with psycopg.connect(store.address) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("select platform.audit_drop_before('2100-01-01')")
    assert counted(store, "production.lines") == 2


def test_a_clock_that_the_database_does_not_confirm_deletes_nothing(
    store: Store, environment: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(store)
    monkeypatch.setenv("CLAIMWRIGHT_DATABASE_OWNER_URL", store.owner)
    monkeypatch.setattr(clock, "now", lambda: NOW + datetime.timedelta(days=9 * 365))
    result = CliRunner().invoke(app, ["db", "retain"])
    assert result.exit_code == 2
    assert "Nothing was deleted" in result.stderr
    assert counted(store, "production.lines") == 2


def test_a_month_with_a_claim_that_still_waits_is_kept_and_the_command_says_so(
    store: Store, environment: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of another tenant than the one that the command is for, too: months go of all of them."""
    fill(store)
    monkeypatch.setenv("CLAIMWRIGHT_DATABASE_OWNER_URL", store.owner)
    older = OLD - datetime.timedelta(days=62)
    with psycopg.connect(store.owner) as connection:
        connection.execute(
            "select set_config('claimwright.tenant', 'south', false), "
            "set_config('claimwright.actor', 'user:1', false)"
        )
        connection.execute("select store.partition('staging.claims'::regclass, %s)", (OLD,))
        connection.execute(
            "insert into staging.claims (claim_key, received_on, file_id, position, facility, version, form,"
            " lines, number_occurrence, content_occurrence, correlation_id, received_at)"
            " values (7, %s, 1, 1, 'F1', 1, 'P', 1, 1, 1, gen_random_uuid(), %s)",
            (OLD, OLD),
        )
        connection.execute("select store.partition('production.lines'::regclass, %s)", (older,))
    with psycopg.connect(store.address) as connection:
        act_for(connection, caller_of("south"))
        body = '{"tenant":"south","actor":"user:7"}'
        connection.execute("select platform.audit_append('south', %s)", (body,))
    result = CliRunner().invoke(app, ["db", "retain"])
    assert result.exit_code == 0, result.output
    assert f"{OLD:%B %Y}" in result.stderr
    # The empty month before went; that of the claim, and what came in with it, stayed.
    assert result.stdout.startswith("1 months of claims")
    assert counted(store, "production.lines") == 2
    assert CliRunner().invoke(app, ["audit", "verify"]).exit_code == 0
