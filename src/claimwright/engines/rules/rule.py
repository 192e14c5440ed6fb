"""A rule as its file states it, and how the file is read.

A file contains one mapping. Everything that can be checked without running the predicate is checked here:
keys, vocabulary, required texts, cases of both kinds. A rule with a problem is not used at all.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, overload

from claimwright.domain.dictionary import Form
from claimwright.domain.findings import SNIP_TYPES, Severity
from claimwright.foundation.located_yaml import YamlError, read_yaml
from claimwright.rulebook import RuleSource

from .names import LEVELS, PAIR, names_for
from .predicate import Predicate, PredicateError, Repair
from .problems import Problem, RuleBookError
from .repair_reading import read_repair


class Lifecycle(enum.StrEnum):
    """The lifecycle state of a rule. A code is never reused: an obsolete rule is retired, not deleted."""

    DRAFT = "draft"
    PREVIEW = "preview"
    STABLE = "stable"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Case:
    """A claim, stated by its differences from its form's clean claim, and whether the rule fires on it."""

    name: str
    fires: bool
    given: Mapping[str, Any] = field(repr=False)
    line: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: what it finds, its authority, the fix, and the predicate."""

    code: str
    name: str
    title: str
    severity: Severity
    snip: int
    lifecycle: Lifecycle
    level: str
    forms: str
    when: str
    predicate: Predicate = field(repr=False)
    authority: tuple[str, ...]
    what: str
    why: str
    fix: str
    fields: tuple[str, ...] = ()
    message: str = ""
    carc: tuple[str, ...] = ()
    rarc: tuple[str, ...] = ()
    claim_filing: tuple[str, ...] = ()
    payer_ids: tuple[str, ...] = ()
    effective_from: date | None = None
    effective_to: date | None = None
    pair_on: tuple[str, ...] = ()
    cases: Sequence[Case] = field(default=(), repr=False)
    file: str = ""
    line: int = 1
    is_packaged: bool = False
    redirect: str = ""
    since: str = ""
    repair: Repair | None = field(default=None, repr=False)


# Built-in rules without `since` were in the first release.
_FIRST_RELEASE = "0.1.0"
_RELEASE = re.compile(r"\d+\.\d+\.\d+")
_CODE = re.compile(r"[A-Z]{2,4}[0-9]{3}")
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+")
_TEXTS = ("title", "what", "why", "fix", "when")
_REQUIRED = ("code", "name", "severity", "snip", "lifecycle", "level", "authority", *_TEXTS, "cases")
_OPTIONAL = (
    "forms",
    "payers",
    "effective",
    "field",
    "message",
    "carc",
    "rarc",
    "pair_on",
    "redirect",
    "since",
    "repair",
)
# Matches cases at the end of a file: all lines below the key belong to it.
_LAST_CASES = re.compile(r"^cases:\n(?=(?:[ -].*\n)+\Z)", re.MULTILINE)
_CASE_KEYS = ("name", "fires", "form", "as_of", "times")


class _Reader:
    """Reads one file and collects its problems."""

    def __init__(self, source: RuleSource, *, cases_later: bool) -> None:
        later = _LAST_CASES.search(source.text) if cases_later else None
        self.source = source
        self.text_read = source.text[: later.end()] if later else source.text
        self.cases_later = later is not None
        self.problems: list[Problem] = []
        self.code = ""
        self.lines: dict[str, int] = {}
        self.case_lines: list[int] = []

    def problem(self, what: str, do: str, key: str = "", line: int | None = None) -> None:
        at = line if line is not None else self.lines.get(key, 1)
        self.problems.append(Problem(self.source.file, at, self.code, what, do))

    def mapping(self) -> dict[str, Any] | None:
        try:
            top = read_yaml(self.text_read, self.source.file)
            # A tag such as `!!set` can turn a mapping into another type.
            document = None if top is None else top.value()
        except YamlError as fault:
            self.problem(
                f"{fault.path} {fault.what}".strip(), fault.do or "correct the line", line=fault.line
            )
            return None
        if top is None or not top.is_mapping or not isinstance(document, dict):
            self.problem("not a mapping of keys to values", "one file holds one rule; see docs/rules.md")
            return None
        places = top.members()
        # The line of a key; equal to the line of its value, except for a list or a mapping below it.
        self.lines = {str(key.value): key.start_mark.line + 1 for key, _ in top.node.value}
        if "when" in places:
            self.lines["when text"] = places["when"].first_line_of_text
        if "cases" in places and places["cases"].is_list:
            self.case_lines = [case.start_mark.line + 1 for case in places["cases"].node.value]
        return document

    def text(self, data: Mapping[str, Any], key: str) -> str:
        value = data.get(key)
        if not isinstance(value, str) or not value.strip():
            self.problem(f"{key} is not a text", f"write {key} as text", key)
            return ""
        return " ".join(value.split()) if key != "when" else value

    def texts(self, data: Mapping[str, Any], key: str) -> tuple[str, ...]:
        value = data.get(key, [])
        values = value if isinstance(value, list) else [value]
        if not all(isinstance(entry, str) and entry.strip() for entry in values):
            self.problem(f"{key} is not a list of texts", "quote numbers", key)
            return ()
        return tuple(" ".join(entry.split()) for entry in values)

    def day(self, value: object, key: str) -> date | None:
        if value is None or type(value) is date:
            return value
        self.problem(
            f"{key} is not a date", "write it as 2026-01-31, without quotes", key.split(".", maxsplit=1)[0]
        )
        return None


def read_rule(source: RuleSource, *, cases_later: bool = False) -> tuple[Rule | None, tuple[Problem, ...]]:
    """The rule of a file, or its problems.

    Cases are the largest part of a file, but checking claims does not need them: with `cases_later`, cases at
    the end of a file are not read or checked until they are used.
    """
    reader = _Reader(source, cases_later=cases_later)
    data = reader.mapping()
    if data is None:
        return None, tuple(reader.problems)
    reader.code = str(data.get("code", ""))
    for key in data:
        if key not in _REQUIRED and key not in _OPTIONAL:
            reader.problem(f"{key} is not a key of a rule", "remove it", str(key))
    for key in _REQUIRED:
        if key not in data:
            reader.problem(f"{key} is missing", "add it; see docs/rules.md")
    if reader.problems:
        return None, tuple(reader.problems)
    rule = _rule(reader, data)
    return (None if reader.problems else rule), tuple(reader.problems)


def _rule(reader: _Reader, data: Mapping[str, Any]) -> Rule | None:
    if not _CODE.fullmatch(reader.code):
        reader.problem("code is not letters and three digits", "write it like NPI001", "code")
    name = reader.text(data, "name")
    if not _NAME.fullmatch(name):
        reader.problem(
            "name is not words joined by dashes",
            "name the defect, as in billing-npi-check-digit-wrong",
            "name",
        )
    severity = _one_of(reader, data, "severity", [entry.value for entry in Severity])
    lifecycle = _one_of(reader, data, "lifecycle", [entry.value for entry in Lifecycle])
    level = _one_of(reader, data, "level", list(LEVELS))
    snip = data["snip"]
    if snip not in SNIP_TYPES or isinstance(snip, bool):
        reader.problem("snip is not a SNIP type", "give 1 to 7", "snip")
    texts = {key: reader.text(data, key) for key in _TEXTS}
    authority = reader.texts(data, "authority")
    if not authority and not reader.problems:
        reader.problem("no authority", "cite what a person can look up", "authority")
    forms = _forms(reader, data)
    filing, ids = _payers(reader, data)
    effective = data.get("effective") or {}
    if not isinstance(effective, dict) or set(effective) - {"from", "to"}:
        reader.problem("effective is not from and to", "give one or both", "effective")
        effective = {}
    first, last = (
        reader.day(effective.get("from"), "effective.from"),
        reader.day(effective.get("to"), "effective.to"),
    )
    if first and last and last < first:
        reader.problem("effective ends before it begins", "correct the dates", "effective")
    cases = CasesToRead(reader.source) if reader.cases_later else _cases(reader, data)
    if level is None:
        return None
    fields = reader.texts(data, "field")
    pair_on = reader.texts(data, "pair_on")
    for named in (*fields, *pair_on):
        if named not in names_for(level):
            reader.problem(f"{named} is not a name of the level {level}", "see the dictionary", "field")
    if (level == PAIR) != bool(pair_on):
        reader.problem(
            "pair_on belongs to rules of the level pair, and every such rule has it",
            "name the fields in which the two lines agree, or choose the level line", "level",
        )  # fmt: skip
    message = reader.text(data, "message") if "message" in data else ""
    for placeholder in re.findall(r"\{(\w*)\}", message):
        if placeholder not in names_for(level):
            reader.problem(f"message: {{{placeholder}}} is no name of the level", "name a field", "message")
    redirect = _redirect(reader, data, lifecycle)
    since = _since(reader, data)
    repair = read_repair(reader, data["repair"], level) if "repair" in data else None
    predicate = _predicate(reader, texts["when"], level)
    if reader.problems or predicate is None or severity is None or lifecycle is None:
        return None
    return Rule(
        reader.code, name, texts["title"], Severity(severity), snip, Lifecycle(lifecycle), level, forms,
        texts["when"], predicate, authority, texts["what"], texts["why"], texts["fix"], fields, message,
        reader.texts(data, "carc"), reader.texts(data, "rarc"), filing, ids, first, last, pair_on, cases,
        reader.source.file, reader.lines.get("when", 1), reader.source.is_packaged, redirect, since, repair,
    )  # fmt: skip


def _redirect(reader: _Reader, data: Mapping[str, Any], lifecycle: str | None) -> str:
    """The code of the rule that replaced a retired rule."""
    redirect = reader.text(data, "redirect") if "redirect" in data else ""
    if redirect and (lifecycle != Lifecycle.RETIRED or not _CODE.fullmatch(redirect)):
        reader.problem(
            "redirect is not the code of the rule that replaced a retired rule",
            "name it, as in NPI001",
            "redirect",
        )
    return redirect


def _since(reader: _Reader, data: Mapping[str, Any]) -> str:
    """The release that introduced the rule; empty for a user rule without `since`."""
    if "since" not in data:
        return _FIRST_RELEASE if reader.source.is_packaged else ""
    since = reader.text(data, "since")
    if since and not _RELEASE.fullmatch(since):
        reader.problem("since is not a version", 'write it as "0.2.0"', "since")
    return since


def _predicate(reader: _Reader, text: str, level: str) -> Predicate | None:
    from .predicate_compiler import compile_predicate

    try:
        return compile_predicate(text, level)
    except PredicateError as refused:
        line = reader.lines.get("when text", 1) + refused.line - 1
        reader.problem(f"when: {refused.what}", refused.do, line=line)
        return None


def _one_of(reader: _Reader, data: Mapping[str, Any], key: str, allowed: list[str]) -> str | None:
    value = data.get(key)
    if isinstance(value, str) and value in allowed:
        return value
    reader.problem(f"{key} is none of {', '.join(allowed)}", "choose one", key)
    return None


def _forms(reader: _Reader, data: Mapping[str, Any]) -> str:
    given = reader.texts(data, "forms") if "forms" in data else tuple(Form)
    letters = "".join(given)
    if not letters or set(letters) - set(Form) or len(set(letters)) != len(letters):
        reader.problem(
            "forms are not letters of P, I and D, each once", "write [P, I], or leave it out for all", "forms"
        )
    return "".join(form for form in Form if form in letters)


def _payers(reader: _Reader, data: Mapping[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    payers = data.get("payers") or {}
    if not isinstance(payers, dict) or set(payers) - {"claim_filing", "ids"}:
        reader.problem("payers is not claim_filing and ids", "give one or both, each a list", "payers")
        return (), ()
    return reader.texts(payers, "claim_filing"), reader.texts(payers, "ids")


def _cases(reader: _Reader, data: Mapping[str, Any]) -> tuple[Case, ...]:
    given = data.get("cases")
    if not isinstance(given, list) or not given:
        reader.problem("no cases", "add one that fires and one that does not", "cases")
        return ()
    cases = []
    for entry, line in zip(given, reader.case_lines, strict=False):
        if not isinstance(entry, dict) or not isinstance(entry.get("fires"), bool) or "name" not in entry:
            reader.problem("a case without name, or without fires: true or false", "add them", line=line)
            continue
        rest = {key: value for key, value in entry.items() if key not in {"name", "fires"}}
        cases.append(Case(str(entry["name"]), entry["fires"], rest, line))
    for fires, what in ((True, "fires"), (False, "does not fire")):
        if not reader.problems and not any(case.fires is fires for case in cases):
            reader.problem(f"no case on which the rule {what}", "add one", "cases")
    if len({case.name for case in cases}) < len(cases):
        reader.problem("two cases have the same name", "say what differs", "cases")
    return tuple(cases)


class CasesToRead(Sequence[Case]):
    """The cases of a rule, read at first use.

    Raises:
        RuleBookError: at first use, if they have a problem.
    """

    def __init__(self, source: RuleSource) -> None:
        self._source = source

    @cached_property
    def _cases(self) -> Sequence[Case]:
        rule, problems = read_rule(self._source)
        if rule is None:
            raise RuleBookError(problems)
        return rule.cases

    def __len__(self) -> int:
        return len(self._cases)

    @overload
    def __getitem__(self, place: int) -> Case: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Case]: ...
    def __getitem__(self, place: int | slice) -> Case | Sequence[Case]:
        return self._cases[place]
