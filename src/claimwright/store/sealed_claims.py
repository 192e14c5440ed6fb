"""The sealed claim record: written once, bound to its claim and tenant, read when a claim is opened.

A record is the claim's original text from the file, with the headers that it belongs to. The lengths of these
parts in bytes are stored unsealed with the record.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
from psycopg import sql

from claimwright.engines.x12 import Records
from claimwright.platform.database import Connection, bigints, copy_in_records, copy_out_records

# Number of records opened, read and checked at once: some megabytes.
RECORDS_AT_ONCE = 5_000
NO_DAYS = np.empty(0, dtype="datetime64[D]")


class Opens(Protocol):
    """Opens records; implemented by `claimwright.platform.phi.Sealer`."""

    def open(self, sealed: Sequence[bytes], contexts: Sequence[bytes]) -> list[bytes]:
        """The opened records; each needs the context that it was sealed with."""


class Blinds(Protocol):
    """Computes blind indexes; implemented by `claimwright.platform.phi.Sealer`."""

    def blind(self, kind: str, tenant: str, values: Sequence[str | None]) -> list[bytes | None]:
        """An index of each value that reveals only which values are equal."""


class Seals(Blinds, Protocol):
    """Seals records and computes their blind indexes; implemented by `claimwright.platform.phi.Sealer`."""

    def seal(self, records: Sequence[bytes], contexts: Sequence[bytes]) -> list[bytes]:
        """The sealed records, each bound to its context."""


class SealsAndOpens(Seals, Opens, Protocol):
    """Opens and seals, for resealing."""


def context_of(tenant: str, claim_key: int) -> bytes:
    """The context of a claim's record: it can be opened only for this claim of this tenant."""
    return f"{tenant}:claim:{claim_key}".encode()


@dataclass(frozen=True)
class SealedClaims:
    """Sealed records with the unsealed columns of each, in order of key.

    `received_on` is empty if it was not requested.
    """

    keys: npt.NDArray[np.int64]
    received_on: npt.NDArray[np.datetime64]
    heading_bytes: Sequence[int]
    provider_bytes: Sequence[int]
    sealed: Sequence[bytes]

    def __len__(self) -> int:
        return len(self.sealed)

    def contexts(self, tenant: str) -> list[bytes]:
        """The context of each record."""
        return [context_of(tenant, key) for key in self.keys.tolist()]

    def part(self, first: int, last: int) -> SealedClaims:
        """The records from `first` to before `last`."""
        return SealedClaims(
            self.keys[first:last],
            self.received_on[first:last],
            self.heading_bytes[first:last],
            self.provider_bytes[first:last],
            self.sealed[first:last],
        )

    def only(self, keys: Set[int]) -> SealedClaims:
        """The records with these keys."""
        chosen = [at for at, key in enumerate(self.keys.tolist()) if key in keys]
        return SealedClaims(
            self.keys[chosen],
            self.received_on[chosen] if len(self.received_on) else NO_DAYS,
            [self.heading_bytes[at] for at in chosen],
            [self.provider_bytes[at] for at in chosen],
            [self.sealed[at] for at in chosen],
        )

    def opened(self, opener: Opens, tenant: str) -> Records:
        """The opened records.

        Raises:
            PhiError: one of them can't be opened.
        """
        texts = opener.open(self.sealed, self.contexts(tenant))
        return Records(texts, list(self.heading_bytes), list(self.provider_bytes))


def write_sealed_claims(connection: Connection, partition: str, claims: SealedClaims) -> None:
    """Copy records into a partition of their table; all belong to its month."""
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
    """The records with these keys, if the store has them."""
    return _read(connection, _RECORDS, sql.SQL("claim_key = any({})").format(bigints(keys)))


def sealed_claims_after(
    connection: Connection, claim_key: int, *, limit: int = RECORDS_AT_ONCE
) -> SealedClaims:
    """The next records after a key, with their dates; none if there are no more."""
    condition = sql.SQL("claim_key > {}").format(sql.Literal(claim_key))
    return _read(connection, _RECORDS, condition, limit=limit, with_days=True)


def sealed_claims_between(
    connection: Connection, first_key: int, last_key: int, *, staged: int
) -> SealedClaims:
    """The records of the staged claims with keys in this range, and perhaps other records of the range.

    `staged` is the number of staged claims in the range: a few claims of a long range are looked up one by
    one.
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
