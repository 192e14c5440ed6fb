"""What the README shows is what the command says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from claimwright.apps.cli.main import app

# What grows with every rule and dataset, and is not what the README is about.
_COUNTS = re.compile(r"against \d+ rules\.|^Reference data: .*", re.MULTILINE | re.DOTALL)


def recorded(readme: Path) -> tuple[list[str], list[str]]:
    """The words of the recorded command, and the lines that it printed."""
    text = readme.read_text(encoding="utf-8")
    command, _, output = text.split("```\n$ claimwright ", 1)[1].split("```", 1)[0].partition("\n")
    return command.split(), _COUNTS.sub("", output).rstrip().splitlines()


def test_the_recorded_check_is_still_true(repo_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words, lines = recorded(repo_root / "README.md")
    monkeypatch.chdir(repo_root)
    monkeypatch.setenv("COLUMNS", "112")
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 1
    shown = _COUNTS.sub("", result.stdout).rstrip().splitlines()
    assert [line.rstrip() for line in shown] == lines
