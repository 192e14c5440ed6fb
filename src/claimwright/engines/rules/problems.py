"""What is wrong with a rule: data, so that the problems of many rules are reported at once.

Problem        file, line, rule, what is wrong, what to do
RuleBookError  raised where problems cannot be shown otherwise; carries them all
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from claimwright.foundation.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a rule, or a waiver, is not in force."""

    file: str
    line: int
    rule: str
    what: str
    do: str

    def __str__(self) -> str:
        rule = f" {self.rule}:" if self.rule else ""
        return f"{self.file}:{self.line}:{rule} {self.what}; {self.do}"


class RuleBookError(ConfigurationError, ValueError):
    """Rules that cannot be used; `problems` says why, one entry a fault."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))
