"""One claim with all of its findings."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from claimwright.domain.errors import ClaimNotFoundError

from .check import Checked


def find_claim(checked: Iterable[Checked], claim_id: str) -> Checked:
    """The part of a check for one claim: the first whose CLM01 is `claim_id`.

    Raises:
        ClaimNotFoundError: there is none; the message gives the number of claims.
    """
    seen = 0
    for each in checked:
        seen += len(each.batch)
        mine = each.batch.claims.filter(pl.col("claim_id") == claim_id)["claim"]
        if len(mine):
            claim = mine[0]
            return Checked(
                each.batch.select([claim]),
                each.findings.filter(pl.col("claim") == claim),
                each.prices.filter(pl.col("claim") == claim),
                each.outcomes.filter(pl.col("claim") == claim),
            )
    raise ClaimNotFoundError(f"none of the {seen:,} claims has this number")
