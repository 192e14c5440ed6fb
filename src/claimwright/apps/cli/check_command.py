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
    """The lowest severity that counts for the exit status."""

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
            help="837 files or folders, also gzipped; folders from `convert`; - for standard input.",
        ),
    ],
    form: Annotated[
        Format, typer.Option("--format", "-f", help="table for people; jsonl, csv or parquet for programs.")
    ] = Format.TABLE,
    folder: Annotated[
        Path | None, typer.Option("--out", "-o", help="Folder for jsonl, csv or parquet results.")
    ] = None,
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=0, help="Maximum number of claims in the table, worst first.")
    ] = 20,
    fail_on: Annotated[
        FailOn, typer.Option("--fail-on", help="Lowest severity that gives exit status 1.")
    ] = FailOn.NOTE,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Print errors only; use the exit status.")
    ] = False,
    as_of: AsOf = None,
    contracts: Contracts = None,
    rules: RuleFolders = None,
    waivers: Waivers = None,
) -> None:
    """Check every claim: findings, how to fix each one, and the expected payment.

    Exit status: 0 no findings, 1 findings, 2 unusable input.
    """
    from .check_report import run_check

    if form in (Format.CSV, Format.PARQUET) and folder is None:
        fail(f"--format {form.value} writes several files. Name a folder with --out.")
    if form is Format.TABLE and folder is not None:
        fail("--out needs a machine-readable format. Add --format jsonl, csv or parquet.")
    from .options import checker_from

    checker = checker_from(as_of, contracts, rules, waivers)
    raise typer.Exit(
        run_check(paths, checker, form.value, folder, limit=limit, fail_on=fail_on.value, quiet=quiet)
    )
