"""Compares two rulebooks: rules added, removed and changed, key by key, and changes of severity."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from claimwright.engines.rules import Lifecycle, Problem, Rule, load_rulebook

from .reading import read_rules

# The keys of a rule file, in file order, and the rule's value for each.
_KEYS: Mapping[str, Any] = {
    "name": lambda rule: rule.name,
    "title": lambda rule: rule.title,
    "severity": lambda rule: rule.severity.value,
    "snip": lambda rule: rule.snip,
    "lifecycle": lambda rule: rule.lifecycle.value,
    "redirect": lambda rule: rule.redirect,
    "level": lambda rule: rule.level,
    "forms": lambda rule: tuple(rule.forms),
    "payers": lambda rule: (rule.claim_filing, rule.payer_ids),
    "effective": lambda rule: (rule.effective_from, rule.effective_to),
    "pair_on": lambda rule: rule.pair_on,
    "field": lambda rule: rule.fields,
    "message": lambda rule: rule.message,
    "authority": lambda rule: rule.authority,
    "what": lambda rule: rule.what,
    "why": lambda rule: rule.why,
    "fix": lambda rule: rule.fix,
    "carc": lambda rule: rule.carc,
    "rarc": lambda rule: rule.rarc,
    # The SQL as it runs: line breaks and spelling do not change a rule.
    "when": lambda rule: rule.predicate.sql,
    "repair": lambda rule: () if rule.repair is None else (rule.repair.described(), rule.repair.because),
    "cases": lambda rule: {case.name: (case.fires, case.given) for case in rule.cases},
}
# The keys that decide on which claims a rule fires; the others change only its texts.
_DECIDING = frozenset({"lifecycle", "level", "forms", "payers", "effective", "pair_on", "when"})
_GRAVITY = {"note": 0, "warn": 1, "block": 2}


@dataclass(frozen=True, slots=True)
class Change:
    """A rule that is different in the two books: the keys that differ, with both values as text."""

    code: str
    old: Rule
    new: Rule
    keys: Mapping[str, tuple[str, str]]

    @property
    def decides_otherwise(self) -> bool:
        """Whether it may fire on other claims than before."""
        return bool(_DECIDING & set(self.keys))

    @property
    def graver(self) -> int:
        """The number of steps by which its severity has increased; negative if it has decreased."""
        return _GRAVITY[self.new.severity] - _GRAVITY[self.old.severity]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The differences between two books. `problems` are of files that could not be compared."""

    added: tuple[Rule, ...]
    removed: tuple[Rule, ...]
    changed: tuple[Change, ...]
    same: int
    problems: tuple[Problem, ...] = ()

    @property
    def is_same(self) -> bool:
        """Whether the books contain the same rules."""
        return not (self.added or self.removed or self.changed)

    @property
    def lost(self) -> tuple[Rule, ...]:
        """Rules that were once in use and whose code no rule has now: they should be retired instead."""
        return tuple(rule for rule in self.removed if rule.lifecycle is not Lifecycle.DRAFT)


def compare_folders(old: Path | None, new: Path | None) -> Comparison:
    """The differences between the rules of two files or folders; None means the packaged rulebook.

    Rules with a problem are not compared; they are reported in `problems`.

    Raises:
        FileNotFoundError: a path does not exist.
        ValueError: a file is not text.
    """
    before, wrong_before = _rules(old)
    after, wrong_after = _rules(new)
    return compare(before, after, problems=(*wrong_before, *wrong_after))


def compare(old: Iterable[Rule], new: Iterable[Rule], *, problems: tuple[Problem, ...] = ()) -> Comparison:
    """The differences between two sets of rules, by code."""
    before, after = ({rule.code: rule for rule in rules} for rules in (old, new))
    both = sorted(before.keys() & after.keys())
    changed = tuple(change for code in both if (change := _change(before[code], after[code])) is not None)
    return Comparison(
        tuple(after[code] for code in sorted(after.keys() - before.keys())),
        tuple(before[code] for code in sorted(before.keys() - after.keys())),
        changed,
        len(both) - len(changed),
        problems,
    )


def _rules(path: Path | None) -> tuple[tuple[Rule, ...], tuple[Problem, ...]]:
    if path is None:
        book = load_rulebook()
        return book.rules, book.problems
    read = read_rules([path])
    return read.rules, read.problems


def _change(old: Rule, new: Rule) -> Change | None:
    keys = {
        key: (_text(key, value(old)), _text(key, value(new)))
        for key, value in _KEYS.items()
        if value(old) != value(new)
    }
    if "cases" in keys:
        keys["cases"] = _cases(_KEYS["cases"](old), _KEYS["cases"](new))
    return Change(new.code, old, new, keys) if keys else None


def _text(key: str, value: Any) -> str:
    """A value as text for a table."""
    if key == "payers":
        filing, ids = value
        parts = [
            f"claim filing {', '.join(filing)}" if filing else "",
            f"payers {', '.join(ids)}" if ids else "",
        ]
        return "; ".join(part for part in parts if part) or "every payer"
    if key == "effective":
        first, last = value
        return f"{first or '...'} to {last or '...'}" if first or last else "always"
    if isinstance(value, tuple):
        return ", ".join(str(entry) for entry in value) or "-"
    return str(value) or "-"


def _cases(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[str, str]:
    """The changes of the cases, in words, since two full lists of claims would be hard to compare."""
    gone = sorted(old.keys() - new.keys())
    come = sorted(new.keys() - old.keys())
    other = sorted(name for name in old.keys() & new.keys() if old[name] != new[name])
    before = [f"{len(old)} cases", *(f"without: {name}" for name in gone)]
    after = [f"{len(new)} cases", *(f"new: {name}" for name in come), *(f"changed: {name}" for name in other)]
    return "; ".join(before), "; ".join(after)
