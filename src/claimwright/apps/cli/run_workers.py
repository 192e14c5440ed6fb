"""The processes of a run: its workers, those that help, and those that try what others are afraid of."""

from __future__ import annotations

import importlib
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from .run_prediction import predictor_of
from .session import sealer_of, store_of
from .terminal import err, fail

if TYPE_CHECKING:
    from claimwright.domain.caller import Caller
    from claimwright.features.pipeline import Committed, Run, Worker
    from claimwright.features.prediction import StoredPast
    from claimwright.platform.database import Database
    from claimwright.platform.settings import Settings

    from .supervision import Supervised


def configure_telling(settings: Settings, *, logs: bool) -> None:
    """What this process tells of its work from now on."""
    from claimwright.platform.observability import configure_logs, configure_spans

    if logs:
        configure_logs(settings)
    configure_spans(settings)


def help_with_runs(
    caller: Caller,
    settings: Settings,
    told: Supervised,
    stop: threading.Event,
    *,
    watch: bool,
    logs: bool,
) -> None:
    """Work on what the first worker has begun whenever it calls, until `stop` is set.

    Who watches may wait for long, and loads nothing before the first call. Ends the process where a run can't
    be gone on with, as the first worker does.
    """
    if not watch:
        # While the first worker looks how much there is to do, this one's processor has nothing to do.
        importlib.import_module("claimwright.features.pipeline")
    if not told.called(stop):
        return
    configure_telling(settings, logs=logs)
    from claimwright.features.pipeline import TRANSIENT, RunStoppedError, open_run

    known: dict[str, StoredPast] = {}
    with store_of(settings) as database:
        while True:
            try:
                with database.transaction(caller) as connection:
                    found = open_run(connection)
                if found is not None:
                    worker = worker_of(caller, database, settings, found, stop, known, alone=False)
                    with shown(worker, told, quiet=True):
                        worker.work(to_the_end=False)
            except TRANSIENT:
                if not watch:
                    raise
            except RunStoppedError as problem:
                # The first worker waits for a store that is away, and calls again.
                if not (watch and isinstance(problem.__cause__, TRANSIENT)):
                    fail(str(problem))
            if not told.called(stop):
                return


def worker_of(
    caller: Caller,
    database: Database,
    settings: Settings,
    found: Run,
    stop: threading.Event,
    known: dict[str, StoredPast],
    *,
    alone: bool,
) -> Worker:
    """A worker of the run. What predictions know of the past is kept in `known` from one run to the next."""
    from claimwright.features.pipeline import (
        SYSTEMIC,
        Assignment,
        AuditEvents,
        Patience,
        ProcessTrial,
        Reports,
        Safeguards,
        Thresholds,
        Worker,
        ready,
    )
    from claimwright.features.prediction import StoredPast
    from claimwright.foundation.overlap import WORKERS

    wanted = settings.pipeline
    sealer = sealer_of(settings, database)
    past = known.setdefault(caller.tenant, StoredPast(caller, database, sealer, counted=True))
    processor = ready(
        sealer,
        tenant=caller.tenant,
        run_id=found.run_id,
        as_of=found.as_of,
        thresholds=Thresholds(wanted.high_value_cents, confidence_floor=wanted.confidence_floor),
        predictor=predictor_of(caller, settings, database, found.as_of, past),
        systemic=SYSTEMIC,
        # Several processes fill the machine's processors by themselves.
        threads=WORKERS if alone else 1,
    )
    patience = Patience(
        attempts=wanted.attempts,
        first_seconds=wanted.retry_first_seconds,
        longest_seconds=wanted.retry_longest_seconds,
        lease_seconds=wanted.lease_seconds,
        crashes=wanted.crashes,
        crashes_alone=wanted.crashes_alone,
    )
    events = AuditEvents(caller)
    return Worker(
        Assignment(caller, database, found),
        processor,
        patience,
        Reports(events, events.finished),
        Safeguards(
            ProcessTrial([*_helping(caller, found, settings), "--trial"], seconds=wanted.lease_seconds)
        ),
        stop,
    )


def try_claims_of(caller: Caller, database: Database, settings: Settings, found: Run) -> None:
    """Compute claims that another worker is afraid of; this process may die of them."""
    from claimwright.features.pipeline import try_claims

    processor = worker_of(caller, database, settings, found, threading.Event(), {}, alone=False).processor

    def say(word: str) -> None:
        sys.stdout.write(f"{word}\n")
        sys.stdout.flush()

    try_claims(caller, database, processor, sys.stdin, say)


def _helping(caller: Caller, found: Run, settings: Settings) -> list[str]:
    """The command of a process that helps with a run."""
    command = [
        sys.executable, "-m", "claimwright.apps.cli.main", "run", "--join", str(found.run_id), "--quiet",
        "--tenant", caller.tenant,
    ]  # fmt: skip
    if settings.environment != "local":
        command += ["--environment", settings.environment]
    return command


@contextmanager
def helped_by_others(
    caller: Caller, found: Run, count: int, settings: Settings, told: Supervised | None
) -> Iterator[None]:
    """Further processes that help with the run until nothing waits in it: those that are watched.

    Where nobody watches they are begun for this run.
    """
    if count < 1:
        yield
        return
    if told is not None:
        told.call(count)
        yield
        told.await_others()
        return
    command = _helping(caller, found, settings)
    helpers = [subprocess.Popen(command) for _ in range(count)]  # noqa: S603 - our own program, no shell
    try:
        yield
    except BaseException:
        for each in helpers:
            each.terminate()
        raise
    finally:
        for each in helpers:
            each.wait()


@contextmanager
def shown(worker: Worker, told: Supervised | None, *, quiet: bool) -> Iterator[None]:
    """A progress bar over the run's claims, whoever processes them, and metrics of this process."""
    from claimwright.features.claims import runs
    from claimwright.foundation import clock
    from claimwright.platform.observability import METRICS, get_logger

    log = get_logger("pipeline")
    begun, before = clock.seconds(), [-1]

    def counted(done: Committed) -> None:
        if told is not None:
            told.progressed()
        metrics = METRICS()
        metrics.processed("production", done.produced, charge_cents=int(done.charge * 100))
        metrics.processed("review", done.review, expected_cents=int(done.expected * 100))
        for reason, count in done.dead_reasons.items():
            metrics.failed(reason, count)
        for stage, seconds in done.seconds.items():
            metrics.stage(stage, seconds)
        # Last: whoever reads of the chunk finds it in the metrics.
        log.info("chunk committed", chunk=done.chunk, claims=done.claims, dead_letters=done.dead)

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
                said=f"{view.claims:,} claims, {rate:,.0f} a second, {view.dead:,} dead letters",
            )

        worker.reports.committed = moved
        yield
