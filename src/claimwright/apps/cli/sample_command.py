"""`claimwright sample`: synthetic claims with planted, labelled defects."""

from __future__ import annotations

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""
