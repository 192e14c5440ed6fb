"""Reference data stated in place, for the cases of rules: a table of a few rows, as if it had been loaded."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from .datasets import dataset
from .snapshot import Snapshot
from .tables import hold
from .versions import Coverage, Version

# Any instant does: what has one goes before what came with the package.
_LOADED_AT = datetime(2000, 1, 1, tzinfo=UTC)


def with_tables(known: Snapshot, tables: Mapping[str, pl.DataFrame]) -> Snapshot:
    """The snapshot in which these tables are the whole of their datasets, in force on every day.

    A column that a table lacks is null in every row.

    Raises:
        KeyError: there is no such dataset.
        polars.exceptions.PolarsError: a column is none of the dataset, or not of its type.
    """
    changed = dict(known.known)
    for name, table in tables.items():
        about = dataset(name)
        rows = table.select(
            (pl.col(column) if column in table.columns else pl.lit(None)).cast(dtype).alias(column)
            for column, dtype in about.schema.items()
        )
        digest = hashlib.sha256(f"{name}\n{rows.write_json()}".encode()).hexdigest()
        version = Version(
            about.name, "stated", Coverage.FULL, None, None, rows.height, digest, Path("stated", digest),
            ("stated",), _LOADED_AT,
        )  # fmt: skip
        hold(version, rows)
        changed[about.name] = (version,)
    return replace(known, known=changed)
