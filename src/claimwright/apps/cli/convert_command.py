"""`claimwright convert`: 837 and 835 to tables, and the tables back."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Target(StrEnum):
    """What claims or remittances are converted to."""

    PARQUET = "parquet"
    CSV = "csv"
    JSON = "json"
    X12 = "837"
    REMITTANCE = "835"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("convert")(convert)


def convert(
    path: Annotated[
        str,
        typer.Argument(
            metavar="PATH",
            help="An 837 or 835 file, a folder of them, or a folder from `convert`; - for standard input.",
        ),
    ],
    to: Annotated[Target, typer.Option("--to", "-t", help="Target format.")] = Target.PARQUET,
    target: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", help="Folder for tables, or file for an 837 or 835. Default: next to the input."
        ),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print errors only.")] = False,
) -> None:
    """Convert claims or remittances to a folder of tables, one for each level or frame, or back to X12.

    Exit status: 0 converted, 2 unusable input.
    """
    from .conversion import run_convert

    run_convert(path, to.value, target, quiet=quiet)
