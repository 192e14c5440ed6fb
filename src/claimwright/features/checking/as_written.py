"""Structural findings of claims that did not come from an 837: they are written as one and checked."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from claimwright.domain import findings as found
from claimwright.domain.batch import ClaimBatch, complete
from claimwright.domain.dictionary import Level
from claimwright.engines.x12 import cut_claim_blocks, write_837


def structural_of(batch: ClaimBatch) -> pl.DataFrame:
    """The structural findings of each claim, as if it had been read from a file; without positions in a file.

    Findings about the envelope are left out, because the envelope is generated here.

    Raises:
        UnwritableError: a claim has no form, or a value contains control characters.
    """
    if not len(batch):
        return found.empty()
    claims = batch.claims["claim"]
    blocks = cut_claim_blocks(write_837([_sendable(batch)]))
    told = pl.concat([block.reading(verbatim=False).findings for block in blocks])
    told = told.filter(pl.col("claim").is_not_null())
    # Claims are written in order and numbered from 1.
    numbered = told.with_columns(claims.gather(told["claim"] - 1).alias("claim"))
    return numbered.with_columns(segment=pl.lit(None, pl.Int64))


def _sendable(batch: ClaimBatch) -> ClaimBatch:
    """Add a transaction for every claim that has none, because claims made by hand usually have none."""
    known = batch.transactions["transaction"]
    lacking = ~batch.claims["transaction"].is_in(known.implode()).fill_null(value=False)
    if not lacking.any():
        return batch
    number = max(known.to_list(), default=0) + 1
    row = pl.DataFrame({"transaction": [number]}, schema={"transaction": pl.Int64})
    transaction = pl.when(lacking).then(number).otherwise(pl.col("transaction")).alias("transaction")
    return replace(
        batch,
        transactions=pl.concat([batch.transactions, complete(row, Level.TRANSACTION)]),
        claims=batch.claims.with_columns(transaction.cast(pl.Int64)),
    )
