"""Starts the workers of `claimwright run` and shows their progress."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from .terminal import err

if TYPE_CHECKING:
    from claimwright.assembly.supervision import Supervised
    from claimwright.domain.caller import Caller
    from claimwright.features.pipeline import Committed, Run, Worker
    from claimwright.platform.settings import Settings


def helper_command(caller: Caller, settings: Settings, run: Run) -> list[str]:
    """The command line of a process that helps with a run."""
    command = [
        sys.executable, "-m", "claimwright.apps.cli.main", "run", "--join", str(run.run_id), "--quiet",
        "--tenant", caller.tenant,
    ]  # fmt: skip
    if settings.environment != "local":
        command += ["--environment", settings.environment]
    return command


@contextmanager
def shown(worker: Worker, others: Supervised | None, *, quiet: bool) -> Iterator[None]:
    """A progress bar over all claims of the run, and metrics of this process."""
    from claimwright.assembly.metrics import count_commit
    from claimwright.features.claims import runs
    from claimwright.foundation import clock

    begun, before = clock.seconds(), [-1]

    def counted(done: Committed) -> None:
        if others is not None:
            others.progressed()
        count_commit(done)

    if quiet or not err.is_terminal:
        worker.reports.committed = counted
        yield
        return
    from rich.progress import BarColumn, Progress, TextColumn

    columns = (TextColumn("Processing"), BarColumn(), TextColumn("{task.fields[said]}"))
    with Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task("run", total=worker.assignment.run.planned, said="")

        def moved(done: Committed) -> None:
            counted(done)
            at = worker.assignment
            with at.transaction() as connection:
                view = runs(connection, run_id=at.run.run_id)[0]
            if before[0] < 0:
                before[0] = view.claims - done.claims
            rate = (view.claims - before[0]) / max(clock.seconds() - begun, 0.001)
            progress.update(
                task,
                completed=view.claims,
                said=f"{view.claims:,} claims, {rate:,.0f} per second, {view.dead:,} dead letters",
            )

        worker.reports.committed = moved
        yield
