"""Exports of the semantic tables: Parquet or Arrow files that DuckDB, dbt and BI tools read.

By default without what identifies a patient, by the safe harbor rule: numbers are replaced by others that are
drawn for this export, days by their years, facilities and providers by tokens. Otherwise for a stated reason,
which the audit log keeps.

Source: 45 CFR 164.514(b)(2).

ExportError   the table or format does not exist
"""

from __future__ import annotations

import io
import uuid
from collections.abc import Sequence
from typing import Literal

import numpy as np
import polars as pl

from claimwright.domain.caller import Caller
from claimwright.foundation.errors import InputError
from claimwright.platform import audit
from claimwright.platform.database import Connection
from claimwright.store import analytics_exports as store

from .frames import SEMANTIC_VERSION

ExportFormat = Literal["parquet", "arrow"]
TABLES = tuple(store.TABLES)
# What is a number of a claim or item: the same in both tables of one export.
_NUMBERS = ("account_key", "claim_key", "item_id")
_TOKENS = ("facility", "provider", "staff")


class ExportError(InputError):
    """There is no such table or format."""


def export_table(
    caller: Caller,
    connection: Connection,
    table: str,
    *,
    facilities: Sequence[str] | None = None,
    identified: bool = False,
    reason: str | None = None,
) -> pl.DataFrame:
    """A semantic table as a frame; with its numbers and days only if `identified`.

    Raises:
        ExportError: there is no such table.
        AuditError: it is identified, and the reason is not acceptable.
    """
    if table not in store.TABLES:
        raise ExportError(f"there is no such table. There are: {', '.join(TABLES)}.")
    frame = store.read_table(connection, table, facilities)
    subject, correlation = f"analytics:{table}", str(uuid.uuid4())
    if identified:
        audit.record_phi_access(
            caller, connection, subject=subject, fields=("service_to_on", "received_at"), reason=reason or "",
            correlation_id=correlation,
        )  # fmt: skip
    audit.append(
        caller, connection, action="analytics.exported", subject=subject,
        detail={"rows": frame.height, "identified": identified}, correlation_id=correlation,
    )  # fmt: skip
    return frame if identified else deidentified(frame, np.random.default_rng())


def deidentified(frame: pl.DataFrame, draws: np.random.Generator) -> pl.DataFrame:
    """The frame without numbers, days, places and persons, in another order of rows."""
    made = frame
    for name, dtype in frame.schema.items():
        if name in _NUMBERS:
            made = made.with_columns(_renumbered(frame[name], draws))
        elif name in _TOKENS:
            made = made.with_columns(_tokens(frame[name], draws))
        elif dtype == pl.Date or isinstance(dtype, pl.Datetime):
            made = made.with_columns(pl.col(name).dt.year().cast(pl.Int32).alias(_year_of(name))).drop(name)
    order = draws.permutation(made.height)
    return made[order.tolist()] if made.height else made


def written(frame: pl.DataFrame, file_format: str) -> bytes:
    """The frame as a file; the metadata of a Parquet file names the version of the semantic tables.

    Raises:
        ExportError: there is no such format.
    """
    content = io.BytesIO()
    if file_format == "parquet":
        frame.write_parquet(content, metadata={"claimwright.semantic_version": SEMANTIC_VERSION})
    elif file_format == "arrow":
        frame.write_ipc(content)
    else:
        raise ExportError("there is no such format. There are: parquet, arrow.")
    return content.getvalue()


def _year_of(name: str) -> str:
    return name.removesuffix("_on").removesuffix("_at") + "_year"


def _renumbered(column: pl.Series, draws: np.random.Generator) -> pl.Series:
    unique = column.unique().drop_nulls()
    numbers = draws.permutation(len(unique)) + 1
    known = dict(zip(unique.to_list(), numbers.tolist(), strict=True))
    return column.replace_strict(known, default=None, return_dtype=pl.Int64).alias(column.name)


def _tokens(column: pl.Series, draws: np.random.Generator) -> pl.Series:
    unique = column.unique().drop_nulls()
    numbers = draws.permutation(len(unique)) + 1
    known = {
        value: f"{column.name} {number}" for value, number in zip(unique.to_list(), numbers, strict=True)
    }
    return column.replace_strict(known, default=None, return_dtype=pl.String).alias(column.name)
