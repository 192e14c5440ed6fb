"""The cases of rules: each states how a claim differs from a clean one, and whether the rule fires on it.

All cases of a book are evaluated together, as one batch for each evaluation date, so that hundreds of them
take no longer than one.

A case has these keys, in addition to `name` and `fires`:

    form          P, I or D; default: the first of the rule's forms
    as_of         the evaluation date; default: a week after the base claim's service
    times         how many times the claim is in the file; default: 1, at most 1,000
    before        a list of claims that precede it in the file, stated like the claim of a case
    claim         fields that override those of the base claim; null removes a field
    lines         a list; each overrides the base claim's first line; the total charge follows unless given
    diagnoses     a list of codes, or of fields; the first is the principal diagnosis unless roles are given
    other_payers, line_adjudications, adjustments, procedures, institutional_codes,
    attachments, notes, certifications, teeth
                  lists of fields; by default they belong to line 1, adjudication 1, other payer 1
    reference     reference tables by dataset name, each a list of rows that replaces the dataset; default:
                  the package's data
    repaired      for a case that fires: by field, the value that the rule's repair gives it, or null where it
                  removes it; {} where it proposes nothing
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

import polars as pl

from claimwright.domain.batch import ClaimBatch
from claimwright.domain.dictionary import KEYS, Kind, Level, field_named, schema
from claimwright.foundation.errors import ConfigurationError
from claimwright.foundation.located_yaml import read_mapping
from claimwright.reference import Snapshot, dataset, datasets, snapshot
from claimwright.reference.stated import with_tables
from claimwright.rulebook import base_claims

from .book import RuleBook
from .engine import RuleEngine
from .rule import Case, Lifecycle, Rule

Row = dict[str, Any]

_SETTINGS = {"form", "as_of", "times", "before", "reference", "repaired"}
_AGE_OF_CASES = timedelta(days=7)
# More than any edit allows. The limit is needed because a rule can be sent to the API.
_MOST_TIMES = 1_000
# Of the numbers of a claim, before the point and after it: what every decimal column holds.
_MOST_DIGITS = 12


@dataclass(frozen=True, slots=True)
class CaseResult:
    """The result of one case.

    `fired` lists the codes of all rules that fired on its claim; if the case states reference data, only of
    rules that call a function that its rule also calls.
    """

    rule: Rule
    case: Case
    fired: frozenset[str]

    @property
    def passed(self) -> bool:
        """Whether the rule behaved as the case states."""
        return (self.rule.code in self.fired) is self.case.fires


class CaseError(ConfigurationError, ValueError):
    """No claim can be built from a case."""


def run_cases(rulebook: RuleBook) -> list[CaseResult]:
    """Run every case of every rule that is not retired.

    Raises:
        CaseError: a case has a field that its level does not have, or a value of the wrong type.
    """
    rules = [rule for rule in rulebook if rule.lifecycle is not Lifecycle.RETIRED]
    cases = [(rule, case, claim_of_case(rule, case)) for rule in rules for case in rule.cases]
    engine = RuleEngine(RuleBook(tuple(rules)), lifecycles=LIVING, threads=1)
    groups: dict[tuple[date, str, frozenset[str]], list[int]] = {}
    for number, (rule, _, claim) in enumerate(cases):
        called = called_by(rule) if claim.tables else frozenset[str]()
        groups.setdefault((claim.as_of, repr(claim.tables), called), []).append(number)
    fired: dict[int, set[str]] = {number: set() for number in range(len(cases))}
    for (day, _, called), numbers in groups.items():
        batch, of_case = batch_of_cases([cases[number][2] for number in numbers])
        tables = cases[numbers[0]][2].tables
        judge = (
            engine_with(tables, [rule for rule in rules if called_by(rule) & called]) if tables else engine
        )
        found = judge.evaluate(batch, as_of=day, scope=of_case).findings.select("claim", "code").unique()
        for claim, code in found.iter_rows():
            fired[numbers[of_case[claim - 1]]].add(code)
    return [CaseResult(rule, case, frozenset(fired[number])) for number, (rule, case, _) in enumerate(cases)]


LIVING = (Lifecycle.DRAFT, Lifecycle.PREVIEW, Lifecycle.STABLE)


def called_by(rule: Rule) -> frozenset[str]:
    """The column functions that a rule calls."""
    return frozenset(lookup.function.name for lookup in rule.predicate.lookups)


def engine_with(tables: Mapping[str, list[Row]], rules: Iterable[Rule]) -> RuleEngine:
    """An engine for some rules, with these tables as reference data."""
    return RuleEngine(RuleBook(tuple(rules)), lifecycles=LIVING, threads=1, reference=reference_with(tables))


def reference_with(tables: Mapping[str, list[Row]]) -> Callable[[date], Snapshot]:
    """The reference data of a day, with these tables in place of their datasets."""
    frames = {
        name: pl.DataFrame(rows, schema=dataset(name).schema, orient="row") for name, rows in tables.items()
    }
    return lambda day: with_tables(snapshot(day), frames)


@dataclass(frozen=True, slots=True)
class ClaimOfCase:
    """The rows of a case's claim, and of the claims that precede it in the file."""

    as_of: date
    times: int
    frames: Mapping[Level, list[Row]]
    before: tuple[ClaimOfCase, ...] = ()
    tables: Mapping[str, list[Row]] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """How many claims stand in the file."""
        return self.times + sum(each.size for each in self.before)

    def copies(self) -> Iterator[Mapping[Level, list[Row]]]:
        """The rows of each claim in the file, in order."""
        for earlier in self.before:
            yield from earlier.copies()
        for _ in range(self.times):
            yield self.frames


@cache
def _base(form: str) -> Mapping[str, Any]:
    return read_mapping(base_claims()[form], f"rulebook/base/{form}.yaml")


def clean_claim(form: str) -> ClaimBatch:
    """The clean base claim of a form, as a batch of one."""
    return batch_of_cases([_made(form, {}, ("P", "I", "D"))])[0]


def claims_of_cases(cases: Iterable[tuple[Rule, Case]]) -> ClaimBatch:
    """One claim for each case, numbered from 1, without the claims that precede it in its file.

    Raises:
        CaseError: a case has a field that its level does not have, or a value of the wrong type.
    """
    return batch_of_cases([replace(claim_of_case(rule, case), times=1, before=()) for rule, case in cases])[0]


def claim_of_case(rule: Rule, case: Case) -> ClaimOfCase:
    """The claim that a case of a rule states.

    Raises:
        CaseError: it has a field that its level does not have, or a value of the wrong type.
    """
    try:
        return _made(str(case.given.get("form", rule.forms[0])), case.given, rule.forms)
    except CaseError as refused:
        raise CaseError(f"case {case.name!r}: {refused}") from None


def _made(form: str, given: Mapping[str, Any], forms: Iterable[str]) -> ClaimOfCase:
    if form not in base_claims() or (form not in forms and given):
        raise CaseError(f"form {form} is not one of the rule's")
    levels = {
        level.value: level for level in Level if level not in {Level.CLAIM, Level.TRANSACTION, Level.SEGMENT}
    }
    unknown = set(given) - _SETTINGS - set(levels) - {"claim"}
    if unknown:
        raise CaseError(f"{', '.join(sorted(unknown))} is not a key of a case")
    base = _base(form)
    claim = {"form": form, **base["claim"], **_mapping(given.get("claim"))}
    frames: dict[Level, list[Row]] = {}
    for name, level in levels.items():
        rows = given.get(name, base.get(name, []))
        if not isinstance(rows, list):
            raise CaseError(f"{name} is not a list")
        frames[level] = [_row(level, number, row, base) for number, row in enumerate(rows, start=1)]
    if "total_charge" not in _mapping(given.get("claim")):
        claim["total_charge"] = sum(
            (Decimal(str(row.get("line_charge") or 0)) for row in frames[Level.LINE]), Decimal()
        )
    frames[Level.CLAIM] = [claim]
    before = given.get("before", [])
    if not isinstance(before, list):
        raise CaseError("before is not a list")
    times = given.get("times", 1)
    if type(times) is not int or times < 1:
        raise CaseError("times is not a number of claims")
    as_of = given.get("as_of") or base["claim_day"] + _AGE_OF_CASES
    if type(as_of) is not date:
        raise CaseError("as_of is not a day; write it as 2026-01-31")
    made = ClaimOfCase(
        as_of,
        times,
        {level: [_typed(level, row) for row in rows] for level, rows in frames.items()},
        tuple(_made(form, _mapping(earlier), forms) for earlier in before),
        _tables(_mapping(given.get("reference"))),
    )
    if made.size > _MOST_TIMES:
        raise CaseError(f"more than {_MOST_TIMES:,} claims in one file")
    return made


def _tables(given: Mapping[str, Any]) -> dict[str, list[Row]]:
    """The reference data that a case states, with the column types of the dataset."""
    for name, rows in given.items():
        if name not in datasets():
            raise CaseError(f"{name} is not a reference dataset")
        columns = dataset(name).schema
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise CaseError(f"reference: {name} is not a list of rows")
        for column in {column for row in rows for column in row}:
            if column not in columns:
                raise CaseError(f"reference: {column} is not a column of {name}")
            try:
                pl.DataFrame([row.get(column) for row in rows], schema={column: columns[column]})
            except (TypeError, pl.exceptions.PolarsError):
                raise CaseError(f"reference: {column} of {name} is not {columns[column]}") from None
    return dict(given)


def _mapping(value: Any) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise CaseError("not a mapping of fields to values")
    return value


def _row(level: Level, number: int, given: Any, base: Mapping[str, Any]) -> Row:
    """One row of a level below the claim, with default keys filled in."""
    if level is Level.DIAGNOSIS and isinstance(given, str):
        given = {"diagnosis": given}
    row = dict(_mapping(given))
    if level is Level.LINE:
        row = {**base["lines"][0], **row}
        row.setdefault("line", number)
    elif level is Level.DIAGNOSIS:
        row.setdefault("diagnosis_qualifier", "ABK" if number == 1 else "ABF")
    elif level is Level.OTHER_PAYER:
        row.setdefault("other_payer", number)
    elif level is Level.ADJUDICATION:
        row.setdefault("line", 1)
        row.setdefault("adjudication", 1)
    elif level is Level.ADJUSTMENT:
        row.setdefault("line", None)
        row.setdefault("other_payer" if row["line"] is None else "adjudication", 1)
    if "position" in KEYS[level]:
        row.setdefault("position", number)
    return row


def _typed(level: Level, row: Row) -> Row:
    known = schema(level)
    typed: Row = {}
    for name, value in row.items():
        if name not in known:
            raise CaseError(f"{name} is not a field of the level {level.value}")
        typed[name] = value if value is None else _value(level, name, value)
    return typed


def _value(level: Level, name: str, value: Any) -> Any:
    kind = Kind.INTEGER if name in KEYS[level] and name != "form" else None
    if kind is None:
        kind = Kind.CODE if name == "form" else field_named(name).kind
    if kind in {Kind.TEXT, Kind.CODE, Kind.TIME}:
        good, do = isinstance(value, str), "quote it"
    elif kind is Kind.DATE:
        good, do = type(value) is date, "write it as 2026-01-31"
    elif kind is Kind.INTEGER:
        good, do = type(value) is int, "write a whole number"
    else:
        good, do = _fits(value), "write a number"
        if good:
            return Decimal(str(value))
    if not good:
        raise CaseError(f"{name} is not {kind.value}; {do}")
    return value


def _fits(value: Any) -> bool:
    """Whether a value is a number that a decimal column can hold."""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return False
    exponent = number.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -_MOST_DIGITS and number.adjusted() < _MOST_DIGITS


def batch_of_cases(claims: list[ClaimOfCase]) -> tuple[ClaimBatch, pl.Series]:
    """The claims as one batch, numbered from 1, and the list position of each claim's case."""
    rows: dict[Level, list[Row]] = {level: [] for level in Level}
    of_case: list[int] = []
    for number, claim in enumerate(claims):
        for frames in claim.copies():
            of_case.append(number)
            for level, stated in frames.items():
                rows[level].extend({**row, "claim": len(of_case)} for row in stated)
    columns = {level: _frame(level, entries) for level, entries in rows.items() if entries}
    return ClaimBatch.of(columns), pl.Series(of_case, dtype=pl.Int64)


def _frame(level: Level, rows: list[Row]) -> pl.DataFrame:
    given = {name for row in rows for name in row}
    types = {name: dtype for name, dtype in schema(level).items() if name in given}
    columns: Iterator[tuple[str, pl.DataType]] = iter(types.items())
    return pl.DataFrame(
        {name: pl.Series([row.get(name) for row in rows], dtype=dtype) for name, dtype in columns}
    )
