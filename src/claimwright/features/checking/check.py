"""The check: structural findings, rule findings and prices of a batch, combined per claim."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from threading import Lock
from typing import TypeVar

import polars as pl

from claimwright.domain import findings as found
from claimwright.domain.batch import ClaimBatch
from claimwright.domain.derived import Facts, SeenClaims, facts
from claimwright.engines.pricing import Pricer
from claimwright.engines.rules import RuleBook, RuleEngine, Waiver, load_rulebook
from claimwright.engines.signals import Signal, Tallies, load_signals
from claimwright.engines.x12 import ClaimBlock, Reading, SourceFiles
from claimwright.features.reference_data import reference_snapshot
from claimwright.foundation import clock
from claimwright.foundation.overlap import Leg, Relay, spread
from claimwright.reference import Snapshot
from claimwright.reference.loaded_schedules import fee_schedules_of

from .as_written import structural_of
from .outcomes import OUTCOMES, outcomes
from .summary import Summary
from .waived_signals import waived_signals

T = TypeVar("T")


@dataclass(frozen=True)
class Checked:
    """The result of checking a batch. `outcomes` has one row per claim; see `outcomes.OUTCOMES`.

    `status` is the highest severity of the findings that are not waived; null for a clean claim. `findings`
    counts all findings, `waived` those that a waiver covers. `expected` is the sum of the expected allowed
    amounts of the lines; null if no line has a price. `files` names the source file of each claim, if known.
    """

    batch: ClaimBatch
    findings: pl.DataFrame
    prices: pl.DataFrame
    outcomes: pl.DataFrame
    files: SourceFiles | None = None


class Checker:
    """Rules, prices and the state of a file so far; checks batch after batch."""

    def __init__(
        self,
        *,
        as_of: datetime.date | None = None,
        rulebook: RuleBook | None = None,
        pricer: Pricer | None = None,
        waivers: Iterable[Waiver] = (),
        reference: Snapshot | None = None,
        signals: Iterable[Signal] | None = None,
    ) -> None:
        """Create a checker. Defaults: today, the rulebook, Medicare's prices, your reference data.

        `signals` are the signals over all claims together; by default the built-in ones.
        """
        self.as_of = as_of or clock.today()
        self.reference = reference or reference_snapshot(self.as_of)
        self.rulebook = rulebook or load_rulebook()
        self.pricer = pricer or Pricer.default(fee_schedules_of(self.reference))
        self.waivers = tuple(waivers)
        self.waiver_owners = {waiver.id: waiver.owner for waiver in self.waivers}
        """The owner of each waiver, by the waiver's id."""
        self.seen = SeenClaims()
        self.tallies = Tallies(load_signals() if signals is None else tuple(signals))
        """The counts of the checked claims, for signals."""
        self.undecided: dict[str, str] = {}
        """Rules that failed on some value, and why."""
        self._engines: dict[int | None, RuleEngine] = {}
        self._making = Lock()

    def check(
        self,
        batch: ClaimBatch,
        structural: pl.DataFrame | None = None,
        *,
        seen: SeenClaims | None = None,
        threads: int | None = None,
    ) -> Checked:
        """Findings, prices and outcomes of a batch; `structural` are the findings from reading it.

        `seen` is used to count duplicates instead of the checker's own state. With it, several threads can
        check concurrently, each with `threads` threads for its rules, and `conclude` does not include the
        batch.
        """
        known = facts(batch, as_of=self.as_of, seen=seen or self.seen)
        return self._check(known, structural, threads=threads, tallied=seen is None)

    def priced(self, batch: ClaimBatch, findings: pl.DataFrame) -> Checked:
        """The result for a batch with the findings of an earlier check: priced again, but no rule is run."""
        prices = self.pricer.price(batch.claims, batch.lines)
        return Checked(batch, findings, prices, outcomes(batch, findings, prices))

    def check_readings(self, readings: Iterable[Reading]) -> Iterator[Checked]:
        """Check blocks that are already read, several at a time; results come in order."""
        return self._spread(readings, lambda reading: reading)

    def check_blocks(self, blocks: Iterable[ClaimBlock]) -> Iterator[Checked]:
        """Read and check blocks, several at a time; results come in order. The batches have no `segments`."""
        return self._spread(blocks, lambda block: block.reading(verbatim=False, with_envelope=False))

    def _spread(self, blocks: Iterable[T], read: Callable[[T], Reading]) -> Iterator[Checked]:
        """Each block is read and checked in one thread; only duplicates are counted sequentially."""
        turns = Relay(self.seen)

        def work(taken: tuple[T, Leg[SeenClaims]]) -> Checked:
            block, turn = taken
            reading = turn.guarded(lambda: read(block))
            known = facts(reading.batch, as_of=self.as_of)
            turn.run(lambda seen: (known.count_occurrences(seen), seen))
            return self._check(known, reading.findings, threads=1, tallied=True, files=reading.files)

        return spread(work, ((block, turns.leg()) for block in blocks))

    def conclude(self) -> Checked:
        """Findings about all claims together, after the last batch: notes that do not belong to a single
        claim.
        """
        told = waived_signals(self.tallies.findings(as_of=self.as_of), self.waivers, as_of=self.as_of)
        batch = ClaimBatch()
        prices = self.pricer.price(batch.claims, batch.lines)
        return Checked(batch, told, prices, pl.DataFrame(schema=OUTCOMES))

    def _check(
        self,
        known: Facts,
        structural: pl.DataFrame | None,
        *,
        threads: int | None,
        tallied: bool,
        files: SourceFiles | None = None,
    ) -> Checked:
        batch = known.batch
        ruled = self._engine(threads).judge(known, self.waivers)
        if tallied:
            self.tallies.add(known)
        known.forget()
        for fault in ruled.faults:
            # A rule that fails on data is our bug, not the claim's fault: it is reported once and never stops
            # a check.
            self.undecided.setdefault(fault.rule, fault.what)
        parts = [ruled.findings] if structural is None else [structural, ruled.findings]
        findings = found.concat(parts)
        prices = self.pricer.price(batch.claims, batch.lines)
        return Checked(batch, findings, prices, outcomes(batch, findings, prices), files)

    def _engine(self, threads: int | None) -> RuleEngine:
        """The engine whose scans use this number of threads; created at the first call, while other callers
        wait.
        """
        with self._making:
            if threads not in self._engines:
                self._engines[threads] = RuleEngine(
                    self.rulebook, threads=threads, reference=lambda _: self.reference
                )
            return self._engines[threads]


@dataclass(frozen=True)
class CheckResult:
    """The result of checking a whole batch, with tables that a notebook displays."""

    claims: pl.DataFrame
    findings: pl.DataFrame
    prices: pl.DataFrame
    summary: Summary
    rulebook: RuleBook
    reference: Snapshot

    def worst(self, count: int = 20) -> pl.DataFrame:
        """The worst claims: highest severity first, then by dollars."""
        return worst_first(self.claims).head(count)

    def _repr_html_(self) -> str:
        """The summary and the worst claims."""
        html: str = self.worst()._repr_html_()
        return f"<p>{self.summary.sentence()}</p>{html}<p>{self.reference.sentence()}</p>"


def worst_first(claims: pl.DataFrame) -> pl.DataFrame:
    """Outcomes ordered by severity, then dollars."""
    return claims.sort(
        "status", "total_charge", "claim", descending=[True, True, False], nulls_last=[True, True, False]
    )


def check(
    batch: ClaimBatch,
    *,
    as_of: datetime.date | None = None,
    rulebook: RuleBook | None = None,
    pricer: Pricer | None = None,
    waivers: Iterable[Waiver] = (),
    reference: Snapshot | None = None,
) -> CheckResult:
    """Check a batch against the rulebook and price it.

    `as_of` is the evaluation date, today by default. Timely filing and future dates depend on it, and for
    claims without a date, so do the rules in force. `reference` is the reference data to use; by default that
    of the package and your own versions. Findings without a claim are signals over all claims (see
    docs/signals.md), or are about the file.

    Claims read from an 837 already have structural findings (`ClaimBatch.structural`). Other claims are
    written as an 837, and this is checked.
    """
    checker = Checker(as_of=as_of, rulebook=rulebook, pricer=pricer, waivers=waivers, reference=reference)
    structural = batch.structural if batch.structural is not None else structural_of(batch)
    checked = checker.check(batch, structural)
    findings = found.concat([checked.findings, checker.conclude().findings])
    summary = Summary()
    summary.add(checked.outcomes, findings, checked.prices)
    return CheckResult(
        checked.outcomes, findings, checked.prices, summary, checker.rulebook, checker.reference
    )
