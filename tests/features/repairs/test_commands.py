"""`claimwright repairs`: show, apply, history, acceptance."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.features.repairs.conftest import Clinic
from typer.testing import CliRunner, Result

from claimwright.apps.cli.main import app
from claimwright.features.checking import Checker

Run = Callable[..., Result]
WHY = ("--reason", "the finding was looked at")


@pytest.fixture
def run(clinic: Clinic, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CLAIMWRIGHT_HOME", str(clinic.folder / "home"))
    monkeypatch.setenv("CLAIMWRIGHT_DATABASE_URL", clinic.store.address)
    monkeypatch.setenv("COLUMNS", "220")
    return lambda *words: CliRunner().invoke(app, list(words))


def test_a_claim_is_shown_repaired_and_listed(run: Run, clinic: Clinic, checker: Checker) -> None:
    key = str(clinic.keys["state"])
    shown = run("repairs", "show", key, *WHY)
    assert shown.exit_code == 0, shown.output
    for told in ("ADR005", "high confidence", "billing_state: oh -> OH", "gone: ADR005"):
        assert told in shown.output, shown.output
    found = json.loads(run("repairs", "show", key, *WHY, "--format", "json").output)
    assert run("repairs", "apply", key, *WHY).exit_code == 2
    assert "FIELD=VALUE" in run("repairs", "apply", key, "--set", "billing_state", *WHY).stderr
    dry = run("repairs", "apply", key, "--rule", "ADR005", "--dry-run", *WHY)
    assert (dry.exit_code, "waits for" in dry.output) == (0, False)
    stale = run("repairs", "apply", key, "--rule", "ADR005", "--version", "1.1.1", *WHY)
    assert stale.exit_code == 2
    applied = run("repairs", "apply", key, "--rule", "ADR005", "--version", found["etag"], *WHY)
    assert applied.exit_code == 0, applied.output
    assert "version 2, waits for `claimwright run`" in applied.output
    clinic.run(checker)
    listed = run("repairs", "history")
    assert "verified" in listed.output
    assert "billing_state" in listed.output
    assert "100%" in run("repairs", "acceptance").output


def test_a_finding_without_a_repair_and_a_correction_that_blocks(run: Run, clinic: Clinic) -> None:
    shown = run("repairs", "show", str(clinic.keys["place"]), *WHY)
    assert shown.exit_code == 1
    assert "no repair" in shown.output
    key = str(clinic.keys["state"])
    words = ("repairs", "apply", key, "--set", "billing_address_1=PO BOX 9", *WHY)
    refused = run(*words)
    assert refused.exit_code == 2
    assert "ADR001" in refused.stderr
    assert "Nothing was stored" in refused.stderr
    assert run(*words, "--force").exit_code == 0
    assert run("repairs", "show", "999999", *WHY).exit_code == 2
    assert "No corrections." in run("repairs", "history", "--claim", "999999").output
