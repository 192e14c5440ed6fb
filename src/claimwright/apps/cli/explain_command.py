"""`claimwright explain`: one claim drawn for a person."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .options import AsOf, Contracts, RuleFolders, Waivers


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("explain")(explain)


def explain(
    claim_id: Annotated[str, typer.Argument(metavar="CLAIM", help="The claim's number, as CLM01 has it.")],
    paths: Annotated[
        list[str], typer.Argument(metavar="PATH...", help="The 837 file, or files or folders, that hold it.")
    ],
    as_of: AsOf = None,
    contracts: Contracts = None,
    rules: RuleFolders = None,
    waivers: Waivers = None,
    waterfall: Annotated[
        Path | None,
        typer.Option("--waterfall", help="An SVG or PNG file to draw the prediction's reasons into."),
    ] = None,
) -> None:
    """Draw one claim: parties, lines, findings with their authority and fix, and how each line is priced."""
    from .claim_prediction import named_picture
    from .claim_sheet import run_explain
    from .options import checker_from

    named_picture(waterfall)
    raise typer.Exit(run_explain(claim_id, paths, checker_from(as_of, contracts, rules, waivers), waterfall))
