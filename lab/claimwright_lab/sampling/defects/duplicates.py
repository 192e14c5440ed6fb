"""Defects that take two: the same claim again, the same number again, the same line again."""

from __future__ import annotations

import polars as pl

from claimwright.domain.dictionary import Level
from claimwright_lab.sampling.draws import Whole

from .dates import shift
from .draft import Defects, Draft

add = Defects()
DEFECTS = add.all

# The claim before it is another claim of the same form and transaction, and is clean.
_HAS_ONE_BEFORE = pl.col("has_clean_before")


@add("claim-number-repeated", "DUP002", fits=_HAS_ONE_BEFORE)
def _(draft: Draft, claims: Whole) -> None:
    """The claim before once more, a day earlier, under the same number."""
    draft.copy_claim(claims - 1, claims)
    shift(draft, claims, -1)


@add("claim-sent-twice", "DUP001", fits=_HAS_ONE_BEFORE)
def _(draft: Draft, claims: Whole) -> None:
    draft.copy_claim(claims - 1, claims, claim_id=pl.col("claim_id") + "D")


@add("line-billed-twice", "DUP003", forms="P", line=2, fits=pl.col("line_count") == 1)
def _(draft: Draft, claims: Whole) -> None:
    """The only line once more, in the total too."""
    lines = draft.frame(Level.LINE)
    again = lines.filter(pl.Series(draft.rows(Level.LINE, claims))).with_columns(
        line=pl.lit(2, pl.Int32),
        assigned_number=pl.lit(2, pl.Int32),
        line_control_number=pl.col("line_control_number").str.head(-1) + "2",
    )
    draft.append(Level.LINE, again)
    draft.claim(claims, total_charge=pl.col("total_charge") * 2)
