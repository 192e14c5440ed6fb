"""A claim batch as a folder: one table per level, named after the level, with the dictionary's columns.

Parquet stores types. CSV and JSON lines contain amounts as plain decimals and dates as CCYY-MM-DD, and are
read back with the dictionary's types. Text is written unchanged: a folder of tables contains PHI, like an
837.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq

from claimwright.domain.batch import ClaimBatch
from claimwright.domain.dictionary import Level, schema
from claimwright.foundation.errors import InputError
from claimwright.foundation.spreadsheets import defused, restored
from claimwright.foundation.whole_files import close_all, named_in_errors, whole_files

from .table_faults import faults_of, marked, ragged_row, unmarked, unreadable_text

TABLE_FORMATS = {"parquet": "parquet", "csv": "csv", "json": "jsonl"}
_ALWAYS = (Level.CLAIM.value,)
_KEYS = ("claim", "transaction")
# Number of claims that are read back at a time.
CLAIMS_AT_ONCE = 20_000


class ConversionError(InputError):
    """Tables can't be converted. The message says which file, what is wrong and what to do."""


def write_tables(batches: Iterable[ClaimBatch], folder: Path, form: str) -> dict[str, int]:
    """Write batches into a folder, replacing its tables. Returns the number of rows of each table.

    CSV and JSON lines contain only columns that have values. The files get their names only when all are
    written.
    """
    return write_folder(folder, form, _frames(batches), {level.value for level in Level}, _ALWAYS, _KEYS)


def write_folder(
    folder: Path,
    form: str,
    frames: Iterable[tuple[str, pl.DataFrame]],
    names: Collection[str],
    always: Collection[str],
    keys: Collection[str],
) -> dict[str, int]:
    """Write a folder of tables in a format, from their frames part by part. Returns the rows of each table.

    `names` are all tables that there can be; what is left of an earlier writing is removed. `always` are the
    tables, and `keys` the columns, that are written even if they are empty.
    """
    ending = TABLE_FORMATS[form]
    with ExitStack() as stack:
        stack.enter_context(named_in_errors(folder))
        folder.mkdir(parents=True, exist_ok=True)
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=folder, prefix=".writing-")))
        counts = _write_parquet(frames, scratch, always)
        if form != "parquet":
            for name in counts:
                _rewrite(scratch / f"{name}.parquet", scratch / f"{name}.{ending}", form, keys)
        parts = [scratch / f"{name}.{ending}" for name in counts]
        with whole_files(*(folder / part.name for part in parts)) as places:
            for part, place in zip(parts, places, strict=True):
                part.replace(place)
        for old in folder.iterdir():
            is_table = old.is_file() and old.stem in names
            if is_table and (old.stem not in counts or old.suffix != f".{ending}"):
                old.unlink()
    return counts


def _write_parquet(
    frames: Iterable[tuple[str, pl.DataFrame]], folder: Path, always: Collection[str]
) -> dict[str, int]:
    writers: dict[str, pq.ParquetWriter] = {}
    counts: dict[str, int] = {}
    try:
        for name, frame in frames:
            if not frame.height and name not in always:
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


def _frames(batches: Iterable[ClaimBatch]) -> Iterator[tuple[str, pl.DataFrame]]:
    transactions: set[int] = set()
    for batch in batches:
        known = pl.col("transaction").is_in(list(transactions))
        for level, frame in batch.frames().items():
            # A transaction that spans several blocks is repeated in each of them.
            if level is Level.TRANSACTION:
                frame = frame.filter(~known)
            elif level is Level.SEGMENT:
                frame = frame.filter(pl.col("claim").is_not_null() | ~known)
            yield level.value, frame
        transactions.update(batch.transactions["transaction"])


def _rewrite(source: Path, target: Path, form: str, keys: Collection[str]) -> None:
    lazy = pl.scan_parquet(source)
    held = lazy.select(pl.all().count()).collect().row(0, named=True)
    # Key columns are kept, even if they are null in every row.
    used = [name for name, count in held.items() if count or name in keys]
    # Decimals become text: JSON has no decimal type, and a number would be read back as a float.
    amounts = [
        name
        for name, dtype in lazy.collect_schema().items()
        if isinstance(dtype, pl.Decimal) and name in used
    ]
    kept = lazy.select(used).with_columns(pl.col(amounts).cast(pl.String))
    if form == "csv":
        texts = [name for name, dtype in kept.collect_schema().items() if dtype == pl.String()]
        safe = kept.with_columns(defused(pl.col(pl.String))).with_columns(marked(name) for name in texts)
        safe.sink_csv(target)
    else:
        kept.sink_ndjson(target)


def is_table_folder(path: Path) -> bool:
    """Whether a folder contains claims written by `write_tables`."""
    return path.is_dir() and has_table(path, "claims") and not has_table(path, "payments")


def has_table(folder: Path, stem: str) -> bool:
    """Whether a folder contains a table of this name, in any format."""
    return any((folder / f"{stem}.{ending}").is_file() for ending in TABLE_FORMATS.values())


def read_tables(folder: Path) -> Iterator[ClaimBatch]:
    """The claims of a folder of tables, in order, in batches of some thousands.

    Raises:
        ConversionError: a table is missing, damaged, or has a column that the dictionary does not.
    """
    tables = {level: _scan(folder, level) for level in Level}
    claims = tables[Level.CLAIM]
    if claims is None:
        raise ConversionError(
            f"{folder}: there is no claims table. Name a folder that `claimwright convert` wrote."
        )
    try:
        ordinals = claims.select("claim").collect().to_series().sort()
        for first in range(0, len(ordinals), CLAIMS_AT_ONCE):
            part = ordinals.slice(first, CLAIMS_AT_ONCE)
            yield _batch(tables, part[0], part[-1])
    except pl.exceptions.PolarsError as problem:
        raise ConversionError(
            f"{folder}: a table can't be read ({type(problem).__name__}). Write it again."
        ) from None


def _batch(tables: dict[Level, pl.LazyFrame | None], first: int, last: int) -> ClaimBatch:
    frames: dict[Level, pl.DataFrame] = {}
    for level, table in tables.items():
        if table is None:
            continue
        if level is Level.TRANSACTION:
            frames[level] = table.collect()
        elif level is Level.SEGMENT:
            frames[level] = table.filter(
                pl.col("claim").is_null() | pl.col("claim").is_between(first, last)
            ).collect()
        else:
            frames[level] = table.filter(pl.col("claim").is_between(first, last)).collect()
    return ClaimBatch.of(frames)


def _scan(folder: Path, level: Level) -> pl.LazyFrame | None:
    return scan_table(folder, level.value, schema(level))


def scan_table(folder: Path, stem: str, types: Mapping[str, pl.DataType]) -> pl.LazyFrame | None:
    """A table of a folder, in whatever format it is there, with these types; None if there is none.

    Raises:
        ConversionError: it is damaged, or has a column without a type.
    """
    for ending in TABLE_FORMATS.values():
        path = folder / f"{stem}.{ending}"
        if not path.is_file():
            continue
        try:
            lazy = _lazy(path, ending, types)
            names = lazy.collect_schema().names()
        except pl.exceptions.PolarsError as problem:
            raise ConversionError(
                f"{path}: can't be read as {ending} ({type(problem).__name__}). Write it again."
            ) from None
        unknown = [name for name in names if name not in types]
        if unknown:
            raise ConversionError(
                f"{path}: no field of this level is called {', '.join(sorted(unknown)[:5])}."
                " Rename the column to its dictionary name, or remove it."
            )
        if ending != "parquet":
            _refuse_faults(path, lazy, types, is_csv=ending == "csv")
        if ending == "csv":
            lazy = lazy.with_columns(unmarked(name) for name in names)
        return lazy.select(_typed(name, types[name], is_text=ending != "parquet") for name in names)
    return None


def _lazy(path: Path, ending: str, types: Mapping[str, pl.DataType]) -> pl.LazyFrame:
    if ending == "parquet":
        return pl.scan_parquet(path)
    if ending == "jsonl":
        if not path.stat().st_size:
            # A table without rows has no line, and so no names.
            return pl.LazyFrame(schema=_texts(types, list(types)))
        return pl.scan_ndjson(path, schema=_texts(types, _first_keys(path)))
    why = unreadable_text(path)
    if why:
        raise ConversionError(f"{path}: {why}.")
    return pl.scan_csv(path, infer_schema=False).with_columns(restored(pl.col(pl.String)))


def _refuse_faults(
    path: Path, texts: pl.LazyFrame, types: Mapping[str, pl.DataType], *, is_csv: bool
) -> None:
    try:
        faults = faults_of(texts, types, is_csv=is_csv)
    except pl.exceptions.PolarsError as problem:
        why = (ragged_row(path) if is_csv else None) or f"can't be read ({type(problem).__name__})"
        raise ConversionError(f"{path}: {why}. Correct it, or write it again.") from None
    if faults:
        raise ConversionError(
            f"{path}: {'; '.join(faults)}."
            " If a spreadsheet saved it, import the columns as text and save it again."
        )


def _first_keys(path: Path) -> list[str]:
    """The columns of a JSON lines file; every line has all of them."""
    with path.open("rb") as file:
        return pl.read_ndjson(io.BytesIO(file.readline())).columns


def _texts(types: Mapping[str, pl.DataType], names: list[str]) -> dict[str, pl.DataType]:
    """Types for reading: integers as such, everything else as text, from which dates and amounts are parsed
    later.
    """
    return {
        name: types[name] if name in types and types[name].is_integer() else pl.String() for name in names
    }


def _typed(name: str, dtype: pl.DataType, *, is_text: bool) -> pl.Expr:
    column = pl.col(name)
    if is_text and dtype != pl.String():
        # A spreadsheet writes null as an empty cell.
        column = pl.when(column.cast(pl.String) != "").then(column)
    if is_text and dtype == pl.Date():
        return column.str.to_date("%Y-%m-%d").alias(name)
    return column.cast(dtype).alias(name)
