"""What the tests of the workshop share: the rulebook, a rule to vary, and the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from claimwright.apps.cli.main import app
from claimwright.engines.rules import Rule, RuleBook, load_rulebook
from claimwright.features.rule_workshop import read_rules

RULE = """\
code: {code}
name: charge-above-{limit}
title: A claim charges more than {limit} dollars
severity: {severity}
snip: 7
lifecycle: {lifecycle}
level: claim
field: total_charge
authority: Example Health Plan, Provider Manual 2026, section 4.2
what: The claim charges more than the plan takes without a note.
why: The plan asks for the record and pays when it has come.
fix: Send the record with the claim.
carc: ["252"]
when: total_charge > {limit}
cases:
  - {{name: a cent above, fires: true, claim: {{total_charge: {limit}.01}}}}
  - {{name: as much as the plan takes, fires: false, claim: {{total_charge: {limit}}}}}
"""


def rule_text(
    code: str = "OWN001", *, limit: int = 400, severity: str = "warn", lifecycle: str = "draft"
) -> str:
    """A rule of a tenant: a claim that charges more than `limit` dollars."""
    return RULE.format(code=code, limit=limit, severity=severity, lifecycle=lifecycle)


@pytest.fixture(scope="session")
def rulebook() -> RuleBook:
    """The rules that ship."""
    return load_rulebook()


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Path]:
    """Writes a rule file into a folder of the test and returns its path."""

    def write(text: str, name: str = "OWN001.yaml", folder: str = "rules") -> Path:
        path = tmp_path / folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def read(written: Callable[..., Path]) -> Callable[..., Rule]:
    """A rule of a text that is sound."""

    def reading(text: str, **where: str) -> Rule:
        found = read_rules([written(text, **where)])
        assert found.problems == ()
        [rule] = found.rules
        return rule

    return reading


@pytest.fixture
def run() -> Callable[..., Result]:
    """Runs `claimwright` in this process, as wide as a wide terminal."""

    def running(*arguments: str | Path) -> Result:
        runner = CliRunner(env={"COLUMNS": "200", "NO_COLOR": "1"})
        return runner.invoke(app, [str(argument) for argument in arguments])

    return running
