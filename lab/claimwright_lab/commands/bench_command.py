"""`claimwright bench`: how fast this machine is."""

from __future__ import annotations

import json
import os
import sys
from typing import Annotated

import typer

from claimwright.apps.cli.terminal import err, fail, out, wide

app = typer.Typer(help="Measure the speed of this machine.", no_args_is_help=True)


@app.callback()
def _bench() -> None:
    """Keep `bench pipeline` a command of two words while there is one."""


@app.command("pipeline")
def pipeline(
    claims: Annotated[int, typer.Option("--claims", min=100, help="Number of claims.")] = 100_000,
    workers: Annotated[
        int,
        typer.Option(
            "--workers", min=0, max=64, help="Also measure with this number of processes; 0: do not."
        ),
    ] = 2,
    chunk: Annotated[
        int | None, typer.Option("--chunk", min=10, help="Maximum claims per chunk. Default: as in a run.")
    ] = None,
) -> None:
    """Measure intake and processing of synthetic claims, compared with plain copying of the same rows.

    This uses a temporary server and folder; your data is not touched. The last line is JSON.

    Exit status: 0, or 2 if it cannot be measured.
    """
    import signal

    import psycopg
    from rich.table import Table

    from claimwright.features.pipeline import RunStoppedError
    from claimwright.platform.database import DatabaseError
    from claimwright_lab.pipeline_benchmark import measure

    # When it is told to end, it stops its server too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        figures = measure(
            claims, chunk_claims=chunk, workers=workers, say=lambda text: err.print(text, markup=False)
        )
    except DatabaseError as problem:
        fail(str(problem))
    except (psycopg.Error, RunStoppedError) as problem:
        cause = problem.__cause__ or problem
        fail(f"the benchmark's database stopped: {type(cause).__name__}. Run the command again.")
    table = Table("step", "seconds", "claims per second", "relative to copying", box=None, pad_edge=False)

    def add(what: str, seconds: float) -> None:
        of_copy = f"{figures.times_the_copy(seconds):.1f}"
        table.add_row(what, f"{seconds:.2f}", f"{figures.claims / seconds:,.0f}", of_copy)

    table.add_row(
        "intake, sealed", f"{figures.intake_seconds:.2f}", f"{claims / figures.intake_seconds:,.0f}", ""
    )
    add("run, one worker", figures.run_seconds)
    for stage, seconds in figures.by_stage.items():
        table.add_row(f"  {stage} (overlapped)", f"{seconds:.2f}", "", "")
    if figures.several_seconds:
        add(f"run, {workers} workers", figures.several_seconds)
    table.add_row("copy out the rows read", f"{figures.copy_out_seconds:.2f}", "", "")
    table.add_row("copy in the rows written", f"{figures.copy_in_seconds:.2f}", "", "")
    wide().print(table)
    out.print(f"Peak memory of the measuring process: {figures.peak_mb:,.0f} MB.")
    if figures.several_peak_mb:
        out.print(
            f"Peak memory of {workers} workers, shared parts counted once: {figures.several_peak_mb:,.0f} MB."
        )
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    row = {"benchmark": "pipeline", "cpus": os.cpu_count(), "load_average": load, **figures.as_row()}
    out.print(json.dumps(row), soft_wrap=True, markup=False)
