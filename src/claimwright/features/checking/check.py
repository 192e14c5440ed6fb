"""The check itself: structural findings, rules and prices of a batch, put together claim by claim."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import polars as pl

from claimwright.domain import findings as found
from claimwright.domain.batch import ClaimBatch
from claimwright.domain.derived import SeenClaims
from claimwright.engines.pricing import Pricer
from claimwright.engines.rules import RuleBook, RuleEngine, Waiver, load_rulebook
from claimwright.features.intake import Reading
from claimwright.features.reference_data import reference_snapshot
from claimwright.platform import clock
from claimwright.reference import Snapshot

from .summary import Summary

OUTCOMES: dict[str, pl.DataType] = {
    "claim": pl.Int64(),
    "claim_id": pl.String(),
    "form": pl.String(),
    "payer_name": pl.String(),
    "first_service_on": pl.Date(),
    "status": found.SEVERITY_TYPE,
    "findings": pl.UInt32(),
    "waived": pl.UInt32(),
    "total_charge": pl.Decimal(18, 2),
    "expected": pl.Decimal(18, 2),
    "lines": pl.UInt32(),
    "unpriced_lines": pl.UInt32(),
}


@dataclass(frozen=True)
class Checked:
    """What was found about a batch. `outcomes` has one row a claim; see `OUTCOMES`.

    `status` is the gravest finding that no waiver covers, null for a clean claim. `findings` counts all,
    `waived` those of them that a waiver covers. `expected` is the sum of what the lines should be allowed,
    null where no line has a price.
    """

    batch: ClaimBatch
    findings: pl.DataFrame
    prices: pl.DataFrame
    outcomes: pl.DataFrame


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
    ) -> None:
        """Make a checker; what is left out is today, the rulebook, Medicare's prices, your reference data."""
        self.as_of = as_of or clock.today()
        self.reference = reference or reference_snapshot(self.as_of)
        self.rulebook = rulebook or load_rulebook()
        self.pricer = pricer or Pricer.default()
        self.waivers = tuple(waivers)
        self.waiver_owners = {waiver.id: waiver.owner for waiver in self.waivers}
        """By the id of a waiver, who answers for it."""
        self.seen = SeenClaims()
        self.undecided: dict[str, str] = {}
        """Rules that could not be decided on some value, and why."""
        self._engine = RuleEngine(self.rulebook, reference=lambda _: self.reference)

    def check(self, batch: ClaimBatch, structural: pl.DataFrame | None = None) -> Checked:
        """Findings, prices and outcomes of a batch; `structural` are findings that came with reading it."""
        ruled = self._engine.evaluate(batch, as_of=self.as_of, seen=self.seen, waivers=self.waivers)
        for fault in ruled.faults:
            # A rule that fails on data is our fault, not the claim's: told once, and never stopping a check.
            self.undecided.setdefault(fault.rule, fault.what)
        parts = [ruled.findings] if structural is None else [structural, ruled.findings]
        findings = found.concat(parts)
        prices = self.pricer.price(batch.claims, batch.lines)
        return Checked(batch, findings, prices, outcomes(batch, findings, prices))

    def check_readings(self, readings: Iterable[Reading]) -> Iterator[Checked]:
        """Check what is read, block by block."""
        for reading in readings:
            yield self.check(reading.batch, reading.findings)


def outcomes(batch: ClaimBatch, findings: pl.DataFrame, prices: pl.DataFrame) -> pl.DataFrame:
    """One row a claim, in file order: what it is, how it stands, what it should pay."""
    graded = (
        findings.filter(pl.col("claim").is_not_null())
        .group_by("claim")
        .agg(
            status=pl.col("severity").filter(pl.col("waiver").is_null()).cast(pl.Enum(_GRAVITY)).max(),
            findings=pl.len(),
            waived=pl.col("waiver").count(),
        )
    )
    priced = prices.group_by("claim").agg(
        expected=pl.when(pl.col("allowed").count() > 0).then(pl.col("allowed").sum()),
        lines=pl.len(),
        unpriced_lines=pl.col("allowed").null_count(),
    )
    dates = batch.lines.group_by("claim").agg(first_service_on=pl.col("service_from_on").min())
    claims = batch.claims.select(
        "claim",
        "claim_id",
        "form",
        "payer_name",
        "total_charge",
        "statement_from_on",
        "claim_service_from_on",
    )
    joined = claims
    for part in (graded, priced, dates):
        joined = joined.join(part, on="claim", how="left", maintain_order="left")
    return joined.with_columns(
        pl.col("findings", "waived", "lines", "unpriced_lines").fill_null(0),
        first_service_on=pl.coalesce("first_service_on", "claim_service_from_on", "statement_from_on"),
    ).select(pl.col(name).cast(dtype) for name, dtype in OUTCOMES.items())


_GRAVITY = [severity.value for severity in (found.Severity.NOTE, found.Severity.WARN, found.Severity.BLOCK)]


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
    reference data to judge by, that of the package and your own versions by default.
    """
    checker = Checker(as_of=as_of, rulebook=rulebook, pricer=pricer, waivers=waivers, reference=reference)
    checked = checker.check(batch)
    summary = Summary()
    summary.add(checked.outcomes, checked.findings, checked.prices)
    return CheckResult(
        checked.outcomes, checked.findings, checked.prices, summary, checker.rulebook, checker.reference
    )
