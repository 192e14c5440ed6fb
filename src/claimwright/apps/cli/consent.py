"""Confirmation before a command deletes data: it lists what will be deleted and asks."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from .terminal import Exit, err, fail, out

Yes = Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="List what would be deleted; change nothing.")]

_SHOWN = 40


def require_consent(what: str, going: Sequence[str], *, yes: bool, dry_run: bool) -> None:
    """Ask for confirmation; end the command unless the user agrees.

    `what` names the action, without a full stop. `going` lists what will be deleted, one item per line. A
    script has to give `--yes`; without it, nothing is deleted.
    """
    say = out if dry_run else err
    say.print(f"{what}{' would' if dry_run else ' will'} remove:", markup=False, soft_wrap=True)
    for each in going[:_SHOWN]:
        say.print(f"  {each}", markup=False, soft_wrap=True)
    if len(going) > _SHOWN:
        say.print(f"  and {len(going) - _SHOWN:,} more", markup=False)
    if not going:
        say.print("  nothing", markup=False)
    if dry_run:
        raise typer.Exit(Exit.CLEAN)
    if yes:
        return
    if not sys.stdin.isatty():
        fail("nothing was changed. Use --yes to do it, or --dry-run to list what would be deleted.")
    if not typer.confirm("Go on?", default=False, err=True):
        fail("nothing was changed.")
