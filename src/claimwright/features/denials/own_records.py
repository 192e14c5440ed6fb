"""What the store itself says of denials: acceptances, like claims, other payers, findings of our check."""

from __future__ import annotations

import polars as pl

from claimwright.engines.deadlines import load_deadlines
from claimwright.engines.denials import (
    PAIR_RULES,
    bundling_evidence,
    duplicate_evidence,
    filing_evidence,
    other_payer_evidence,
)
from claimwright.platform.database import Connection
from claimwright.store.acceptances import sending_of
from claimwright.store.denial_records import findings_with_codes, like_claims


def own_evidence(connection: Connection, denials: pl.DataFrame, clocks: pl.DataFrame) -> pl.DataFrame:
    """`denial` and the columns of `claimwright.engines.denials.FOUND`, of the denials of which our records
    say something. `clocks` are those that run for them.
    """

    def keys_of(category: str) -> list[int]:
        rows = denials.filter(pl.col("category") == category)
        return [int(key) for key in rows["claim_key"].drop_nulls().unique().sort()]

    exact = {rule.code: rule.exact for rule in load_deadlines().clocks}
    return pl.concat(
        [
            filing_evidence(denials, sending_of(connection, keys_of("timely_filing")), clocks, exact),
            duplicate_evidence(denials, like_claims(connection, keys_of("duplicate"))),
            other_payer_evidence(denials),
            bundling_evidence(denials, findings_with_codes(connection, keys_of("bundling"), PAIR_RULES)),
        ]
    )
