"""Explains a predicate: what it reads and calls, for reviewers."""

from __future__ import annotations

from dataclasses import dataclass

from claimwright.domain.derived import Name

from .functions import macros
from .names import names_for
from .predicate import Predicate
from .predicate_compiler import compile_predicate
from .rule import Rule


@dataclass(frozen=True, slots=True)
class Explanation:
    """The SQL that runs, the names with their meanings, and the functions with their documentation."""

    level: str
    sql: str
    names: tuple[Name, ...]
    functions: tuple[tuple[str, str], ...]


def explain_predicate(predicate: str | Rule, level: str = "claim") -> Explanation:
    """What a predicate reads and calls; `level` is needed if only a text is given.

    Raises:
        PredicateError: the text is not a predicate of the level.
    """
    if isinstance(predicate, Rule):
        compiled: Predicate = predicate.predicate
        level = predicate.level
    else:
        compiled = compile_predicate(predicate, level)
    names = set(compiled.names).union(*(lookup.names for lookup in compiled.lookups))
    called = {name: macros()[name].doc for name in compiled.macros}
    called |= {lookup.function.name: lookup.function.doc for lookup in compiled.lookups}
    known = names_for(level)
    return Explanation(
        level, compiled.sql, tuple(known[name] for name in sorted(names)), tuple(sorted(called.items()))
    )


def message_of(rule: Rule) -> str:
    """The sentence shown for a finding of the rule: its message with field names inserted, or else its title.

    A placeholder is replaced by the meaning of the field, never by its value, which may be PHI.
    """
    if not rule.message:
        return rule.title
    known = names_for(rule.level)
    return rule.message.format_map({name: known[name].meaning for name in known})
