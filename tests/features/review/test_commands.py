"""The commands of the queue: list, show, do, assign, snooze, note, export."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.features.review.conftest import WHY, Queue
from typer.testing import CliRunner, Result

from claimwright.apps.cli.main import app


@pytest.fixture
def run(
    queue: Queue, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, reviewed_folder: Path
) -> Callable[..., Result]:
    shutil.copytree(reviewed_folder / "home", tmp_path / "home")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CLAIMWRIGHT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CLAIMWRIGHT_DATABASE_URL", queue.store.address)
    monkeypatch.setenv("CLAIMWRIGHT_REVIEW_APPROVAL_DOLLARS", "100000000")
    monkeypatch.setenv("COLUMNS", "200")
    return lambda *words: CliRunner().invoke(app, ["queue", *words])


def test_a_day_s_work_at_the_terminal(run: Callable[..., Result], queue: Queue, tmp_path: Path) -> None:
    jane = queue.person("jane")
    items = queue.items()
    first, second = str(items[0].item_id), str(items[1].item_id)
    listed = run("list")
    assert listed.exit_code == 1, listed.output
    assert f"{len(items):,} items" in listed.output
    assert items[0].what in listed.output
    assert run("list", "--priority", "urgent").exit_code == 2
    assert run("list", "--state", "closed").output == "Nothing waits.\n"
    assert f"{len(items)} open" in run("summary").output
    assert run("assign", first, "--to", jane.actor[5:]).exit_code == 0
    assert run("assign", first, "--to", "999").exit_code == 2
    assert run("assign", first).exit_code == 2
    assert "jane" in run("people").output
    assert run("skills", jane.actor[5:], "coding").output == "jane works on: coding.\n"
    assert run("snooze", second, "--until", "2020-01-01").exit_code == 2
    assert run("note", first, "--text", "call the clinic").exit_code == 0
    done = run("do", "release", first, "999999", "--reason", WHY)
    assert done.exit_code == 1
    assert done.output == "1 done.\nItem 999999 was left as it is: there is no such item.\n"
    shown = run("show", first).output
    for text in (
        "resubmitted, released; with jane",
        "call the clinic",
        f"release, new -> resubmitted ({WHY})",
    ):
        assert text in shown
    assert run("do", "release", second).exit_code == 2
    assert run("do", "fly", second).exit_code == 2
    assert run("export", "queue.csv").exit_code == 0
    with (tmp_path / "queue.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["item_id"]) for row in rows] == [each.item_id for each in items[1:]]
    assert rows[0]["stake"] == f"{items[1].stake_cents / 100:.2f}"
    assert run("show", "999999").exit_code == 2


def test_an_approval_at_the_terminal_is_for_managers(
    run: Callable[..., Result], queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLAIMWRIGHT_REVIEW_APPROVAL_DOLLARS", "0")
    item = str(queue.items()[0].item_id)
    proposed = run("do", "release", item, "--reason", WHY)
    assert proposed.output == f"1 wait for another person's approval: {item}\n"
    assert run("do", "approve", item, "--reason", WHY).exit_code == 2
    monkeypatch.setenv("CLAIMWRIGHT_TERMINAL_ROLES", "administrator,manager")
    own = run("do", "approve", item, "--reason", WHY)
    assert own.exit_code == 1
    assert "nobody approves what they proposed" in own.output
    key = str(queue.items()[0].claim_key)
    refused = CliRunner().invoke(app, ["review", "release", key, "--reason", WHY])
    assert refused.exit_code == 2
    assert "another person has to approve this" in refused.output
