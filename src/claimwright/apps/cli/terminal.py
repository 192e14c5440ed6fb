"""Terminal output: consoles, colors, exit statuses, progress bars."""

from __future__ import annotations

import enum
import io
import os
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from decimal import Decimal

    from rich.progress import Progress, TaskID

# Characters with an effect on a terminal: C0 and C1 controls, and marks that reorder or hide other text.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


def visible(text: str) -> str:
    """A text with its control characters shown as escapes, so that they have no effect on a terminal.

    Line ends and tabs are kept.
    """
    return _CONTROLS.sub(lambda each: each[0].encode("unicode_escape").decode(), text)


def flush_output() -> None:
    """Flush standard output.

    Raises:
        OSError: the flush failed. The buffer is dropped, so that the end of the process does not try again.
    """
    if sys.stdout.closed:
        return
    try:
        sys.stdout.flush()
    except OSError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
        raise


def write_all_of_output() -> None:
    """Make standard output write all of each text, or raise an error.

    Without its buffer (`PYTHONUNBUFFERED`, `python -u`) Python silently drops what a full disk does not take.
    """
    stream = sys.stdout
    raw = getattr(stream, "buffer", None)
    if isinstance(raw, io.RawIOBase):
        sys.stdout = io.TextIOWrapper(
            io.BufferedWriter(raw),
            encoding=stream.encoding,
            errors=stream.errors,
            line_buffering=True,
        )


def dollars(amount: Decimal | None) -> str:
    """An amount as shown in a table; empty if there is none."""
    return "" if amount is None else f"{amount:,.2f}"


class SafeConsole(Console):
    """A console that shows control characters in its input as escapes.

    Its own colors are not text and are not changed.
    """

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """The segments to show, with control characters escaped."""
        for segment in super().render(renderable, options):
            if segment.control or not _CONTROLS.search(segment.text):
                yield segment
            else:
                yield Segment(visible(segment.text), segment.style)


class ValueTable(Table):
    """A table of values from files, the store or users: text in cells is never markup."""

    def __init__(self, *headers: Any, **options: Any) -> None:
        super().__init__(*headers, **({"box": None, "pad_edge": False} | options))

    def add_row(self, *cells: Any, **options: Any) -> None:
        """Add a row. Text is shown as is; None is empty."""
        shown = [
            Text(visible(cell)) if isinstance(cell, str) else Text() if cell is None else cell
            for cell in cells
        ]
        super().add_row(*shown, **options)


# Rich itself omits colors if the output is not a terminal, or NO_COLOR is set.
out = SafeConsole(highlight=False, soft_wrap=False)
err = SafeConsole(stderr=True, highlight=False)


class Exit(enum.IntEnum):
    """The exit status of a command."""

    CLEAN = 0
    FINDINGS = 1
    UNUSABLE = 2


_PIPED_WIDTH = 160

_RUNS_SHOWN = 6

# Every color has a word next to it, so that no information depends on color alone.
COLOURS = {"block": "bold red", "warn": "yellow", "note": "cyan", "clean": "green"}


# More than any claim, payment or month has.
_MOST = 10**13
_AMOUNT = "dollars and cents, such as 25.00."


def amount_of(text: str, name: str) -> Decimal:
    """An amount of dollars that a person typed, such as $1,250.00. Ends the command if it is no number."""
    from decimal import Decimal, InvalidOperation

    try:
        return Decimal(text.replace(",", "").removeprefix("$"))
    except InvalidOperation:
        fail(f"{name}: {_AMOUNT}")


def cents_of(text: str, name: str) -> int:
    """The same as whole cents. Ends the command if there is a fraction of a cent, or less than nothing."""
    amount = amount_of(text, name)
    if not amount.is_finite() or not 0 <= amount < _MOST or amount != round(amount, 2):
        fail(f"{name}: {_AMOUNT}")
    return int(amount * 100)


def severity_text(severity: str | None) -> str:
    """A severity with its color, for a table."""
    word = severity or "clean"
    return f"[{COLOURS[word]}]{word}[/]"


def lines_told(lines: list[int]) -> str:
    """Line numbers for a person: `line 3`, `lines 1-4, 7`."""
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
    """Print in one line what is wrong and what to do, and end with status 2."""
    err.print(f"claimwright: {message}", style="red", markup=False, soft_wrap=True)
    raise SystemExit(Exit.UNUSABLE)


def warn(message: str) -> None:
    """Print on standard error what could not be used; the command continues."""
    err.print(message, markup=False, soft_wrap=True)


def wide() -> Console:
    """A console for tables: as wide as the terminal; when piped, as wide as COLUMNS or a claim needs."""
    if out.is_terminal:
        return out
    said = os.environ.get("COLUMNS", "")
    return SafeConsole(highlight=False, width=int(said) if said.isdecimal() and int(said) else _PIPED_WIDTH)


@dataclass
class Counter:
    """A progress bar over bytes that also counts claims."""

    progress: Progress | None
    task: TaskID | None

    def update(self, read: int, claims: int) -> None:
        """Update the number of bytes and claims done."""
        if self.progress is not None and self.task is not None:
            elapsed = self.progress.tasks[0].elapsed or 0
            rate = f"{claims / elapsed:,.0f}" if elapsed > 0 else "-"
            self.progress.update(self.task, completed=read, claims=f"{claims:,}", rate=rate)


@contextmanager
def counting(total: int | None, *, quiet: bool, doing: str = "Checking") -> Iterator[Counter]:
    """Show a progress bar on standard error during work on `total` bytes."""
    if quiet or not err.is_terminal:
        yield Counter(None, None)
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[claims]} claims, {task.fields[rate]} per second"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task(doing, total=total, claims="0", rate="-")
        yield Counter(progress, task)
