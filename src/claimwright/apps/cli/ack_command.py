"""`claimwright ack`: the TA1 and 999 that a receiver would send."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .terminal import Exit, fail, out


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("ack")(ack)


def ack(
    path: Annotated[str, typer.Argument(metavar="FILE", help="An 837 file; - for standard input.")],
    target: Annotated[
        Path | None, typer.Option("--out", "-o", help="File to write to, instead of standard output.")
    ] = None,
) -> None:
    """Write the TA1 and 999 that a receiver of this file would answer with.

    Exit status: 0 everything accepted, 1 something rejected, 2 unusable input.
    """
    from claimwright.features.intake import SourceError, acknowledge, sources

    try:
        (source,) = sources([path])
        answer = acknowledge(source)
    except ValueError:
        fail(f"{path}: name one file, not a folder.")
    except SourceError as problem:
        fail(str(problem))
    if not answer.text:
        fail(f"{path}: there is no interchange to acknowledge. `claimwright check` says what is wrong.")
    if target is None:
        out.file.write(answer.text)
    else:
        target.write_text(answer.text, encoding="utf-8")
    raise typer.Exit(Exit.CLEAN if answer.accepted else Exit.FINDINGS)
