"""Staged claims: read with their sealed records and findings, and removed after processing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
from psycopg import sql

from claimwright.platform.database import Connection, copy_out

from .columns import STAGED_CLAIM, STAGED_FINDING
from .sealed_claims import NO_DAYS, SealedClaims, sealed_claims_between

# The columns of a finding that a run reads; the date and the file are read with its claim.
_OF_A_FINDING = {
    name: dtype for name, dtype in STAGED_FINDING.schema.items() if name not in {"received_on", "file_id"}
}
# An instant is read as text, as the server formats it.
_AS_WRITTEN = {**STAGED_CLAIM.schema, "received_at": pl.String()}
_WRITTEN = "%Y-%m-%d %H:%M:%S%.f%#z"


@dataclass(frozen=True)
class StagedClaims:
    """Claims to be processed together, in order of key.

    `claims` has the columns of `STAGED_CLAIM`; `sent_before`, how often the same services were sent before;
    and `needs_approval`, whether it is a correction that may not go on without another person. `sealed` has
    their records in the same order. `findings` has the structural findings by `claim_key`.
    """

    claims: pl.DataFrame
    sealed: SealedClaims
    findings: pl.DataFrame

    def __len__(self) -> int:
        return self.claims.height

    def part(self, first: int, last: int) -> StagedClaims:
        """The claims from `first` to before `last`."""
        claims = self.claims[first:last]
        keys = claims["claim_key"].implode()
        return StagedClaims(
            claims, self.sealed.part(first, last), self.findings.filter(pl.col("claim_key").is_in(keys))
        )

    def between(self, first_key: int, last_key: int) -> StagedClaims:
        """The claims with these keys and those between."""
        keys = self.claims["claim_key"]
        first = int(keys.search_sorted(first_key, side="left"))
        return self.part(first, int(keys.search_sorted(last_key, side="right")))


def fetch(connection: Connection, first_key: int, last_key: int) -> StagedClaims:
    """All staged claims in a range of keys, in order of key.

    A claim without a record, which should never happen, gets an empty one, which can't be opened.
    """
    between = sql.SQL("claim_key between {} and {}").format(sql.Literal(first_key), sql.Literal(last_key))
    claims = copy_out(
        connection,
        sql.SQL("select {} from staging.claims where {} order by claim_key").format(
            STAGED_CLAIM.sql, between
        ),
        _AS_WRITTEN,
    ).with_columns(pl.col("received_at").str.to_datetime(_WRITTEN, time_unit="us"))
    sealed = sealed_claims_between(connection, first_key, last_key, staged=claims.height)
    keys = claims["claim_key"].to_numpy()
    if not np.array_equal(sealed.keys, keys):
        # Claims that have left staging still have their records.
        sealed = _of_keys(sealed, keys)
    named = sql.SQL(", ").join(map(sql.Identifier, _OF_A_FINDING))
    findings = copy_out(
        connection,
        sql.SQL("select {} from staging.findings where {} order by claim_key").format(named, between),
        _OF_A_FINDING,
    )
    before = copy_out(
        connection,
        sql.SQL("select claim_key, times from staging.sent_before where {}").format(between),
        {"claim_key": pl.Int64(), "sent_before": pl.Int32()},
    )
    unapproved = copy_out(
        connection,
        sql.SQL(
            "select corrected_key from production.corrections where needs_approval and corrected_key {}"
        ).format(sql.SQL("between {} and {}").format(sql.Literal(first_key), sql.Literal(last_key))),
        {"corrected_key": pl.Int64()},
    )["corrected_key"]
    claims = claims.join(before, on="claim_key", how="left", maintain_order="left").with_columns(
        pl.col("sent_before").fill_null(0), needs_approval=pl.col("claim_key").is_in(unapproved.implode())
    )
    return StagedClaims(
        claims, sealed, findings.filter(pl.col("claim_key").is_in(claims["claim_key"].implode()))
    )


def keys_between(connection: Connection, first_key: int, last_key: int) -> list[int]:
    """The keys of the staged claims in a range, in order."""
    rows = connection.execute(
        "select claim_key from staging.claims where claim_key between %s and %s order by claim_key",
        [first_key, last_key],
    ).fetchall()
    return [row[0] for row in rows]


def remove_between(connection: Connection, first_key: int, last_key: int) -> int:
    """Remove the claims of a range from staging. Returns how many there were."""
    return connection.execute(
        "delete from staging.claims where claim_key between %s and %s", [first_key, last_key]
    ).rowcount


def _of_keys(sealed: SealedClaims, keys: npt.NDArray[np.int64]) -> SealedClaims:
    """The records of these keys, in the same order; an empty one if there is none."""
    place = np.searchsorted(sealed.keys, keys)
    there = place < len(sealed)
    there[there] = sealed.keys[place[there]] == keys[there]
    places = [int(at) if known else None for at, known in zip(place, there, strict=True)]

    def sizes(values: Sequence[int]) -> list[int]:
        return [0 if at is None else values[at] for at in places]

    return SealedClaims(
        keys,
        NO_DAYS,
        sizes(sealed.heading_bytes),
        sizes(sealed.provider_bytes),
        [b"" if at is None else sealed.sealed[at] for at in places],
    )
