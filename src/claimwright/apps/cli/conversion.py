"""What `claimwright convert` does."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from claimwright.domain.batch import ClaimBatch
from claimwright.engines.x12.write import UnwritableError
from claimwright.features.conversion import (
    ConversionError,
    is_table_folder,
    read_tables,
    write_837_file,
    write_tables,
)
from claimwright.features.intake import SourceError, read_all, sources

from .terminal import err, fail, out


def run_convert(path: str, to: str, target: Path | None, *, quiet: bool) -> None:
    """Convert, and say what was written."""
    where = target or _beside(Path(path), to)
    if to == "837" and where.exists() and Path(path).exists() and where.samefile(path):
        fail(f"{where}: this is the input. Name another file with --out.")
    faults = [0]
    claims = [0]
    try:
        batches = _batches(Path(path), claims, faults)
        first = next(batches, None)
        if first is None:
            # Said before anything is written: what stands at the target stays.
            fail(f"{path}: no claims were found. `claimwright check` says why.")
        batches = chain([first], batches)
        if to == "837":
            size = write_837_file(batches, where)
            told = f"{where}: {claims[0]:,} claims, {size:,} bytes"
        else:
            counts = write_tables(batches, where, to)
            told = f"{where}/: " + ", ".join(
                f"{rows:,} {name.replace('_', ' ')}" for name, rows in counts.items()
            )
    except (SourceError, ConversionError, UnwritableError) as problem:
        fail(str(problem))
    except OSError as problem:
        fail(f"{where}: can't be written: {problem.strerror}")
    if faults[0] and not quiet:
        err.print(f"{faults[0]:,} structural findings; `claimwright check {path}` lists them.", markup=False)
    if not quiet:
        out.print(told, markup=False, soft_wrap=True)


def _batches(path: Path, claims: list[int], faults: list[int]) -> Iterator[ClaimBatch]:
    if is_table_folder(path):
        for batch in read_tables(path):
            claims[0] += len(batch)
            yield batch
        return
    for reading in read_all(sources([path])):
        claims[0] += len(reading.batch)
        faults[0] += reading.findings.height
        if len(reading.batch):
            yield reading.batch


def _beside(path: Path, to: str) -> Path:
    stem = path.name.removesuffix(".gz")
    stem = stem.rsplit(".", 1)[0] or stem
    return path.parent / (f"{stem}.converted.837" if to == "837" else f"{stem}.{to}")
