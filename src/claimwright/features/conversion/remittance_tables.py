"""A remittance as a folder: one table per frame, in the formats of `tables.py`, and back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import polars as pl

from claimwright.engines.x12 import Remittance, parts_of, schemas

from .tables import ConversionError, has_table, scan_table, write_folder

# What is in the data is in the other frames; faults are found again when it is read.
_FRAMES = tuple(name for name in schemas() if name != "faults")
_ALWAYS = ("payments", "claims")
_KEYS = ("payment", "batch", "claim", "line", "segment", "position")


def write_remittance_tables(parts: Iterable[Remittance], folder: Path, form: str) -> dict[str, int]:
    """Write a remittance into a folder, replacing its tables. Returns the number of rows of each table."""
    frames = ((name, getattr(part, name)) for part in parts for name in _FRAMES)
    return write_folder(folder, form, frames, _FRAMES, _ALWAYS, _KEYS)


def is_remittance_folder(path: Path) -> bool:
    """Whether a folder contains a remittance written by `write_remittance_tables`."""
    return path.is_dir() and has_table(path, "payments")


def read_remittance_tables(folder: Path) -> Iterator[Remittance]:
    """The remittance of a folder of tables, in parts of some thousands of claims.

    Raises:
        ConversionError: a table is missing, damaged, or has a column that a remittance does not.
    """
    frames = {name: scan_table(folder, name, schemas()[name]) for name in _FRAMES}
    given = {name: frame for name, frame in frames.items() if frame is not None}
    if "payments" not in given:
        raise ConversionError(
            f"{folder}: there is no payments table. Name a folder that `claimwright convert` wrote."
        )
    for name, frame in given.items():
        if missing := [key for key in ("payment",) if key not in frame.collect_schema()]:
            raise ConversionError(f"{folder}: table {name} has no column {missing[0]}. Write it again.")
    if "claims" in given and "batch" not in given["claims"].collect_schema():
        given["claims"] = given["claims"].with_columns(batch=pl.lit(None, pl.Int64))
    try:
        yield from parts_of(given)
    except pl.exceptions.PolarsError as problem:
        raise ConversionError(
            f"{folder}: a table can't be read ({type(problem).__name__}). Write it again."
        ) from None
