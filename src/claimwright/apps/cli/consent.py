"""What every command that destroys something asks first: it says what will go, and goes on when told so."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from .terminal import Exit, err, fail, out

Yes = Annotated[bool, typer.Option("--yes", help="Do it without asking.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would go, and change nothing.")]

_SHOWN = 40


def require_consent(what: str, going: Sequence[str], *, yes: bool, dry_run: bool) -> None:
    """Go on only where somebody agrees that all of this goes; ends the command otherwise.

    `what` says what is done, without a full stop; `going` what will be gone, one in a line. Where nobody can
    be asked, `--yes` has to be given: a script that forgot it has destroyed nothing.
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
        fail("nothing was changed. Say --yes to do it, or --dry-run to see what would go.")
    if not typer.confirm("Go on?", default=False, err=True):
        fail("nothing was changed.")
