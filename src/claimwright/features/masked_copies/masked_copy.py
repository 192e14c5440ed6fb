"""A non-production copy of the store: every table, with the marks of patients masked consistently.

Each tenant is read in one snapshot and written in one transaction. Its sealed records are opened, masked and
sealed again under the copy's own keys, and the blind indexes made anew, so that nothing of the copy opens
with a key of production, or can be compared with it. What stands unsealed is copied as `store.masked_tables`
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
    """What a copy came to."""

    tenants: int = 0
    records: int = 0
    empty: int = 0
    """Records of which nothing could be read, and so nothing masked: they are empty in the copy."""
    rows: int = 0
    by_tenant: dict[str, int] = field(default_factory=dict)
    """Records, by tenant."""
    left_out: list[str] = field(default_factory=list)
    """Tables with rows of which nobody has said what a copy may hold."""


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
    """Copy these tenants, masked, into another database, whose schema is there and which is empty.

    Args:
        caller: who copies.
        database: what is copied.
        opener: opens its records.
        target: the connection string of the other database, of the owner of its tables.
        sealer: seals with the keys of the copy.
        tenants: whose rows.
        year: that of the copy, from which ages are derived.
        say: called with each tenant.

    Raises:
        MaskError: there is something in the other database already.
    """
    done = Copied()
    with psycopg.connect(target, autocommit=True) as writing:
        if writing.execute("select 1 from platform.audit_heads limit 1").fetchone():
            raise MaskError("the copy's database is not empty: name a new one.")
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
    """The copy of one tenant, with its records masked on their way."""

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
            # A claim without a number is known by what it says, which others may say too once it is masked.
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
    """In place of a blind index that can't be made: of a claim like no other."""
    return hashlib.sha256(f"masked {key}".encode()).digest()[:_BLIND_BYTES]
