"""A non-production copy of the store: every table, with patient identifiers masked consistently.

Each tenant is read in one snapshot and written in one transaction. Its sealed records are opened, masked and
sealed with the copy's own keys, and the blind indexes are recomputed, so that nothing in the copy can be
opened with a production key or compared with production. Unsealed columns are copied as `store.masked_tables`
says.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import psycopg

from claimwright.domain.caller import Caller
from claimwright.domain.masking import Masker
from claimwright.platform import audit
from claimwright.platform.database import Connection, Database, tenancy
from claimwright.store.masked_copy import MaskError, TenantCopy
from claimwright.store.sealed_claims import Opens, SealedClaims, Seals, sealed_claims_after
from claimwright.store.tenants import add_tenant

from .masked_records import Masked, masked_records

_BLIND_BYTES = 16


@dataclass
class Copied:
    """Totals of a copy."""

    tenants: int = 0
    records: int = 0
    empty: int = 0
    """Records that could not be read, and so not masked: they are empty in the copy."""
    rows: int = 0
    by_tenant: dict[str, int] = field(default_factory=dict)
    """Records, by tenant."""
    left_out: list[str] = field(default_factory=list)
    """Tables with rows that were left out because `store.masked_tables` has no entry for them."""


def copy_masked(
    caller: Caller,
    database: Database,
    opener: Opens,
    target: str,
    sealer: Seals,
    *,
    tenants: list[str],
    year: int,
    say: Callable[[str], None] = lambda _: None,
) -> Copied:
    """Copy these tenants, masked, into another database, which has the schema and is empty.

    Args:
        caller: the caller who copies.
        database: the store to copy.
        opener: opens its records.
        target: the connection string of the other database, for the owner of its tables.
        sealer: seals with the keys of the copy.
        tenants: the tenants to copy.
        year: the year of the copy, from which ages are derived.
        say: called with each tenant.

    Raises:
        MaskError: the other database is not empty.
    """
    done = Copied()
    with psycopg.connect(target, autocommit=True) as writing:
        if writing.execute("select 1 from platform.audit_heads limit 1").fetchone():
            raise MaskError("the copy's database is not empty. Name a new one.")
        for tenant in tenants:
            say(f"tenant {tenant}")
            with database.connect() as reading:
                reading.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
                whose = caller.of_tenant(tenant)
                with tenancy(reading, whose), tenancy(writing, whose):
                    _Copy(whose, reading, writing, done).run(opener, sealer, year)
            done.tenants += 1
    return done


class _Copy:
    """Copy one tenant, masking its records."""

    def __init__(self, caller: Caller, reading: Connection, writing: Connection, done: Copied) -> None:
        self._reading, self._writing = reading, writing
        self._caller, self._tenant, self._done = caller, caller.tenant, done
        self._rows = TenantCopy(reading, writing)
        self._identities: dict[int, tuple[bytes, bytes]] = {}

    def run(self, opener: Opens, sealer: Seals, year: int) -> None:
        add_tenant(self._writing)
        before = self._done.records, self._done.rows
        for claims, masked in self._masked(opener, year):
            self._seal(sealer, claims, masked)
        self._done.rows += self._rows.copy_tables(self._identities)
        count = self._done.by_tenant[self._tenant] = self._done.records - before[0]
        unlisted = self._rows.unlisted_tables()
        self._done.left_out += [table for table in unlisted if table not in self._done.left_out]
        audit.append(
            self._caller,
            self._writing,
            action="copy.masked",
            subject=f"tenant:{self._tenant}",
            detail={"rows": self._done.rows - before[1], "claims": count},
            correlation_id="",
        )

    def _masked(self, opener: Opens, year: int) -> Iterator[tuple[SealedClaims, list[Masked]]]:
        masker, last = Masker(year=year), 0
        while len(claims := sealed_claims_after(self._reading, last)):
            last = int(claims.keys[-1])
            yield claims, masked_records(masker, opener, self._tenant, claims)

    def _seal(self, sealer: Seals, claims: SealedClaims, masked: list[Masked]) -> None:
        sealed = sealer.seal([each.text for each in masked], claims.contexts(self._tenant))
        content = sealer.blind(
            "claim-content", self._tenant, [each.own.decode("utf-8", "replace") for each in masked]
        )
        number = sealer.blind("claim-number", self._tenant, [each.number for each in masked])
        for key, one, other in zip(claims.keys.tolist(), number, content, strict=True):
            # A claim without a number is identified by its content, which can equal another claim's after
            # masking.
            self._identities[key] = (one or _unmatched(key), other or _unmatched(key))
        self._rows.write_records(
            SealedClaims(
                claims.keys,
                claims.received_on,
                [each.heading_bytes for each in masked],
                [each.provider_bytes for each in masked],
                sealed,
            )
        )
        self._done.records += len(claims)
        self._done.empty += sum(each.is_empty for each in masked)


def _unmatched(key: int) -> bytes:
    """A unique value for a claim whose blind index can't be computed."""
    return hashlib.sha256(f"masked {key}".encode()).digest()[:_BLIND_BYTES]
