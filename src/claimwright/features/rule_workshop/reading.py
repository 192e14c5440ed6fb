"""Reads rule files for their author: loads them, compares them with existing rules, and runs their cases.

A rule may have the code of a built-in rule only if it is that same file, so that an author who corrects the
rulebook can test the file in place. Any other rule with a code in use is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from polars.exceptions import PolarsError

import claimwright.rulebook
from claimwright.engines.rules import (
    CaseError,
    CaseResult,
    Problem,
    Rule,
    RuleBook,
    load_rulebook,
    read_rulebook,
    run_cases,
)
from claimwright.engines.rules.binding import bind_problems
from claimwright.rulebook import RuleSource, rules_in

_BASE_CLAIMS = "base"
_SIGNALS = "file_signals"
# What values that no column takes come to, where nothing says so before.
_NO_CLAIM = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, PolarsError)
# What a scaffold leaves for its author to say.
UNSAID = "TODO"


@dataclass(frozen=True)
class ReadRules:
    """The rules of some files, and the problems of those that can't be used."""

    rules: tuple[Rule, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class TriedRules:
    """Rules with the results of their cases. `problems` are of rules whose cases could not be run."""

    rules: tuple[Rule, ...]
    results: tuple[CaseResult, ...]
    problems: tuple[Problem, ...]

    @property
    def failed(self) -> tuple[CaseResult, ...]:
        """The cases whose results are not as stated."""
        return tuple(result for result in self.results if not result.passed)


def read_rules(paths: Iterable[Path], *, beside: RuleBook | None = None) -> ReadRules:
    """The rules of files and folders whose predicates can run. Their cases are not run.

    `beside` is the book whose codes and names are in use, except for the files that it was read from.

    Raises:
        FileNotFoundError: a path does not exist.
        ValueError: a file is not text.
    """
    sources = [source for path in paths for source in rules_in(path) if not _is_no_rule(Path(source.file))]
    return read_sources(sources, beside=beside)


def read_rule_text(text: str, *, beside: RuleBook) -> ReadRules:
    """The rule of a text that is in no file, if its predicate can run and its code and name are free."""
    return read_sources([RuleSource("rule.yaml", text)], beside=beside)


def read_sources(sources: Sequence[RuleSource], *, beside: RuleBook | None = None) -> ReadRules:
    """The rules of these texts whose predicates can run. See `read_rules`."""
    in_place = {_packaged_name(Path(source.file)) for source in sources}
    others = RuleBook(tuple(rule for rule in beside or () if rule.file not in in_place))
    # `read_rulebook` does not bind or run built-in rules: that is done below, for each problem separately.
    unproven = [replace(source, is_packaged=True) for source in sources]
    book = read_rulebook(unproven, beside=others)
    own = {source.file for source in sources}
    rules = [rule for rule in book if rule.file in own]
    unbound = bind_problems(rules)
    refused = {problem.rule for problem in unbound}
    shipped = {source.file for source in sources if source.is_packaged}
    return ReadRules(
        tuple(
            replace(rule, is_packaged=rule.file in shipped or _packaged_name(Path(rule.file)) != "")
            for rule in rules
            if rule.code not in refused
        ),
        (*book.problems, *unbound),
    )


def try_rules(rules: Sequence[Rule]) -> TriedRules:
    """Run every case of the rules. A rule with a case that describes no valid claim is a problem."""
    try:
        return TriedRules(tuple(rules), tuple(run_cases(RuleBook(tuple(rules)))), ())
    except (CaseError, *_NO_CLAIM):
        pass
    results: list[CaseResult] = []
    problems: list[Problem] = []
    for rule in rules:
        try:
            results.extend(run_cases(RuleBook((rule,))))
        except CaseError as refused:
            problems.append(
                Problem(rule.file, _line_of(rule, str(refused)), rule.code, str(refused), "correct the case")
            )
        except _NO_CLAIM:
            line = rule.cases[0].line if rule.cases else 1
            what = "a case has a value that no claim can have"
            problems.append(Problem(rule.file, line, rule.code, what, "correct the case"))
    return TriedRules(tuple(rules), tuple(results), tuple(problems))


def try_files(paths: Sequence[Path]) -> TriedRules:
    """Read rule files next to the rulebook and run their cases; the whole rulebook if no file is given.

    Raises:
        FileNotFoundError: a path does not exist.
        ValueError: a file is not text.
    """
    book = load_rulebook()
    if not paths:
        tried = try_rules(book.rules)
        return replace(tried, problems=(*book.problems, *tried.problems))
    read = read_rules(paths, beside=book)
    tried = try_rules(read.rules)
    return replace(tried, problems=(*read.problems, *tried.problems))


def unsaid(rule: Rule) -> tuple[str, ...]:
    """The keys of a rule that its author still has to fill in, in file order."""
    texts = {
        "name": rule.name,
        "title": rule.title,
        "authority": " ".join(rule.authority),
        "what": rule.what,
        "why": rule.why,
        "fix": rule.fix,
        "when": rule.when,
        "cases": " ".join(case.name for case in rule.cases),
    }
    return tuple(key for key, text in texts.items() if UNSAID in text or UNSAID.lower() in text.split("-"))


def _line_of(rule: Rule, refused: str) -> int:
    """The line of the case that the error message names."""
    return next((case.line for case in rule.cases if f"{case.name!r}" in refused), rule.line)


def _packaged_name(path: Path) -> str:
    """The name of a rulebook file within its folder; empty for any other file."""
    home = Path(claimwright.rulebook.__file__).resolve().parent
    resolved = path.resolve()
    return resolved.relative_to(home.parent).as_posix() if resolved.is_relative_to(home) else ""


def _is_no_rule(path: Path) -> bool:
    """Whether a file is a clean claim for cases, or a signal; these are in the same folders as rules."""
    return (path.parent.name == _BASE_CLAIMS and path.stem in {"P", "I", "D"}) or path.parent.name == _SIGNALS
