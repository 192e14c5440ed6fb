"""A remittance as a folder: one table per frame, in the formats of `tables.py`, and back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq

from claimwright.engines.x12 import Remittance, parts_of, schemas, write_835
from claimwright.foundation.whole_files import WholeFile, close_all

from .tables import ConversionError, has_table, scan_table, write_folder

# What is in the data is in the other frames; faults are found again when it is read.
_FRAMES = tuple(name for name in schemas() if name != "faults")
_KEYS = ("payment", "batch", "claim", "line", "segment", "position")


def write_remittance_tables(parts: Iterable[Remittance], folder: Path, form: str) -> dict[str, int]:
    """Write a remittance into a folder, replacing its tables. Returns the number of rows of each table."""
    return write_folder(folder, form, lambda scratch: _write_parquet(parts, scratch), _FRAMES, _KEYS)


def _write_parquet(parts: Iterable[Remittance], folder: Path) -> dict[str, int]:
    writers: dict[str, pq.ParquetWriter] = {}
    counts: dict[str, int] = {}
    try:
        for part in parts:
            for name in _FRAMES:
                frame: pl.DataFrame = getattr(part, name)
                if not frame.height and name not in ("payments", "claims"):
                    continue
                arrow = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
                if name not in writers:
                    path = folder / f"{name}.parquet"
                    writers[name] = pq.ParquetWriter(path, arrow.schema, compression="zstd")
                writers[name].write_table(arrow)
                counts[name] = counts.get(name, 0) + frame.height
    finally:
        close_all(writers.values())
    return counts


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


def write_835_file(parts: Iterable[Remittance], path: Path) -> int:
    """Write a remittance as an 835. Returns its size in bytes. The file gets its name when it is complete.

    Raises:
        UnwritableError: the remittance lacks data that an 835 needs, or contains every possible delimiter.
        OSError: it can't be written; names the file and the reason.
    """
    size = 0
    with WholeFile(path) as part, part.open("wb") as file:
        for piece in write_835(parts):
            size += file.write(piece)
    return size
