"""A remittance summed up: payments, claims by status, denials by reason, provider adjustments, findings.

Blocks are added one after another, so that memory depends on the payments and codes, not on the claims.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import polars as pl

from claimwright.engines.x12 import BY_CODE, Remittance

from .denied import denied_units

_ZERO = Decimal("0.00")
_PAYMENT_FIELDS = (
    "payment",
    "payer_name",
    "payee_name",
    "payee_npi",
    "payment_amount",
    "payment_method",
    "payment_handling",
    "trace_number",
    "paid_on",
)
_FINDING_FIELDS = ("code", "transaction", "claim", "line", "segment", "segment_id", "element", "detail")
_SEVERITIES = ("note", "warn", "block")


@dataclass
class RemittanceSummary:
    """What a file of remittances says.

    Attributes:
        name: the file's.
        payments: one dict per payment, with the sums of its claims.
        statuses: claim status (CLP02) to claims, charge, paid and patient_responsibility.
        reasons: (group, reason) to rows and amount, of all adjustments.
        denied: (cause, group, reason) to units (lines, or claims as a whole) and dollars denied.
        remarks: remark code to units denied with it.
        largest: the denied units with the most dollars.
        provider_adjustments: reason to rows and amount.
        findings: fault code to its number.
        first_findings: the first findings, with their places.
    """

    name: str = ""
    kept: int = 20
    claims: int = 0
    lines: int = 0
    payments: list[dict[str, Any]] = field(default_factory=list)
    statuses: dict[str, dict[str, Any]] = field(default_factory=dict)
    reasons: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    denied: dict[tuple[str, str, str], dict[str, Any]] = field(default_factory=dict)
    remarks: dict[str, dict[str, Any]] = field(default_factory=dict)
    largest: list[dict[str, Any]] = field(default_factory=list)
    provider_adjustments: dict[str, dict[str, Any]] = field(default_factory=dict)
    findings: dict[str, int] = field(default_factory=dict)
    first_findings: list[dict[str, Any]] = field(default_factory=list)

    def add(self, part: Remittance) -> None:
        """Add a block of the file."""
        for row in part.payments.select(_PAYMENT_FIELDS).iter_rows(named=True):
            self.payments.append({**row, "claims": 0, "charge": _ZERO, "paid": _ZERO, "adjusted": _ZERO})
        first = self.payments[0]["payment"] if self.payments else 0
        self.claims += part.claims.height
        self.lines += part.lines.height
        sums = part.claims.group_by("payment").agg(pl.len().alias("claims"), pl.col("charge", "paid").sum())
        for row in sums.iter_rows(named=True):
            _increase(self.payments[row.pop("payment") - first], row)
        plb = part.provider_adjustments
        for row in plb.group_by("payment").agg(adjusted=pl.col("amount").sum()).iter_rows(named=True):
            _increase(self.payments[row.pop("payment") - first], row)
        _tally(
            self.statuses,
            part.claims.group_by("claim_status").agg(
                pl.len().alias("claims"), pl.col("charge", "paid", "patient_responsibility").sum()
            ),
            ["claim_status"],
        )
        adjusted = part.adjustments.group_by("group", "reason")
        _tally(
            self.reasons, adjusted.agg(pl.len().alias("rows"), pl.col("amount").sum()), ["group", "reason"]
        )
        by_reason = plb.group_by("reason").agg(pl.len().alias("rows"), pl.col("amount").sum())
        _tally(self.provider_adjustments, by_reason, ["reason"])
        self._add_denied(part)
        self._add_findings(part.faults)

    def _add_denied(self, part: Remittance) -> None:
        units = denied_units(part)
        if not units.height:
            return
        keys = ["cause", "group", "reason"]
        _tally(self.denied, units.group_by(keys).agg(pl.len().alias("units"), pl.col("denied").sum()), keys)
        remarks = units.select(pl.col("remarks").list.explode()).drop_nulls()
        _tally(self.remarks, remarks.group_by("remarks").agg(pl.len().alias("units")), ["remarks"])
        largest = units.sort("denied", "segment", descending=[True, False]).head(self.kept)
        names = part.claims.select("claim", "patient_last_name", "patient_first_name")
        largest = largest.join(names, on="claim", how="left", maintain_order="left")
        self.largest = sorted(
            [*self.largest, *largest.to_dicts()], key=lambda row: (-row["denied"], row["segment"])
        )[: self.kept]

    def _add_findings(self, faults: pl.DataFrame) -> None:
        for code, count in faults["code"].value_counts().iter_rows():
            self.findings[code] = self.findings.get(code, 0) + count
        room = self.kept - len(self.first_findings)
        if room > 0:
            self.first_findings += faults.select(_FINDING_FIELDS).head(room).to_dicts()

    @property
    def worst(self) -> str | None:
        """The highest severity of the findings; None without any."""
        ranks = [_SEVERITIES.index(BY_CODE[code].severity) for code in self.findings]
        return _SEVERITIES[max(ranks)] if ranks else None

    def as_dict(self, *, names: bool = False) -> dict[str, Any]:
        """For JSON. Without `names`, those of patients are left out."""
        hidden = () if names else ("patient_last_name", "patient_first_name")
        return {
            "file": self.name,
            "payments": self.payments,
            "claims": self.claims,
            "lines": self.lines,
            "claim_statuses": _listed(self.statuses, ["claim_status"]),
            "adjustments": _listed(self.reasons, ["group", "reason"]),
            "denied": _listed(self.denied, ["cause", "group", "reason"]),
            "denied_remarks": _listed(self.remarks, ["code"]),
            "largest_denied": [
                {name: value for name, value in row.items() if name not in hidden} for row in self.largest
            ],
            "provider_adjustments": _listed(self.provider_adjustments, ["reason"]),
            "findings": [
                {
                    "code": code,
                    "severity": BY_CODE[code].severity,
                    "message": BY_CODE[code].message,
                    "count": count,
                }
                for code, count in sorted(self.findings.items())
            ],
            "first_findings": self.first_findings,
        }


def _increase(held: dict[str, Any], by: dict[str, Any]) -> None:
    for name, value in by.items():
        held[name] += value


def _tally(held: dict[Any, dict[str, Any]], sums: pl.DataFrame, keys: list[str]) -> None:
    for row in sums.iter_rows(named=True):
        parts = [row.pop(key) or "" for key in keys]
        key = parts[0] if len(parts) == 1 else tuple(parts)
        if key in held:
            _increase(held[key], row)
        else:
            held[key] = row


def _listed(held: dict[Any, dict[str, Any]], names: Iterable[str]) -> list[dict[str, Any]]:
    keys = list(names)
    return [
        {**dict(zip(keys, key if isinstance(key, tuple) else (key,), strict=True)), **row}
        for key, row in sorted(held.items())
    ]
