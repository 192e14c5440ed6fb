"""The unsealed payer ID of a claim, for listing, counting and delivering claims.

A value with the format of a payer ID is kept. Any other value could be a patient's name or number in the
wrong element; it is replaced by a token, which is the same for equal values of a tenant, so that claims of
one payer still belong together. To see the original value, open the claim.
"""

from __future__ import annotations

import polars as pl

from claimwright.domain.code_shapes import PAYER_ID

from .columns import PAYER_STAND_IN
from .sealed_claims import Blinds

_TOKEN_DIGITS = 12


def unsealed_payers(payers: pl.Series, blinder: Blinds, tenant: str) -> pl.Series:
    """The payer IDs, each unchanged or replaced by its token; null if there is none."""
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
    """Whether each value has the format of a payer ID; null if there is none."""
    return pl.select(pl.all_horizontal(payers.str.contains(pattern) for pattern in PAYER_ID)).to_series()
