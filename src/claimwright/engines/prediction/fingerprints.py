"""Fingerprints of training claims, so that a model is never evaluated on them."""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt
import polars as pl

from claimwright.domain.batch import ClaimBatch

from .facts import same_services

Fingerprints = npt.NDArray[np.uint64]

# If a million claims are compared with a hundred thousand training claims, one in ten is mistaken for another
# one. In return, so many member IDs share a fingerprint that none can be recovered from a model's files.
_BYTES = 5


def fingerprints(batch: ClaimBatch) -> Fingerprints:
    """One number for each claim: equal if patient, provider, last service date and services are equal.

    A claim with a new claim number has the same fingerprint. A claim without a member ID is recognized by its
    claim number, provider, charge and dates.
    """
    without_member = batch.claims.select(
        pl.concat_str(
            pl.lit("claim"),
            *(
                pl.col(name).cast(pl.String).fill_null("")
                for name in (
                    "claim_id",
                    "billing_npi",
                    "total_charge",
                    "statement_from_on",
                    "statement_to_on",
                )
            ),
            separator="\x1d",
        )
    ).to_series()
    texts = same_services(batch).fill_null(without_member)
    digests = (hashlib.blake2b(text.encode(), digest_size=_BYTES).digest() for text in texts)
    return np.fromiter((int.from_bytes(digest, "big") for digest in digests), np.uint64, len(texts))
