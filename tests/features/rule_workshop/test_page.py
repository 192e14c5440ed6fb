"""The page about the workshop names every command, and its examples work."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml

from claimwright.apps.cli.main import app
from claimwright.engines.rules import load_rulebook, load_waivers
from claimwright.features.rule_workshop import Share

from .conftest import rule_text


@pytest.fixture(scope="module")
def page(repo_root: Path) -> str:
    return (repo_root / "docs" / "rules_workshop.md").read_text(encoding="utf-8")


def test_it_names_every_command_of_rules(page: str) -> None:
    root: Any = typer.main.get_command(app)
    commands = set(root.commands["rules"].commands)
    named = set(re.findall(r"claimwright rules (\w+)", page))
    assert named <= commands
    assert commands - named == {"list"}


def test_the_waiver_that_it_shows_is_one(page: str, tmp_path: Path) -> None:
    [example] = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    path = tmp_path / "waivers.yaml"
    path.write_text(example, encoding="utf-8")
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "OWN001.yaml").write_text(rule_text(limit=800), encoding="utf-8")
    [waiver] = load_waivers(path, load_rulebook(tmp_path / "rules"))
    assert waiver.id == yaml.safe_load(example)[0]["id"]


def test_the_interval_of_three_in_three_is_as_wide_as_it_says(page: str) -> None:
    interval = Share(3, 3).interval
    assert interval is not None
    low, high = interval
    assert f"between {low:.0%} and {high:.0%}" in page
