"""The commands that the lab adds to `claimwright`: `sample`, `world`, `bench` and `demo`."""

from __future__ import annotations

import typer

from . import bench_command, demo_command, sample_command, world_command


def register(app: typer.Typer) -> None:
    """Add the commands."""
    sample_command.register(app)
    world_command.register(app)
    app.add_typer(bench_command.app, name="bench")
    app.add_typer(demo_command.app, name="demo")
