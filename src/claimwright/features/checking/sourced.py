"""The source file of each result row: a block can contain the claims of many small files."""

from __future__ import annotations

import numpy as np
import polars as pl

from .check import Checked


def sourced(checked: Checked, source: str = "") -> dict[str, pl.DataFrame]:
    """The tables `claims`, `findings` and `prices` of a result with a column `source`.

    `source` names the file if the result itself does not.
    """
    tables = {"claims": checked.outcomes, "findings": checked.findings, "prices": checked.prices}
    files = checked.files
    if files is None or len(files.names) == 1:
        name = files.names[0] if files else source
        return {key: table.with_columns(source=pl.lit(name)) for key, table in tables.items()}
    names = pl.Series("source", files.names)
    of_claim = names.gather(pl.Series(files.of_claim))
    keys = checked.batch.claims["claim"].to_numpy()

    def by_claim(frame: pl.DataFrame) -> pl.Series:
        return of_claim.gather(pl.Series(np.searchsorted(keys, frame["claim"].to_numpy())))

    # Structural findings come first, and can be about a file without belonging to a claim.
    structural = len(files.of_finding)
    of_finding = pl.concat(
        [names.gather(pl.Series(files.of_finding)), by_claim(checked.findings[structural:])]
    )
    return {
        "claims": checked.outcomes.with_columns(of_claim),
        "findings": checked.findings.with_columns(of_finding),
        "prices": checked.prices.with_columns(by_claim(checked.prices)),
    }
