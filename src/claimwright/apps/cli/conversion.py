"""What `claimwright convert` does."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing
from itertools import chain
from pathlib import Path

from claimwright.domain.batch import ClaimBatch
from claimwright.engines.x12 import UnwritableError
from claimwright.features.conversion import (
    ConversionError,
    read_tables,
    write_837_file,
    write_tables,
)
from claimwright.features.intake import Source, SourceError, read_sources

from .remittance_conversion import inputs_of, run_convert_remittance
from .terminal import counting, err, fail, out


def run_convert(path: str, to: str, target: Path | None, *, quiet: bool) -> None:
    """Convert, and print what was written."""
    if path == "-" and target is None:
        fail("with standard input there is no default target. Name one with --out.")
    try:
        found, is_835 = inputs_of(path)
    except SourceError as problem:
        fail(str(problem))
    if is_835 or to == "835":
        if to == ("837" if is_835 else "835"):
            what = "a remittance" if is_835 else "claims"
            fail(f"{path}: contains {what}. {what.capitalize()} can't be converted to an {to}.")
        run_convert_remittance(path, found, to, target, quiet=quiet)
        return
    where = target or _beside(Path(path), to)
    if to == "837" and where.exists() and Path(path).exists() and where.samefile(path):
        fail(f"{where}: this is the input. Name another file with --out.")
    faults = [0]
    claims = [0]
    read = _batches(path, found, claims, faults, quiet=quiet)
    try:
        # Closed before anything is printed, so that no progress bar is drawn into it.
        with closing(read):
            told = _written(path, read, to, where, claims)
    except (SourceError, ConversionError, UnwritableError) as problem:
        fail(str(problem))
    except OSError as problem:
        fail(f"{where}: can't be written: {problem.strerror}. Check the folder and its permissions.")
    if faults[0] and not quiet:
        told_of = "1 structural finding" if faults[0] == 1 else f"{faults[0]:,} structural findings"
        err.print(f"{told_of}; `claimwright check {path}` lists them.", markup=False, soft_wrap=True)
    if not quiet:
        out.print(told, markup=False, soft_wrap=True)


def _written(path: str, batches: Iterator[ClaimBatch], to: str, where: Path, claims: list[int]) -> str:
    """Write the claims, and return the line to print."""
    first = next(batches, None)
    if first is None:
        # Raised before anything is written, so that an existing target is kept.
        raise ConversionError(f"{path}: no claims were found. `claimwright check` says why.")
    batches = chain([first], batches)
    if to == "837":
        size = write_837_file(batches, where)
        return f"{where}: {claims[0]:,} claims, {size:,} bytes"
    counts = write_tables(batches, where, to)
    return f"{where}/: " + ", ".join(f"{rows:,} {_named(name, rows)}" for name, rows in counts.items())


def _named(table: str, rows: int) -> str:
    """The name of a table, singular or plural by the number of rows."""
    name = table.replace("_", " ")
    if rows != 1:
        return name
    return "diagnosis" if name == "diagnoses" else name.removesuffix("s")


def _batches(
    path: str, found: list[Source], claims: list[int], faults: list[int], *, quiet: bool
) -> Generator[ClaimBatch, None, None]:
    if not found:
        for batch in read_tables(Path(path)):
            claims[0] += len(batch)
            yield batch
        return
    sizes = [source.size for source in found]
    total = sum(size for size in sizes if size is not None) if None not in sizes else None
    seen = [0]
    with counting(total, quiet=quiet, doing="Converting") as counter:
        for reading in read_sources(found, seen=seen):
            claims[0] += len(reading.batch)
            faults[0] += reading.findings.height
            counter.update(seen[0], claims[0])
            if len(reading.batch):
                yield reading.batch


def _beside(path: Path, to: str) -> Path:
    stem = path.name.removesuffix(".gz")
    stem = stem.rsplit(".", 1)[0] or stem
    return path.parent / (f"{stem}.converted.837" if to == "837" else f"{stem}.{to}")
