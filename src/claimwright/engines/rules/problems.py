"""Problems of rules, as data, so that the problems of many rules can be reported together.

Problem        file, line, rule, what is wrong, what to do
RuleBookError  raised where problems cannot be reported otherwise; contains all of them
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from claimwright.foundation.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Problem:
    """The reason why a rule or a waiver can't be used."""

    file: str
    line: int
    rule: str
    what: str
    do: str

    def __str__(self) -> str:
        rule = f" {self.rule}:" if self.rule else ""
        return f"{self.file}:{self.line}:{rule} {self.what}; {self.do}"


class RuleBookError(ConfigurationError, ValueError):
    """Rules cannot be used; `problems` has one entry per fault."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))
