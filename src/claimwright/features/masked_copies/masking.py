"""A tenant's claims out of the store, masked: for a copy that is no production."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from psycopg import sql

from claimwright.domain.batch import ClaimBatch
from claimwright.domain.caller import Caller
from claimwright.domain.masking import Masker
from claimwright.engines.x12.claims837.records import Records, read_records
from claimwright.features.intake import context_of
from claimwright.features.pipeline import Opens
from claimwright.platform.database import Database, copy_out_records

_AT_ONCE = 5_000


def masked_claims(caller: Caller, database: Database, opener: Opens, *, year: int) -> Iterator[ClaimBatch]:
    """Every claim that the store has of a tenant, in order of key, masked; nobody unmasked leaves.

    `year` is that of the copy, from which ages are told. What does not open or read is left out.
    """
    masker = Masker(year=year)
    last, count, transactions = 0, 0, 0
    while True:
        query = sql.SQL(
            "select claim_key, heading_bytes, provider_bytes, sealed from staging.records "
            "where claim_key > {} order by claim_key limit {}"
        ).format(sql.Literal(last), sql.Literal(_AT_ONCE))
        with database.transaction(caller) as connection:
            numbers, sealed = copy_out_records(connection, query, ["int8", "int4", "int4"])
        if not sealed:
            return
        keys, headings, providers = (column.tolist() for column in numbers)
        last = keys[-1]
        contexts = [context_of(caller.tenant, key) for key in keys]
        for part in _legible(opener, sealed, contexts, Records(sealed, headings, providers)):
            batch = read_records(part, first_claim=count + 1, first_transaction=transactions + 1)
            count += len(batch)
            transactions += batch.transactions.height
            yield masker.mask(batch)


def _legible(
    opener: Opens, sealed: Sequence[bytes], contexts: Sequence[bytes], records: Records
) -> Iterator[Records]:
    """The records, opened, but for those that don't open or read, which are found by halves."""
    try:
        opened = Records(opener.open(sealed, contexts), records.heading_bytes, records.provider_bytes)
        read_records(opened)
    except Exception:  # noqa: BLE001 - whatever is wrong with one claim, the others are masked
        middle = len(sealed) // 2
        if middle:
            for first, last in ((0, middle), (middle, len(sealed))):
                half = records.part(first, last)
                yield from _legible(opener, sealed[first:last], contexts[first:last], half)
        return
    yield opened
