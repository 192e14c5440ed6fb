"""Measures time by rule over the claims of a file, separately for the predicate and for the columns it reads.

Each predicate runs alone over a frame of the columns that it reads, alternating with a trivial predicate
over the same frame; the difference of the medians is the time of the predicate. The computation of the
columns (derived names, column functions, pairs of lines) is timed separately, from scratch for every
rule. A check computes them once for all rules, so its total is less than the sum of these times.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from claimwright.domain.batch import ClaimBatch
from claimwright.domain.derived import Facts, facts
from claimwright.domain.dictionary import Form
from claimwright.engines.rules import Lifecycle, Rule, RuleBook, RuleEngine
from claimwright.engines.rules.names import LEVELS, PAIR
from claimwright.engines.rules.pairs import Neighbours, Pairs
from claimwright.engines.rules.scan import Scan, connect
from claimwright.features.reference_data import reference_snapshot
from claimwright.foundation import clock

DEFAULT_RUNS = 5
# True of no row, but DuckDB can't know it in advance: it must evaluate every row.
_NOTHING = "row = 4294967295"


@dataclass(frozen=True, slots=True)
class RuleTime:
    """The cost of one rule, in seconds over the whole batch.

    Attributes:
        predicate: its predicate, in addition to a trivial one over the same frame.
        columns: computing the columns that it reads, from scratch.
        rows: the number of rows on which it was evaluated.
        fired: the number of rows on which it fires.
    """

    rule: Rule
    predicate: float
    columns: float
    rows: int
    fired: int


@dataclass(frozen=True, slots=True)
class Profile:
    """Time by rule, slowest first. `together` is the time of a check with all the rules together."""

    claims: int
    lines: int
    runs: int
    together: float
    empty: float
    times: tuple[RuleTime, ...]

    @property
    def predicates(self) -> float:
        """Seconds of all predicates, one after the other."""
        return sum(time.predicate for time in self.times)


def profile(
    batch: ClaimBatch,
    rules: Sequence[Rule],
    *,
    as_of: date,
    runs: int = DEFAULT_RUNS,
    progress: Callable[[int], None] = lambda _done: None,
    seconds: Callable[[], float] = clock.seconds,
) -> Profile:
    """The time of each rule over a batch: the medians of `runs` runs.

    `progress` is called after each rule with the number of finished rules. `seconds` is the
    clock, replaced in tests.
    """
    together = _median(runs, lambda: _evaluate(batch, rules, as_of), seconds)
    known = facts(batch, as_of=as_of)
    empties: list[float] = []
    times: list[RuleTime] = []
    for number, rule in enumerate(rules, start=1):
        timed = _time(batch, known, rule, as_of, runs, seconds)
        if timed is not None:
            time, empty = timed
            times.append(time)
            empties.append(empty)
        progress(number)
    times.sort(key=lambda time: (-time.predicate, time.rule.code))
    return Profile(
        len(batch),
        batch.lines.height,
        runs,
        together,
        statistics.median(empties) if empties else 0.0,
        tuple(times),
    )


def _evaluate(batch: ClaimBatch, rules: Sequence[Rule], as_of: date) -> Callable[[], object]:
    engine = RuleEngine(RuleBook(tuple(rules)), lifecycles=tuple(Lifecycle), reference=reference_snapshot)
    engine.evaluate(batch, as_of=as_of)  # plans its statements
    return lambda: engine.evaluate(batch, as_of=as_of)


def _time(
    batch: ClaimBatch, known: Facts, rule: Rule, as_of: date, runs: int, seconds: Callable[[], float]
) -> tuple[RuleTime, float] | None:
    """The time of a rule and of a trivial predicate in its place; None if the batch has no such row."""
    forms = "".join(form for form in Form if form in set(batch.claims["form"].unique().to_list()))
    if not set(forms) & set(rule.forms) or not known.height(LEVELS[rule.level].level):
        return None
    with connect() as connection:
        scan = Scan(connection, "timed", rule.level, [rule], forms)
        empty_rule = replace(rule, predicate=replace(rule.predicate, sql=_NOTHING))
        empty_scan = Scan(connection, "untimed", rule.level, [empty_rule], forms)
        read = _columns(known, rule, scan)
        rows = len(read[0])
        if not rows:
            return None
        fired, _, _ = scan.fired(read)
        empty_scan.fired(read)
        ours, empties = [], []
        # Alternating, so that other load on the machine affects both equally.
        for _ in range(runs):
            ours.append(_once(lambda: scan.fired(read), seconds))
            empties.append(_once(lambda: empty_scan.fired(read), seconds))
        columns = statistics.median(
            _once(lambda: _columns(facts(batch, as_of=as_of), rule, scan), seconds) for _ in range(runs)
        )
    empty = statistics.median(empties)
    spent = max(0.0, statistics.median(ours) - empty)
    return RuleTime(rule, spent, columns, rows, len(fired)), empty


def _columns(known: Facts, rule: Rule, scan: Scan) -> list[pl.Series]:
    """The columns that a scan of one rule reads, prepared as the engine does."""
    at = LEVELS[rule.level].level
    pairs = Pairs(Neighbours(known), rule.pair_on) if rule.level == PAIR else None

    def column(name: str) -> pl.Series:
        return known.column(at, name) if pairs is None else pairs.column(name)

    snapshot = reference_snapshot(known.as_of)
    answers = (lookup.answer(snapshot, [column(name) for name in lookup.names]) for lookup in scan.lookups)
    return [*(column(name) for name in scan.names), *answers]


def _median(runs: int, prepare: Callable[[], Callable[[], object]], seconds: Callable[[], float]) -> float:
    work = prepare()
    return statistics.median(_once(work, seconds) for _ in range(runs))


def _once(work: Callable[[], object], seconds: Callable[[], float]) -> float:
    began = seconds()
    work()
    return seconds() - began
