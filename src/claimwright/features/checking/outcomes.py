"""Outcomes: one row per claim with its status after the check and its expected payment."""

from __future__ import annotations

import numpy as np
import polars as pl

from claimwright.domain import findings as found
from claimwright.domain.batch import ClaimBatch
from claimwright.domain.derived import positions, tallies
from claimwright.foundation.columns import first_known, present

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


_GRAVITY = [severity.value for severity in (found.Severity.NOTE, found.Severity.WARN, found.Severity.BLOCK)]


def outcomes(batch: ClaimBatch, findings: pl.DataFrame, prices: pl.DataFrame) -> pl.DataFrame:
    """One row per claim, in file order: identity, status, expected payment. See `OUTCOMES`."""
    claims, height = batch.claims, len(batch)
    keys = claims["claim"].to_numpy()

    def rows_of(frame: pl.DataFrame) -> tallies.Rows:
        return positions(frame["claim"].to_numpy(), keys)

    of_claims = findings.filter(pl.Series(present(findings["claim"])))
    found_of, price_of, line_of = rows_of(of_claims), rows_of(prices), rows_of(batch.lines)
    lines = tallies.count(price_of, height)
    priced = tallies.count(price_of[present(prices["allowed"])], height)
    expected = tallies.total(prices["allowed"], price_of, height)
    made = {
        "first_service_on": first_known(
            tallies.earliest(batch.lines["service_from_on"], line_of, height),
            claims["claim_service_from_on"],
            claims["statement_from_on"],
        ),
        "status": _gravest(of_claims, found_of, height),
        "findings": tallies.count(found_of, height),
        "waived": tallies.count(found_of[present(of_claims["waiver"])], height),
        "expected": expected.set(priced == 0, None),
        "lines": lines,
        "unpriced_lines": lines - priced,
    }
    return pl.DataFrame(
        [
            (made[name] if name in made else claims[name]).cast(dtype).alias(name)
            for name, dtype in OUTCOMES.items()
        ]
    )


def _gravest(findings: pl.DataFrame, rows: tallies.Rows, height: int) -> pl.Series:
    """The highest severity of each claim's findings that are not waived; null if there are none."""
    open_ = ~present(findings["waiver"])
    grave = findings["severity"].cast(pl.String).cast(pl.Enum(_GRAVITY)).to_physical().to_numpy()
    counted = open_ & (rows >= 0)
    worst = np.zeros(height, dtype=np.uint8)
    np.maximum.at(worst, rows[counted], grave[counted].astype(np.uint8) + 1)
    return pl.Series(np.array([None, *_GRAVITY], dtype=object)[worst].tolist(), dtype=pl.String)
