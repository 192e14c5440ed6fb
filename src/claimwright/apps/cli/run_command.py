"""`claimwright run`: staged claims to production, by one process or several, until all are done."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from .health_command import breakers_of, checks_of
from .opening import Environment, Tenant, sealer_of, settings_of, store_of
from .options import AsOf
from .run_prediction import MEASURED_EVERY_SECONDS, measure_predictions, predictor_of
from .supervision import OWN_PROCESS, Supervised, end_with, supervised
from .terminal import Exit, err, fail, out

if TYPE_CHECKING:
    from claimwright.features.pipeline import Committed, Run, Worker
    from claimwright.features.prediction import StoredPast
    from claimwright.platform.breakers import Breaker
    from claimwright.platform.database import Database
    from claimwright.platform.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("run")(run)


def run(
    context: typer.Context,
    workers: Annotated[
        int | None, typer.Option("--workers", min=1, max=256, help="Processes; the setting by default.")
    ] = None,
    watch: Annotated[bool, typer.Option("--watch", help="Keep going as claims arrive.")] = False,
    as_of: AsOf = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")] = False,
    join: Annotated[int | None, typer.Option("--join", hidden=True, help="Help with this run.")] = None,
    trial: Annotated[
        bool, typer.Option("--trial", hidden=True, help="Compute the claims that standard input names.")
    ] = False,
    metrics_port: Annotated[
        int | None,
        typer.Option(
            "--metrics-port", min=0, max=65_535, help="Serve /metrics and /health on this loopback port."
        ),
    ] = None,
    log: Annotated[bool, typer.Option("--log", help="Write log lines to standard error.")] = False,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Process what is staged: check, price, predict, route, and put into production or the dead letters.

    Killed at any point, it resumes where it stands when it is called again; nothing is lost or doubled. An
    interrupt lets the chunks under way end first; a second one does not. Where a claim kills the process that
    works on it, another one goes on.

    Exit status: 0 all processed, 1 there are dead letters of this run, 2 it can't go on.
    """
    settings = settings_of(environment)
    # Before anything begins a thread.
    told = _watched(context, settings, join)
    from claimwright.features.pipeline import TRANSIENT, RunStopped, begin
    from claimwright.platform.observability import configure_logs, configure_spans

    whose = tenant or settings.tenant
    stop = _stopped_by_signals(told)
    dead = 0
    known: dict[str, StoredPast] = {}
    port = settings.telemetry.metrics_port if metrics_port is None else metrics_port
    if log or watch:
        configure_logs(settings)
    configure_spans(settings)
    with store_of(settings) as database, _serving(settings, database, whose, None if join else port):
        breaker = _breaker_of_store(settings, database, whose)

        def one_run() -> bool:
            """Work on the run that is open, or a new one; False where nothing more is to be done here."""
            nonlocal dead
            with database.transaction(whose) as connection:
                found = begin(
                    connection,
                    chunk_claims=settings.pipeline.chunk_claims,
                    as_of=as_of.date() if as_of else None,
                )
            breaker.succeeded()
            if join is not None and (found is None or found.run_id != join):
                return False
            if trial and found is not None:
                _try_claims(database, settings, whose, found)
                return False
            if found is None:
                if watch:
                    stop.wait(settings.pipeline.poll_seconds)
                else:
                    _say("nothing is staged", quiet=quiet or dead > 0)
                return watch
            count = 1 if join is not None else workers or settings.pipeline.workers
            with _others(found, count - 1, settings, whose):
                alone = join is None and count == 1
                worker = _worker(database, settings, whose, found, stop, known, alone=alone)
                worker.breaker = breaker
                with _shown(worker, told, quiet=quiet or join is not None):
                    worker.work(to_the_end=join is None)
            if join is not None:
                return False
            dead += _summary(database, whose, found, quiet=quiet)
            return watch or stop.is_set()

        going = True
        while going and not stop.is_set():
            try:
                going = one_run()
            except TRANSIENT as problem:
                if not watch:
                    raise
                breaker.failed(problem)
                _rest(breaker, settings, stop)
            except RunStopped as problem:
                if not (watch and isinstance(problem.__cause__, TRANSIENT)):
                    fail(str(problem))
                # The claims wait in the store, which is away; whoever watches waits for it.
                _rest(breaker, settings, stop)
        if join is not None:
            return
    raise typer.Exit(Exit.FINDINGS if dead else Exit.CLEAN)


def _worker(
    database: Database,
    settings: Settings,
    tenant: str,
    found: Run,
    stop: threading.Event,
    known: dict[str, StoredPast],
    *,
    alone: bool,
) -> Worker:
    """A worker of the run. What predictions know of the past is kept in `known` from one run to the next."""
    from claimwright.features.pipeline import (
        SYSTEMIC,
        Patience,
        ProcessTrial,
        Telling,
        Thresholds,
        Worker,
        ready,
    )
    from claimwright.features.prediction import StoredPast
    from claimwright.platform.overlap import WORKERS

    wanted = settings.pipeline
    sealer = sealer_of(settings, database)
    past = known.setdefault(tenant, StoredPast(database, sealer, tenant))
    processor = ready(
        sealer,
        tenant=tenant,
        run_id=found.run_id,
        as_of=found.as_of,
        thresholds=Thresholds(wanted.high_value_cents, confidence_floor=wanted.confidence_floor),
        predictor=predictor_of(settings, database, tenant, found.as_of, past),
        systemic=SYSTEMIC,
        # Several processes fill the machine's processors by themselves.
        threads=WORKERS if alone else 1,
    )
    patience = Patience(
        wanted.attempts,
        wanted.retry_first_seconds,
        wanted.retry_longest_seconds,
        wanted.lease_seconds,
        wanted.breaker_failures,
        wanted.breaker_seconds,
        wanted.crashes,
        wanted.crashes_alone,
    )
    telling = Telling(tenant)
    return Worker(
        database,
        tenant,
        found,
        processor,
        patience,
        notices=telling,
        finished=telling.finished,
        stop=stop,
        trial=ProcessTrial([*_helping(found, settings, tenant), "--trial"], seconds=wanted.lease_seconds),
    )


def _breaker_of_store(settings: Settings, database: Database, tenant: str) -> Breaker:
    """The breaker of our own database: noted on this machine, and in the database once it is back."""
    from claimwright.platform.breakers import Breaker, State, noted_in, told_in

    note, told = noted_in(settings.home / "breakers"), told_in(database, tenant)

    def tell(breaker: Breaker) -> None:
        note(breaker)
        if breaker.state is State.CLOSED:
            told(breaker)

    wanted = settings.pipeline
    return Breaker("database", wanted.breaker_failures, wanted.breaker_seconds, tell)


def _rest(breaker: Breaker, settings: Settings, stop: threading.Event) -> None:
    """Leave a store that is away alone for as long as its breaker says."""
    stop.wait(settings.pipeline.retry_first_seconds)
    while not breaker.allows() and not stop.wait(0.2):
        pass


def _try_claims(database: Database, settings: Settings, tenant: str, found: Run) -> None:
    """Compute claims that another worker is afraid of; this process may die of them."""
    from claimwright.features.pipeline import try_claims

    processor = _worker(database, settings, tenant, found, threading.Event(), {}, alone=False).processor

    def say(word: str) -> None:
        sys.stdout.write(f"{word}\n")
        sys.stdout.flush()

    try_claims(database, tenant, processor, sys.stdin, say)


@contextmanager
def _serving(settings: Settings, database: Database, tenant: str, port: int | None) -> Iterator[None]:
    """The metrics and health of this process over HTTP, where a port is set."""
    if port is None:
        yield
        return
    from claimwright.features.delivery import open_target, undelivered
    from claimwright.features.pipeline import waiting
    from claimwright.platform import clock
    from claimwright.platform.observability import METRICS, HealthServer

    due = [0.0]

    def measure() -> None:
        metrics = METRICS()
        with database.transaction(tenant) as connection:
            for queue, depth in waiting(connection).items():
                metrics.queue(queue, depth)
            if settings.pipeline.target_url is not None:
                target = open_target(settings.pipeline.target_url.get_secret_value())
                metrics.queue("delivery", undelivered(connection, target.name))
            for each in breakers_of(settings, connection):
                metrics.breaker(each.name, each.state.value)
            if clock.seconds() >= due[0]:
                due[0] = clock.seconds() + MEASURED_EVERY_SECONDS
                measure_predictions(settings, tenant, connection)
        pool = database.pool.get_stats()
        metrics.pool(
            size=pool.get("pool_size", 0),
            idle=pool.get("pool_available", 0),
            waiting=pool.get("requests_waiting", 0),
        )

    try:
        server = HealthServer(checks_of(settings), port=port, measure=measure)
    except OSError as problem:
        fail(f"--metrics-port {port}: {problem.strerror}.")
    with server:
        err.print(f"http://127.0.0.1:{server.port}/metrics", soft_wrap=True)
        yield


def _helping(found: Run, settings: Settings, tenant: str) -> list[str]:
    """The command of a process that helps with a run."""
    command = [
        sys.executable, "-m", "claimwright.apps.cli.main", "run", "--join", str(found.run_id), "--quiet",
        "--tenant", tenant,
    ]  # fmt: skip
    if settings.environment != "local":
        command += ["--environment", settings.environment]
    return command


@contextmanager
def _others(found: Run, count: int, settings: Settings, tenant: str) -> Iterator[None]:
    """Further processes that help with the run, and end when nothing waits in it."""
    command = _helping(found, settings, tenant)
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


def _watched(context: typer.Context, settings: Settings, join: int | None) -> Supervised | None:
    """Have the work go on in a process that may be lost; whoever helps it ends with it."""
    if join is not None:
        end_with(os.getppid(), signal.SIGTERM)
    elif context.obj is OWN_PROCESS:
        return supervised(settings.pipeline.restarts)
    return None


def _stopped_by_signals(told: Supervised | None) -> threading.Event:
    """Set at the first interrupt or end signal; a second one ends the process as usual."""
    stop = threading.Event()

    def stopped(number: int, _: object) -> None:
        if told is not None:
            told.asked_to_stop()
        stop.set()
        signal.signal(number, signal.SIG_DFL)

    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, stopped)
    return stop


@contextmanager
def _shown(worker: Worker, told: Supervised | None, *, quiet: bool) -> Iterator[None]:
    """A progress bar over the run's claims, whoever processes them, and metrics of this process."""
    from claimwright.features.pipeline import runs
    from claimwright.platform import clock
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
        log.info("chunk committed", chunk=done.chunk, claims=done.claims, dead_letters=done.dead)
        for stage, seconds in done.seconds.items():
            metrics.stage(stage, seconds)

    if quiet or not err.is_terminal:
        worker.committed = counted
        yield
        return
    from rich.progress import BarColumn, Progress, TextColumn

    columns = (TextColumn("Processing"), BarColumn(), TextColumn("{task.fields[said]}"))
    with Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task("run", total=worker.run.planned, said="")

        def moved(done: Committed) -> None:
            counted(done)
            with worker.database.transaction(worker.tenant) as connection:
                view = runs(connection, run_id=worker.run.run_id)[0]
            if before[0] < 0:
                before[0] = view.claims - done.claims
            rate = (view.claims - before[0]) / max(clock.seconds() - begun, 0.001)
            progress.update(
                task,
                completed=view.claims,
                said=f"{view.claims:,} claims, {rate:,.0f} a second, {view.dead:,} dead letters",
            )

        worker.committed = moved
        yield


def _summary(database: Database, tenant: str, found: Run, *, quiet: bool) -> int:
    """Say what the run came to; returns how many dead letters it has."""
    from claimwright.features.pipeline import runs

    with database.transaction(tenant) as connection:
        view = runs(connection, run_id=found.run_id)[0]
    said = (
        f"run {view.run_id}: {view.claims:,} claims, {view.produced:,} to production, "
        f"{view.review:,} to review, {view.dead:,} dead letters"
    )
    if view.state != "done":
        said += f"; {view.planned - view.claims:,} left. Go on with: claimwright run"
    _say(said, quiet=quiet)
    return view.dead


def _say(text: str, *, quiet: bool) -> None:
    if not quiet:
        out.print(text, soft_wrap=True, markup=False)
