"""Defects of sums: lines against the claim, and what another payer paid against what was charged."""

from __future__ import annotations

import polars as pl

from claimwright.domain.dictionary import Level
from claimwright_lab.sampling.draws import Whole

from .draft import Defects, Draft

add = Defects()
DEFECTS = add.all

_SECONDARY = pl.col("payer_responsibility") == "S"
_TEN = pl.lit(10).cast(pl.Decimal(18, 2))


@add("total-not-the-sum-of-lines", "BAL001")
def _(draft: Draft, claims: Whole) -> None:
    draft.claim(claims, total_charge=pl.col("total_charge") + _TEN)


@add("units-zero", "BAL005", forms="PD", line=1)
def _(draft: Draft, claims: Whole) -> None:
    draft.line(claims, units=0)


@add("charge-negative", "BAL003", line=1)
def _(draft: Draft, claims: Whole) -> None:
    """The claim's total goes down by as much, so that it still is the sum."""
    first = draft.frame(Level.LINE).filter(pl.col("line") == 1).select("claim", first="line_charge")
    joined = (
        draft.frame(Level.CLAIM).select("claim").join(first, on="claim", how="left", maintain_order="left")
    )
    lowered = pl.col("total_charge") - pl.lit(joined["first"]) * 2
    draft.claim(claims, total_charge=lowered)
    draft.line(claims, line_charge=-pl.col("line_charge"))


@add("line-decision-out-of-balance", "COB002", forms="PD", fits=_SECONDARY, line=1, rare=True)
def _(draft: Draft, claims: Whole) -> None:
    """Paid a dollar more on the line and on the claim, so that only line and adjustments disagree."""
    one = pl.lit(1).cast(pl.Decimal(18, 2))
    draft.repeating(Level.ADJUDICATION, claims, pl.col("line") == 1, line_paid=pl.col("line_paid") + one)
    draft.repeating(
        Level.OTHER_PAYER, claims, pl.lit(True), other_payer_paid=pl.col("other_payer_paid") + one
    )


@add("payment-not-the-sum-of-line-payments", "COB001", forms="PD", fits=_SECONDARY, rare=True)
def _(draft: Draft, claims: Whole) -> None:
    paid = pl.col("other_payer_paid") + _TEN
    draft.repeating(Level.OTHER_PAYER, claims, pl.lit(True), other_payer_paid=paid)


@add("claim-decision-out-of-balance", "COB003", forms="I", fits=_SECONDARY, rare=True)
def _(draft: Draft, claims: Whole) -> None:
    paid = pl.col("other_payer_paid") + _TEN
    draft.repeating(Level.OTHER_PAYER, claims, pl.lit(True), other_payer_paid=paid)


@add("first-payer-missing", "COV002", fits=_SECONDARY, rare=True)
def _(draft: Draft, claims: Whole) -> None:
    for level in (Level.OTHER_PAYER, Level.ADJUDICATION, Level.ADJUSTMENT):
        draft.remove(level, claims)


@add("payment-date-missing", "COB005", forms="I", fits=_SECONDARY, rare=True)
def _(draft: Draft, claims: Whole) -> None:
    draft.repeating(Level.OTHER_PAYER, claims, pl.lit(True), other_payer_paid_on=None)


@add("patient-paid-more-than-charged", "BAL007", forms="PD")
def _(draft: Draft, claims: Whole) -> None:
    draft.claim(claims, patient_paid=pl.col("total_charge") + _TEN)
