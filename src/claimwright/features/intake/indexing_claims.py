"""Members, patients and NPIs of claims that came before these were indexed, a block at a time."""

from __future__ import annotations

import polars as pl

from claimwright.domain.caller import Caller
from claimwright.engines.x12 import read_records
from claimwright.platform.database import Connection
from claimwright.store.claim_numbers import SEARCHED, keep_searched, keys_to_index
from claimwright.store.sealed_claims import SealsAndOpens, sealed_claims_of

from .prepared_claims import searched_by

# A second's work, in a transaction of its own.
AT_ONCE = 2_000


def index_claims(caller: Caller, connection: Connection, sealer: SealsAndOpens) -> int:
    """Index what the next claims are searched by; how many claims were looked at.

    Raises:
        PhiError: a record can't be opened.
        RecordError: a record's content does not match its description.
    """
    keys = keys_to_index(connection, AT_ONCE)
    if not keys:
        return 0
    # A claim whose record is kept no longer is looked at once, and is found by its number only.
    found = pl.DataFrame({"claim_key": pl.Series(keys, dtype=pl.Int64)})
    sealed = sealed_claims_of(connection, keys)
    if len(sealed):
        claims = read_records(sealed.opened(sealer, caller.tenant)).claims
        own = pl.Series("claim_key", sealed.keys[(claims["claim"] - 1).to_numpy()])
        indexed = pl.DataFrame([own, *searched_by(claims, sealer, caller.tenant).values()])
        found = found.join(indexed, on="claim_key", how="left")
    else:
        found = found.with_columns(pl.lit(None).alias(name) for name in SEARCHED)
    keep_searched(connection, found)
    return len(keys)
