"""`claimwright convert`: 837 to tables, and back to 837 from what it wrote."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from claimwright.domain.batch import ClaimBatch
from claimwright.engines.x12.write import UnwritableError
from claimwright.features.conversion import (
    ConversionError,
    is_table_folder,
    read_tables,
    write_837_file,
    write_tables,
)
from claimwright.features.intake import SourceError, read_source, sources

from .terminal import err, fail, out


class Target(StrEnum):
    """What claims are converted to."""

    PARQUET = "parquet"
    CSV = "csv"
    JSON = "json"
    X12 = "837"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("convert")(convert)


def convert(
    path: Annotated[str, typer.Argument(metavar="PATH", help="An 837 file, a folder of them, or a folder that convert wrote.")],
    to: Annotated[Target, typer.Option("--to", "-t", help="What to convert to.")] = Target.PARQUET,
    target: Annotated[
        Path | None, typer.Option("--out", "-o", help="Folder for tables, file for an 837; beside the input by default.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")] = False,
) -> None:
    """Convert claims to a folder of tables, one a level of the dictionary, or to an 837."""
    where = target or _beside(Path(path), to)
    if to is Target.X12 and where.exists() and Path(path).exists() and where.samefile(path):
        fail(f"{where}: this is the input. Name another file with --out.")
    faults = [0]
    claims = [0]
    try:
        batches = _batches(Path(path), claims, faults)
        if to is Target.X12:
            size = write_837_file(batches, where)
            told = f"{where}: {claims[0]:,} claims, {size:,} bytes"
        else:
            counts = write_tables(batches, where, to.value)
            told = f"{where}/: " + ", ".join(f"{rows:,} {name.replace('_', ' ')}" for name, rows in counts.items())
    except (SourceError, ConversionError, UnwritableError) as problem:
        fail(str(problem))
    except OSError as problem:
        fail(f"{where}: can't be written: {problem.strerror}")
    if not claims[0]:
        fail(f"{path}: no claims were found. `claimwright check` says why.")
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
    for source in sources([path]):
        for reading in read_source(source, first_claim=claims[0] + 1):
            claims[0] += len(reading.batch)
            faults[0] += reading.findings.height
            if len(reading.batch):
                yield reading.batch


def _beside(path: Path, to: Target) -> Path:
    stem = path.name.removesuffix(".gz")
    stem = stem.rsplit(".", 1)[0] or stem
    return path.parent / (f"{stem}.converted.837" if to is Target.X12 else f"{stem}.{to.value}")
