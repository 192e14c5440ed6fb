"""`claimwright world`: the synthetic world that evaluates denial prediction, as files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from claimwright.apps.cli.terminal import err, fail, out


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("world")(world)


def world(
    target: Annotated[Path, typer.Option("--out", "-o", help="Folder to write.")],
    claims: Annotated[int, typer.Option("--claims", "-c", min=1, help="Number of claims.")] = 40_000,
    seed: Annotated[
        int, typer.Option("--seed", min=0, help="Random seed; the same seed gives the same world.")
    ] = 7,
    kind: Annotated[
        str, typer.Option("--kind", help="Kind of world: easy, published, drifting or small-practice.")
    ] = "published",
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print errors only.")] = False,
) -> None:
    """Write synthetic claims (837), remittances (835), the true outcomes and the hidden payer policies."""
    from rich.progress import Progress

    from claimwright_lab.denial_world import WorldOptions, make_world, write_world

    try:
        made = make_world(WorldOptions(claims, seed, kind))
        with Progress(console=err, transient=True, disable=quiet or not err.is_terminal) as progress:
            task = progress.add_task("Writing", total=18)
            written = write_world(made, target, progress=lambda _: progress.advance(task))
    except ValueError as problem:
        fail(str(problem))
    except OSError as problem:
        fail(f"{target}: can't be written: {problem.strerror}. Check the folder and its permissions.")
    if not quiet:
        out.print(
            f"{target}: {len(made.batch):,} synthetic claims, {made.truth['denied'].sum():,} denied, "
            f"{len(written)} files",
            markup=False,
            soft_wrap=True,
        )
