"""What `claimwright convert` does."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Generic, TypeVar

from claimwright.domain.batch import ClaimBatch
from claimwright.engines.x12 import Remittance, UnwritableError, begins_as_835
from claimwright.features.conversion import (
    ConversionError,
    is_remittance_folder,
    is_table_folder,
    read_remittance_tables,
    read_tables,
    write_835_file,
    write_837_file,
    write_remittance_tables,
    write_tables,
)
from claimwright.features.intake import Source, SourceError, read_sources, sources
from claimwright.features.remittance_files import read_sources as read_remittances

from .terminal import counting, err, fail, out

_BEGINNING = 1 << 12
_SINGULARS = {"diagnoses": "diagnosis", "batches": "batch"}

Part = TypeVar("Part")


@dataclass(frozen=True)
class _Read(Generic[Part]):
    """What was read: a part to write, if there is one, and its number of claims and of faults."""

    part: Part | None
    claims: int
    faults: int = 0


@dataclass(frozen=True)
class _Kind(Generic[Part]):
    """What is converted: claims or remittances."""

    x12: str
    what: str
    """In messages."""
    contents: str
    """What there must be at least one of."""
    command: str
    """The command that lists the faults."""
    read_sources: Callable[[list[Source], list[int]], Iterator[_Read[Part]]]
    read_tables: Callable[[Path], Iterator[_Read[Part]]]
    write_file: Callable[[Iterable[Part], Path], int]
    write_tables: Callable[[Iterable[Part], Path, str], dict[str, int]]


@dataclass
class _Counts:
    claims: int = 0
    faults: int = 0
    seen: list[int] = field(default_factory=lambda: [0])
    """Bytes read from disk."""


def run_convert(path: str, to: str, target: Path | None, *, quiet: bool) -> None:
    """Convert, and print what was written."""
    if path == "-" and target is None:
        fail("with standard input there is no default target. Name one with --out.")
    try:
        found, is_835 = _inputs_of(path)
    except SourceError as problem:
        fail(str(problem))
    if is_835:
        _convert(_REMITTANCES, path, found, to, target, quiet=quiet)
    else:
        _convert(_CLAIMS, path, found, to, target, quiet=quiet)


def _inputs_of(path: str) -> tuple[list[Source], bool]:
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
    return found, begins_as_835(first[:_BEGINNING])


def _convert(
    kind: _Kind[Part], path: str, found: list[Source], to: str, target: Path | None, *, quiet: bool
) -> None:
    if to in ("837", "835") and to != kind.x12:
        fail(f"{path}: contains {kind.what}. {kind.what.capitalize()} can't be converted to an {to}.")
    where = target or _beside(Path(path), to)
    if to == kind.x12 and where.exists() and Path(path).exists() and where.samefile(path):
        fail(f"{where}: this is the input. Name another file with --out.")
    counts = _Counts()
    read = _parts(kind, path, found, counts, quiet=quiet)
    try:
        # Closed before anything is printed, so that no progress bar is drawn into it.
        with closing(read):
            told = _written(kind, path, read, to, where, counts)
    except (SourceError, ConversionError, UnwritableError) as problem:
        fail(str(problem))
    except OSError as problem:
        fail(f"{where}: can't be written: {problem.strerror}. Check the folder and its permissions.")
    if counts.faults and not quiet:
        told_of = "1 structural finding" if counts.faults == 1 else f"{counts.faults:,} structural findings"
        err.print(f"{told_of}; `claimwright {kind.command} {path}` lists them.", markup=False, soft_wrap=True)
    if not quiet:
        out.print(told, markup=False, soft_wrap=True)


def _written(
    kind: _Kind[Part], path: str, parts: Iterator[Part], to: str, where: Path, counts: _Counts
) -> str:
    """Write the parts, and return the line to print."""
    first = next(parts, None)
    if first is None:
        # Raised before anything is written, so that an existing target is kept.
        raise ConversionError(
            f"{path}: no {kind.contents} were found. `claimwright {kind.command}` says why."
        )
    parts = chain([first], parts)
    if to == kind.x12:
        size = kind.write_file(parts, where)
        return f"{where}: {counts.claims:,} claims, {size:,} bytes"
    rows_of = kind.write_tables(parts, where, to)
    return f"{where}/: " + ", ".join(f"{rows:,} {_named(name, rows)}" for name, rows in rows_of.items())


def _named(table: str, rows: int) -> str:
    """The name of a table, singular or plural by the number of rows."""
    name = table.replace("_", " ")
    if rows != 1:
        return name
    return _SINGULARS.get(name) or name.removesuffix("s")


def _parts(
    kind: _Kind[Part], path: str, found: list[Source], counts: _Counts, *, quiet: bool
) -> Generator[Part, None, None]:
    if not found:
        for read in kind.read_tables(Path(path)):
            counts.claims += read.claims
            if read.part is not None:
                yield read.part
        return
    sizes = [source.size for source in found]
    total = sum(size for size in sizes if size is not None) if None not in sizes else None
    with counting(total, quiet=quiet, doing="Converting") as counter:
        for read in kind.read_sources(found, counts.seen):
            counts.claims += read.claims
            counts.faults += read.faults
            counter.update(counts.seen[0], counts.claims)
            if read.part is not None:
                yield read.part


def _beside(path: Path, to: str) -> Path:
    stem = path.name.removesuffix(".gz")
    stem = stem.rsplit(".", 1)[0] or stem
    return path.parent / (f"{stem}.converted.{to}" if to in ("837", "835") else f"{stem}.{to}")


def _claims_of_sources(found: list[Source], seen: list[int]) -> Iterator[_Read[ClaimBatch]]:
    for reading in read_sources(found, seen=seen):
        count = len(reading.batch)
        yield _Read(reading.batch if count else None, count, reading.findings.height)


def _claims_of_tables(folder: Path) -> Iterator[_Read[ClaimBatch]]:
    for batch in read_tables(folder):
        yield _Read(batch, len(batch))


def _remittances_of_sources(found: list[Source], seen: list[int]) -> Iterator[_Read[Remittance]]:
    payments = 0
    for part in read_remittances(found, seen=seen):
        payments += part.payments.height
        yield _Read(part if payments else None, part.claims.height, part.faults.height)


def _remittances_of_tables(folder: Path) -> Iterator[_Read[Remittance]]:
    for part in read_remittance_tables(folder):
        yield _Read(part, part.claims.height)


_CLAIMS = _Kind(
    x12="837",
    what="claims",
    contents="claims",
    command="check",
    read_sources=_claims_of_sources,
    read_tables=_claims_of_tables,
    write_file=write_837_file,
    write_tables=write_tables,
)
_REMITTANCES = _Kind(
    x12="835",
    what="a remittance",
    contents="payments",
    command="remit",
    read_sources=_remittances_of_sources,
    read_tables=_remittances_of_tables,
    write_file=write_835_file,
    write_tables=write_remittance_tables,
)
