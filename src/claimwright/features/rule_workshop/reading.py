"""Rule files as their author works on them: read, compared with what exists, and their cases run.

A rule that is being written may stand on the code of a shipped rule when it is that very file, so that
somebody who corrects the rulebook can test the file in place. Anything else on a taken code is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

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
# What a scaffold leaves for its author to say.
UNSAID = "TODO"


@dataclass(frozen=True)
class ReadRules:
    """Rules of some files, and why others can't be used."""

    rules: tuple[Rule, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class TriedRules:
    """Rules with what became of their cases. `problems` are of rules whose cases could not be run."""

    rules: tuple[Rule, ...]
    results: tuple[CaseResult, ...]
    problems: tuple[Problem, ...]

    @property
    def failed(self) -> tuple[CaseResult, ...]:
        """The cases that did not come out as they say."""
        return tuple(result for result in self.results if not result.passed)


def read_rules(paths: Iterable[Path], *, beside: RuleBook | None = None) -> ReadRules:
    """The rules of files and folders whose predicates can run; whether their cases pass is not asked.

    `beside` is the book whose codes and names are taken, save for the files that it was itself read from.

    Raises:
        FileNotFoundError: there is nothing at a path.
        ValueError: a file is no text.
    """
    sources = [source for path in paths for source in rules_in(path) if not _is_no_rule(Path(source.file))]
    return read_sources(sources, beside=beside)


def read_sources(sources: Sequence[RuleSource], *, beside: RuleBook | None = None) -> ReadRules:
    """The rules of these texts whose predicates can run. See `read_rules`."""
    in_place = {_packaged_name(Path(source.file)) for source in sources}
    others = RuleBook(tuple(rule for rule in beside or () if rule.file not in in_place))
    # What ships is not bound and not run by `read_rulebook`: that is done below, problem by problem.
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
    """Run every case of the rules. A rule with a case of which no claim can be made is a problem."""
    try:
        return TriedRules(tuple(rules), tuple(run_cases(RuleBook(tuple(rules)))), ())
    except CaseError:
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
    return TriedRules(tuple(rules), tuple(results), tuple(problems))


def try_files(paths: Sequence[Path]) -> TriedRules:
    """Read rule files beside the rulebook and run their cases; the whole rulebook where none is named.

    Raises:
        FileNotFoundError: there is nothing at a path.
        ValueError: a file is no text.
    """
    book = load_rulebook()
    if not paths:
        tried = try_rules(book.rules)
        return replace(tried, problems=(*book.problems, *tried.problems))
    read = read_rules(paths, beside=book)
    tried = try_rules(read.rules)
    return replace(tried, problems=(*read.problems, *tried.problems))


def unsaid(rule: Rule) -> tuple[str, ...]:
    """The keys of a rule that its author has still to fill in, in the order of the file."""
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
    """The line of the case that a refusal names."""
    return next((case.line for case in rule.cases if f"{case.name!r}" in refused), rule.line)


def _packaged_name(path: Path) -> str:
    """What the rulebook calls a file of its own folder; empty for any other file."""
    home = Path(claimwright.rulebook.__file__).resolve().parent
    resolved = path.resolve()
    return resolved.relative_to(home.parent).as_posix() if resolved.is_relative_to(home) else ""


def _is_no_rule(path: Path) -> bool:
    """Whether a file is a clean claim that cases build on, or a signal, which lie among the rules."""
    return (path.parent.name == _BASE_CLAIMS and path.stem in {"P", "I", "D"}) or path.parent.name == _SIGNALS
