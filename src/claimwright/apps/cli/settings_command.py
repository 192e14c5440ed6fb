"""`claimwright settings`: the settings in force, and the source of each value."""

from __future__ import annotations

import os

import typer

from .session import Environment, settings_of
from .terminal import ValueTable, err, wide


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("settings")(settings)


def settings(environment: Environment = None) -> None:
    """Show every setting in force and the source of its value. Secrets are not shown.

    Exit status: 0, or 2 if the settings cannot be used.
    """
    from claimwright.platform.settings import in_force, unused_variables

    table = ValueTable("setting", "value", "from", box=None, pad_edge=False, header_style="bold")
    for shown in in_force(settings_of(environment)):
        table.add_row(shown.name, shown.value, shown.origin, style="dim" if shown.origin == "default" else "")
    wide().print(table)
    for name in unused_variables(os.environ):
        err.print(f"{name}: no setting reads this variable.", style="yellow", markup=False)
