"""The tables of versions: how each is kept in its file, and read from it.

Most are kept as they are. Pairs of procedures are millions, and are kept as sorted numbers that serve as
their own index: `key` holds both codes and the last day (see `packing`), `from_day` the first day.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from .datasets import Dataset, dataset
from .packing import (
    DAY_BITS,
    OPEN,
    pack_days,
    pack_pairs,
    pack_procedures,
    unpack_days,
    unpack_pairs,
)
from .versions import ReferenceDataError, Version

PAIRS = ("ncci_practitioner", "ncci_outpatient")

# Tables that were stated rather than stored, by the path that their version pretends to have.
_held: dict[Path, pl.DataFrame] = {}

_DELTA = "DELTA_BINARY_PACKED"
_BY_YEAR = {"practice_cost_indices": "year", "anesthesia_factors": "effective_on"}


def packed_pairs(frame: pl.DataFrame) -> pl.DataFrame:
    """Pairs as they are kept: `key`, `from_day`, `indicator`, sorted by key."""
    pairs = pack_pairs(pack_procedures(frame["column_1"]), pack_procedures(frame["column_2"]))
    last = pack_days(frame["valid_to"], OPEN).astype(np.uint64)
    return pl.DataFrame(
        {
            "key": (pairs << np.uint64(DAY_BITS)) | last,
            "from_day": pack_days(frame["valid_from"], 0).astype(np.uint16),
            "indicator": frame["indicator"].cast(pl.UInt8),
        }
    ).sort("key")


def unpacked_pairs(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Pairs as a person reads them."""
    first, second = unpack_pairs(pl.col("key") // 2**DAY_BITS)
    return frame.select(
        first.alias("column_1"),
        second.alias("column_2"),
        "indicator",
        unpack_days(pl.col("from_day"), 0).alias("valid_from"),
        unpack_days(pl.col("key") % 2**DAY_BITS, OPEN).alias("valid_to"),
    )


def hold(version: Version, frame: pl.DataFrame) -> None:
    """Keep the table of a version that stands in no file, in the columns of its dataset."""
    _held[version.path] = packed_pairs(frame) if version.dataset in PAIRS else frame


def write_table(about: Dataset, frame: pl.DataFrame, path: Path) -> None:
    """Write the table of a version: the columns of the dataset, sorted by its key, the same bytes
    every time.
    """
    if about.name in PAIRS:
        kept = packed_pairs(frame)
        encodings = {"key": _DELTA, "from_day": "PLAIN", "indicator": "PLAIN"}
        pq.write_table(
            kept.to_arrow(), path, compression="zstd", use_dictionary=False, column_encoding=encodings,
            write_statistics=False, store_schema=False,
        )  # fmt: skip
        return
    by = [*about.key, *(name for name in ("valid_to", "valid_from") if name in about.schema)] or list(
        about.schema
    )
    kept = frame.select(pl.col(name).cast(dtype) for name, dtype in about.schema.items()).sort(
        by, nulls_last=True
    )
    kept.write_parquet(path, compression="zstd", compression_level=19, statistics=False)


def scan(version: Version) -> pl.LazyFrame:
    """The table of a version, read when it is collected.

    Raises:
        ReferenceDataError: the file is not readable as the dataset's table.
    """
    about = dataset(version.dataset)
    if version.path in _held:
        held = _held[version.path].lazy()
        return unpacked_pairs(held) if about.name in PAIRS else held
    try:
        if version.path.suffix == ".csv":
            return _listed(about, version)
        frame = pl.scan_parquet(version.path)
        if about.name in PAIRS:
            return unpacked_pairs(frame)
        # The package's fee schedules have no factor of their own, and stores of older releases fewer columns.
        there = frame.collect_schema().names()
        frame = frame.with_columns(pl.lit(None).alias(name) for name in about.schema if name not in there)
        return frame.select(pl.col(name).cast(dtype) for name, dtype in about.schema.items())
    except (OSError, pl.exceptions.PolarsError, pa.ArrowException) as error:
        raise ReferenceDataError(f"{version.path}: cannot be read; `claimwright reference verify`") from error


def _listed(about: Dataset, version: Version) -> pl.LazyFrame:
    """A table that is kept by hand; the short code lists call their days `from` and `to`."""
    frame = pl.read_csv(version.path, comment_prefix="#", infer_schema=False)
    frame = frame.rename({"from": "valid_from", "to": "valid_to"}, strict=False)
    if about.name in _BY_YEAR and version.effective_from:
        # One file holds all the years that pricing knows; a version is one of them.
        year = pl.col(_BY_YEAR[about.name]).str.head(4)
        frame = frame.filter(year == str(version.effective_from.year))
    # Lists of years that had one factor for everybody have no column for a second.
    there = frame.with_columns(
        pl.lit(None, pl.String).alias(n) for n in about.schema if n not in frame.columns
    )
    return there.lazy().select(_typed(name, dtype) for name, dtype in about.schema.items())


def _typed(name: str, dtype: pl.DataType) -> pl.Expr:
    if dtype == pl.Boolean():
        return pl.col(name) == "yes"
    return pl.col(name).str.to_date() if dtype == pl.Date() else pl.col(name).cast(dtype)


@lru_cache(maxsize=64)
def _loaded(version: Version) -> pl.DataFrame:
    if version.path in _held:
        return _held[version.path]
    try:
        if version.dataset in PAIRS:
            return pl.read_parquet(version.path, memory_map=True)
        return scan(version).collect()
    except (OSError, pl.exceptions.PolarsError) as error:
        raise ReferenceDataError(f"{version.path}: cannot be read; `claimwright reference verify`") from error


def read_table(version: Version) -> pl.DataFrame:
    """The table of a version as it is kept, read once in a process.

    Raises:
        ReferenceDataError: the file is not readable as the dataset's table.
    """
    return _loaded(version)


@lru_cache(maxsize=256)
def read_column(version: Version, name: str) -> pl.Series:
    """One column of a table that has many, read once in a process, and the others not.

    Raises:
        ReferenceDataError: the file is not readable as the dataset's table.
    """
    if version.dataset in PAIRS or version.path in _held or version.path.suffix == ".csv":
        return read_table(version)[name]
    try:
        return scan(version).select(name).collect().to_series()
    except (OSError, pl.exceptions.PolarsError) as error:
        raise ReferenceDataError(f"{version.path}: cannot be read; `claimwright reference verify`") from error
