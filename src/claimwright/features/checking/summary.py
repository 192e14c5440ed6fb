"""Totals of a check, accumulated block by block."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

import polars as pl


@dataclass
class Tally:
    """Totals of a rule or fault: findings, claims, dollars at stake.

    Waived findings are counted only in `waived`.
    """

    severity: str
    findings: int = 0
    claims: int = 0
    amount: Decimal = Decimal(0)
    waived: int = 0


@dataclass
class Summary:
    """Totals of a check. Money is exact."""

    claims: int = 0
    lines: int = 0
    clean: int = 0
    by_status: dict[str, int] = field(default_factory=lambda: {"block": 0, "warn": 0, "note": 0})
    charged: Decimal = Decimal(0)
    expected: Decimal = Decimal(0)
    unpriced_lines: int = 0
    unpriced: dict[str, int] = field(default_factory=dict)
    charge_blocked: Decimal = Decimal(0)
    tallies: dict[str, Tally] = field(default_factory=dict)

    def add(self, outcomes: pl.DataFrame, findings: pl.DataFrame, prices: pl.DataFrame) -> None:
        """Count a block more."""
        self.claims += outcomes.height
        self.lines += int(outcomes["lines"].sum())
        status = outcomes["status"].cast(pl.String)
        self.clean += int(status.is_null().sum())
        for name, count in status.drop_nulls().value_counts().iter_rows():
            self.by_status[name] += count
        self.charged += _total(outcomes["total_charge"])
        self.expected += _total(outcomes["expected"])
        self.charge_blocked += _total(outcomes.filter(status == "block")["total_charge"])
        unpriced = prices.filter(pl.col("allowed").is_null())
        self.unpriced_lines += unpriced.height
        for reason, count in unpriced["basis"].cast(pl.String).value_counts().iter_rows():
            self.unpriced[reason] = self.unpriced.get(reason, 0) + count
        for code, severity, count in (
            findings.filter(pl.col("waiver").is_not_null())
            .group_by("code")
            .agg(pl.col("severity").first().cast(pl.String), pl.len())
            .iter_rows()
        ):
            self.tallies.setdefault(code, Tally(severity)).waived += count
        # Dollars at stake are counted once per claim and code, even with several findings.
        standing = findings.filter(pl.col("waiver").is_null())
        places = standing.group_by("code", "claim", "line").agg(
            pl.col("severity").first(), pl.len(), pl.col("amount").max()
        )
        grouped = places.group_by("code").agg(
            pl.col("severity").first().cast(pl.String),
            pl.col("len").sum(),
            pl.col("claim").drop_nulls().n_unique(),
            pl.col("amount").sum(),
        )
        for code, severity, count, claims, amount in grouped.iter_rows():
            tally = self.tallies.setdefault(code, Tally(severity))
            tally.findings += count
            tally.claims += claims
            tally.amount += amount or Decimal(0)

    @property
    def findings(self) -> int:
        """All findings that are not waived, of claims and of files."""
        return sum(tally.findings for tally in self.tallies.values())

    @property
    def waived(self) -> int:
        """The number of waived findings."""
        return sum(tally.waived for tally in self.tallies.values())

    @property
    def clean_rate(self) -> float:
        """Share of claims without unwaived findings; 0 if there are no claims."""
        return self.clean / self.claims if self.claims else 0.0

    def worst(self) -> str | None:
        """The highest severity of unwaived findings: `block`, `warn` or `note`; None if there are none."""
        present = {tally.severity for tally in self.tallies.values() if tally.findings}
        return next((severity for severity in ("block", "warn", "note") if severity in present), None)

    def sentence(self) -> str:
        """The summary in one line."""
        waived = f"; {self.waived:,} findings waived" if self.waived else ""
        return (
            f"{self.claims:,} claims, {self.lines:,} lines, {self.clean_rate:.1%} clean; "
            f"charged ${self.charged:,.2f}, expected ${self.expected:,.2f}{waived}"
        )


def _total(amounts: pl.Series) -> Decimal:
    return Decimal(amounts.sum() or 0)
