"""`claimwright sample`: synthetic claims with planted, labelled defects."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Annotated

import typer

from claimwright.apps.cli.terminal import err, fail, out


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("sample")(sample)


def sample(
    target: Annotated[
        Path, typer.Option("--out", "-o", help="The 837 file to write; gzipped if it ends in .gz.")
    ],
    claims: Annotated[int, typer.Option("--claims", "-c", min=1, help="Number of claims.")] = 1000,
    seed: Annotated[
        int,
        typer.Option("--seed", min=0, help="Random seed; the same seed gives the same file, byte for byte."),
    ] = 7,
    forms: Annotated[
        str | None,
        typer.Option(
            "--forms",
            help="Shares of professional, institutional and dental claims, such as P=80,I=15,D=5.",
        ),
    ] = None,
    defects: Annotated[
        float,
        typer.Option("--defects", min=0.0, max=1.0, help="Share of claims with a planted defect."),
    ] = 0.15,
    as_of: Annotated[
        datetime.datetime | None,
        typer.Option("--as-of", formats=["%Y-%m-%d"], help="All dates of service are before this date."),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print errors only.")] = False,
) -> None:
    """Write synthetic claims, some with a planted defect, and a CSV that labels each defect."""
    from rich.progress import Progress

    from claimwright_lab.sampling import DEFAULT_AS_OF, DEFAULT_FORMS, SampleOptions, write_sample

    try:
        options = SampleOptions(
            claims=claims,
            seed=seed,
            forms=_shares(forms) if forms else DEFAULT_FORMS,
            defect_rate=defects,
            as_of=as_of.date() if as_of else DEFAULT_AS_OF,
        )
    except ValueError as problem:
        fail(str(problem))
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with Progress(console=err, transient=True, disable=quiet or not err.is_terminal) as progress:
            task = progress.add_task("Writing claims", total=claims)
            written = write_sample(
                target, options, progress=lambda done: progress.update(task, completed=done)
            )
    except OSError as problem:
        fail(f"{target}: can't be written: {problem.strerror}. Check the folder and its permissions.")
    if not quiet:
        out.print(
            f"{written.path}: {written.claims:,} synthetic claims, {written.size_bytes:,} bytes\n"
            f"{written.labels_path}: {written.defects:,} planted defects",
            markup=False,
            soft_wrap=True,
        )


def _shares(text: str) -> dict[str, int]:
    """The shares in a text such as `P=80,I=15,D=5`; a letter alone is a share of 1.

    Raises:
        ValueError: there are none.
    """
    shares = {}
    for part in text.upper().replace(" ", "").split(","):
        form, _, share = part.partition("=")
        if not (share or "1").isdigit():
            raise ValueError("forms: shares of P, I and D, such as P=80,I=15,D=5")
        shares[form] = int(share or 1)
    return shares
