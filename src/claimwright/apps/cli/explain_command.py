"""`claimwright explain`: show one claim on one page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .options import AsOf, Contracts, RuleFolders, Waivers


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("explain")(explain)


def explain(
    claim_id: Annotated[str, typer.Argument(metavar="CLAIM", help="The exact claim number (CLM01).")],
    paths: Annotated[
        list[str], typer.Argument(metavar="PATH...", help="837 files or folders that contain the claim.")
    ],
    as_of: AsOf = None,
    contracts: Contracts = None,
    rules: RuleFolders = None,
    waivers: Waivers = None,
    waterfall: Annotated[
        Path | None,
        typer.Option("--waterfall", help="SVG or PNG file for a chart of the prediction's reasons."),
    ] = None,
) -> None:
    """Show one claim: parties, service lines, findings with authority and fix, and the price of each line."""
    from .claim_prediction import named_picture
    from .claim_sheet import run_explain
    from .options import checker_from

    named_picture(waterfall)
    raise typer.Exit(run_explain(claim_id, paths, checker_from(as_of, contracts, rules, waivers), waterfall))
