"""The lab's commands: there where it is installed, one line where it is not."""

from __future__ import annotations

import importlib.util
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from claimwright.apps.cli import lab
from claimwright.apps.cli.main import app

MESSAGE = "is part of the lab, which is not installed."


@pytest.fixture
def without_the_lab(monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(
        lab, "find_spec", lambda name, *rest: None if name == lab.PACKAGE else real(name, *rest)
    )


def commands_of(app: Any) -> set[str]:
    return set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]


def test_where_the_lab_is_installed_its_commands_are_there() -> None:
    assert commands_of(app) >= set(lab.COMMANDS)
    shown = CliRunner().invoke(app, ["sample", "--help"])
    assert shown.exit_code == 0
    assert "synthetic" in shown.output


@pytest.mark.usefixtures("without_the_lab")
@pytest.mark.parametrize("arguments", [["sample", "-o", "x.837"], ["world"], ["bench", "pipeline"]])
def test_without_the_lab_its_commands_say_in_one_line_what_to_install(arguments: list[str]) -> None:
    bare = typer.Typer()
    bare.command("check")(lambda: None)
    lab.register(bare)
    done = CliRunner().invoke(bare, arguments)
    assert done.exit_code == 2
    assert f"`claimwright {arguments[0]}` {MESSAGE}" in " ".join(done.stderr.split())
    assert "Traceback" not in done.output


@pytest.mark.usefixtures("without_the_lab")
@pytest.mark.parametrize(
    "arguments", [["rules", "profile"], ["model", "train", "--world", "100", "--train-until", "2025-01-01"]]
)
def test_what_needs_the_lab_says_so_in_one_line(arguments: list[str]) -> None:
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 2
    assert MESSAGE in " ".join(done.stderr.split())
