"""How the command line speaks: consoles, colours that give way, exit statuses, progress."""

from __future__ import annotations

import enum
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from rich.console import Console

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

# Rich leaves colours out by itself where the output is no terminal, or NO_COLOR is set.
out = Console(highlight=False, soft_wrap=False)
err = Console(stderr=True, highlight=False)


class Exit(enum.IntEnum):
    """What a command ends with."""

    CLEAN = 0
    FINDINGS = 1
    UNUSABLE = 2


_PIPED_WIDTH = 160

_RUNS_SHOWN = 6

# A word stands beside every colour, so that nothing is told by colour alone.
COLOURS = {"block": "bold red", "warn": "yellow", "note": "cyan", "clean": "green"}


def severity_text(severity: str | None) -> str:
    """A severity with its colour, for a table."""
    word = severity or "clean"
    return f"[{COLOURS[word]}]{word}[/]"


def lines_told(lines: list[int]) -> str:
    """Which lines, as a person says it: `line 3`, `lines 1-4, 7`."""
    runs: list[list[int]] = []
    for line in sorted(set(lines)):
        if runs and line == runs[-1][-1] + 1:
            runs[-1].append(line)
        else:
            runs.append([line])
    told = [str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs]
    more = ", ..." if len(told) > _RUNS_SHOWN else ""
    return f"line{'s' if len(set(lines)) > 1 else ''} {', '.join(told[:_RUNS_SHOWN])}{more}"


def fail(message: str) -> NoReturn:
    """Say in one line what is wrong and what to do, and end with status 2."""
    err.print(f"claimwright: {message}", style="red", markup=False, soft_wrap=True)
    raise SystemExit(Exit.UNUSABLE)


def warn(message: str) -> None:
    """Say on standard error what could not be used; the command goes on."""
    err.print(message, markup=False, soft_wrap=True)


def wide() -> Console:
    """A console for tables: as wide as the terminal; piped, as COLUMNS says, or wide enough for a claim."""
    if out.is_terminal:
        return out
    said = os.environ.get("COLUMNS", "")
    return Console(highlight=False, width=int(said) if said.isdecimal() and int(said) else _PIPED_WIDTH)


@dataclass
class Counter:
    """A progress bar over bytes that also counts claims."""

    progress: Progress | None
    task: TaskID | None

    def update(self, read: int, claims: int) -> None:
        """So many bytes and claims by now."""
        if self.progress is not None and self.task is not None:
            elapsed = self.progress.tasks[0].elapsed or 0
            rate = f"{claims / elapsed:,.0f}" if elapsed > 0 else "-"
            self.progress.update(self.task, completed=read, claims=f"{claims:,}", rate=rate)


@contextmanager
def counting(total: int | None, *, quiet: bool, doing: str = "Checking") -> Iterator[Counter]:
    """Show a progress bar on standard error while work on `total` bytes goes on."""
    if quiet or not err.is_terminal:
        yield Counter(None, None)
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[claims]} claims, {task.fields[rate]} a second"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task(doing, total=total, claims="0", rate="-")
        yield Counter(progress, task)
