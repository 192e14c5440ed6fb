"""What the tests of rules share: the rulebook that ships, an engine over it, and a rule to vary."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from claimwright.engines.rules import RuleBook, RuleEngine, load_rulebook, read_rulebook
from claimwright.rulebook import RuleSource

DAY = date(2025, 3, 13)

RULE = """\
code: TST001
name: test-units-many
title: A line has many units
severity: warn
snip: 4
lifecycle: stable
level: line
forms: [P]
field: units
authority: [A manual that a person can look up]
what: A line has more than ten units.
why: It is a test.
fix: Bill fewer.
when: units > 10
cases:
  - {name: eleven, fires: true, lines: [{units: 11}]}
  - {name: ten, fires: false, lines: [{units: 10}]}
"""


@pytest.fixture(scope="session")
def rulebook() -> RuleBook:
    """The rules that ship."""
    return load_rulebook()


@pytest.fixture(scope="session")
def engine(rulebook: RuleBook) -> RuleEngine:
    """An engine over them."""
    return RuleEngine(rulebook, threads=2)


@pytest.fixture
def read() -> Callable[..., RuleBook]:
    """A book of rule texts, each read as a file of its own; `changed` varies the test rule by key."""

    def reading(*texts: str, beside: RuleBook | None = None) -> RuleBook:
        sources = [RuleSource(f"tenant/{number}.yaml", text) for number, text in enumerate(texts, start=1)]
        return read_rulebook(sources, beside=beside)

    return reading


def changed(**lines: str | None) -> str:
    """The test rule with some keys replaced; None takes a key out, a new one is added before the cases."""
    text = RULE
    for key, value in lines.items():
        start = f"\n{text}".find(f"\n{key}:")
        if start < 0:
            text = text.replace("cases:\n", f"{key}: {value}\ncases:\n")
            continue
        end = len(text) if key == "cases" else text.index("\n", start) + 1
        new = "" if value is None else f"{key}:{value}" if key == "cases" else f"{key}: {value}\n"
        text = text[:start] + new + text[end:]
    return text
