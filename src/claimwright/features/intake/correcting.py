"""Stages corrected claims: a file of our own, whose claims are the next versions of claims of the store.

CorrectedMeanwhileError   one of the claims has a later version already; nothing is staged
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from claimwright.domain.caller import Caller
from claimwright.domain.derived import KnownOccurrences
from claimwright.foundation import clock
from claimwright.foundation.errors import StoreError
from claimwright.platform.database import Connection
from claimwright.platform.metering import demand_room
from claimwright.store import staging
from claimwright.store.claim_numbers import CorrectionRegistry
from claimwright.store.corrections import copy_sent_before

from .prepared_claims import prepare_claims
from .reading import read_blocks
from .staging import FileTransaction, Intake, Staged, StoredFile


class CorrectedMeanwhileError(StoreError):
    """One of the claims has a later version already."""


@dataclass(frozen=True)
class StagedCorrections:
    """The file that was staged, and by the key of each claim the key and version of the corrected one."""

    staged: Staged
    corrected: Mapping[int, tuple[int, int]]


def next_correction_file(intake: Intake, caller: Caller) -> int:
    """The number of a file of corrections, in a transaction of its own, in which its partitions are made."""
    with intake.database.transaction(caller) as connection:
        demand_room(connection)
        staging.prepare_partitions(connection, clock.now().date())
        return staging.next_file_id(connection)


@contextmanager
def staged_corrections(
    intake: Intake,
    caller: Caller,
    connection: Connection,
    content: bytes,
    *,
    file_id: int,
    facility: str,
    originals: Sequence[int],
    occurrences: Sequence[tuple[int, int]],
) -> Iterator[StagedCorrections]:
    """Stage an 837 with one claim for each original, in this order, in the caller's transaction.

    `occurrences` has, for each, that of its number and of its content in its own file: a claim that repeated
    another one repeats it still. Open it inside of the transaction, and do what belongs to the corrections
    within. If it fails, what was put into object storage is removed.

    Raises:
        CorrectedMeanwhileError: one of the claims has a later version already.
        QuotaExceededError: the file would exceed a quota of the tenant.
        FileKeptError: another file is stored under this one's number.
    """
    now, tenant = clock.now(), caller.tenant
    begun = Staged(file_id, uuid.uuid4(), tenant, facility)
    stored = StoredFile(intake.sealer, intake.shelf, tenant, file_id)
    try:
        staging.lock_facility(connection, tenant, facility)
        registry = CorrectionRegistry(connection, file_id, originals)
        transaction = FileTransaction(connection, begun, now, registry)
        corrected: dict[int, int] = {}
        for reading in read_blocks(stored.passing([content]), with_records=True, verbatim=False):
            keys = staging.next_claim_keys(connection, len(reading.batch))
            known = [occurrences[place - 1] for place in reading.batch.claims["claim"].to_list()]
            seen = KnownOccurrences([number for number, _ in known], [content for _, content in known])
            prepared = prepare_claims(
                reading, keys, intake.sealer, tenant=tenant, seen=seen, as_of=now.date()
            )
            places = prepared.claims["position"].to_list()
            corrected |= {originals[place - 1]: key for place, key in zip(places, keys, strict=True)}
            transaction.add(prepared)
        done = transaction.finish(stored)
        if registry.refused or len(corrected) < len(originals):
            raise CorrectedMeanwhileError("a claim has a later version already. Nothing was corrected.")
        copy_sent_before(connection, {new: old for old, new in corrected.items()}, file_id)
        versions = staging.versions_of(connection, list(corrected.values()))
        yield StagedCorrections(done, {old: (new, versions[new]) for old, new in corrected.items()})
        if intake.notices is not None:
            intake.notices(caller, connection, done)
    except BaseException:
        stored.discard()
        raise
