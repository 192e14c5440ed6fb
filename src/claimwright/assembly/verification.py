"""Reconciles a store: its tables with each other, with stored files, keys, the audit log and the target.

Changes nothing and can run during other work: each tenant is read in one snapshot. Memory use does not grow
with the store: the database does most comparisons, and the others are done in batches.
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .audit_checks import verified_log
from .stores import open_sealer

if TYPE_CHECKING:
    import polars as pl

    from claimwright.domain.caller import Caller
    from claimwright.features.delivery import Target
    from claimwright.platform.database import Connection, Database
    from claimwright.platform.objects import Objects
    from claimwright.platform.phi import Sealer
    from claimwright.platform.settings import Settings
    from claimwright.store.reconciliation import Disagreement
    from claimwright.store.sealed_claims import SealedClaims

# Number of claims or files that are compared at once.
_BATCH = 5_000


@dataclass(frozen=True)
class Reconciled:
    """One part of a tenant's store: how much of it was checked, and what is missing or inconsistent.

    `left_over` is what nothing refers to; it is harmless and not a fault.
    """

    tenant: str
    part: str
    looked_at: int
    of_what: str
    faults: tuple[Disagreement, ...] = ()
    left_over: tuple[Disagreement, ...] = ()


def verify_store(
    caller: Caller, settings: Settings, database: Database, *, deep: bool = False
) -> Iterator[Reconciled]:
    """Reconcile the store of the caller's tenant, part by part.

    With `deep`, every sealed record and every stored file is opened, and file digests are compared; otherwise
    one record of each data key is opened.

    Raises:
        ObjectError, PhiError, DeliveryError, StoreError: a part can't be checked.
        features.delivery.TRANSIENT: the target does not respond.
    """
    import psycopg

    from claimwright.platform.database import tenancy
    from claimwright.platform.objects import open_objects

    objects, sealer = open_objects(settings), open_sealer(settings, database)
    with database.connect() as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        with tenancy(connection, caller):
            # Counting a large store takes longer than the statement timeout.
            connection.execute(
                "set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0"
            )
            yield _tables(caller, connection)
            yield _objects(caller, connection, objects, settings)
            yield _keys(caller, connection, sealer)
            if deep:
                yield _records(caller, connection, sealer)
                yield _contents(caller, connection, objects, sealer)
            yield _told(caller, connection)
            if settings.pipeline.target_url is not None:
                yield _target(caller, connection, settings.pipeline.target_url.get_secret_value())
    yield _log(caller, settings, database)


def _tables(caller: Caller, connection: Connection) -> Reconciled:
    from claimwright.store.reconciliation import count_claims, disagreements

    found = disagreements(connection)
    return Reconciled(caller.tenant, "database", count_claims(connection), "claims", tuple(found))


def _objects(caller: Caller, connection: Connection, objects: Objects, settings: Settings) -> Reconciled:
    from claimwright.foundation import clock
    from claimwright.platform.phi import SEALED_OVERHEAD
    from claimwright.store.reconciliation import LEFT_OVER, compare_objects

    # Files that arrived after the snapshot, or are being written, have no row yet.
    before = clock.now() - datetime.timedelta(hours=settings.retention.orphan_hours)
    recent: set[int] = set()

    def listed() -> Iterator[tuple[int, int, int]]:
        for key, size, at in objects.sized(f"files/{caller.tenant}"):
            folder, _, piece = key.rpartition("/")
            number = folder.rpartition("/")[2]
            if number.isdecimal() and piece.isdecimal():
                if at > before:
                    recent.add(int(number))
                yield int(number), int(piece), size

    files, found = compare_objects(connection, listed(), overhead=SEALED_OVERHEAD)
    faults = tuple(each for each in found if each.what != LEFT_OVER)
    left = tuple(each for each in found if each.what == LEFT_OVER and not recent.issuperset(each.examples))
    return Reconciled(caller.tenant, "stored files", files, "files", faults, left)


def _keys(caller: Caller, connection: Connection, sealer: Sealer) -> Reconciled:
    from claimwright.platform.phi import PhiError
    from claimwright.store.reconciliation import Disagreement, keys_in_use
    from claimwright.store.sealed_claims import sealed_claims_of

    faults, keys = [], keys_in_use(connection)
    for prefix, count, first in keys:
        try:
            sealed_claims_of(connection, [first]).opened(sealer, caller.tenant)
        except PhiError:
            number = int.from_bytes(prefix[1:], "big")
            faults.append(Disagreement(f"records of data key {number} that can't be opened", count, (first,)))
    return Reconciled(caller.tenant, "keys", len(keys), "data keys", tuple(faults))


def _records(caller: Caller, connection: Connection, sealer: Sealer) -> Reconciled:
    from claimwright.store.reconciliation import EXAMPLES, Disagreement
    from claimwright.store.sealed_claims import sealed_claims_after

    last, looked_at, broken = 0, 0, 0
    named: list[int] = []
    while len(claims := sealed_claims_after(connection, last, limit=_BATCH)):
        last = int(claims.keys[-1])
        looked_at += len(claims)
        for key in _unopened(claims, sealer, caller.tenant):
            broken += 1
            named = [*named, key][:EXAMPLES]
    faults = (Disagreement("sealed records that can't be opened", broken, tuple(named)),) if broken else ()
    return Reconciled(caller.tenant, "sealed records", looked_at, "records", faults)


def _unopened(claims: SealedClaims, sealer: Sealer, tenant: str) -> Iterator[int]:
    """The keys of the records that can't be opened, found by bisection."""
    from claimwright.platform.phi import PhiError

    try:
        claims.opened(sealer, tenant)
    except PhiError:
        if len(claims) == 1:
            yield int(claims.keys[0])
            return
        middle = len(claims) // 2
        yield from _unopened(claims.part(0, middle), sealer, tenant)
        yield from _unopened(claims.part(middle, len(claims)), sealer, tenant)


def _contents(caller: Caller, connection: Connection, objects: Objects, sealer: Sealer) -> Reconciled:
    from claimwright.store.reconciliation import EXAMPLES, Disagreement, files_after

    last, looked_at, broken = 0, 0, 0
    named: list[int] = []
    while files := files_after(connection, last, _BATCH):
        for number, folder, digest in files:
            last, looked_at = number, looked_at + 1
            if _digest(objects, sealer, folder) != digest:
                broken += 1
                named = [*named, number][:EXAMPLES]
    what = "stored files that were changed or can't be opened"
    faults = (Disagreement(what, broken, tuple(named)),) if broken else ()
    return Reconciled(caller.tenant, "contents", looked_at, "files", faults)


def _digest(objects: Objects, sealer: Sealer, folder: str) -> bytes | None:
    """SHA-256 of a stored file's content; None if a piece of it can't be opened."""
    from claimwright.platform.phi import PhiError

    digest = hashlib.sha256()
    try:
        for name in objects.keys(folder):
            sealed = objects.get(name)
            if sealed is None:
                return None
            digest.update(sealer.open([sealed], [name.encode()])[0])
    except PhiError:
        return None
    return digest.digest()


def _told(caller: Caller, connection: Connection) -> Reconciled:
    from claimwright.store.reconciliation import unrecorded_files

    found = unrecorded_files(connection)
    return Reconciled(caller.tenant, "audited files", 0, "", (found,) if found.count else ())


def _target(caller: Caller, connection: Connection, address: str) -> Reconciled:
    from claimwright.features.delivery import open_target
    from claimwright.store.reconciliation import EXAMPLES, Disagreement, delivered_after

    looked_at, last = 0, 0
    counts = {"missing": 0, "differing": 0}
    named: dict[str, list[int]] = {"missing": [], "differing": []}
    with open_target(address) as target:
        while (noted := delivered_after(connection, target.name, last, _BATCH)).height:
            last, looked_at = int(noted["claim_key"].to_list()[-1]), looked_at + noted.height
            for kind, keys in _compared(noted, target, caller.tenant):
                counts[kind] += len(keys)
                named[kind] = [*named[kind], *keys][:EXAMPLES]
    said = {
        "missing": "delivered claims that the target does not have",
        "differing": "delivered claims with a different charge at the target",
    }
    faults = tuple(
        Disagreement(said[kind], count, tuple(named[kind])) for kind, count in counts.items() if count
    )
    return Reconciled(caller.tenant, "delivery target", looked_at, "delivered claims", faults)


def _compared(noted: pl.DataFrame, target: Target, tenant: str) -> Iterator[tuple[str, list[int]]]:
    import polars as pl

    keys = noted["claim_key"]
    there = target.claims_between(tenant, int(keys[0]), int(keys[-1]))
    there = there.rename({"total_charge": "there"}).with_columns(found=pl.lit(True))
    both = noted.join(there, on=["claim_key", "version"], how="left", maintain_order="left")
    both = both.with_columns(pl.col("found").fill_null(False))
    yield "missing", both.filter(~pl.col("found"))["claim_key"].to_list()
    different = pl.col("found") & pl.col("total_charge").ne_missing(pl.col("there"))
    yield "differing", both.filter(different)["claim_key"].to_list()


def _log(caller: Caller, settings: Settings, database: Database) -> Reconciled:
    from claimwright.store.reconciliation import EXAMPLES, Disagreement

    verdict = verified_log(caller, settings, database)
    numbers = tuple(fault.sequence for fault in verdict.faults)
    what = "invalid records of the audit log"
    faults = (Disagreement(what, len(numbers), numbers[:EXAMPLES]),) if numbers else ()
    return Reconciled(caller.tenant, "audit log", verdict.records, "records", faults)
