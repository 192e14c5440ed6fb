"""Opens stored claims with the columns that prediction reads, for histories, snapshots and jobs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl

from claimwright.domain.batch import ClaimBatch
from claimwright.domain.caller import Caller
from claimwright.engines.prediction.facts import READS
from claimwright.engines.x12 import read_records
from claimwright.platform.database import Connection, Database
from claimwright.store.sealed_claims import RECORDS_AT_ONCE, Opens, SealedClaims, sealed_claims_of

# In addition to the columns for features: the columns by which decisions are matched.
_MORE = {"claims": ("claim_id", "transaction"), "lines": ("line_control_number",)}


def open_claims(caller: Caller, connection: Connection, opener: Opens, keys: Sequence[int]) -> ClaimBatch:
    """The claims with these keys that the store has, in order of key; `claim` is the key.

    Raises:
        PhiError: a record can't be opened.
        RecordError: a record's content does not match its description.
    """
    return opened_batch(caller, opener, sealed_claims_of(connection, keys))


def opened_batch(caller: Caller, opener: Opens, sealed: SealedClaims) -> ClaimBatch:
    """Sealed claims opened; `claim` is the key.

    Raises:
        PhiError: a record can't be opened.
        RecordError: a record's content does not match its description.
    """
    if not len(sealed):
        return ClaimBatch()
    return _keyed(read_records(sealed.opened(opener, caller.tenant), verbatim=False), sealed.keys)


def open_claims_in_blocks(
    caller: Caller, database: Database, opener: Opens, keys: Sequence[int]
) -> Iterator[ClaimBatch]:
    """The same for many keys: batches of some thousand claims, with only the columns that prediction reads.

    Raises:
        PhiError: a record can't be opened.
        RecordError: a record's content does not match its description.
    """
    for first in range(0, len(keys), RECORDS_AT_ONCE):
        with database.transaction(caller) as connection:
            batch = open_claims(caller, connection, opener, keys[first : first + RECORDS_AT_ONCE])
        if len(batch):
            yield _slim(batch)


def _keyed(batch: ClaimBatch, keys: np.ndarray[tuple[int], np.dtype[np.int64]]) -> ClaimBatch:
    """The batch with claim keys instead of 1-based claim numbers."""

    def keyed(frame: pl.DataFrame) -> pl.DataFrame:
        return frame.with_columns(claim=pl.Series(keys).gather(frame["claim"] - 1))

    return ClaimBatch(
        transactions=batch.transactions,
        claims=keyed(batch.claims),
        lines=keyed(batch.lines),
        diagnoses=keyed(batch.diagnoses),
        attachments=keyed(batch.attachments),
        other_payers=keyed(batch.other_payers),
    )


def _slim(batch: ClaimBatch) -> ClaimBatch:
    """The columns that prediction reads, so that a year of claims fits into memory."""
    parts = {
        name: getattr(batch, name).select(*columns, *_MORE.get(name, ())) for name, columns in READS.items()
    }
    return ClaimBatch(**parts)
