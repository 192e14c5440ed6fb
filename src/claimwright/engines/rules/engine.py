"""The rule engine: from a batch and a rulebook to findings. The batch is never changed.

    engine = RuleEngine(load_rulebook())
    evaluation = engine.evaluate(batch, as_of=date(2026, 11, 22))
    evaluation.findings        # the frame of claimwright.domain.findings
    evaluation.faults          # predicates that failed on data, by rule

An engine has a DuckDB database with prepared statements: create one engine and use it for every block.
Several threads can evaluate concurrently; they take turns at each scan. Blocks that are evaluated in several
threads must count their duplicates first, in order (`Facts.count_occurrences`).
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from threading import Lock
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt
import polars as pl

from claimwright.domain.batch import ClaimBatch
from claimwright.domain.derived import ABOVE, Facts, SeenClaims, facts
from claimwright.domain.dictionary import DICTIONARY, Form, Level
from claimwright.domain.findings import SCHEMA, empty
from claimwright.foundation.columns import as_index, gathered, nulls, present, taken
from claimwright.reference import Snapshot, snapshot

from .book import RuleBook
from .lookup_cache import Answers
from .names import LEVELS, PAIR
from .pairs import Neighbours, Pairs
from .rule import Lifecycle, Rule
from .scan import Fault, Scan, closing, connect
from .waivers import Waiver, waived

Numbers = npt.NDArray[np.uint32]
# Level, the fields in which two lines must agree, and the rules.
Group = tuple[str, tuple[str, ...], list[Rule]]


class PredicateWarning(RuntimeWarning):
    """A predicate failed on a value of some claim; the rule was not evaluated there."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The findings of the rules, and the rules that failed on data."""

    findings: pl.DataFrame
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class _Asked:
    """A scan, and the columns of a block that it reads: of the rows of a level, or of pairs of lines."""

    at: Level
    pairs: Pairs | None
    scan: Scan
    columns: list[pl.Series]


class RuleEngine:
    """The rules of a book, ready to run over one block after another."""

    def __init__(
        self,
        rulebook: RuleBook,
        *,
        lifecycles: Sequence[Lifecycle] = (Lifecycle.STABLE,),
        threads: int | None = None,
        reference: Callable[[date], Snapshot] = snapshot,
    ) -> None:
        """Create an engine for some rules.

        `threads` is the number of threads for large scans, by default one per processor; a caller that
        evaluates several batches concurrently should use fewer. `reference` returns the reference data as of
        a day; by default the package's data.
        """
        self.rules = rulebook.of(*lifecycles)
        self._reference = cache(reference)
        self._connection = connect(threads)
        closing(self, self._connection)
        self._scans: dict[tuple[str, tuple[str, ...], str], Scan] = {}
        self._adding = Lock()
        self._catalogue = _catalogue(self.rules)
        self._ordinal = {rule.code: number for number, rule in enumerate(self.rules)}
        grouped: dict[tuple[str, tuple[str, ...]], list[Rule]] = {}
        for rule in self.rules:
            grouped.setdefault((rule.level, rule.pair_on), []).append(rule)
        groups: list[Group] = [(level, agree_on, rules) for (level, agree_on), rules in grouped.items()]
        # The columns of all levels are computed first and then scanned one after another, while DuckDB's code
        # is still in the processor's caches. Columns of pairs are large and are freed before the next scan.
        self._rounds: list[list[Group]] = [
            [group for group in groups if group[0] != PAIR],
            *([group] for group in groups if group[0] == PAIR),
        ]

    def evaluate(
        self,
        batch: ClaimBatch,
        *,
        as_of: date,
        seen: SeenClaims | None = None,
        scope: pl.Series | None = None,
        waivers: Sequence[Waiver] = (),
    ) -> Evaluation:
        """The findings of the rules in a batch, by claim, line and code.

        `as_of` is the evaluation date. `seen` passes the claims of earlier blocks of the same file from call
        to call, so that duplicates are found across blocks; claims with a different `scope` are not
        duplicates.
        """
        return self.judge(facts(batch, as_of=as_of, seen=seen, scope=scope), waivers)

    def judge(self, known: Facts, waivers: Sequence[Waiver] = ()) -> Evaluation:
        """The findings in a batch whose facts are partly computed; see `evaluate`."""
        batch = known.batch
        if not len(batch) or not self.rules:
            return Evaluation(empty())
        forms = "".join(form for form in Form if (batch.claims["form"] == form.value).any())
        answers, neighbours = Answers(known, self._reference(known.as_of)), Neighbours(known)
        parts: list[pl.DataFrame] = []
        faults: list[Fault] = []
        for groups in self._rounds:
            parts += self._round(answers, neighbours, groups, forms, faults)
        if not parts:
            return Evaluation(empty(), tuple(faults))
        findings = pl.concat(parts).sort("claim", "line", "code", "detail", nulls_last=False)
        return Evaluation(waived(findings, batch, waivers, as_of=known.as_of), tuple(faults))

    def _round(
        self,
        answers: Answers,
        neighbours: Neighbours,
        groups: Sequence[Group],
        forms: str,
        faults: list[Fault],
    ) -> list[pl.DataFrame]:
        """The findings of some groups of rules, one frame per group; failures are appended to `faults`."""
        asked = [self._asked(answers, neighbours, *group, forms) for group in groups]
        scanned = [(each, each.scan.fired(each.columns)) for each in asked if each]
        parts = []
        for each, (rows, hits, failed) in scanned:
            faults += failed
            if len(rows):
                rules_hit, at_rows = np.nonzero(hits.T)
                ordinals = np.array([self._ordinal[rule.code] for rule in each.scan.rules], dtype=np.uint32)
                of_rule = ordinals[rules_hit]
                parts.append(self._findings(answers.known, each.at, rows[at_rows], of_rule, each.pairs))
        return parts

    def _asked(
        self,
        answers: Answers,
        neighbours: Neighbours,
        level: str,
        agree_on: tuple[str, ...],
        rules: list[Rule],
        forms: str,
    ) -> _Asked | None:
        """The scan of some rules of a level with the columns that it reads; None if there are no rows."""
        known, at = answers.known, LEVELS[level].level
        if not known.height(at):
            return None
        applicable = [rule for rule in rules if set(forms) & set(rule.forms) or len(rule.forms) == len(Form)]
        if not applicable:
            return None
        pairs = Pairs(neighbours, agree_on) if level == PAIR else None
        if pairs is not None and not len(pairs):
            return None
        scan = self._scan(level, agree_on, applicable, forms)
        if pairs is None:
            named = [known.column(at, name) for name in scan.names]
            answered = [answers.of(at, lookup) for lookup in scan.lookups]
        else:
            named = [pairs.column(name) for name in scan.names]
            answered = [answers.of_pairs(pairs, lookup) for lookup in scan.lookups]
        return _Asked(at, pairs, scan, [*named, *answered])

    def _scan(self, level: str, agree_on: tuple[str, ...], rules: Sequence[Rule], forms: str) -> Scan:
        key = level, agree_on, forms
        with self._adding:
            scan = self._scans.get(key)
            if scan is None:
                scan = Scan(self._connection, f"scan_{len(self._scans)}", level, rules, forms)
                self._scans[key] = scan
            return scan

    def _findings(
        self, known: Facts, at: Level, rows: Numbers, ordinals: Numbers, pairs: Pairs | None
    ) -> pl.DataFrame:
        if pairs is None:
            index = pl.Series(rows)
            detail = _position(known, at, index)
        else:
            second = gathered(known.column(Level.LINE, "line"), pairs.second[rows])
            detail = _worded("with line ", second)
            index = as_index(pairs.first[rows])

        def of(name: str) -> pl.Series:
            return gathered(known.column(at, name), index)

        line, amount = nulls(len(rows), pl.Int32()), of("total_charge")
        if at is Level.LINE or Level.LINE in ABOVE[at]:
            line = of("line")
            amount = of("line_charge").zip_with(pl.Series(present(line)), amount)
        form, place = of("form"), np.full(len(rows), 3, dtype=np.uint32)
        for number, letter in enumerate(Form):
            place[(form == letter.value).to_numpy()] = number
        stated = taken(self._catalogue, ordinals * 4 + place)
        columns = {
            **stated.to_dict(),
            "claim": of("claim"),
            "line": line,
            "segment": of("first_segment"),
            "detail": detail,
            "amount": amount,
            "waiver": nulls(len(rows), pl.String()),
        }
        return pl.DataFrame({name: columns[name] for name in SCHEMA})


_POSITIONS = {
    Level.DIAGNOSIS: ("position", "diagnosis "),
    Level.PROCEDURE: ("position", "procedure "),
    Level.INSTITUTIONAL_CODE: ("position", "code "),
    Level.OTHER_PAYER: ("other_payer", "other payer "),
    Level.ADJUDICATION: ("adjudication", "adjudication "),
    Level.ADJUSTMENT: ("position", "adjustment "),
    Level.ATTACHMENT: ("position", "attachment "),
    Level.NOTE: ("position", "note "),
    Level.CERTIFICATION: ("position", "certification "),
    Level.TOOTH: ("position", "tooth "),
}


def _position(known: Facts, at: Level, rows: pl.Series) -> pl.Series:
    """The row that a finding is about, in words; null for a claim or a line, which have their own columns."""
    if at not in _POSITIONS:
        return nulls(len(rows), pl.String())
    name, word = _POSITIONS[at]
    return _worded(word, gathered(known.column(at, name), rows))


def _worded(word: str, numbers: pl.Series) -> pl.Series:
    """The word followed by each number. For the few findings, this is faster than an expression."""
    return pl.Series([None if each is None else f"{word}{each}" for each in numbers], dtype=pl.String)


# A locator of the dictionary; an element that repeats or is found by its qualifier has no single number.
_LOCATOR = re.compile(
    r"(?P<loop>\w+)(?:\[\w+\])?/(?P<segment>[A-Z][A-Z0-9]*?)(?:\[[^\]]*\])?(?:(?P<element>\d\d(?:-\d+)?)|nn(?:-\d+)?|[A-Z]{2})(?:\.\w+)?"
)


def _catalogue(rules: Sequence[Rule]) -> pl.DataFrame:
    """The columns of a finding that come from its rule: four rows per rule, one per form and one for none."""
    places = {entry.name: entry for entry in DICTIONARY}
    rows = []
    for rule in rules:
        field = places.get(rule.fields[0]) if rule.fields else None
        for form in (*Form, ""):
            place = field.locator(form) if field and form else None
            found = _LOCATOR.fullmatch(place) if place else None
            loop, segment, element = (
                found.group("loop", "segment", "element") if found else (None, None, None)
            )
            first = rule.fields[0] if rule.fields else None
            place = f"{segment}{element}" if element else None
            rows.append((rule.code, rule.severity.value, rule.snip, first, loop, segment, place))
    names = ("code", "severity", "snip", "field", "loop", "segment_id", "element")
    return pl.DataFrame(rows, schema={name: SCHEMA[name] for name in names}, orient="row")


_ENGINES: WeakKeyDictionary[RuleBook, RuleEngine] = WeakKeyDictionary()


def evaluate(
    batch: ClaimBatch,
    rulebook: RuleBook,
    *,
    as_of: date,
    seen: SeenClaims | None = None,
    waivers: Sequence[Waiver] = (),
) -> pl.DataFrame:
    """The findings of a rulebook's stable rules in a batch; see `RuleEngine.evaluate`.

    Warns with `PredicateWarning` if a rule failed on some value.
    """
    engine = _ENGINES.get(rulebook)
    if engine is None:
        engine = _ENGINES[rulebook] = RuleEngine(rulebook)
    evaluation = engine.evaluate(batch, as_of=as_of, seen=seen, waivers=waivers)
    for fault in evaluation.faults:
        warnings.warn(f"{fault.rule}: {fault.what}", PredicateWarning, stacklevel=2)
    return evaluation.findings
