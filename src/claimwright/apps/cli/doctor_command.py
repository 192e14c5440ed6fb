"""`claimwright doctor`: checks an installation, and says what to correct."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer

from claimwright.foundation.extras import require

from .session import Environment, settings_of
from .terminal import Exit, out


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("doctor")(doctor)


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, for a program.")] = False,
    environment: Environment = None,
) -> None:
    """Check an installation: settings, policies, files, certificate, disk, database, keys and clocks.

    Nothing is changed or started. Each line says what is wrong or will be soon, and what to do about it.

    Exit status: 0 nothing to correct, 1 a warning or a problem, 2 unusable settings.
    """
    require("platform")
    from claimwright.assembly.doctor import Level, diagnose

    found = diagnose(settings_of(environment))
    if as_json:
        out.print_json(json.dumps([asdict(each) for each in found]))
    else:
        for each in found:
            told = f"{each.level:8} {each.check}: {each.what}"
            out.print(f"{told} {each.do}".rstrip(), markup=False, soft_wrap=True)
    if any(each.level in {Level.WARNING, Level.PROBLEM} for each in found):
        raise typer.Exit(Exit.FINDINGS)
