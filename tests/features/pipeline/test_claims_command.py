"""A claim is opened for a reason that the audit log keeps, and shown masked unless asked otherwise."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.database_server import Store
from tests.features.pipeline.bench_of_claims import rows
from tests.features.pipeline.conftest import Staging
from typer.testing import CliRunner, Result

from claimwright.apps.cli.main import app
from claimwright.assembly.callers import account_caller
from claimwright.features.intake import read_837

Show = Callable[..., Result]
REASON = ("--reason", "asked by the payer about it")


@pytest.fixture
def show(waiting: Staging, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Show:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CLAIMWRIGHT_HOME", str(waiting.folder / "home"))
    monkeypatch.setenv("CLAIMWRIGHT_DATABASE_URL", waiting.store.address)
    monkeypatch.setenv("COLUMNS", "200")
    return lambda *words: CliRunner().invoke(app, ["claims", "show", *words])


def looked(store: Store) -> list[tuple[object, ...]]:
    return rows(
        store,
        "select subject, body::jsonb -> 'detail' ->> 'reason', body::jsonb -> 'detail' -> 'fields'"
        " from platform.audit_log where action = 'phi.read' order by sequence",
    )


def test_a_claim_is_shown_masked_and_unmasked_only_where_asked_each_time_for_a_reason(
    show: Show, waiting: Staging
) -> None:
    claim = read_837(waiting.folder / "160-3.837").claims.row(2, named=True)
    marks = [claim["claim_id"], claim["subscriber_name"], claim["subscriber_member_id"]]
    masked = show("3", *REASON, "--as-of", "2025-09-15")
    assert masked.exit_code == 0, masked.output
    assert "claim 3: staged; facility FAC001, file 1, position 3" in masked.output
    assert "Patient_0" in masked.output
    assert [mark for mark in marks if mark in masked.output] == []
    assert looked(waiting.store) == [("claim:3", REASON[1], ["masked"])]
    plain = show("3", *REASON, "--unmasked", "--as-of", "2025-09-15")
    assert claim["subscriber_name"] in plain.output
    assert claim["claim_id"] in plain.output
    assert looked(waiting.store)[1:] == [("claim:3", REASON[1], [])]


def test_the_policies_decide_what_an_account_of_the_machine_sees_by_its_role(
    show: Show, waiting: Staging, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim = read_837(waiting.folder / "160-3.837").claims.row(2, named=True)
    when = ("--unmasked", "--as-of", "2025-09-15")
    monkeypatch.setenv("CLAIMWRIGHT_TERMINAL_ROLES", "auditor")
    part = show("3", *REASON, *when)
    assert part.exit_code == 0, part.output
    assert claim["subscriber_name"] not in part.output
    assert "withheld, identity (no policy permits it): " in part.output
    assert "subscriber_name" in part.output
    assert looked(waiting.store) == [("claim:3", REASON[1], ["billing", "clinical"])]
    monkeypatch.setenv("CLAIMWRIGHT_TERMINAL_ROLES", "viewer")
    refused = show("3", *REASON, *when)
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "your roles do not allow this: open a claim" in refused.stderr
    assert len(looked(waiting.store)) == 1
    account = account_caller("default").actor.removeprefix("os:")
    monkeypatch.setenv("CLAIMWRIGHT_TERMINAL_ACCOUNT_ROLES", f"{account}=coder; other=viewer")
    assert claim["subscriber_name"] in show("3", *REASON, *when).output
    monkeypatch.setenv("CLAIMWRIGHT_TERMINAL_ACCOUNT_ROLES", f"{account}=boss")
    assert "terminal.account_roles: there is no role boss" in show("3", *REASON).stderr


def test_lists_and_decisions_of_the_terminal_ask_the_policies_too(
    show: Show, waiting: Staging, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(*words: str) -> Result:
        return CliRunner().invoke(app, list(words))

    listed = run("claims", "list", "--limit", "3")
    assert "2025-" in listed.output
    monkeypatch.setenv("CLAIMWRIGHT_TERMINAL_ROLES", "viewer")
    assert "2025-" not in run("claims", "list", "--limit", "3").output
    for words in (
        ("review", "release", "3", "--reason", "it is right as it is"),
        ("files", "return", "1", "--yes"),
        ("waivers", "end", "W-1", "--reason", "no longer needed"),
    ):
        refused = run(*words)
        assert (refused.exit_code, "your roles do not allow this" in refused.stderr) == (2, True), words
    for words in (("findings", "count"), ("files", "list"), ("files", "show", "1"), ("review", "list")):
        assert run(*words).exit_code in {0, 1}, words
    monkeypatch.setenv("CLAIMWRIGHT_TERMINAL_ROLES", "service")
    assert run("waivers", "list").exit_code == 2


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("3", "--reason", "why"), "--reason: say why patient data is read"),
        (("99999", *REASON), "there is no claim 99999 at tenant default."),
        (("3", "--tenant", "south", *REASON), "there is no claim 3 at tenant south."),
    ],
    ids=["no reason", "no such claim", "another tenant's"],
)
def test_nothing_is_opened_without_a_reason_or_for_another_tenant(
    show: Show, waiting: Staging, words: tuple[str, ...], says: str
) -> None:
    refused = show(*words)
    assert refused.exit_code == 2
    assert says in refused.stderr
    assert refused.stdout == ""
    assert looked(waiting.store) == []
