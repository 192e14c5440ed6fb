"""The acknowledgements that a receiver would return for a file."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

import polars as pl

from claimwright.engines.x12 import ENVELOPE_SCHEMA
from claimwright.engines.x12 import acknowledge as answer
from claimwright.foundation import clock

from .reading import read_source
from .sources import Source


@dataclass(frozen=True)
class Acknowledgements:
    """The TA1s and 999s for a file, and whether everything in it is accepted."""

    text: str
    accepted: bool


def acknowledge(source: Source, *, as_of: datetime.datetime | None = None) -> Acknowledgements:
    """The TA1 and the 999 for every interchange of a source, dated `as_of` (now by default).

    Raises:
        SourceError: it can't be read, or clearly has another format.
    """
    envelopes, faults, claims = [pl.DataFrame(schema=ENVELOPE_SCHEMA)], [], []
    for reading in read_source(source):
        envelopes.append(reading.envelope)
        faults.append(reading.faults)
        if reading.faults.height:
            named = reading.faults["claim"].drop_nulls().unique()
            claims.append(
                reading.batch.claims.filter(pl.col("claim").is_in(named.implode())).select(
                    "claim", "claim_id"
                )
            )
    answers = answer(
        pl.concat(envelopes),
        pl.concat(faults),
        as_of=as_of or clock.now(),
        claims=pl.concat(claims) if claims else None,
    )
    text = "".join(each.ta1 + (each.implementation or "") for each in answers)
    return Acknowledgements(text, all(each.accepted for each in answers))
