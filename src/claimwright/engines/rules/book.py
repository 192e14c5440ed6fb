"""The rulebook: the usable rules, and the problems of the others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from .problems import Problem
from .rule import Lifecycle, Rule


@dataclass(frozen=True, eq=False)
class RuleBook:
    """Rules by code, in the order of their codes. `problems` lists why other rules were left out."""

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
        """The rule with this code or name.

        Raises:
            KeyError: there is none.
        """
        return self._by_key[key]

    def in_force(self, key: str) -> Rule:
        """The rule with this code or name; for a retired rule, the rule that replaced it.

        Raises:
            KeyError: there is none.
        """
        rule = self._by_key[key]
        return self._by_key.get(rule.redirect, rule)

    def __contains__(self, key: object) -> bool:
        return key in self._by_key

    def of(self, *lifecycles: Lifecycle) -> tuple[Rule, ...]:
        """The rules in these lifecycle states."""
        return tuple(rule for rule in self.rules if rule.lifecycle in lifecycles)
