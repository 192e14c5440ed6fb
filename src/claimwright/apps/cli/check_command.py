"""`claimwright check`: findings and expected payment, claim by claim, worst first."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from .options import AsOf, Contracts, RuleFolders, Waivers
from .terminal import fail


class Format(StrEnum):
    """How results are written."""

    TABLE = "table"
    JSONL = "jsonl"
    CSV = "csv"
    PARQUET = "parquet"


class FailOn(StrEnum):
    """From which severity on findings count for the exit status."""

    NOTE = "note"
    WARN = "warn"
    BLOCK = "block"
    NEVER = "never"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("check")(check)


def check(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH...",
            help="837 files or folders of them, gzip allowed; what `convert` wrote; - for standard input.",
        ),
    ],
    form: Annotated[
        Format, typer.Option("--format", "-f", help="table for people; jsonl, csv or parquet for machines.")
    ] = Format.TABLE,
    folder: Annotated[
        Path | None, typer.Option("--out", "-o", help="Folder for the results of a machine-readable format.")
    ] = None,
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=0, help="How many claims the table shows, worst first.")
    ] = 20,
    fail_on: Annotated[
        FailOn, typer.Option("--fail-on", help="The least severity that makes the exit status 1.")
    ] = FailOn.NOTE,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Print nothing but errors; the exit status tells.")
    ] = False,
    as_of: AsOf = None,
    contracts: Contracts = None,
    rules: RuleFolders = None,
    waivers: Waivers = None,
) -> None:
    """Find what is wrong with every claim, what to do about it, and what each should pay.

    Exit status: 0 all clean, 1 findings, 2 unusable input.
    """
    from .check_report import run_check

    if form in (Format.CSV, Format.PARQUET) and folder is None:
        fail(f"--format {form.value} writes several files: name a folder with --out.")
    if form is Format.TABLE and folder is not None:
        fail("--out is for results that machines read: add --format jsonl, csv or parquet.")
    from .options import checker_from

    checker = checker_from(as_of, contracts, rules, waivers)
    raise typer.Exit(
        run_check(paths, checker, form.value, folder, limit=limit, fail_on=fail_on.value, quiet=quiet)
    )
