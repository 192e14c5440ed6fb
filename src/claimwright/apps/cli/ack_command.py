"""`claimwright ack`: the TA1 and 999 that a receiver would send."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from claimwright.foundation.whole_files import WholeFile

from .terminal import Exit, err, fail, out


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("ack")(ack)


def ack(
    path: Annotated[str, typer.Argument(metavar="FILE", help="An 837 file; - for standard input.")],
    target: Annotated[
        Path | None, typer.Option("--out", "-o", help="File to write to, instead of standard output.")
    ] = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Do not print the summary on standard error.")
    ] = False,
) -> None:
    """Write the TA1 and 999 acknowledgements that a receiver would return for this file.

    Exit status: 0 everything accepted, 1 something rejected, 2 unusable input.
    """
    from claimwright.features.intake import SourceError, acknowledge, sources

    if Path(path).is_dir():
        fail(f"{path}: this is a folder. Name one file: an acknowledgement answers one file.")
    try:
        answer = acknowledge(sources([path])[0])
    except SourceError as problem:
        fail(str(problem))
    if not answer.text:
        fail(f"{path}: there is no interchange to acknowledge. `claimwright check` says what is wrong.")
    if target is None:
        # One segment per line for a person; the exact text that would be sent for a program.
        out.file.write(answer.text.replace("~", "~\n") if out.is_terminal else answer.text)
    else:
        try:
            with WholeFile(target) as part:
                part.write_text(answer.text, encoding="utf-8")
        except OSError as problem:
            fail(f"{target}: can't be written: {problem.strerror}. Check the folder and its permissions.")
    if not quiet:
        err.print(_told(answer.text), markup=False, soft_wrap=True)
    raise typer.Exit(Exit.CLEAN if answer.accepted else Exit.FINDINGS)


def _told(text: str) -> str:
    """The TA1s and 999s in one line: TA104 of each interchange, AK903 and AK904 of each group."""
    segments = [segment.split("*") for segment in text.split("~")]
    verdicts = [segment[4] for segment in segments if segment[0] == "TA1"]
    groups = [segment for segment in segments if segment[0] == "AK9"]
    received, accepted = (sum(int(group[place]) for group in groups) for place in (3, 4))
    said = [f"{_counted(len(verdicts), 'interchange')}, {verdicts.count('R'):,} rejected"]
    if groups:
        said.append(f"{_counted(received, 'transaction set')}, {received - accepted:,} rejected")
    return "; ".join(said) + "."


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"
