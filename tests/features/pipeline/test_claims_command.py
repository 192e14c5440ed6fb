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
