"""What a dataset is: its columns, its key, who publishes it and how often."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

TEXT, FLAG, DAY, COUNT, SMALL = pl.String(), pl.Boolean(), pl.Date(), pl.Int32(), pl.UInt8()

# What a relative value file has in hundredths: a whole number is exact, and small.
HUNDREDTHS = pl.Int32()
RELATIVE_VALUES = (
    "work", "pe_nonfacility", "pe_facility", "malpractice", "preoperative", "intraoperative", "postoperative",
    "opps_pe_nonfacility", "opps_pe_facility", "opps_malpractice",
)  # fmt: skip

_ROW_DAYS: Mapping[str, pl.DataType] = {"valid_from": DAY, "valid_to": DAY}


@dataclass(frozen=True, slots=True)
class Dataset:
    """One dataset.

    Attributes:
        name: by which commands and rules know it.
        title: for a person.
        publisher: who publishes it, and where to look it up.
        columns: the columns of its table.
        key: the columns that together name a row, with its days where it has them.
        files: what is loaded, as it is published.
        least_rows: fewer than this is not the whole of it; a smaller file is truncated, or loaded as partial.
        row_days: whether rows have days of their own.
        is_of_user: whether it is the user's own table, which nobody publishes.
    """

    name: str
    title: str
    publisher: str
    columns: Mapping[str, pl.DataType]
    key: tuple[str, ...]
    files: str
    least_rows: int = 1
    row_days: bool = False
    is_of_user: bool = False

    @property
    def schema(self) -> dict[str, pl.DataType]:
        """Every column of the table with its type."""
        return {**self.columns, **(_ROW_DAYS if self.row_days else {})}
