"""Reads users' CSV files as text and checks for required columns."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import polars as pl


def read_columns(path: Path, needed: Iterable[str], problem: type[Exception]) -> pl.DataFrame:
    """All columns of a file, as text.

    Raises:
        problem: the file can't be read, or lacks a column; the message names the file and the required
            columns.
    """
    try:
        frame = pl.read_csv(path, infer_schema=False)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise problem(f"{path}: can't be read as CSV ({type(error).__name__}).") from None
    names = list(needed)
    missing = [name for name in names if name not in frame.columns]
    if missing:
        raise problem(f"{path}: no column {', '.join(missing)}. Needed are {', '.join(names)}.")
    return frame
