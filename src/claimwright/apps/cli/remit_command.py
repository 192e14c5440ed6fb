"""`claimwright remit`: what payers answered: payments, claims, denials, and what does not add up."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .check_command import FailOn


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("remit")(remit)


def remit(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE...",
            help="835 files or folders, also gzipped; - for standard input; CSV files with --mapping.",
        ),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document, for programs.")] = False,
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=0, help="Maximum number of rows in each table.")
    ] = 20,
    mapping: Annotated[
        Path | None,
        typer.Option("--mapping", help="YAML file that maps the columns of CSV files to fields."),
    ] = None,
    names: Annotated[bool, typer.Option("--names", help="Show the names of patients.")] = False,
    fail_on: Annotated[
        FailOn, typer.Option("--fail-on", help="Lowest severity that gives exit status 1.")
    ] = FailOn.NOTE,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Print errors only; use the exit status.")
    ] = False,
) -> None:
    """Read remittances (835): payments, what was denied and why, and what does not add up.

    Exit status: 0 no findings, 1 findings, 2 unusable input.
    """
    from .remit_report import run_remit

    raise typer.Exit(
        run_remit(
            paths, mapping, as_json=as_json, limit=limit, names=names, fail_on=fail_on.value, quiet=quiet
        )
    )
