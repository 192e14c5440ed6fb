"""Accounts, tokens and policies from the terminal."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.database_server import Store
from typer.testing import CliRunner, Result

from claimwright.apps.cli.main import app
from claimwright.domain.caller import Caller
from claimwright.platform.identity import parse_bearer


@pytest.fixture
def run(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]  # a function
    monkeypatch.setenv("CLAIMWRIGHT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CLAIMWRIGHT_DATABASE_URL", store.url)
    monkeypatch.setenv("CLAIMWRIGHT_SETTINGS", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "160")

    def called(*words: str) -> Result:
        return CliRunner().invoke(app, list(words))

    return called


def test_an_account_is_added_changed_and_disabled(run, store: Store) -> None:  # type: ignore[no-untyped-def]  # a function
    assert "No accounts" in run("user", "list").stdout
    added = run("user", "add", "jlee", "--role", "coder", "--facility", "FAC001")
    assert added.exit_code == 0, added.stderr
    link = parse_bearer(added.stdout.split()[-1])
    assert link is not None
    assert run("user", "add", "jlee", "--role", "coder").exit_code == 2
    unknown = run("user", "add", "kim", "--role", "boss")
    assert (unknown.exit_code, "no such role: boss" in unknown.stderr) == (2, True)
    changed = run("user", "change", "1", "--role", "manager", "--every-facility", "--disable")
    assert "Account 1: manager, disabled." in changed.stdout
    listed = run("user", "list").stdout
    assert "manager" in listed
    assert "all" in listed
    assert parse_bearer(run("user", "link", "1").stdout.split()[-1]) is not None
    assert run("user", "reset-factor", "9").exit_code == 2
    with store.open() as database, database.transaction(Caller("default", "system:test")) as connection:
        told = connection.execute("select action from platform.audit_log order by sequence").fetchall()
    assert [row[0] for row in told] == ["account.created", "link.made", "account.changed", "link.made"]


def test_credentials_of_a_service_are_shown_once_and_revoked(run) -> None:  # type: ignore[no-untyped-def]  # a function
    issued = run("token", "issue", "emr", "--scope", "files")
    secret = issued.stdout.split()[-1]
    assert parse_bearer(secret) is not None
    listed = run("token", "list").stdout
    assert "emr" in listed
    assert secret.rpartition(".")[2] not in listed
    assert run("token", "issue", "emr", "--scope", "files").exit_code == 2
    assert run("token", "issue", "other", "--scope", "everything").exit_code == 2
    assert run("token", "revoke", "1").exit_code == 0
    assert run("token", "revoke", "1").exit_code == 2


def test_policies_say_who_may_and_what_a_folder_would_change(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]  # a function
    no = run("policy", "ask", "--role", "coder", "--action", "field.narrative", "--label", "psychiatric")
    assert (no.exit_code, no.stdout) == (1, "no: policy sensitive-narrative\n")
    yes = run("policy", "ask", "--role", "coder", "--action", "claims.read")
    assert (yes.exit_code, yes.stdout) == (0, "yes: policy claims-people-list\n")
    assert run("policy", "ask", "--role", "boss", "--action", "claims.read").exit_code == 2
    assert "sensitive-narrative" in run("policy", "list").stdout
    folder = tmp_path / "policies"
    folder.mkdir()
    assert run("policy", "test", str(folder)).exit_code == 0
    text = (
        'permit (principal in Claimwright::Role::"viewer", '
        'action == Claimwright::Action::"claims.read", resource);'
    )
    (folder / "ours.cedar").write_text(text)
    bare = run("policy", "test", str(folder))
    assert (bare.exit_code, '@id("...")' in bare.stderr) == (2, True)
    said = '@id("ours") @version("1") @approver("jlee") @effective("2026-01-01")\n'
    (folder / "ours.cedar").write_text(said + text)
    changed = run("policy", "test", str(folder))
    assert changed.exit_code == 1
    assert changed.stdout.count("claims.read") == 1
    (folder / "ours.cedar").write_text(said.replace("2026-01-01", "2999-01-01") + text)
    assert run("policy", "test", str(folder)).exit_code == 0
    (folder / "ours.cedar").write_text("permit everything;")
    assert run("policy", "test", str(folder)).exit_code == 2
