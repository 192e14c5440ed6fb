"""Totals and outcomes of a check: what is counted, what is not, and in exact money."""

from __future__ import annotations

import datetime
from decimal import Decimal

import polars as pl
import pytest

from claimwright.domain import findings
from claimwright.domain.batch import ClaimBatch
from claimwright.domain.dictionary import Level
from claimwright.features.checking import Summary
from claimwright.features.checking.outcomes import outcomes

DAY = datetime.date(2026, 1, 15)


def claims(*charges: str, **columns: list[object]) -> ClaimBatch:
    """Claims 11, 12, ... of these charges, with two lines each."""
    numbers = [11 + at for at in range(len(charges))]
    frame = pl.DataFrame(
        {"claim": numbers, "claim_id": [f"C{n}" for n in numbers], "form": ["P"] * len(charges), **columns}
    ).with_columns(total_charge=pl.Series([Decimal(charge) for charge in charges], dtype=pl.Decimal(18, 2)))
    lines = pl.DataFrame(
        {"claim": [n for n in numbers for _ in (1, 2)], "line": [1, 2] * len(charges)},
        schema={"claim": pl.Int64, "line": pl.Int32},
    ).with_columns(
        service_from_on=pl.when(pl.col("line") == 2).then(DAY).otherwise(DAY + datetime.timedelta(1))
    )
    return ClaimBatch.of({Level.CLAIM: frame, Level.LINE: lines})


def found(*rows: tuple[int | None, str, str, str | None, str | None]) -> pl.DataFrame:
    """Findings as claim, code, severity, dollars at stake and waiver."""
    names = ("claim", "code", "severity", "amount", "waiver")
    frame = pl.DataFrame(
        [dict(zip(names, row, strict=True)) for row in rows], schema=dict.fromkeys(names, pl.String)
    )
    return findings.complete(frame)


def prices(batch: ClaimBatch, *allowed: str | None) -> pl.DataFrame:
    amounts = pl.Series(
        [None if each is None else Decimal(each) for each in allowed], dtype=pl.Decimal(18, 2)
    )
    basis = ["priced" if each else "unknown_code" for each in allowed]
    return batch.lines.select("claim", "line").with_columns(allowed=amounts, basis=pl.Series(basis))


def test_the_status_of_a_claim_is_its_gravest_finding_that_no_waiver_covers() -> None:
    batch = claims("1", "2", "3", "4")
    made = outcomes(
        batch,
        found(
            (11, "A", "note", None, None), (11, "B", "block", None, "W-1"), (11, "C", "warn", None, None),
            (12, "B", "block", None, "W-1"), (13, "A", "note", None, None), (None, "F", "block", None, None),
        ),
        prices(batch, *["1"] * 8),
    )  # fmt: skip
    assert made.select("claim", "status", "findings", "waived").rows() == [
        (11, "warn", 3, 1), (12, None, 1, 1), (13, "note", 1, 0), (14, None, 0, 0),
    ]  # fmt: skip


def test_what_a_claim_should_pay_is_the_sum_of_its_priced_lines_or_nothing_known() -> None:
    batch = claims("1", "2", "3")
    made = outcomes(batch, findings.empty(), prices(batch, "10.10", "0.20", "5", None, None, None))
    assert made.select("expected", "lines", "unpriced_lines").rows() == [
        (Decimal("10.30"), 2, 0), (Decimal("5.00"), 2, 1), (None, 2, 2),
    ]  # fmt: skip


def test_the_first_service_is_the_earliest_line_then_what_the_claim_says() -> None:
    batch = claims("1", "1", claim_service_from_on=[DAY, DAY], statement_from_on=[None, DAY])
    bare = ClaimBatch.of({Level.CLAIM: batch.claims})
    with_lines = outcomes(batch, findings.empty(), prices(batch, *["1"] * 4))
    assert with_lines["first_service_on"].to_list() == [DAY, DAY]
    assert outcomes(bare, findings.empty(), prices(bare))["first_service_on"].to_list() == [DAY, DAY]


def summed(*blocks: tuple[ClaimBatch, pl.DataFrame, pl.DataFrame]) -> Summary:
    summary = Summary()
    for batch, what, priced in blocks:
        summary.add(outcomes(batch, what, priced), what, priced)
    return summary


def test_totals_over_blocks_are_exact() -> None:
    one, other = claims("0.10", "0.20"), claims("0.30")
    summary = summed(
        (one, found((11, "A", "block", "0.10", None)), prices(one, "0.01", "0.02", None, None)),
        (other, found((11, "A", "warn", "0.30", None)), prices(other, "0.04", None)),
    )
    assert (summary.claims, summary.lines, summary.clean) == (3, 6, 1)
    assert summary.by_status == {"block": 1, "warn": 1, "note": 0}
    assert (summary.charged, summary.charge_blocked) == (Decimal("0.60"), Decimal("0.10"))
    assert summary.expected == Decimal("0.07")
    assert (summary.unpriced_lines, summary.unpriced) == (3, {"unknown_code": 3})
    assert summary.clean_rate == pytest.approx(1 / 3)


def test_what_several_findings_of_a_code_hold_up_they_hold_up_once() -> None:
    batch = claims("100")
    twice = found((11, "A", "block", "100", None), (11, "A", "block", "100", None))
    tally = summed((batch, twice, prices(batch, "1", "1"))).tallies["A"]
    assert (tally.findings, tally.claims, tally.amount) == (2, 1, Decimal(100))


def test_waived_findings_are_counted_apart_and_never_the_worst() -> None:
    batch = claims("100", "50")
    what = found(
        (11, "A", "block", "100", "W-1"), (12, "A", "block", "50", None), (12, "B", "warn", "50", "W-2"),
    )  # fmt: skip
    summary = summed((batch, what, prices(batch, *["1"] * 4)))
    assert (summary.findings, summary.waived) == (1, 2)
    assert (summary.tallies["A"].findings, summary.tallies["A"].waived) == (1, 1)
    assert summary.tallies["A"].amount == Decimal(50)
    assert summary.worst() == "block"
    assert "2 findings waived" in summary.sentence()
    only = summed((batch, what.filter(pl.col("waiver").is_not_null()), prices(batch, *["1"] * 4)))
    assert only.worst() is None
    assert only.clean_rate == 1.0


def test_findings_of_the_file_count_though_no_claim_has_them() -> None:
    batch = claims("1")
    summary = summed((batch, found((None, "F", "warn", None, None)), prices(batch, "1", "1")))
    assert (summary.findings, summary.clean, summary.worst()) == (1, 1, "warn")
    assert (summary.tallies["F"].claims, summary.tallies["F"].amount) == (0, Decimal(0))


def test_nothing_at_all_is_a_summary_too() -> None:
    assert Summary().clean_rate == 0.0
    assert Summary().worst() is None
    assert Summary().sentence().startswith("0 claims")
