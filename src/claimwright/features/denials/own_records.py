"""What the store itself says of denials: acceptances of claims that were denied as late."""

from __future__ import annotations

import polars as pl

from claimwright.engines.deadlines import load_deadlines
from claimwright.engines.denials import filing_evidence
from claimwright.platform.database import Connection
from claimwright.store.acceptances import sending_of


def own_evidence(connection: Connection, denials: pl.DataFrame, clocks: pl.DataFrame) -> pl.DataFrame:
    """`denial` and the columns of `claimwright.engines.denials.FOUND`, of the denials of which our records
    say something. `clocks` are those that run for them.
    """
    late = denials.filter(pl.col("category") == "timely_filing")
    keys = late["claim_key"].drop_nulls().unique().sort().to_list()
    exact = {rule.code: rule.exact for rule in load_deadlines().clocks}
    return filing_evidence(late, sending_of(connection, keys), clocks, exact)
