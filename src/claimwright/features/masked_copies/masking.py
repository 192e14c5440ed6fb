"""A tenant's claims from the store, masked, for non-production use."""

from __future__ import annotations

from collections.abc import Iterator

from claimwright.domain.batch import ClaimBatch
from claimwright.domain.caller import Caller
from claimwright.domain.masking import Masker
from claimwright.engines.x12 import Records, read_records
from claimwright.platform.database import Database
from claimwright.store.sealed_claims import Opens, SealedClaims, sealed_claims_after


def masked_claims(caller: Caller, database: Database, opener: Opens, *, year: int) -> Iterator[ClaimBatch]:
    """All claims of a tenant in the store, masked, in order of key. No unmasked claim is returned.

    `year` is the year of the copy, from which ages are derived. Claims that can't be opened or read are left
    out.
    """
    masker = Masker(year=year)
    last, count, transactions = 0, 0, 0
    while True:
        with database.transaction(caller) as connection:
            sealed = sealed_claims_after(connection, last)
        if not len(sealed):
            return
        last = int(sealed.keys[-1])
        for part in _legible(opener, caller.tenant, sealed):
            batch = read_records(part, first_claim=count + 1, first_transaction=transactions + 1)
            count += len(batch)
            transactions += batch.transactions.height
            yield masker.mask(batch)


def _legible(opener: Opens, tenant: str, sealed: SealedClaims) -> Iterator[Records]:
    """The opened records, without those that can't be opened or read, which are found by bisection."""
    try:
        opened = sealed.opened(opener, tenant)
        read_records(opened)
    except Exception:  # noqa: BLE001 - whatever is wrong with one claim, the others are masked
        middle = len(sealed) // 2
        if middle:
            for half in (sealed.part(0, middle), sealed.part(middle, len(sealed))):
                yield from _legible(opener, tenant, half)
        return
    yield opened
