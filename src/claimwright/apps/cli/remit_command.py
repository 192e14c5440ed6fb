"""`claimwright remit`: what payers answered: payments, claims, denials, and what does not add up."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .check_command import FailOn
from .session import Environment, Tenant
from .terminal import fail


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
    post: Annotated[
        bool, typer.Option("--post", help="Match the answers with claims, and post them into the ledger.")
    ] = False,
    facility: Annotated[
        str | None,
        typer.Option("--facility", help="With --post: match claims of this facility only. Default: all."),
    ] = None,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Read remittances (835): payments, what was denied and why, and what does not add up.

    With --post, each file is stored and posted: answers are matched with claims, and what can't be posted
    without a guess waits for a person, with its reason. Posting a file again changes nothing.

    Exit status: 0 no findings, 1 findings, 2 unusable input. With --post: 0 all posted, 1 something waits
    or is held, 2 unusable input.
    """
    if post:
        from .remit_posting import run_posting

        raise typer.Exit(
            run_posting(
                paths, mapping, facility=facility, quiet=quiet, environment=environment, tenant=tenant
            )
        )
    if facility is not None:
        fail("--facility: only with --post.")
    from .remit_report import run_remit

    raise typer.Exit(
        run_remit(
            paths, mapping, as_json=as_json, limit=limit, names=names, fail_on=fail_on.value, quiet=quiet
        )
    )
