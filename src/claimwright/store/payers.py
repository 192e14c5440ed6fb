"""The payer's number as it stands beside a sealed record: where claims are listed, counted and delivered.

A number that has the shape of one stays. Anything else may be a patient's name or number in the wrong
element: in its place is a token, the same for equal numbers of a tenant, so that claims of one payer still go
together. Who needs the number itself opens the claim.
"""

from __future__ import annotations

import polars as pl

from claimwright.domain.code_shapes import PAYER_ID

from .columns import PAYER_STAND_IN
from .sealed_claims import Blinds

_TOKEN_DIGITS = 12


def unsealed_payers(payers: pl.Series, blinder: Blinds, tenant: str) -> pl.Series:
    """The payers' numbers, each as it is or as its token; null where there is none."""
    others = payers.filter(~has_shape(payers)).unique().to_list()
    if not others:
        return payers
    tokens = {
        value: PAYER_STAND_IN + index.hex()[:_TOKEN_DIGITS]
        for value, index in zip(others, blinder.blind("payer-id", tenant, others), strict=True)
        if index is not None
    }
    return payers.replace(tokens)


def has_shape(payers: pl.Series) -> pl.Series:
    """Whether each has the shape of a payer's number; null where there is none."""
    return pl.select(pl.all_horizontal(payers.str.contains(pattern) for pattern in PAYER_ID)).to_series()
