"""What `claimwright convert` does with a remittance."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from contextlib import closing
from itertools import chain
from pathlib import Path

from claimwright.engines.x12 import Remittance, UnwritableError
from claimwright.features.conversion import (
    ConversionError,
    is_remittance_folder,
    is_table_folder,
    read_remittance_tables,
    write_835_file,
    write_remittance_tables,
)
from claimwright.features.intake import Source, SourceError, sources
from claimwright.features.remittance_files import read_sources

from .terminal import counting, err, fail, out

# The transaction set of the first transaction, or the kind of its group.
_IS_835 = re.compile(rb"(?:ST\s*([^A-Za-z0-9\s])\s*835|GS\s*([^A-Za-z0-9\s])\s*HP)\W")
_BEGINNING = 1 << 12


def inputs_of(path: str) -> tuple[list[Source], bool]:
    """The sources of a path, none for a folder of tables; and whether it is a remittance.

    Raises:
        SourceError: the path does not exist, or has another format.
    """
    if path != "-" and is_remittance_folder(Path(path)):
        return [], True
    if path != "-" and is_table_folder(Path(path)):
        return [], False
    found = sources([path])
    chunks = found[0].chunks()
    first = next(chunks, b"")
    if found[0].path is None:
        # Standard input can be read only once.
        found = [Source(found[0].name, None, made=lambda: chain([first], chunks))]
    return found, _IS_835.search(first[:_BEGINNING]) is not None


def run_convert_remittance(
    path: str, found: list[Source], to: str, target: Path | None, *, quiet: bool
) -> None:
    """Convert, and print what was written."""
    where = target or _beside(Path(path), to)
    if to == "835" and where.exists() and Path(path).exists() and where.samefile(path):
        fail(f"{where}: this is the input. Name another file with --out.")
    claims, faults = [0], [0]
    read = _parts(path, found, claims, faults, quiet=quiet)
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
        err.print(f"{told_of}; `claimwright remit {path}` lists them.", markup=False, soft_wrap=True)
    if not quiet:
        out.print(told, markup=False, soft_wrap=True)


def _written(path: str, parts: Iterator[Remittance], to: str, where: Path, claims: list[int]) -> str:
    """Write the remittance, and return the line to print."""
    first = next(parts, None)
    if first is None:
        # Raised before anything is written, so that an existing target is kept.
        raise ConversionError(f"{path}: no payments were found. `claimwright remit` says why.")
    parts = chain([first], parts)
    if to == "835":
        size = write_835_file(parts, where)
        return f"{where}: {claims[0]:,} claims, {size:,} bytes"
    counts = write_remittance_tables(parts, where, to)
    return f"{where}/: " + ", ".join(f"{rows:,} {_named(name, rows)}" for name, rows in counts.items())


def _named(table: str, rows: int) -> str:
    """The name of a table, singular or plural by the number of rows."""
    name = table.replace("_", " ")
    if rows != 1:
        return name
    return "batch" if name == "batches" else name.removesuffix("s")


def _parts(
    path: str, found: list[Source], claims: list[int], faults: list[int], *, quiet: bool
) -> Generator[Remittance, None, None]:
    if not found:
        for part in read_remittance_tables(Path(path)):
            claims[0] += part.claims.height
            yield part
        return
    sizes = [source.size for source in found]
    total = sum(size for size in sizes if size is not None) if None not in sizes else None
    seen = [0]
    payments = 0
    with counting(total, quiet=quiet, doing="Converting") as counter:
        for part in read_sources(found, seen=seen):
            claims[0] += part.claims.height
            payments += part.payments.height
            faults[0] += part.faults.height
            counter.update(seen[0], claims[0])
            if payments:
                yield part


def _beside(path: Path, to: str) -> Path:
    stem = path.name.removesuffix(".gz")
    stem = stem.rsplit(".", 1)[0] or stem
    return path.parent / (f"{stem}.converted.835" if to == "835" else f"{stem}.{to}")
