"""Reads rules into a book; built-in rules and user rules are read the same way.

A code identifies one rule forever, so a second rule with an existing code is refused. Types are checked by
DuckDB, which binds every predicate against the columns that it will read. User rules must pass their own
cases to be used; the cases of built-in rules are run by the test suite.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from claimwright.foundation.content_cache import keep, kept
from claimwright.rulebook import RuleSource, packaged_rules, rules_in

from .binding import bind_problems
from .book import RuleBook
from .compiled_book import KIND, book_key, dumped, loaded
from .problems import Problem
from .rule import Rule, read_rule


def load_rulebook(*paths: Path, packaged: bool = True) -> RuleBook:
    """The built-in rules and those of files and folders; a rule with a problem is left out.

    Raises:
        FileNotFoundError: there is nothing at a path.
        ValueError: a file is no text.
    """
    shipped = _packaged() if packaged else RuleBook(())
    if not paths:
        return shipped
    sources = [source for path in paths for source in rules_in(path)]
    return read_rulebook(sources, beside=shipped)


def read_rulebook(
    sources: Iterable[RuleSource], beside: RuleBook | None = None, *, cases_later: bool = False
) -> RuleBook:
    """The rules of another book, followed by the rules of these texts.

    User rules must pass their own cases. See `read_rule` for `cases_later`.
    """
    rules, problems = list(beside.rules if beside else ()), list(beside.problems if beside else ())
    taken = {key: rule for rule in rules for key in (rule.code, rule.name)}
    fresh: list[Rule] = []
    for source in sources:
        rule, wrong = read_rule(source, cases_later=cases_later)
        problems.extend(wrong)
        if rule is None:
            continue
        other = taken.get(rule.code) or taken.get(rule.name)
        if other is not None:
            problems.append(_taken(rule, other))
            continue
        taken[rule.code] = taken[rule.name] = rule
        fresh.append(rule)
    # Built-in rules are bound by the test suite, and again when their scan is prepared.
    unbound = bind_problems([rule for rule in fresh if not rule.is_packaged])
    refused = {problem.rule for problem in unbound}
    problems.extend(unbound)
    fresh = [rule for rule in fresh if rule.code not in refused]
    failed = _failed_cases([rule for rule in fresh if not rule.is_packaged])
    problems.extend(failed)
    refused = {problem.rule for problem in failed}
    rules.extend(rule for rule in fresh if rule.code not in refused)
    return RuleBook(tuple(sorted(rules, key=lambda rule: rule.code)), tuple(problems))


@cache
def _packaged() -> RuleBook:
    sources = packaged_rules()
    key = book_key(sources)
    content = kept(KIND, key)
    book = loaded(content, sources) if content is not None else None
    if book is not None:
        return book
    # The test suite reads and runs the cases of built-in rules.
    book = read_rulebook(sources, cases_later=True)
    content = dumped(book)
    if content is not None:
        keep(KIND, key, content)
    return book


def _taken(rule: Rule, other: Rule) -> Problem:
    key = rule.code if rule.code == other.code else rule.name
    return Problem(
        rule.file, 1, rule.code, f"{key} is already the rule of {other.file}",
        "choose your own code and name; a code is never reused",
    )  # fmt: skip


def _failed_cases(rules: list[Rule]) -> list[Problem]:
    if not rules:
        return []
    from .case_problems import case_problems

    return case_problems(RuleBook(tuple(rules)))
