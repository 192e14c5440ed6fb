"""The check itself: structural findings, rules and prices of a batch, put together claim by claim."""

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
    """What was found about a batch. `outcomes` has one row a claim; see `outcomes.OUTCOMES`.

    `status` is the gravest finding that no waiver covers, null for a clean claim. `findings` counts all,
    `waived` those of them that a waiver covers. `expected` is the sum of what the lines should be allowed,
    null where no line has a price. `files` says which file each claim came from, where that was named.
    """

    batch: ClaimBatch
    findings: pl.DataFrame
    prices: pl.DataFrame
    outcomes: pl.DataFrame
    files: SourceFiles | None = None


class Checker:
    """Rules, prices and what was seen of a file so far, ready to check batch after batch."""

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
        """Make a checker; what is left out is today, the rulebook, Medicare's prices, your reference data.

        `signals` are those over all claims together; those that ship where it is left out.
        """
        self.as_of = as_of or clock.today()
        self.reference = reference or reference_snapshot(self.as_of)
        self.rulebook = rulebook or load_rulebook()
        self.pricer = pricer or Pricer.default(fee_schedules_of(self.reference))
        self.waivers = tuple(waivers)
        self.waiver_owners = {waiver.id: waiver.owner for waiver in self.waivers}
        """By the id of a waiver, who answers for it."""
        self.seen = SeenClaims()
        self.tallies = Tallies(load_signals() if signals is None else tuple(signals))
        """What signals count of the claims that the checker has seen."""
        self.undecided: dict[str, str] = {}
        """Rules that could not be decided on some value, and why."""
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
        """Findings, prices and outcomes of a batch; `structural` are findings that came with reading it.

        `seen` counts duplicates in place of the checker's own; with it, several threads may check at once,
        each with so many `threads` for its rules, and the batch is none of those that `conclude` speaks of.
        """
        known = facts(batch, as_of=self.as_of, seen=seen or self.seen)
        return self._check(known, structural, threads=threads, tallied=seen is None)

    def priced(self, batch: ClaimBatch, findings: pl.DataFrame) -> Checked:
        """A batch with the findings that a check made before, priced; no rule is asked again."""
        prices = self.pricer.price(batch.claims, batch.lines)
        return Checked(batch, findings, prices, outcomes(batch, findings, prices))

    def check_readings(self, readings: Iterable[Reading]) -> Iterator[Checked]:
        """Check what is read, several blocks at a time, in their order."""
        return self._spread(readings, lambda reading: reading)

    def check_blocks(self, blocks: Iterable[ClaimBlock]) -> Iterator[Checked]:
        """Read and check blocks, several at a time, in their order. The batches come without `segments`."""
        return self._spread(blocks, lambda block: block.reading(verbatim=False, with_envelope=False))

    def _spread(self, blocks: Iterable[T], read: Callable[[T], Reading]) -> Iterator[Checked]:
        """Each block is read and checked in one thread; only duplicates are counted in turn."""
        turns = Relay(self.seen)

        def work(taken: tuple[T, Leg[SeenClaims]]) -> Checked:
            block, turn = taken
            reading = turn.guarded(lambda: read(block))
            known = facts(reading.batch, as_of=self.as_of)
            turn.run(lambda seen: (known.count_occurrences(seen), seen))
            return self._check(known, reading.findings, threads=1, tallied=True, files=reading.files)

        return spread(work, ((block, turns.leg()) for block in blocks))

    def conclude(self) -> Checked:
        """What only all the claims together show, after the last of them: notes that are of no one claim."""
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
            # A rule that fails on data is our fault, not the claim's: told once, and never stopping a check.
            self.undecided.setdefault(fault.rule, fault.what)
        parts = [ruled.findings] if structural is None else [structural, ruled.findings]
        findings = found.concat(parts)
        prices = self.pricer.price(batch.claims, batch.lines)
        return Checked(batch, findings, prices, outcomes(batch, findings, prices), files)

    def _engine(self, threads: int | None) -> RuleEngine:
        """The engine whose scans take so many threads; whoever asks first has to wait until it is made."""
        with self._making:
            if threads not in self._engines:
                self._engines[threads] = RuleEngine(
                    self.rulebook, threads=threads, reference=lambda _: self.reference
                )
            return self._engines[threads]


@dataclass(frozen=True)
class CheckResult:
    """The check of a whole batch, for a notebook: tables that show themselves."""

    claims: pl.DataFrame
    findings: pl.DataFrame
    prices: pl.DataFrame
    summary: Summary
    rulebook: RuleBook
    reference: Snapshot

    def worst(self, count: int = 20) -> pl.DataFrame:
        """The claims that need somebody most: gravest first, then by dollars."""
        return worst_first(self.claims).head(count)

    def _repr_html_(self) -> str:
        """The summary and the worst claims."""
        html: str = self.worst()._repr_html_()
        return f"<p>{self.summary.sentence()}</p>{html}<p>{self.reference.sentence()}</p>"


def worst_first(claims: pl.DataFrame) -> pl.DataFrame:
    """Outcomes by gravity, then dollars."""
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

    `as_of` is the day on which the claims are judged, today by default: timely filing and future dates
    depend on it, and so do the rules in force where a claim has no date of its own. `reference` is the
    reference data to judge by, that of the package and your own versions by default. Findings without a
    claim are signals that the claims give together (see docs/signals.md), or are of the file.

    Claims that were read from an 837 bring their structural findings along (`ClaimBatch.structural`). Of
    claims that were made in another way the 837 that they would be sent as is checked in their place.
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
