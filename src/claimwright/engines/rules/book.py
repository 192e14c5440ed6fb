"""The rulebook: the rules that are in force, and the problems of those that are not.

What ships and what users add is read alike. A code stands for one rule for ever, so that a code that is
already taken is refused, whoever comes second. Types are checked by DuckDB, which binds every predicate
against the columns that it will see. User rules must pass their own cases to be used; those that ship
pass them in the test-suite.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from claimwright.rulebook import RuleSource, packaged_rules, rules_in

from .binding import bind_problems
from .problems import Problem
from .rule import Lifecycle, Rule, read_rule


@dataclass(frozen=True, eq=False)
class RuleBook:
    """Rules by code, in the order of their codes. `problems` says why others are not among them."""

    rules: tuple[Rule, ...]
    problems: tuple[Problem, ...] = ()
    _by_key: dict[str, Rule] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_key = {rule.name: rule for rule in self.rules} | {rule.code: rule for rule in self.rules}
        object.__setattr__(self, "_by_key", by_key)

    def __len__(self) -> int:
        return len(self.rules)

    def __iter__(self) -> Iterator[Rule]:
        return iter(self.rules)

    def __getitem__(self, key: str) -> Rule:
        """The rule of this code or name.

        Raises:
            KeyError: there is none.
        """
        return self._by_key[key]

    def __contains__(self, key: object) -> bool:
        return key in self._by_key

    def of(self, *lifecycles: Lifecycle) -> tuple[Rule, ...]:
        """The rules at these points of their lives."""
        return tuple(rule for rule in self.rules if rule.lifecycle in lifecycles)

    @classmethod
    def load(cls, *paths: Path, packaged: bool = True) -> RuleBook:
        """The packaged rules and those of files and folders; a rule with a problem is left out whole.

        Raises:
            FileNotFoundError: there is nothing at a path.
            ValueError: a file is no text.
        """
        shipped = _packaged() if packaged else cls(())
        if not paths:
            return shipped
        sources = [source for path in paths for source in rules_in(path)]
        return cls.read(sources, beside=shipped)

    @classmethod
    def read(cls, sources: Iterable[RuleSource], beside: RuleBook | None = None) -> RuleBook:
        """The rules of these texts, beside those of another book, which come first.

        Rules that do not ship must pass their own cases.
        """
        rules, problems = list(beside.rules if beside else ()), list(beside.problems if beside else ())
        taken = {key: rule for rule in rules for key in (rule.code, rule.name)}
        fresh: list[Rule] = []
        for source in sources:
            rule, wrong = read_rule(source)
            problems.extend(wrong)
            if rule is None:
                continue
            other = taken.get(rule.code) or taken.get(rule.name)
            if other is not None:
                problems.append(_taken(rule, other))
                continue
            taken[rule.code] = taken[rule.name] = rule
            fresh.append(rule)
        # Those that ship are bound by the test-suite, and again when their scan is prepared.
        unbound = bind_problems([rule for rule in fresh if not rule.is_packaged])
        refused = {problem.rule for problem in unbound}
        problems.extend(unbound)
        fresh = [rule for rule in fresh if rule.code not in refused]
        failed = _failed_cases([rule for rule in fresh if not rule.is_packaged])
        problems.extend(failed)
        refused = {problem.rule for problem in failed}
        rules.extend(rule for rule in fresh if rule.code not in refused)
        return cls(tuple(sorted(rules, key=lambda rule: rule.code)), tuple(problems))


def load_rulebook(*paths: Path, packaged: bool = True) -> RuleBook:
    """The packaged rules and those of further files and folders. See `RuleBook.load`."""
    return RuleBook.load(*paths, packaged=packaged)


@cache
def _packaged() -> RuleBook:
    return RuleBook.read(packaged_rules())


def _taken(rule: Rule, other: Rule) -> Problem:
    key = rule.code if rule.code == other.code else rule.name
    return Problem(
        rule.file, 1, rule.code, f"{key} is already the rule of {other.file}",
        "take a code and a name of your own; a code is never used again",
    )  # fmt: skip


def _failed_cases(rules: list[Rule]) -> list[Problem]:
    if not rules:
        return []
    from .cases import case_problems

    return case_problems(RuleBook(tuple(rules)))
