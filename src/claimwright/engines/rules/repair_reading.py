"""Reads the repair of a rule from its file: which fields get which values, and why.

A repair has these keys:

    change       by field of the rule's level or of the claim, the expression of its new value; null leaves
                 the field, an empty text removes it
    remove       fields that lose their value
    where        optional predicate: on which of the rows where the rule fires
    because      why the value is right, in one or two sentences
    confidence   high: it follows from the claim alone; medium: almost always; low: a person has to look
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from claimwright.domain.dictionary import KEYS, Level, field_named

from .names import LEVELS, PAIR
from .predicate import CONFIDENCES, Predicate, PredicateError, Repair

# Levels whose rows a person can be shown and told apart by line and position.
REPAIRABLE = frozenset(LEVELS) - {PAIR, "adjudication", "adjustment"}
_KEYS = {"change", "remove", "where", "because", "confidence"}


class Reports(Protocol):
    """Collects problems of a file."""

    def problem(self, what: str, do: str, key: str = "", line: int | None = None) -> None:
        """Add a problem."""


def read_repair(reader: Reports, given: Any, level: str) -> Repair | None:
    """The repair of a rule of this level; None if it has a problem, which is reported."""

    def wrong(what: str, do: str) -> None:
        reader.problem(f"repair: {what}", do, "repair")

    if not isinstance(given, Mapping) or set(given) - _KEYS:
        wrong("not change, remove, where, because and confidence", "see docs/rules.md")
        return None
    if level not in REPAIRABLE:
        wrong(f"rules of the level {level} have none", "remove it")
        return None
    because, confidence = given.get("because"), given.get("confidence")
    if not isinstance(because, str) or not because.strip():
        wrong("because is not a text", "say why the value is right")
        return None
    if confidence not in CONFIDENCES:
        wrong(f"confidence is none of {', '.join(CONFIDENCES)}", "choose one")
        return None
    changed, removed = given.get("change", {}), given.get("remove", [])
    if not isinstance(changed, Mapping) or not all(isinstance(each, str) for each in changed.values()):
        wrong("change is not a mapping of fields to expressions", "quote the expressions")
        return None
    if not isinstance(removed, list) or not all(isinstance(each, str) for each in removed):
        wrong("remove is not a list of fields", "write it as [field]")
        return None
    if not changed and not removed:
        wrong("it changes nothing", "give change or remove")
        return None
    sound = True
    for name in (*changed, *removed):
        if not any(is_field_of(name, each) for each in (LEVELS[level].level, Level.CLAIM)):
            wrong(
                f"{name} is not a field of the level {level} or of the claim",
                "see the dictionary; a derived name has no value of its own",
            )
            sound = False
    if not sound:
        return None
    changes = [(name, _compiled(reader, name, text, level)) for name, text in changed.items()]
    where = given.get("where")
    limit = None if where is None else _compiled(reader, "where", where, level)
    if any(value is None for _, value in changes) or (where is not None and limit is None):
        return None
    return Repair(
        tuple((name, value) for name, value in changes if value is not None),
        tuple(removed), " ".join(because.split()), confidence, limit,
    )  # fmt: skip


def is_field_of(name: str, level: Level) -> bool:
    """Whether the dictionary has a field of this name at the level; row keys are none."""
    try:
        return field_named(name).level is level and name not in KEYS[level]
    except KeyError:
        return False


def _compiled(reader: Reports, name: str, text: Any, level: str) -> Predicate | None:
    from .predicate_compiler import compile_predicate, compile_value

    if not isinstance(text, str) or not text.strip():
        reader.problem(f"repair: {name} is not a text", "quote the expression", "repair")
        return None
    try:
        return compile_predicate(text, level) if name == "where" else compile_value(text, level)
    except PredicateError as refused:
        reader.problem(f"repair: {name}: {refused.what}", refused.do, "repair")
        return None
