"""The sealed claim record: written once, bound to its claim and tenant, read by whoever opens the claim.

A record is the claim's own text as it came in the file, with the headings that it stands under; how many
bytes of it are which stands beside it, unsealed.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
from psycopg import sql

from claimwright.engines.x12 import Records
from claimwright.platform.database import Connection, copy_in_records, copy_out_records

# Opened, read and checked at once: some megabytes.
RECORDS_AT_ONCE = 5_000
NO_DAYS = np.empty(0, dtype="datetime64[D]")


class Opens(Protocol):
    """What opens records: `claimwright.platform.phi.Sealer`."""

    def open(self, sealed: Sequence[bytes], contexts: Sequence[bytes]) -> list[bytes]:
        """The records, each sealed with its context."""


class Blinds(Protocol):
    """What makes blind indexes: `claimwright.platform.phi.Sealer`."""

    def blind(self, kind: str, tenant: str, values: Sequence[str | None]) -> list[bytes | None]:
        """An index of each value that says nothing except which are equal."""


class Seals(Blinds, Protocol):
    """What seals records and makes the blind indexes beside them: `claimwright.platform.phi.Sealer`."""

    def seal(self, records: Sequence[bytes], contexts: Sequence[bytes]) -> list[bytes]:
        """The records, each bound to its context."""


class SealsAndOpens(Seals, Opens, Protocol):
    """Both: what seals again."""


def context_of(tenant: str, claim_key: int) -> bytes:
    """What a claim's record is bound to: it opens for this claim of this tenant alone."""
    return f"{tenant}:claim:{claim_key}".encode()


@dataclass(frozen=True)
class SealedClaims:
    """Sealed records with what stands beside each, in order of key.

    `received_on` is empty where it was not asked for.
    """

    keys: npt.NDArray[np.int64]
    received_on: npt.NDArray[np.datetime64]
    heading_bytes: Sequence[int]
    provider_bytes: Sequence[int]
    sealed: Sequence[bytes]

    def __len__(self) -> int:
        return len(self.sealed)

    def contexts(self, tenant: str) -> list[bytes]:
        """What each is bound to."""
        return [context_of(tenant, key) for key in self.keys.tolist()]

    def part(self, first: int, last: int) -> SealedClaims:
        """Those from `first` up to, not with, `last`."""
        return SealedClaims(
            self.keys[first:last],
            self.received_on[first:last],
            self.heading_bytes[first:last],
            self.provider_bytes[first:last],
            self.sealed[first:last],
        )

    def only(self, keys: Set[int]) -> SealedClaims:
        """Those of these keys."""
        chosen = [at for at, key in enumerate(self.keys.tolist()) if key in keys]
        return SealedClaims(
            self.keys[chosen],
            self.received_on[chosen] if len(self.received_on) else NO_DAYS,
            [self.heading_bytes[at] for at in chosen],
            [self.provider_bytes[at] for at in chosen],
            [self.sealed[at] for at in chosen],
        )

    def opened(self, opener: Opens, tenant: str) -> Records:
        """The records, open.

        Raises:
            PhiError: one of them does not open.
        """
        texts = opener.open(self.sealed, self.contexts(tenant))
        return Records(texts, list(self.heading_bytes), list(self.provider_bytes))


def write_sealed_claims(connection: Connection, partition: str, claims: SealedClaims) -> None:
    """Copy records into a partition of their table, which holds the month of all of them."""
    copy_in_records(
        connection,
        partition,
        {
            "received_on": ("date", claims.received_on),
            "claim_key": ("int8", claims.keys),
            "heading_bytes": ("int4", claims.heading_bytes),
            "provider_bytes": ("int4", claims.provider_bytes),
        },
        ("sealed", claims.sealed),
    )


def sealed_claims_of(connection: Connection, keys: Sequence[int]) -> SealedClaims:
    """The records of these keys, as far as the store has them."""
    return _read(connection, _RECORDS, sql.SQL("claim_key = any({})").format(sql.Literal(list(keys))))


def sealed_claims_after(
    connection: Connection, claim_key: int, *, limit: int = RECORDS_AT_ONCE
) -> SealedClaims:
    """The next records after a key, with their days; none where there are no more."""
    condition = sql.SQL("claim_key > {}").format(sql.Literal(claim_key))
    return _read(connection, _RECORDS, condition, limit=limit, with_days=True)


def sealed_claims_between(
    connection: Connection, first_key: int, last_key: int, *, staged: int
) -> SealedClaims:
    """The records of the staged claims with keys in this range, and perhaps others of the range.

    `staged` is how many claims of the range are staged: few of a long range are looked up one by one.
    """
    is_dense = 2 * staged > last_key - first_key
    condition = sql.SQL("claim_key between {} and {}").format(sql.Literal(first_key), sql.Literal(last_key))
    return _read(connection, _RECORDS if is_dense else _RECORDS_OF_STAGED, condition)


def has_sealed_claim(connection: Connection, claim_key: int) -> bool:
    """Whether the store has the record of a claim."""
    row = connection.execute("select 1 from staging.records where claim_key = %s", [claim_key]).fetchone()
    return row is not None


_RECORDS = sql.SQL("staging.records")
_RECORDS_OF_STAGED = sql.SQL("staging.claims join staging.records using (tenant, claim_key, received_on)")


def _read(
    connection: Connection,
    source: sql.SQL,
    condition: sql.Composable,
    *,
    limit: int | None = None,
    with_days: bool = False,
) -> SealedClaims:
    types = {"claim_key": "int8", "heading_bytes": "int4", "provider_bytes": "int4"}
    if with_days:
        types["received_on"] = "date"
    query = sql.SQL("select {}, sealed from {} where {} order by claim_key limit {}").format(
        sql.SQL(", ").join(map(sql.Identifier, types)), source, condition, sql.Literal(limit)
    )
    (keys, headings, providers, *days), sealed = copy_out_records(connection, query, list(types.values()))
    return SealedClaims(keys, days[0] if days else NO_DAYS, headings.tolist(), providers.tolist(), sealed)
